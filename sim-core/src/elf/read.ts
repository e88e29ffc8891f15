/** Reads executable ELF files: ours, and those of GNU's and LLVM's linkers. */
import type {
  InlinedCall,
  LineRow,
  Program,
  ProgramFacts,
  ProgramLayer,
  ProgramSection,
  ProgramSegment,
  ProgramSymbol,
  ProgramTensor,
  SymbolKind,
} from "../program/index.ts";
import { ByteReader, Corrupt } from "./bytes.ts";
import * as elf from "./constants.ts";
import type { DebugData } from "./dwarf-forms.ts";
import { readInlinedCalls } from "./dwarf-info-reader.ts";
import { readLineTables } from "./dwarf-line-reader.ts";
import { compilationDirectories, readUnits } from "./dwarf-units.ts";
import { readFacts, readLayers, readTensors } from "./metadata.ts";
import type { ElfError, ElfErrorId, ElfResult } from "./model.ts";

/** Reads a program. Whatever the bytes are, this gives a program or says what is wrong with them. */
export function readElf(bytes: Uint8Array): ElfResult {
  try {
    return new Reader(bytes).read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { errors: [error.reason] };
  }
}

class Refusal extends Error {
  readonly reason: ElfError;

  constructor(id: ElfErrorId, message: string, hint: string, offset?: number) {
    super(message);
    this.reason = { id, message, hint, ...(offset === undefined ? {} : { offset }) };
  }
}

interface SectionHeader {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

const REBUILD = "the file is damaged: build it again";
const NOTHING = new Uint8Array(0);

class Reader {
  private readonly bytes: Uint8Array;
  private readonly warnings: ElfError[] = [];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  read(): ElfResult {
    const header = this.header();
    const segments = this.segments(header);
    const sections = this.sectionHeaders(header);
    const debug = this.lines(sections, segments);
    const program: Program = {
      entry: header.entry,
      segments,
      sections: loaded(sections),
      symbols: this.optional("elf-symbols", "the symbol table", () => this.symbols(sections), []),
      ...debug,
      tensors: this.metadata<ProgramTensor[]>(sections, elf.TENSOR_SECTION, readTensors, []),
      layers: this.metadata<ProgramLayer[]>(sections, elf.LAYER_SECTION, readLayers, []),
      facts: this.facts(sections),
    };
    return { program, warnings: this.warnings };
  }

  private header() {
    const { bytes } = this;
    const reader = new ByteReader(bytes, "the ELF header");
    if (bytes.length < 4 || reader.u32() !== elf.ELF_MAGIC) {
      throw new Refusal("elf-magic", "not an ELF file", "name a .nnasm source or an ELF executable for RV32", 0);
    }
    return this.required(() => {
      const wordSize = reader.u8();
      const order = reader.u8();
      reader.skip(10);
      const type = reader.u16();
      const machine = reader.u16();
      if (machine !== elf.EM_RISCV) this.refuseMachine(`an ELF file for machine ${machine}, not RISC-V (243)`);
      if (wordSize !== 1) this.refuseMachine("an ELF file for RV64, not RV32");
      if (order !== 1) this.refuseMachine("a big-endian ELF file");
      if (type !== elf.ET_EXEC) {
        const what =
          type === 1 ? "an object file, not linked" : type === 3 ? "a shared object or PIE" : `of type ${type}`;
        const hint = "link it into an executable: riscv64-unknown-elf-gcc -march=rv32im -mabi=ilp32 -nostdlib -static";
        throw new Refusal("elf-type", `the ELF file is ${what}`, hint);
      }
      reader.u32(); // version
      const entry = reader.u32();
      const programHeaders = reader.u32();
      const sectionHeaders = reader.u32();
      const flags = reader.u32();
      reader.u16();
      const programHeaderBytes = reader.u16();
      const programHeaderCount = reader.u16();
      const sectionHeaderBytes = reader.u16();
      const sectionHeaderCount = reader.u16();
      const names = reader.u16();
      if (flags & elf.EF_RISCV_RVC) {
        const hint = "compile with -march=rv32im_zicsr: this machine has no compressed instructions";
        this.warn("elf-compressed", "the program may hold compressed instructions", hint);
      }
      return {
        entry,
        programHeaders,
        programHeaderBytes,
        programHeaderCount,
        sectionHeaders,
        sectionHeaderBytes,
        sectionHeaderCount,
        names,
      };
    });
  }

