/**
 * A relocatable object as the assembler makes it and the linker takes it: the contents of an ELF file of type ET_REL,
 * without its encoding. Reading what was written gives an equal object.
 */
import type { SymbolKind } from "../program/index.ts";

/** A section: what its header says, its contents, and what is to be filled in. */
export interface ObjectSection {
  readonly name: string;
  /** SHT_ number: PROGBITS, NOBITS, NOTE, INIT_ARRAY ... */
  readonly type: number;
  readonly flags: ObjectSectionFlags;
  /** A power of two. */
  readonly alignment: number;
  /** Size in memory; `bytes` is shorter only for sections that hold no initial data. */
  readonly size: number;
  readonly bytes: Uint8Array;
  /** Size of the entries that may be merged, 0 for sections without any. */
  readonly entryBytes: number;
  readonly relocations: readonly ObjectRelocation[];
}

export interface ObjectSectionFlags {
  readonly allocate: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** Equal entries may be merged. */
  readonly merge: boolean;
  /** The entries are strings that end with a zero. */
  readonly strings: boolean;
}

export interface ObjectRelocation {
  /** Where in the section. */
  readonly offset: number;
  /** Number of the RISC-V psABI; see RELOCATIONS. */
  readonly type: number;
  /** Index into `ObjectFile.symbols`, or -1 for none: the value is then the addend alone. */
  readonly symbol: number;
  readonly addend: number;
}

/** Where a symbol lies: in a section (by index), or nowhere yet, or it is a number, or storage that the linker reserves. */
export type ObjectSymbolPlace = number | "undefined" | "absolute" | "common";

export interface ObjectSymbol {
  readonly name: string;
  /** Offset in the section, the number, or the alignment of common storage. */
  readonly value: number;
  readonly bytes: number;
  readonly kind: SymbolKind;
  readonly binding: "local" | "global" | "weak";
  readonly place: ObjectSymbolPlace;
}

/** Sections that stand or fall together: of several groups with one name a linker keeps the first. */
export interface ObjectGroup {
  readonly name: string;
  readonly sections: readonly number[];
}

export interface ObjectFile {
  /** Indices here are those of symbols and groups; the null section of ELF files is not counted. */
  readonly sections: readonly ObjectSection[];
  /** Local symbols first. */
  readonly symbols: readonly ObjectSymbol[];
  readonly groups: readonly ObjectGroup[];
  /** e_flags: ABI and extensions that the code needs. */
  readonly flags: number;
}
