/** Writes relocatable ELF files that GNU's tools and linker read. */
import type { ObjectFile, ObjectRelocation, ObjectSection, ObjectSymbol } from "../object/index.ts";
import { ByteWriter, StringTable } from "./bytes.ts";
import * as elf from "./constants.ts";
import { bindingCode, KIND_CODES, type SectionPlan, writeSectionHeader } from "./section-plan.ts";

/** Writes an object. `readObject` gives back an equal one. Groups are compilers' business and are not written. */
export function writeObject(object: Omit<ObjectFile, "groups">): Uint8Array {
  const writer = new ByteWriter();
  writer.append(new Uint8Array(elf.ELF_HEADER_BYTES));
  const symbolTable = 1 + object.sections.length + object.sections.filter(hasRelocations).length;
  const plans: SectionPlan[] = [nullSection()];
  for (const section of object.sections) plans.push(planSection(writer, section));
  object.sections.forEach((section, index) => {
    if (hasRelocations(section)) plans.push(planRelocations(writer, section, index + 1, symbolTable));
  });
  const strings = new StringTable();
  const symbols = writeSymbols(object.symbols, strings);
  plans.push(
    append(writer, {
      ...nullSection(),
      name: ".symtab",
      type: elf.SHT_SYMTAB,
      bytes: symbols,
      link: symbolTable + 1,
      info: 1 + object.symbols.filter(({ binding }) => binding === "local").length,
      alignment: 4,
      entryBytes: elf.SYMBOL_BYTES,
    }),
    append(writer, { ...nullSection(), name: ".strtab", type: elf.SHT_STRTAB, bytes: strings.finish(), alignment: 1 }),
  );
  const names = new StringTable();
  const offsets = plans.map(({ name }) => names.offset(name));
  offsets.push(names.offset(".shstrtab"));
  plans.push(
    append(writer, { ...nullSection(), name: ".shstrtab", type: elf.SHT_STRTAB, bytes: names.finish(), alignment: 1 }),
  );
  writer.align(4);
  const sectionHeaders = writer.length;
  plans.forEach((plan, index) => {
    writeSectionHeader(writer, plan, offsets[index]!);
  });
  const image = writer.finish();
  image.set(fileHeader(object.flags, sectionHeaders, plans.length));
  return image;
}

const hasRelocations = ({ relocations }: ObjectSection): boolean => relocations.length > 0;

const nullSection = (): SectionPlan => ({
  name: "",
  type: elf.SHT_NULL,
  flags: 0,
  address: 0,
  offset: 0,
  size: 0,
  link: 0,
  info: 0,
  alignment: 0,
  entryBytes: 0,
});

/** Appends a section's contents to the file. */
function append(writer: ByteWriter, plan: SectionPlan & { readonly bytes: Uint8Array }): SectionPlan {
  writer.align(Math.min(Math.max(1, plan.alignment), 16));
  const offset = writer.length;
  writer.append(plan.bytes);
  return { ...plan, offset, size: plan.bytes.length };
}

function planSection(writer: ByteWriter, section: ObjectSection): SectionPlan {
  const { name, type, flags, alignment, size, bytes, entryBytes } = section;
  let bits = 0;
  if (flags.write) bits |= elf.SHF_WRITE;
  if (flags.allocate) bits |= elf.SHF_ALLOC;
  if (flags.execute) bits |= elf.SHF_EXECINSTR;
  if (flags.merge) bits |= elf.SHF_MERGE;
  if (flags.strings) bits |= elf.SHF_STRINGS;
  const plan = append(writer, { ...nullSection(), name, type, flags: bits, alignment, entryBytes, bytes });
  return { ...plan, size };
}

function planRelocations(writer: ByteWriter, section: ObjectSection, index: number, symbolTable: number): SectionPlan {
  return append(writer, {
    ...nullSection(),
    name: `.rela${section.name}`,
    type: elf.SHT_RELA,
    flags: elf.SHF_INFO_LINK,
    bytes: writeRelocations(section.relocations),
    link: symbolTable,
    info: index,
    alignment: 4,
    entryBytes: elf.RELA_BYTES,
  });
}

function writeRelocations(relocations: readonly ObjectRelocation[]): Uint8Array {
  const writer = new ByteWriter();
  for (const { offset, type, symbol, addend } of relocations) {
    writer.u32(offset);
    writer.u32((symbol + 1) * 256 + type);
    writer.u32(addend);
  }
  return writer.finish();
}

function sectionIndex({ place }: ObjectSymbol): number {
  if (typeof place === "number") return place + 1;
  return { undefined: elf.SHN_UNDEF, absolute: elf.SHN_ABS, common: elf.SHN_COMMON }[place];
}

function writeSymbols(symbols: readonly ObjectSymbol[], strings: StringTable): Uint8Array {
  const writer = new ByteWriter();
  writer.append(new Uint8Array(elf.SYMBOL_BYTES));
  for (const symbol of symbols) {
    writer.u32(strings.offset(symbol.name));
    writer.u32(symbol.value);
    writer.u32(symbol.bytes);
    writer.u8((bindingCode(symbol.binding) << 4) | KIND_CODES[symbol.kind]);
    writer.u8(0);
    writer.u16(sectionIndex(symbol));
  }
  return writer.finish();
}

function fileHeader(flags: number, sectionHeaders: number, sectionCount: number): Uint8Array {
  const writer = new ByteWriter();
  writer.u32(elf.ELF_MAGIC);
  writer.u8(1); // 32-bit
  writer.u8(1); // little-endian
  writer.u8(1); // version
  writer.append(new Uint8Array(9));
  writer.u16(elf.ET_REL);
  writer.u16(elf.EM_RISCV);
  writer.u32(1);
  writer.u32(0); // entry
  writer.u32(0); // program headers
  writer.u32(sectionHeaders);
  writer.u32(flags);
  writer.u16(elf.ELF_HEADER_BYTES);
  writer.u16(0);
  writer.u16(0);
  writer.u16(elf.SECTION_HEADER_BYTES);
  writer.u16(sectionCount);
  writer.u16(sectionCount - 1);
  return writer.finish();
}
