/** What the assembler takes and gives. Everything here is data; the functions stand in index.ts. */
import type { MachineConfig } from "../config/index.ts";
import type { Diagnostic, Range } from "../diagnostics/index.ts";
import type { InstructionSet } from "../isa/index.ts";
import type { Program, ProgramTensor } from "../program/index.ts";
import type { ParsedFile, Statement } from "./syntax/tree.ts";

/** Where sources come from. File names are opaque to the assembler: paths in the CLI, URIs in the server. */
export interface SourceHost {
  /** The name of the file that `relative`, written in `fromFile`, means. */
  resolve(fromFile: string, relative: string): string;
  /** The file's text, or undefined when it doesn't exist. */
  readText(file: string): string | undefined;
  readBytes(file: string): Uint8Array | undefined;
}

export interface AssembleOptions {
  readonly entry: string;
  readonly host: SourceHost;
  readonly config: MachineConfig;
  readonly isa: InstructionSet;
  /** Values of symbols set from outside (`-D NAME=VALUE`), as if by `.equ` before the first line. */
  readonly defines?: ReadonlyMap<string, number>;
  /** Statements that macros and repetitions may make before they are taken for a runaway; a million by default. */
  readonly expansionLimit?: number;
  /** Told of every statement that is assembled, those of macros' and repetitions' bodies included, in their order. */
  readonly onStatement?: (statement: AssembledStatement) => void;
  /** Supplies kept syntax trees; a language server re-parses incrementally here. The default is parseFile. */
  readonly parse?: (file: string, text: string) => ParsedFile;
}

/** A statement as it is assembled: arguments are put in, branches not taken are left out. */
export interface AssembledStatement {
  readonly text: string;
  /** The statement outside of all expansions through which it came to be: a macro call, a repeat directive, or itself. */
  readonly file: string;
  readonly range: Range;
  /** The macros whose bodies it stands in, the outermost first. */
  readonly macros: readonly string[];
  /** Whether it stands in the body of a macro or repetition. */
  readonly expanded: boolean;
  readonly form: Statement["form"];
  /** Mnemonic, directive or assigned name; empty for a label alone. */
  readonly name: string;
  readonly labels: readonly string[];
}

/**
 * - `label`, `local` (numeric; named `1@file:line`, line from one, since their names repeat), `equ`, `tensor`
 * - `field`: `name.base`, `name.bytes`, `name.n` ... of a tensor
 * - `common`: storage reserved by .comm; `external`: declared or used, not defined in the sources
 */
export type AsmSymbolKind = "label" | "local" | "equ" | "tensor" | "field" | "common" | "external";

export interface AsmSymbol {
  readonly name: string;
  readonly kind: AsmSymbolKind;
  /** Where the name is defined; absent for values that the assembler or the caller supplies. */
  readonly file?: string;
  readonly range?: Range;
  /** Address (unsigned) or value; absent while unknown. Values beyond 2^53 are rounded. */
  readonly value?: number;
  /** Section of an address; absent for numbers. */
  readonly section?: string;
  /** Size by `.size`, or of what the symbol reserves. */
  readonly bytes?: number;
  readonly global: boolean;
  readonly weak: boolean;
  /** Set by `.type`. */
  readonly type?: "function" | "object";
  readonly tensor?: ProgramTensor;
  /** The comment lines directly above the definition, or else the comment behind it, without comment signs. */
  readonly documentation?: string;
}

/** Symbols by name; each is made when it is asked for. */
export interface AsmSymbols extends ReadonlyMap<string, AsmSymbol> {
  /** What a symbol is, without the rest. */
  kindOf(name: string): AsmSymbolKind | undefined;
  /** What `.type` says of it. */
  typeOf(name: string): AsmSymbol["type"];
}

/** Names that live apart from symbols: macros, layers and sections. */
export interface NamedPlace {
  readonly name: string;
  readonly file: string;
  readonly range: Range;
}

export interface AsmMacro extends NamedPlace {
  /** As written: `a, b=4, rest:vararg`. */
  readonly parameters: string;
  readonly documentation?: string;
}

export interface AsmLayer extends NamedPlace {
  /** 1..4095 */
  readonly id: number;
}

export interface AsmSection {
  readonly name: string;
  readonly memory: "pm" | "dm" | "wm" | "ddr" | undefined;
  readonly address: number;
  readonly bytes: number;
}

export type ReferenceKind = "definition" | "write" | "read" | "call";

/** A definition or use of a symbol or macro. */
export interface Reference {
  /** Key into `symbols` (or `macros` for `macro` true). */
  readonly name: string;
  readonly macro: boolean;
  readonly file: string;
  readonly range: Range;
  readonly kind: ReferenceKind;
}

/** What one statement put into memory. A macro call's statements appear at the call. */
export interface Placement {
  readonly file: string;
  /** Counted from zero. */
  readonly line: number;
  readonly range: Range;
  readonly address: number;
  readonly bytes: number;
  readonly section: string;
  /** The instructions' words; absent for data. */
  readonly words?: readonly number[];
}

export interface IncludeEdge {
  readonly from: string;
  /** Of the file name in the directive. */
  readonly range: Range;
  readonly to: string;
}

/** What is known of a program's sources: of one that was assembled as a whole, or linked of objects. */
export interface ProgramSources {
  /** Each file once. */
  readonly files: readonly ParsedFile[];
  readonly symbols: ReadonlyMap<string, AsmSymbol>;
  readonly references: readonly Reference[];
  readonly placements: readonly Placement[];
  /** Whether `.nowarn` turns a finding of a lint off. */
  isMuted(finding: Diagnostic): boolean;
}

export interface Assembly extends ProgramSources {
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when there is an error. */
  readonly program: Program | undefined;
  /** Each file once, in the order in which they are first included. */
  readonly files: readonly ParsedFile[];
  readonly symbols: AsmSymbols;
  readonly macros: ReadonlyMap<string, AsmMacro>;
  readonly layers: readonly AsmLayer[];
  readonly sections: readonly AsmSection[];
  readonly references: readonly Reference[];
  /** In source order of assembly; present even when there are errors elsewhere. */
  readonly placements: readonly Placement[];
  /** Those at statements of one line, counted from zero. */
  placementsOn(file: string, line: number): readonly Placement[];
  /** Names of the sections in which there are instructions. */
  readonly codeSections: ReadonlySet<string>;
  readonly includes: readonly IncludeEdge[];
  /** Every file that the result depends on, `.incbin` files and missing ones too. */
  readonly dependencies: readonly string[];
  /** Whether `.nowarn` turns a finding of a lint off where it is shown or, inside macros, where the body that made it stands. */
  isMuted(finding: Diagnostic): boolean;
}
