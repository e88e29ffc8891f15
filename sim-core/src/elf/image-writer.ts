/** Writes executables: headers, segments, sections, symbols. */
import type { Program, ProgramSection, ProgramSegment, ProgramSymbol } from "../program/index.ts";
import { ByteWriter, StringTable } from "./bytes.ts";
import * as elf from "./constants.ts";
import { KIND_CODES, type SectionPlan, writeSectionHeader } from "./section-plan.ts";

/** Pages of the machines that map files: offsets and addresses must agree modulo this. */
const PAGE = 4096;

/** A section that takes no memory: debug information, metadata, notes. */
export interface ExtraSection {
  readonly name: string;
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly alignment: number;
}

export interface Image extends Pick<Program, "entry" | "segments" | "sections" | "symbols"> {
  readonly extras: readonly ExtraSection[];
}

/** Writes an executable file. */
export function writeImage(image: Image): Uint8Array {
  const { segments, extras } = image;
  const writer = new ByteWriter();
  writer.append(new Uint8Array(elf.ELF_HEADER_BYTES + elf.PROGRAM_HEADER_BYTES * segments.length));
  const offsets = placeSegments(segments, writer);
  const plans: SectionPlan[] = [
    plan("", elf.SHT_NULL, { alignment: 0 }),
    ...image.sections.map((section) => planLoaded(section, segments, offsets)),
  ];
  const append = (name: string, type: number, bytes: Uint8Array, more: Partial<SectionPlan> = {}): void => {
    writer.align(more.alignment ?? 1);
    plans.push(plan(name, type, { ...more, offset: writer.length, size: bytes.length }));
    writer.append(bytes);
  };
  for (const { name, type, bytes, alignment } of extras) append(name, type, bytes, { alignment });
  const strings = new StringTable();
  const symbols = writeSymbols(image.symbols, image.sections, strings);
  const tables = { link: plans.length + 1, info: symbols.firstGlobal, alignment: 4, entryBytes: elf.SYMBOL_BYTES };
  append(".symtab", elf.SHT_SYMTAB, symbols.bytes, tables);
  append(".strtab", elf.SHT_STRTAB, strings.finish());
  const names = new StringTable();
  const nameOffsets = [...plans.map(({ name }) => name), ".shstrtab"].map((name) => names.offset(name));
  append(".shstrtab", elf.SHT_STRTAB, names.finish());
  writer.align(4);
  const sectionHeaders = writer.length;
  plans.forEach((section, index) => {
    writeSectionHeader(writer, section, nameOffsets[index]!);
  });
  const bytes = writer.finish();
  const header = new ByteWriter();
  writeHeader(header, image, sectionHeaders, plans.length);
  segments.forEach((segment, index) => {
    writeProgramHeader(header, segment, offsets[index]!);
  });
  bytes.set(header.finish());
  return bytes;
}

function plan(name: string, type: number, more: Partial<SectionPlan> = {}): SectionPlan {
  const none = { flags: 0, address: 0, offset: 0, size: 0, link: 0, info: 0, alignment: 1, entryBytes: 0 };
  return { name, type, ...none, ...more };
}

/** Appends the segments' contents; gives the file offset of each. */
function placeSegments(segments: readonly ProgramSegment[], writer: ByteWriter): number[] {
  const offsets = new Array<number>(segments.length).fill(0);
  const order = segments.map((_, index) => index).sort((a, b) => segments[a]!.address - segments[b]!.address);
  for (const index of order) {
    const segment = segments[index]!;
    // A loader maps whole pages of the file: offsets follow addresses, so that neighbours in one page agree.
    const gap = (((segment.address - writer.length) % PAGE) + PAGE) % PAGE;
    if (segment.bytes.length > 0) writer.append(new Uint8Array(gap));
    offsets[index] = segment.bytes.length > 0 ? writer.length : writer.length + gap;
    writer.append(segment.bytes);
  }
  return offsets;
}

