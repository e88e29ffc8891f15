/** What a lint sees of a program, and how it reports. */
import {
  lineIndexAt,
  type ParsedFile,
  type Placement,
  type ProgramSources,
  rangeIn,
  type Statement,
  statementAt,
} from "../asm/index.ts";
import type { MachineConfig } from "../config/index.ts";
import type { Diagnostic, Range, RelatedPlace, Severity } from "../diagnostics/index.ts";
import { type FlowGraph, type FlowInstruction, flowGraph } from "../flow/index.ts";
import type { InstructionSet } from "../isa/index.ts";
import type { Program } from "../program/index.ts";
import type { Past } from "../static-timing/index.ts";
import type { LintId } from "./catalogue.ts";
import { LINTS } from "./catalogue.ts";
import { fixOf, withoutStatement } from "./edits.ts";
import type { LintLevel, LintLevels } from "./kind.ts";

/** A program, or undefined where errors keep it from being one, and its sources. */
export interface LintedProgram extends ProgramSources {
  readonly program: Program | undefined;
}

export interface LintEdit {
  readonly file: string;
  readonly range: Range;
  readonly text: string;
}

/** A change that mends a finding. */
export interface LintFix {
  /** What it does, for a menu. */
  readonly title: string;
  readonly edits: readonly LintEdit[];
}

/** A finding of a lint. */
export interface LintDiagnostic extends Diagnostic {
  readonly id: LintId;
  /** Computes the change that mends it, where there is one. */
  readonly fix?: () => LintFix | undefined;
}

/** A place in the sources. */
export interface SourceRange {
  readonly file: string;
  readonly range: Range;
}

/** An instruction in its source. */
export interface InstructionSource extends SourceRange {
  /** Everything that the statement was assembled to. */
  readonly placement: Placement;
  readonly statement: Statement;
  /** What ends a line of the file, and how many lines it has. */
  readonly lineEnd: string;
  readonly lineCount: number;
  /** Whether it is the last statement of its line, and whether there is nothing else on it. */
  readonly isLast: boolean;
  readonly isAlone: boolean;
  /** Where a part of the statement stands. */
  rangeOf(node: { readonly start: number; readonly end: number }): Range;
}

export interface Finding {
  readonly message: string;
  readonly hint?: string;
  readonly related?: readonly RelatedPlace[];
  /** Computed only when somebody asks for it. */
  readonly fix?: () => LintFix | undefined;
}

/** Findings of one program that are told; what a program has more of, it has for one reason. */
const LIMIT = 1000;

export class LintContext {
  readonly assembly: ProgramSources;
  readonly program: Program;
  readonly config: MachineConfig;
  readonly isa: InstructionSet;
  readonly past: Past | undefined;
  readonly graph: FlowGraph;
  readonly found: LintDiagnostic[] = [];
  /** How often something was reported, whether it is told or not. */
  reports = 0;
  private readonly levels: LintLevels;
  private readonly seen = new Set<string>();
  private readonly shapes = new Map<string, { readonly end: string; readonly lines: number }>();
  private code: readonly Placement[] | undefined;
  private names: Map<number, string> | undefined;

  constructor(
    assembly: ProgramSources,
    program: Program,
    config: MachineConfig,
    isa: InstructionSet,
    levels: LintLevels,
    past?: Past,
  ) {
    this.assembly = assembly;
    this.program = program;
    this.config = config;
    this.isa = isa;
    this.past = past;
    this.levels = levels;
    this.graph = flowGraph(program, isa);
  }

  /** Whether this is a whole program. A file without `_start` is a part of one: others may call it, and go on behind it. */
  get isWhole(): boolean {
    return this.program.symbols.some(({ name }) => name === "_start");
  }

  /** Whether there are so many findings that no other one is told. */
  get isFull(): boolean {
    return this.found.length >= LIMIT;
  }

  levelOf(id: LintId): LintLevel {
    return this.levels[id] ?? LINTS[id].level;
  }

  isOn(id: LintId): boolean {
    return this.levelOf(id) !== "off";
  }

  /**
   * Reports a finding at an instruction or a place; inside macros at the call, with the body's line beside it. Nothing
   * happens when the lint is off, or turned off there by `.nowarn`.
   */
  report(id: LintId, at: FlowInstruction | SourceRange, finding: Finding): void {
    this.reports++;
    const level = this.levelOf(id);
    if (level === "off" || this.isFull) return;
    const isPlace = "range" in at;
    const statement = isPlace ? at : this.placementOf(at.address);
    if (!statement) return;
    const body = isPlace ? undefined : this.bodyOf(at, statement);
    const place = isPlace ? at : this.withoutLabels(statement);
    const key = `${id} ${place.file}:${place.range.start.line}:${place.range.start.character} ${finding.message}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    const related = [...(body ? [body] : []), ...(finding.related ?? [])];
    // What a macro's body is about is not mended at its call.
    const fix = body ? undefined : finding.fix;
    const diagnostic: LintDiagnostic = {
      id,
      severity: level as Severity,
      message: finding.message,
      ...(finding.hint === undefined ? {} : { hint: finding.hint }),
      file: place.file,
      range: place.range,
      ...(related.length > 0 ? { related } : {}),
      ...(fix ? { fix } : {}),
    };
    if (!this.assembly.isMuted(diagnostic)) this.found.push(diagnostic);
  }

  /** The statement outside of macros that made an instruction. */
  placeOf(at: FlowInstruction): SourceRange | undefined {
    const statement = this.placementOf(at.address);
    return statement && this.withoutLabels(statement);
  }

  /** A place beside another finding: where something it is about comes from. */
  related(at: FlowInstruction, message: string): RelatedPlace[] {
    const place = this.placeOf(at);
    return place ? [{ file: place.file, range: place.range, message }] : [];
  }

  /** The symbol at an address, or its number. */
  nameOf(address: number): string {
    if (!this.names) {
      this.names = new Map();
      for (const symbol of this.program.symbols) {
        if (!symbol.absolute && !this.names.has(symbol.address)) this.names.set(symbol.address, symbol.name);
      }
    }
    const name = this.names.get(address);
    return name === undefined ? `0x${address.toString(16)}` : `\`${name}\``;
  }

