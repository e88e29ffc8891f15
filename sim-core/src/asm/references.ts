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
  for (const file of files) new Collector(file, symbols, macros, references).run();
  return references;
}

class Collector {
  private readonly file: ParsedFile;
  private readonly symbols: SymbolKinds;
  private readonly macros: ReadonlyMap<string, AsmMacro>;
  private readonly references: Reference[];
  /** Lines on which each numeric label is defined, in order. */
  private readonly locals = new Map<string, number[]>();
  private line!: SourceLine;
  private firstLine = 0;

  constructor(file: ParsedFile, symbols: SymbolKinds, macros: ReadonlyMap<string, AsmMacro>, references: Reference[]) {
    this.file = file;
    this.symbols = symbols;
    this.macros = macros;
    this.references = references;
  }

  run(): void {
    this.eachStatement((statement) => {
      for (const label of statement.labels) {
        if (!label.numeric) continue;
        const number = rangeIn(this.line, this.firstLine, label).start.line + 1;
        const list = this.locals.get(label.name);
        if (list) list.push(number);
        else this.locals.set(label.name, [number]);
      }
    });
    this.eachStatement((statement) => this.statement(statement));
  }

  private eachStatement(visit: (statement: Statement) => void): void {
    const { lines, firstLines } = this.file;
    for (let index = 0; index < lines.length; index++) {
      this.line = lines[index]!;
      this.firstLine = firstLines[index]!;
      for (const statement of this.line.statements) visit(statement);
    }
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
