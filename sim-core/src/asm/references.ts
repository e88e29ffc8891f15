/** Definitions and uses of symbols and macros, read from the trees: what was assembled and what was not. */

import { registerNumber } from "../isa/index.ts";
import type { AsmMacro, AsmSymbolKind, Reference, ReferenceKind } from "./model.ts";
import { rangeIn } from "./syntax/file.ts";
import type { Expression, NameNode, Operand, ParsedFile, SourceLine, Span, Statement } from "./syntax/tree.ts";

const CALLS: ReadonlySet<string> = new Set(["call", "tail", "jal"]);
/** Directives that define the symbol that their first operand names. */
const DEFINING: ReadonlySet<string> = new Set([".tensor", ".weights", ".comm", ".lcomm"]);
const ASSIGNING: ReadonlySet<string> = new Set([".equ", ".set", ".equiv"]);

/** What is asked of a symbol table: most mentions need no more. */
export interface SymbolKinds {
  /** What a symbol is; undefined when there is none of that name. */
  kindOf(name: string): AsmSymbolKind | undefined;
}

/** All references in files, in order. */
export function collectReferences(
  files: readonly ParsedFile[],
  symbols: SymbolKinds,
  macros: ReadonlyMap<string, AsmMacro>,
): Reference[] {
  const references: Reference[] = [];
  for (const file of files) {
    const found = new FileReferences(file, symbols, macros);
    for (let index = 0; index < file.lines.length; index++)
      for (const each of found.onLine(index)) references.push(each);
  }
  return references;
}

/** The references in a file, line by line: who asks about one place or one name must not wait for all. */
export class FileReferences {
  private readonly file: ParsedFile;
  private readonly symbols: SymbolKinds;
  private readonly macros: ReadonlyMap<string, AsmMacro>;
  private references: Reference[] = [];
  /** Lines on which each numeric label is defined, in order; found when the first use of one is read. */
  private localLines: ReadonlyMap<string, readonly number[]> | undefined;
  private line!: SourceLine;
  private firstLine = 0;

  constructor(file: ParsedFile, symbols: SymbolKinds, macros: ReadonlyMap<string, AsmMacro>) {
    this.file = file;
    this.symbols = symbols;
    this.macros = macros;
  }

  /** Those in `file.lines[index]`. */
  onLine(index: number): readonly Reference[] {
    this.references = [];
    this.line = this.file.lines[index]!;
    this.firstLine = this.file.firstLines[index]!;
    for (const statement of this.line.statements) this.statement(statement);
    return this.references;
  }

  /** Those to one symbol or macro, by its key in the assembly. */
  to(name: string, macro: boolean): Reference[] {
    const [written = name, file] = name.split("@");
    if (file !== undefined && !name.includes(`@${this.file.name}:`)) return [];
    return this.where((line) => line.text.includes(written)).filter(
      (reference) => reference.name === name && reference.macro === macro,
    );
  }

  /** Targets of calls and jumps that may be calls. */
  calls(): Reference[] {
    const isCall = ({ name }: Statement): boolean => name !== undefined && CALLS.has(name.name);
    return this.where(({ statements }) => statements.some(isCall)).filter(
      ({ kind, macro }) => kind === "call" && !macro,
    );
  }

  private where(accept: (line: SourceLine) => boolean): Reference[] {
    const found: Reference[] = [];
    const { lines } = this.file;
    for (let index = 0; index < lines.length; index++) {
      if (accept(lines[index]!)) for (const each of this.onLine(index)) found.push(each);
    }
    return found;
  }

  private get locals(): ReadonlyMap<string, readonly number[]> {
    this.localLines ??= numericLabels(this.file);
    return this.localLines;
  }

  private statement(statement: Statement): void {
    for (const label of statement.labels) {
      const name = label.numeric ? this.localName(label.name, label) : label.name;
      this.add(name, label, "definition", false);
    }
    const { name } = statement;
    if (!name) return;
    if (statement.form === "assignment") this.symbol(name, "write");
    else if (this.macros.has(name.name)) this.add(name.name, name, "call", true);
    if (name.name === ".macro") {
      this.macroDefinition(statement);
      return;
    }
    const kind = CALLS.has(name.name) ? "call" : "read";
    const first = DEFINING.has(name.name) ? "definition" : ASSIGNING.has(name.name) ? "write" : undefined;
    for (const [position, operand] of statement.operands.entries()) {
      if (position === 0 && first && operand.kind === "name") this.symbol(operand, first);
      else this.operand(operand, kind);
    }
  }

  private macroDefinition(statement: Statement): void {
    const name = statement.operands[0];
    if (name?.kind === "name" && this.macros.has(name.name)) this.add(name.name, name, "definition", true);
    // Defaults of parameters may name symbols.
    for (const operand of statement.operands.slice(1)) {
      if (operand.kind === "keyword" && operand.value.kind !== "string") this.operand(operand.value, "read");
    }
  }

  private operand(operand: Operand, kind: ReferenceKind): void {
    switch (operand.kind) {
      case "memory":
        this.expression(operand.offset, kind);
        this.expression(operand.base, kind);
        return;
      case "keyword":
        if (operand.value.kind !== "string") this.expression(operand.value, kind);
        return;
      case "string":
      case "at":
        return;
      default:
        this.expression(operand, kind);
    }
  }

  private expression(node: Expression, kind: ReferenceKind): void {
    let rest = node;
    // Long sums lean to the left; their left spine is walked.
    while (rest.kind === "binary") {
      this.expression(rest.right, "read");
      rest = rest.left;
    }
    switch (rest.kind) {
      case "name":
        this.symbol(rest, kind);
        return;
      case "local":
        this.local(rest.label, rest.forward, rest);
        return;
      case "group":
      case "modifier":
        this.expression(rest.inner, kind);
        return;
      case "unary":
        this.expression(rest.operand, kind);
        return;
      default:
        return;
    }
  }

  private symbol(node: NameNode, kind: ReferenceKind): void {
    const known = this.symbols.kindOf(node.name);
    if (!known || (known === "external" && registerNumber(node.name) !== undefined)) return;
    this.add(node.name, node, kind, false);
  }

  private local(label: string, forward: boolean, span: Span): void {
    const here = rangeIn(this.line, this.firstLine, span).start.line + 1;
    const lines = this.locals.get(label) ?? [];
    let low = 0;
    let high = lines.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (lines[middle]! <= here) low = middle + 1;
      else high = middle;
    }
    const target = lines[forward ? low : low - 1];
    if (target !== undefined) this.add(`${label}@${this.file.name}:${target}`, span, "read", false);
  }

  private localName(label: string, span: Span): string {
    return `${label}@${this.file.name}:${rangeIn(this.line, this.firstLine, span).start.line + 1}`;
  }

  private add(name: string, span: Span, kind: ReferenceKind, macro: boolean): void {
    const range = rangeIn(this.line, this.firstLine, span);
    this.references.push({ name, macro, file: this.file.name, range, kind });
  }
}

/** Lines of numeric labels' definitions, counted from one, by label. */
function numericLabels({ lines, firstLines }: ParsedFile): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const [index, line] of lines.entries()) {
    for (const { labels } of line.statements) {
      for (const label of labels) {
        if (!label.numeric) continue;
        const number = rangeIn(line, firstLines[index]!, label).start.line + 1;
        const list = found.get(label.name);
        if (list) list.push(number);
        else found.set(label.name, [number]);
      }
    }
  }
  return found;
}