  private refuseMachine(message: string): never {
    const hint = "build for this machine: -march=rv32im_zicsr_zifencei -mabi=ilp32";
    throw new Refusal("elf-machine", message, hint);
  }

  private segments(header: ReturnType<Reader["header"]>): ProgramSegment[] {
    const { programHeaders, programHeaderBytes, programHeaderCount } = header;
    return this.required(() => {
      this.checkTable("the table of segments", programHeaders, programHeaderBytes * programHeaderCount);
      const segments: ProgramSegment[] = [];
      for (let index = 0; index < programHeaderCount; index++) {
        const start = programHeaders + index * programHeaderBytes;
        const reader = new ByteReader(this.bytes, "the table of segments", start);
        if (reader.u32() !== elf.PT_LOAD) continue;
        const offset = reader.u32();
        const address = reader.u32();
        reader.u32(); // physical address
        const fileBytes = reader.u32();
        const memoryBytes = reader.u32();
        const flags = reader.u32();
        if (memoryBytes === 0) continue;
        if (fileBytes > memoryBytes || address + memoryBytes > 2 ** 32) {
          throw new Corrupt(`segment ${index} has an impossible size`, start);
        }
        if (fileBytes > 0 && offset + fileBytes > this.bytes.length) {
          throw new Corrupt(`segment ${index} reaches beyond the end of the file`, start);
        }
        segments.push({
          address,
          bytes: this.bytes.slice(offset, offset + fileBytes),
          memoryBytes,
          executable: (flags & elf.PF_X) !== 0,
          writable: (flags & elf.PF_W) !== 0,
        });
      }
      if (segments.length === 0) {
        throw new Refusal("elf-empty", "the ELF file has nothing to load", "link code and data into it");
      }
      return segments;
    });
  }

  private sectionHeaders(header: ReturnType<Reader["header"]>): SectionHeader[] {
    const { sectionHeaders, sectionHeaderBytes, sectionHeaderCount, names } = header;
    return this.required(() => {
      this.checkTable("the table of sections", sectionHeaders, sectionHeaderBytes * sectionHeaderCount);
      const raw: (Omit<SectionHeader, "name"> & { nameOffset: number })[] = [];
      for (let index = 0; index < sectionHeaderCount; index++) {
        const reader = new ByteReader(this.bytes, "the table of sections", sectionHeaders + index * sectionHeaderBytes);
        const [nameOffset, type, flags] = [reader.u32(), reader.u32(), reader.u32()];
        const [address, offset, size, link] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
        raw.push({ index, nameOffset, type, flags, address, offset, size, link });
      }
      const table = raw[names];
      const text = table ? this.contents({ ...table, name: "section names" }) : NOTHING;
      return raw.map(({ nameOffset, ...section }) => ({
        ...section,
        name: table ? new ByteReader(text, "the table of section names", nameOffset).text() : "",
      }));
    });
  }

  private checkTable(what: string, offset: number, bytes: number): void {
    if (offset + bytes > this.bytes.length) throw new Corrupt(`${what} reaches beyond the end of the file`, offset);
  }

  /** The bytes of a section that has any. */
  private contents(section: SectionHeader): Uint8Array {
    const { name, type, offset, size } = section;
    if (type === elf.SHT_NOBITS || type === elf.SHT_NULL) return NOTHING;
    if (offset + size > this.bytes.length) {
      throw new Corrupt(`section ${name} reaches beyond the end of the file`, offset);
    }
    return this.bytes.subarray(offset, offset + size);
  }

