/** Writes programs as ELF files that GNU's tools read. */
import type { Program, ProgramSection, ProgramSegment, ProgramSymbol, SymbolKind } from "../program/index.ts";
import { ByteWriter, StringTable } from "./bytes.ts";
import * as elf from "./constants.ts";
import { writeDebug } from "./dwarf-line-writer.ts";
import { writeFacts, writeLayers, writeTensors } from "./metadata.ts";

/** Standard extensions only: foreign tools refuse to read on when they don't know a name here. */
const ARCHITECTURE = "rv32i2p1_m2p0_zicsr2p0_zifencei2p0";
/** Pages of the machines that map files: offsets and addresses must agree modulo this. */
const PAGE = 4096;

interface SectionPlan {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  /** Contents to append; absent for sections that are part of a segment. */
  readonly bytes?: Uint8Array;
  offset: number;
  size: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entrySize: number;
}

/** Writes a program. `readElf` gives back an equal one. */
export function writeElf(program: Program): Uint8Array {
  const writer = new ByteWriter();
  const headers = elf.ELF_HEADER_BYTES + elf.PROGRAM_HEADER_BYTES * program.segments.length;
  writer.append(new Uint8Array(headers));
  const offsets = placeSegments(program.segments, writer);
  const sections = planSections(program, offsets);
  for (const section of sections) {
    if (!section.bytes) continue;
    writer.align(section.alignment);
    section.offset = writer.length;
    section.size = section.bytes.length;
    writer.append(section.bytes);
  }
  const names = new StringTable();
  const nameOffsets = sections.map((section) => names.offset(section.name));
  const nameTable: SectionPlan = { ...plan(".shstrtab", elf.SHT_STRTAB), offset: writer.length };
  nameOffsets.push(names.offset(nameTable.name));
  const nameBytes = names.finish();
  nameTable.size = nameBytes.length;
  writer.append(nameBytes);
  writer.align(4);
  const sectionHeaders = writer.length;
  [...sections, nameTable].forEach((section, index) => {
    writeSectionHeader(writer, section, nameOffsets[index]!);
  });
  const image = writer.finish();
  const header = new ByteWriter();
  writeHeader(header, program, sectionHeaders, sections.length + 1);
  program.segments.forEach((segment, index) => {
    writeProgramHeader(header, segment, offsets[index]!);
  });
  image.set(header.finish());
  return image;
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

function plan(name: string, type: number, bytes?: Uint8Array, more: Partial<SectionPlan> = {}): SectionPlan {
  const none = { flags: 0, address: 0, offset: 0, size: 0, link: 0, info: 0, alignment: 1, entrySize: 0 };
  return { name, type, ...none, ...(bytes ? { bytes } : {}), ...more };
}

function planSections(program: Program, offsets: readonly number[]): SectionPlan[] {
  const loaded = program.sections.map((section) => planLoaded(section, program.segments, offsets));
  const sections: SectionPlan[] = [plan("", elf.SHT_NULL), ...loaded];
  sections.push(plan(elf.NOTE_SECTION, elf.SHT_NOTE, writeFacts(program.facts), { alignment: 4 }));
  if (program.tensors.length > 0) {
    sections.push(plan(elf.TENSOR_SECTION, elf.SHT_PROGBITS, writeTensors(program.tensors), { alignment: 4 }));
  }
  if (program.layers.length > 0) {
    sections.push(plan(elf.LAYER_SECTION, elf.SHT_PROGBITS, writeLayers(program.layers), { alignment: 4 }));
  }
  sections.push(plan(".riscv.attributes", elf.SHT_RISCV_ATTRIBUTES, writeAttributes()));
  if (program.files.length > 0) {
    const debug = writeDebug(program);
    sections.push(
      plan(".debug_info", elf.SHT_PROGBITS, debug.info),
      plan(".debug_abbrev", elf.SHT_PROGBITS, debug.abbrev),
      plan(".debug_line", elf.SHT_PROGBITS, debug.line),
      plan(".debug_ranges", elf.SHT_PROGBITS, debug.ranges),
    );
  }
  const strings = new StringTable();
  const symbols = writeSymbols(program.symbols, program.sections, strings);
  const stringTable = sections.length + 1;
  sections.push(
    plan(".symtab", elf.SHT_SYMTAB, symbols.bytes, {
      link: stringTable,
      info: symbols.firstGlobal,
      alignment: 4,
      entrySize: elf.SYMBOL_BYTES,
    }),
    plan(".strtab", elf.SHT_STRTAB, strings.finish()),
  );
  return sections;
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
  return plan(name, hasContents ? elf.SHT_PROGBITS : elf.SHT_NOBITS, undefined, {
    flags,
    address,
    offset: segment ? offsets[index]! + within : 0,
    size: bytes,
    alignment: address % 16 === 0 ? 16 : address % 4 === 0 ? 4 : 1,
  });
}

const KINDS: Readonly<Record<SymbolKind, number>> = {
  none: elf.STT_NOTYPE,
  object: elf.STT_OBJECT,
  function: elf.STT_FUNC,
  section: elf.STT_SECTION,
  file: elf.STT_FILE,
};

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
    writer.u8(((symbol.global ? elf.STB_GLOBAL : elf.STB_LOCAL) << 4) | KINDS[symbol.kind]);
    writer.u8(0);
    writer.u16(sectionIndex(symbol, sections));
  }
  return { bytes: writer.finish(), firstGlobal: 1 + symbols.filter((symbol) => !symbol.global).length };
}

/** `.riscv.attributes`: stack alignment and the architecture string. */
function writeAttributes(): Uint8Array {
  const attributes = new ByteWriter();
  attributes.uleb(4); // Tag_RISCV_stack_align
  attributes.uleb(16);
  attributes.uleb(5); // Tag_RISCV_arch
  attributes.text(ARCHITECTURE);
  const writer = new ByteWriter();
  writer.u8("A".charCodeAt(0));
  const vendor = "riscv";
  writer.u32(4 + vendor.length + 1 + 1 + 4 + attributes.length);
  writer.text(vendor);
  writer.u8(1); // Tag_File
  writer.u32(1 + 4 + attributes.length);
  writer.append(attributes.finish());
  return writer.finish();
}

function writeHeader(writer: ByteWriter, program: Program, sectionHeaders: number, sectionCount: number): void {
  writer.u32(elf.ELF_MAGIC);
  writer.u8(1); // 32-bit
  writer.u8(1); // little-endian
  writer.u8(1); // version
  writer.append(new Uint8Array(9));
  writer.u16(elf.ET_EXEC);
  writer.u16(elf.EM_RISCV);
  writer.u32(1);
  writer.u32(program.entry);
  writer.u32(program.segments.length > 0 ? elf.ELF_HEADER_BYTES : 0);
  writer.u32(sectionHeaders);
  writer.u32(0); // flags: no compressed instructions, soft-float ABI
  writer.u16(elf.ELF_HEADER_BYTES);
  writer.u16(elf.PROGRAM_HEADER_BYTES);
  writer.u16(program.segments.length);
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

function writeSectionHeader(writer: ByteWriter, section: SectionPlan, name: number): void {
  writer.u32(name);
  writer.u32(section.type);
  writer.u32(section.flags);
  writer.u32(section.address);
  writer.u32(section.offset);
  writer.u32(section.size);
  writer.u32(section.link);
  writer.u32(section.info);
  writer.u32(section.type === elf.SHT_NULL ? 0 : section.alignment);
  writer.u32(section.entrySize);
}
