/** Reads executable ELF files: ours, and those of GNU's and LLVM's linkers. */
import type {
  InlinedCall,
  LineRow,
  Program,
  ProgramExpectation,
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
import {
  checkTable,
  type FileHeader,
  Refusal,
  readFileHeader,
  readSectionHeaders,
  required,
  type SectionHeader,
  sectionContents,
} from "./headers.ts";
import { readExpectations, readFacts, readLayers, readTensors } from "./metadata.ts";
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
    const sections = readSectionHeaders(this.bytes, header);
    const debug = this.lines(sections, segments);
    const program: Program = {
      entry: header.entry,
      segments,
      sections: loaded(sections),
      symbols: this.optional("elf-symbols", "the symbol table", () => this.symbols(sections), []),
      ...debug,
      tensors: this.metadata<ProgramTensor[]>(sections, elf.TENSOR_SECTION, readTensors, []),
      layers: this.metadata<ProgramLayer[]>(sections, elf.LAYER_SECTION, readLayers, []),
      expectations: this.metadata<ProgramExpectation[]>(sections, elf.EXPECTATION_SECTION, readExpectations, []),
      facts: this.facts(sections),
    };
    return { program, warnings: this.warnings };
  }

  private header(): FileHeader {
    const header = readFileHeader(this.bytes, "a .nnasm source or an ELF executable for RV32");
    const { type } = header;
    if (type !== elf.ET_EXEC) {
      const what =
        type === elf.ET_REL ? "an object file, not linked" : type === 3 ? "a shared object or PIE" : `of type ${type}`;
      const hint =
        type === elf.ET_REL
          ? "link it into an executable: nnasm link"
          : "link it as an executable: riscv64-unknown-elf-gcc -march=rv32im -mabi=ilp32 -nostdlib -static";
      throw new Refusal("elf-type", `the ELF file is ${what}`, hint);
    }
    if (header.flags & elf.EF_RISCV_RVC) {
      const hint = "compile with -march=rv32im_zicsr: this machine has no compressed instructions";
      this.warn("elf-compressed", "the program may hold compressed instructions", hint);
    }
    return header;
  }

  private segments(header: FileHeader): ProgramSegment[] {
    const { programHeaders, programHeaderBytes, programHeaderCount } = header;
    return required(() => {
      checkTable(this.bytes, "the table of segments", programHeaders, programHeaderBytes * programHeaderCount);
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

  private contents(section: SectionHeader): Uint8Array {
    return sectionContents(this.bytes, section);
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
          loc: NOTHING,
          loclists: NOTHING,
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