  private symbols(sections: readonly SectionHeader[]): ProgramSymbol[] {
    const table = sections.find((section) => section.type === elf.SHT_SYMTAB);
    if (!table) return [];
    const strings = sections[table.link];
    if (!strings || strings.type !== elf.SHT_STRTAB) throw new Corrupt("the symbol table has no string table");
    const names = this.contents(strings);
    const reader = new ByteReader(this.contents(table), "the symbol table", elf.SYMBOL_BYTES);
    const symbols: ProgramSymbol[] = [];
    while (!reader.done) {
      const nameOffset = reader.u32();
      const address = reader.u32();
      const bytes = reader.u32();
      const info = reader.u8();
      reader.u8();
      const index = reader.u16();
      const kind = KINDS[info & 15] ?? "none";
      // Undefined symbols have no place; the name of a section symbol is its section's.
      if (index === elf.SHN_UNDEF) continue;
      const absolute = index === elf.SHN_ABS;
      const section = index < elf.SHN_LORESERVE ? sections[index] : undefined;
      if (!absolute && section && !(section.flags & elf.SHF_ALLOC)) continue;
      const own = new ByteReader(names, "the names of symbols", nameOffset).text();
      const name = own === "" && kind === "section" ? (section?.name ?? "") : own;
      if (isMappingSymbol(name, kind, bytes)) continue;
      symbols.push({ name, address, bytes, kind, global: info >> 4 !== elf.STB_LOCAL, absolute });
    }
    return symbols;
  }

  private lines(
    sections: readonly SectionHeader[],
    segments: readonly ProgramSegment[],
  ): { files: readonly string[]; lines: readonly LineRow[]; inlined: readonly InlinedCall[] } {
    const none = { files: [], lines: [], inlined: [] };
    return this.optional(
      "elf-debug",
      "the debug information",
      () => {
        const section = (name: string): Uint8Array => {
          const found = sections.find((candidate) => candidate.name === name);
          if (!found) return NOTHING;
          if (found.flags & elf.SHF_COMPRESSED) throw new Corrupt(`section ${name} is compressed, which is not read`);
          return this.contents(found);
        };
        const data: DebugData = {
          line: section(".debug_line"),
          info: section(".debug_info"),
          abbrev: section(".debug_abbrev"),
          str: section(".debug_str"),
          lineStr: section(".debug_line_str"),
          ranges: section(".debug_ranges"),
          rnglists: section(".debug_rnglists"),
        };
        const isCode = (address: number) =>
          segments.some((s) => s.executable && address >= s.address && address < s.address + s.memoryBytes);
        const units = readUnits(data);
        const { files, lines, filesOf } = readLineTables(data, compilationDirectories(units), isCode);
        return { files, lines, inlined: readInlinedCalls(units, data, filesOf, isCode) };
      },
      none,
    );
  }

  private metadata<T>(sections: readonly SectionHeader[], name: string, parse: (bytes: Uint8Array) => T, none: T): T {
    const section = sections.find((candidate) => candidate.name === name);
    if (!section) return none;
    return this.optional("elf-metadata", `section ${name}`, () => parse(this.contents(section)), none);
  }

  private facts(sections: readonly SectionHeader[]): ProgramFacts {
    const unknown: ProgramFacts = { isaVersion: 0 };
    for (const section of sections) {
      if (section.type !== elf.SHT_NOTE) continue;
      const facts = this.optional(
        "elf-metadata",
        `section ${section.name}`,
        () => readFacts(this.contents(section)),
        unknown,
      );
      if (facts) return facts;
    }
    return unknown;
  }

  private warn(id: ElfErrorId, message: string, hint: string, offset?: number): void {
    this.warnings.push({ id, message, hint, ...(offset === undefined ? {} : { offset }) });
  }

  /** Reads a part without which there is no program. */
  private required<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof Corrupt) throw new Refusal("elf-truncated", error.message, REBUILD, error.offset);
      throw error;
    }
  }

  /** Reads a part that a program can do without; says so when it can't be read. */
  private optional<T>(id: ElfErrorId, what: string, read: () => T, none: T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Corrupt)) throw error;
      this.warn(
        id,
        `${what} can't be read: ${error.message}`,
        "the program runs without it; build it again to have it",
        error.offset,
      );
      return none;
    }
  }
}

const KINDS: readonly SymbolKind[] = ["none", "object", "function", "section", "file"];

/** `$x` and `$d` mark code and data for disassemblers. */
function isMappingSymbol(name: string, kind: SymbolKind, bytes: number): boolean {
  return kind === "none" && bytes === 0 && name.startsWith("$") && /^\$[xd](\..*|rv32.*)?$/.test(name);
}

function loaded(sections: readonly SectionHeader[]): ProgramSection[] {
  return sections
    .filter((section) => section.type !== elf.SHT_NULL && section.flags & elf.SHF_ALLOC)
    .map(({ name, address, size }) => ({ name, address, bytes: size }));
}
