/**
 * An executable program as the machine, the debugger and the profiler see it: what an ELF file holds,
 * whoever made it. Addresses are byte addresses, unsigned 32 bits.
 */
import type { DType, Layout } from "../isa/enums.ts";
import type { ProgramExpectation } from "./expectations.ts";
import type { InlinedCall } from "./inlined.ts";

export { CodeSymbols } from "./code-symbols.ts";
export { type CodeWords, codeWords } from "./code-words.ts";
export type { ExpectedPlace, ProgramExpectation } from "./expectations.ts";
export { callChain, compareInlined, type InlinedCall, innermostCall } from "./inlined.ts";

export interface ProgramSegment {
  readonly address: number;
  /** Initial contents; memory behind them up to `memoryBytes` is zero. */
  readonly bytes: Uint8Array;
  readonly memoryBytes: number;
  readonly executable: boolean;
  readonly writable: boolean;
}

/** A named part of a segment, kept for listings, maps and GNU tools. */
export interface ProgramSection {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
}

export type SymbolKind = "none" | "function" | "object" | "section" | "file";

export interface ProgramSymbol {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
  readonly kind: SymbolKind;
  readonly global: boolean;
  /** True for `.equ` values and other numbers that are no addresses. */
  readonly absolute: boolean;
}

/** One row of the line table: code from `address` on comes from this place. Lines and columns count from one. */
export interface LineRow {
  readonly address: number;
  /** Index into `Program.files`. */
  readonly file: number;
  readonly line: number;
  readonly column: number;
  /** False for the row that ends a sequence: no code from `address` on until the next row. */
  readonly code: boolean;
  /** False where a compiler says that this is no good place to stop at: the line goes on, or hasn't begun yet. */
  readonly isStatement?: false;
}

/** Metadata of one `.tensor` declaration. */
export interface ProgramTensor {
  readonly name: string;
  /** Where the 64-byte memory form of the descriptor lies, 16-aligned. */
  readonly descriptorAddress: number;
  readonly base: number;
  readonly dtype: DType;
  readonly layout: Layout;
  /** n, h, w, c in elements. */
  readonly dims: readonly [number, number, number, number];
  /** Strides of n, h, w, c in bytes. */
  readonly strides: readonly [number, number, number, number];
  readonly zeroPoint: number;
  /** Address of the requantisation table, 0 = none. */
  readonly table: number;
  /** For people: real value = scale * (stored - zeroPoint); 0 = unknown. */
  readonly scale: number;
}

/** A layer of the network, named by `.layer`. */
export interface ProgramLayer {
  /** 1..4095, the number that nn.layer carries. */
  readonly id: number;
  readonly name: string;
}

/** Version of the instruction set that programs record; raised when encodings or meanings change. */
export const ISA_VERSION = 1;

/** What the code depends on: written into an ELF note, checked when a program is loaded. */
export interface ProgramFacts {
  /** Version of the instruction set. */
  readonly isaVersion: number;
  /** MAC array that blocked weights were laid out for, when the program holds any. */
  readonly cip?: number;
  readonly cop?: number;
  /** The workspace's own instructions that the code was assembled with, when it uses any. */
  readonly user?: UserSetFact;
}

/** Names a set of user instructions. */
export interface UserSetFact {
  readonly name: string;
  /** Unsigned 32 bits over what code depends on; equal sets have equal hashes. */
  readonly hash: number;
}

export interface Program {
  readonly entry: number;
  readonly segments: readonly ProgramSegment[];
  readonly sections: readonly ProgramSection[];
  readonly symbols: readonly ProgramSymbol[];
  /** Source files of the line table, as the assembler or compiler named them. */
  readonly files: readonly string[];
  /** Sorted by address. */
  readonly lines: readonly LineRow[];
  /** Macro calls and inlined functions, by address and enclosing ones first. */
  readonly inlined: readonly InlinedCall[];
  readonly tensors: readonly ProgramTensor[];
  readonly layers: readonly ProgramLayer[];
  /** In source order. */
  readonly expectations: readonly ProgramExpectation[];
  readonly facts: ProgramFacts;
}

export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Finds places of addresses and addresses of places; built once per program. */
export class LineIndex {
  private readonly rows: readonly LineRow[];
  private readonly files: readonly string[];
  private readonly byPlace = new Map<string, number[]>();

  constructor(program: Pick<Program, "files" | "lines">) {
    this.rows = program.lines;
    this.files = program.files;
    let lastKey = "";
    for (const row of this.rows) {
      if (!row.code) {
        lastKey = "";
        continue;
      }
      const key = `${row.file}:${row.line}`;
      // Later rows of one statement (a pseudo-instruction's second word) are not places to stop at.
      if (key !== lastKey) {
        const addresses = this.byPlace.get(key);
        if (addresses) addresses.push(row.address);
        else this.byPlace.set(key, [row.address]);
      }
      lastKey = key;
    }
  }

  /** Source place of the instruction at `address`, or undefined when the line table doesn't cover it. */
  placeOf(address: number): SourcePlace | undefined {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.rows[middle]!.address <= address) low = middle + 1;
      else high = middle;
    }
    const row = this.rows[low - 1];
    if (!row?.code) return undefined;
    return { file: this.files[row.file] ?? "", line: row.line, column: row.column };
  }

  /** Addresses at which code of the line begins, in address order; empty when the line holds no code. */
  addressesOf(file: string, line: number): readonly number[] {
    return this.byPlace.get(`${this.files.indexOf(file)}:${line}`) ?? [];
  }

  /** The first line at or after `line` in `file` that holds code, or undefined. */
  nextLineWithCode(file: string, line: number): number | undefined {
    const index = this.files.indexOf(file);
    let best: number | undefined;
    for (const row of this.rows) {
      if (row.code && row.file === index && row.line >= line && (best === undefined || row.line < best))
        best = row.line;
    }
    return best;
  }
}
