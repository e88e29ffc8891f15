/** Reads relocatable ELF files: ours, and those of GCC, LLVM and GNU as. */
import type {
  ObjectFile,
  ObjectGroup,
  ObjectRelocation,
  ObjectSection,
  ObjectSymbol,
  ObjectSymbolPlace,
} from "../object/index.ts";
import { ByteReader, Corrupt } from "./bytes.ts";
import * as elf from "./constants.ts";
import {
  Refusal,
  readFileHeader,
  readSectionHeaders,
  required,
  type SectionHeader,
  sectionContents,
} from "./headers.ts";
import type { ElfError } from "./model.ts";
import { KIND_NAMES } from "./section-plan.ts";

export type ObjectResult =
  | { readonly object: ObjectFile; readonly errors?: undefined }
  | { readonly object?: undefined; readonly errors: readonly ElfError[] };

/** Reads an object. Whatever the bytes are, this gives an object whose indices are valid or says what is wrong. */
export function readObject(bytes: Uint8Array): ObjectResult {
  try {
    return { object: new ObjectReader(bytes).read() };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { errors: [error.reason] };
  }
}

/** What the file's own tables hold; the rest of the sections are the object's. */
const STRUCTURE: ReadonlySet<number> = new Set([
  elf.SHT_NULL,
  elf.SHT_SYMTAB,
  elf.SHT_STRTAB,
  elf.SHT_RELA,
  elf.SHT_REL,
  elf.SHT_GROUP,
]);

/** Larger ones don't occur, and sums of them would leave the address space. */
const MAX_ALIGNMENT = 2 ** 20;
const COMPILE = "compile with -march=rv32im_zicsr_zifencei -mabi=ilp32";

class ObjectReader {
  private readonly bytes: Uint8Array;
  private headers: readonly SectionHeader[] = [];
  /** Index in the object by index in the file. */
  private readonly indices = new Map<number, number>();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  read(): ObjectFile {
    const { bytes } = this;
    const header = readFileHeader(bytes, "an object file (.o) or a static library (.a)");
    if (header.type !== elf.ET_REL) {
      const what = header.type === elf.ET_EXEC ? "linked already" : "a shared object";
      const hint = "link object files: nnasm build -c makes them, and gcc -c";
      throw new Refusal("elf-type", `the ELF file is ${what}, not an object file`, hint);
    }
    this.checkFlags(header.flags);
    this.headers = readSectionHeaders(bytes, header);
    const own = this.headers.filter(({ type }) => !STRUCTURE.has(type));
    own.forEach(({ index }, position) => {
      this.indices.set(index, position);
    });
    return required(() => {
      const symbols = this.symbols();
      const relocations = this.relocations(symbols.length);
      const sections = own.map((section) => this.section(section, relocations.get(section.index) ?? []));
      return { sections, symbols, groups: this.groups(symbols), flags: header.flags };
    });
  }

  private checkFlags(flags: number): void {
    if (flags & elf.EF_RISCV_RVC) {
      const message = "the object holds compressed instructions, which this machine doesn't execute";
      throw new Refusal("elf-compressed", message, COMPILE);
    }
    if (flags & (elf.EF_RISCV_FLOAT_ABI | elf.EF_RISCV_RVE)) {
      throw new Refusal("elf-machine", "the object is for another ABI than ilp32", COMPILE);
    }
  }

  private section(header: SectionHeader, relocations: readonly ObjectRelocation[]): ObjectSection {
    const { name, type, flags, size, entryBytes } = header;
    const alignment = Math.max(1, header.alignment);
    if (!Number.isInteger(Math.log2(alignment)) || alignment > MAX_ALIGNMENT) {
      throw new Corrupt(`section ${name} has the impossible alignment ${alignment}`);
    }
    if (flags & elf.SHF_COMPRESSED) throw new Corrupt(`section ${name} is compressed, which is not read`);
    return {
      name,
      type,
      flags: {
        allocate: (flags & elf.SHF_ALLOC) !== 0,
        write: (flags & elf.SHF_WRITE) !== 0,
        execute: (flags & elf.SHF_EXECINSTR) !== 0,
        merge: (flags & elf.SHF_MERGE) !== 0,
        strings: (flags & elf.SHF_STRINGS) !== 0,
      },
      alignment,
      size,
      bytes: sectionContents(this.bytes, header).slice(),
      entryBytes,
      relocations,
    };
  }