/** A section that lies in memory: its contents are those of its segment. */
function planLoaded(
  section: ProgramSection,
  segments: readonly ProgramSegment[],
  offsets: readonly number[],
): SectionPlan {
  const { name, address, bytes } = section;
  const index = segments.findIndex(
    (segment) => address >= segment.address && address + bytes <= segment.address + segment.memoryBytes,
  );
  const segment = segments[index];
  const within = segment ? address - segment.address : 0;
  const hasContents = segment !== undefined && within + bytes <= segment.bytes.length;
  let flags = elf.SHF_ALLOC;
  if (segment?.writable) flags |= elf.SHF_WRITE;
  if (segment?.executable) flags |= elf.SHF_EXECINSTR;
  return plan(name, hasContents ? elf.SHT_PROGBITS : elf.SHT_NOBITS, {
    flags,
    address,
    offset: segment ? offsets[index]! + within : 0,
    size: bytes,
    alignment: address % 16 === 0 ? 16 : address % 4 === 0 ? 4 : 1,
  });
}

/** Index of the section header that a symbol refers to: where it lies, or where what it follows ends. */
function sectionIndex(symbol: ProgramSymbol, sections: readonly ProgramSection[]): number {
  if (symbol.absolute) return elf.SHN_ABS;
  const { address } = symbol;
  const inside = sections.findIndex((s) => address >= s.address && address < s.address + s.bytes);
  const at = inside >= 0 ? inside : sections.findIndex((s) => address >= s.address && address <= s.address + s.bytes);
  return (at >= 0 ? at : 0) + 1;
}

function writeSymbols(
  symbols: readonly ProgramSymbol[],
  sections: readonly ProgramSection[],
  strings: StringTable,
): { bytes: Uint8Array; firstGlobal: number } {
  const writer = new ByteWriter();
  writer.append(new Uint8Array(elf.SYMBOL_BYTES));
  const ordered = [...symbols.filter((symbol) => !symbol.global), ...symbols.filter((symbol) => symbol.global)];
  for (const symbol of ordered) {
    writer.u32(strings.offset(symbol.name));
    writer.u32(symbol.address);
    writer.u32(symbol.bytes);
    writer.u8(((symbol.global ? elf.STB_GLOBAL : elf.STB_LOCAL) << 4) | KIND_CODES[symbol.kind]);
    writer.u8(0);
    writer.u16(sectionIndex(symbol, sections));
  }
  return { bytes: writer.finish(), firstGlobal: 1 + symbols.filter((symbol) => !symbol.global).length };
}

function writeHeader(writer: ByteWriter, image: Image, sectionHeaders: number, sectionCount: number): void {
  writer.u32(elf.ELF_MAGIC);
  writer.u8(1); // 32-bit
  writer.u8(1); // little-endian
  writer.u8(1); // version
  writer.append(new Uint8Array(9));
  writer.u16(elf.ET_EXEC);
  writer.u16(elf.EM_RISCV);
  writer.u32(1);
  writer.u32(image.entry);
  writer.u32(image.segments.length > 0 ? elf.ELF_HEADER_BYTES : 0);
  writer.u32(sectionHeaders);
  writer.u32(0); // flags: no compressed instructions, soft-float ABI
  writer.u16(elf.ELF_HEADER_BYTES);
  writer.u16(elf.PROGRAM_HEADER_BYTES);
  writer.u16(image.segments.length);
  writer.u16(elf.SECTION_HEADER_BYTES);
  writer.u16(sectionCount);
  writer.u16(sectionCount - 1);
}

function writeProgramHeader(writer: ByteWriter, segment: ProgramSegment, offset: number): void {
  writer.u32(elf.PT_LOAD);
  writer.u32(offset);
  writer.u32(segment.address);
  writer.u32(segment.address);
  writer.u32(segment.bytes.length);
  writer.u32(segment.memoryBytes);
  writer.u32(elf.PF_R | (segment.writable ? elf.PF_W : 0) | (segment.executable ? elf.PF_X : 0));
  writer.u32(PAGE);
}