  /** The statement of an instruction and what is around it; undefined in macros' bodies. */
  sourceOf(at: FlowInstruction): InstructionSource | undefined {
    const placement = this.placementOf(at.address);
    if (!placement || this.bodyOf(at, placement)) return undefined;
    const { file } = placement;
    const found = this.statementAt(file, placement.range);
    if (!found?.statement) return undefined;
    const { range } = this.withoutLabels(placement);
    const { statements } = found.line;
    return {
      file,
      range,
      placement,
      statement: found.statement,
      lineEnd: this.lineEndOf(file),
      lineCount: this.shapeOf(file).lines,
      isLast: statements.at(-1) === found.statement,
      isAlone: statements.length === 1 && found.statement.labels.length === 0,
      rangeOf: (node) => rangeIn(found.line, found.firstLine, node),
    };
  }

  /**
   * The text of an instruction's line, when all lines from there to another one's are made of single lines of text, and
   * hold statements that make code, without labels, or nothing.
   */
  linesBetween(from: InstructionSource, to: InstructionSource): { readonly text: string } | undefined {
    const file = this.fileOf(from.file);
    if (!file) return undefined;
    const [a, b] = [from.range.start.line, to.range.start.line];
    for (let number = Math.min(a, b); number <= Math.max(a, b); number++) {
      const line = file.lines[lineIndexAt(file, number)];
      const isPlain =
        line?.height === 1 &&
        line.statements.every(({ form, labels }) => form === "instruction" && labels.length === 0);
      if (!isPlain) return undefined;
    }
    // The last line of a file has no end that could go with it.
    if (a + 1 >= from.lineCount) return undefined;
    return { text: file.lines[lineIndexAt(file, a)]!.text.replace(/\r\n|\r|\n/, "") };
  }

  /** What ends the lines of a file. */
  lineEndOf(name: string): string {
    return this.shapeOf(name).end;
  }

  private shapeOf(name: string): { readonly end: string; readonly lines: number } {
    let shape = this.shapes.get(name);
    if (!shape) {
      const text = this.fileOf(name)?.text ?? "";
      shape = { end: text.includes("\r\n") ? "\r\n" : "\n", lines: text.split("\n").length };
      this.shapes.set(name, shape);
    }
    return shape;
  }

  /** Removes the whole statement of an instruction; undefined where other instructions or labels belong to it. */
  removal(at: FlowInstruction): LintFix | undefined {
    const source = this.sourceOf(at);
    if (source?.placement.bytes !== 4 || source.statement.labels.length > 0) return undefined;
    // A line of its own goes as a whole; what shares its line with others leaves an empty statement.
    return fixOf("Remove the instruction", this.withoutSource(source));
  }

  /** Takes an instruction's statement out. */
  withoutSource({ file, range, isAlone }: InstructionSource): LintEdit {
    return withoutStatement(this.fileOf(file)!, range, isAlone);
  }

  /** A statement from its instruction's name on. */
  private withoutLabels({ file, range }: SourceRange): SourceRange {
    const found = this.statementAt(file, range);
    const name = found?.statement?.name;
    if (!found?.statement || !name || found.statement.labels.length === 0) return { file, range };
    const { start } = rangeIn(found.line, found.firstLine, name);
    return { file, range: { start, end: range.end } };
  }

  private placementOf(address: number): Placement | undefined {
    this.code ??= this.assembly.placements
      .filter(({ words }) => words !== undefined)
      .sort((a, b) => a.address - b.address);
    const placement = this.code[lastUpTo(this.code, address)];
    return placement && address < placement.address + placement.bytes ? placement : undefined;
  }

  /** The line of a macro's body that made an instruction, when there is one. */
  private bodyOf(at: FlowInstruction, { file, range }: SourceRange): RelatedPlace | undefined {
    const { lines, files } = this.program;
    const row = lines[lastUpTo(lines, at.address)];
    if (!row?.code) return undefined;
    const start = { line: row.line - 1, character: row.column - 1 };
    const name = files[row.file] ?? "";
    if (name === file && start.line === range.start.line && start.character === range.start.character) {
      return undefined;
    }
    const found = this.statementAt(name, { start, end: start });
    const body = found?.statement ? rangeIn(found.line, found.firstLine, found.statement) : { start, end: start };
    return { file: name, range: body, message: "in the body of the macro" };
  }

  private statementAt(name: string, range: Range) {
    const file = this.fileOf(name);
    return file && statementAt(file, range.start);
  }

  private fileOf(name: string): ParsedFile | undefined {
    return this.assembly.files.find((each) => each.name === name);
  }
}

/** Position of the last entry at or below an address, -1 when there is none; the list is sorted. */
function lastUpTo(list: readonly { readonly address: number }[], address: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]!.address <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