  private symbols(): ObjectSymbol[] {
    const table = this.headers.find(({ type }) => type === elf.SHT_SYMTAB);
    if (!table) return [];
    const strings = this.headers[table.link];
    if (strings?.type !== elf.SHT_STRTAB) throw new Corrupt("the symbol table has no string table");
    const names = sectionContents(this.bytes, strings);
    const contents = sectionContents(this.bytes, table);
    if (contents.length % elf.SYMBOL_BYTES !== 0) throw new Corrupt("the symbol table ends within a symbol");
    const reader = new ByteReader(contents, "the symbol table", Math.min(elf.SYMBOL_BYTES, contents.length));
    const symbols: ObjectSymbol[] = [];
    while (!reader.done) {
      const nameOffset = reader.u32();
      const value = reader.u32();
      const bytes = reader.u32();
      const info = reader.u8();
      reader.u8(); // visibility matters to shared objects only
      const place = this.place(reader.u16());
      const name = new ByteReader(names, "the names of symbols", nameOffset).text();
      const code = info >> 4;
      const binding = code === elf.STB_LOCAL ? "local" : code === elf.STB_WEAK ? "weak" : "global";
      symbols.push({ name, value, bytes, kind: KIND_NAMES[info & 15] ?? "none", binding, place });
    }
    return symbols;
  }

  private place(index: number): ObjectSymbolPlace {
    if (index === elf.SHN_UNDEF) return "undefined";
    if (index === elf.SHN_ABS) return "absolute";
    if (index === elf.SHN_COMMON) return "common";
    const own = this.indices.get(index);
    if (own === undefined) throw new Corrupt(`a symbol lies in section ${index}, which holds no symbols`);
    return own;
  }

  /** Relocations by the index, in the file, of the section that they fill in. */
  private relocations(symbolCount: number): Map<number, ObjectRelocation[]> {
    const all = new Map<number, ObjectRelocation[]>();
    for (const table of this.headers) {
      if (table.type === elf.SHT_REL) throw new Corrupt(`section ${table.name} holds relocations without addends`);
      if (table.type !== elf.SHT_RELA) continue;
      const target = this.headers[table.info];
      if (!target || !this.indices.has(table.info)) throw new Corrupt(`${table.name} relocates no section`);
      const contents = sectionContents(this.bytes, table);
      if (contents.length % elf.RELA_BYTES !== 0) throw new Corrupt(`${table.name} ends within a relocation`);
      const reader = new ByteReader(contents, table.name);
      const list = all.get(table.info) ?? [];
      all.set(table.info, list);
      while (!reader.done) {
        const offset = reader.u32();
        const info = reader.u32();
        const addend = reader.i32();
        const symbol = (info >>> 8) - 1;
        if (symbol >= symbolCount) throw new Corrupt(`${table.name} names symbol ${symbol + 1}, which doesn't exist`);
        if (offset > target.size) throw new Corrupt(`${table.name} reaches beyond ${target.name}`);
        list.push({ offset, type: info & 0xff, symbol, addend });
      }
    }
    // Pairs (ADD and SUB, or an instruction and RELAX) stand one behind the other and stay so.
    for (const list of all.values()) list.sort((a, b) => a.offset - b.offset);
    return all;
  }

  private groups(symbols: readonly ObjectSymbol[]): ObjectGroup[] {
    const groups: ObjectGroup[] = [];
    for (const header of this.headers) {
      if (header.type !== elf.SHT_GROUP) continue;
      const reader = new ByteReader(sectionContents(this.bytes, header), "a group of sections");
      const isComdat = (reader.u32() & elf.GRP_COMDAT) !== 0;
      const sections: number[] = [];
      while (!reader.done) {
        // Relocations belong to the group as well; they go with what they relocate.
        const index = this.indices.get(reader.u32());
        if (index !== undefined) sections.push(index);
      }
      const signature = symbols[header.info - 1];
      if (!signature) throw new Corrupt("a group of sections has no name");
      if (isComdat) groups.push({ name: signature.name, sections });
    }
    return groups;
  }
}
