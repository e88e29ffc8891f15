/** The outline of a file: sections, functions, labels, layers, tensors, constants, macros. From the text alone. */
import { type ParsedFile, rangeIn, type SourceLine, type Statement, stringText } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { endOfFile } from "./file-end.ts";
import { ofStructure } from "./structure.ts";

export type OutlineKind = "section" | "function" | "label" | "layer" | "tensor" | "constant" | "macro" | "data";

export interface OutlineItem {
  readonly name: string;
  readonly kind: OutlineKind;
  readonly detail: string;
  /** From the first to the last line that belongs to it. */
  readonly range: Range;
  /** The name. */
  readonly selection: Range;
  readonly children: readonly OutlineItem[];
}

interface Node extends OutlineItem {
  range: Range;
  readonly children: Node[];
}

const SECTIONS: ReadonlySet<string> = new Set([".text", ".data", ".bss", ".rodata", ".section", ".pushsection"]);
const CONSTANTS: ReadonlySet<string> = new Set([".equ", ".equiv", ".set"]);

/** Names that `.type name, @function` calls functions, and global ones: what callers know. */
function functionNames(file: ParsedFile): ReadonlySet<string> {
  const names = new Set<string>();
  for (const line of file.lines) {
    for (const { form, name, operands } of line.statements) {
      const [first, second] = operands;
      if (form !== "directive" || first?.kind !== "name") continue;
      const isFunction = second && /function$/.test("name" in second ? String(second.name) : "");
      if (name?.name === ".type" && isFunction) names.add(first.name);
    }
  }
  return names;
}

class OutlineBuilder {
  private readonly file: ParsedFile;
  private readonly functions: ReadonlySet<string>;
  readonly roots: Node[] = [];
  /** Open parents: a section, a function in it, a layer or macro in that. */
  private section: Node | undefined;
  private inCode = true;
  private func: Node | undefined;
  private layer: Node | undefined;
  private macros: Node[] = [];
  private line!: SourceLine;
  private firstLine = 0;

  constructor(file: ParsedFile) {
    this.file = file;
    this.functions = functionNames(file);
  }

  build(): readonly OutlineItem[] {
    for (const [index, line] of this.file.lines.entries()) {
      this.line = line;
      this.firstLine = this.file.firstLines[index]!;
      for (const statement of line.statements) this.statement(statement);
    }
    const end = endOfFile(this.file);
    for (const node of [this.section, this.func, this.layer, ...this.macros]) if (node) this.end(node, end);
    return this.roots;
  }

  private statement(statement: Statement): void {
    for (const label of statement.labels) {
      if (label.numeric) continue;
      if (this.functions.has(label.name)) this.openFunction(statement, label.name, label);
      else this.add(this.node(this.inCode ? "label" : "data", label.name, "", statement, label));
    }
    const { form, name, operands } = statement;
    if (form === "assignment" && name)
      this.add(this.node("constant", name.name, this.operandText(statement), statement, name));
    else if (form === "directive" && name) this.directive(name.name, statement, operands[0]);
  }

  private directive(name: string, statement: Statement, first: Statement["operands"][number] | undefined): void {
    if (SECTIONS.has(name)) this.openSection(name, statement);
    else if (CONSTANTS.has(name) && first?.kind === "name") {
      this.add(
        this.node("constant", first.name, this.operandText(statement).replace(/^[^,]*,\s*/, ""), statement, first),
      );
    } else if (name === ".tensor" && first?.kind === "name") {
      this.add(
        this.node("tensor", first.name, this.operandText(statement).replace(/^[^,]*,\s*/, ""), statement, first),
      );
    } else if (name === ".layer" && first?.kind === "string") {
      if (this.layer) this.end(this.layer, { line: this.firstLine, character: 0 });
      this.layer = undefined;
      this.layer = this.add(this.node("layer", stringText(first.text), "", statement, first));
    } else if (name === ".macro") this.openMacro(statement);
    else if (name === ".endm" || name === ".endmacro") {
      const macro = this.macros.pop();
      if (macro) this.end(macro, rangeIn(this.line, this.firstLine, statement).end);
    }
  }

  private openSection(name: string, statement: Statement): void {
    const written = this.operandText(statement);
    const [first] = statement.operands;
    const shown =
      name === ".section" || name === ".pushsection"
        ? first?.kind === "string"
          ? stringText(first.text)
          : (/^[^\s,]+/.exec(written)?.[0] ?? name)
        : name;
    const start = { line: this.firstLine, character: 0 };
    for (const open of [this.section, this.func, this.layer]) if (open) this.end(open, start);
    this.section = this.func = this.layer = undefined;
    this.inCode = shown.startsWith(".text") || /,\s*"[^"]*x/.test(written);
    this.section = this.add(this.node("section", shown, "", statement, statement.name!));
  }

  private openFunction(statement: Statement, name: string, selection: { start: number; end: number }): void {
    const start = { line: this.firstLine, character: 0 };
    for (const open of [this.func, this.layer]) if (open) this.end(open, start);
    this.func = this.layer = undefined;
    this.func = this.add(this.node("function", name, "", statement, selection));
  }

  private openMacro(statement: Statement): void {
    const text = this.operandText(statement);
    const name = /^[^\s,]+/.exec(text)?.[0];
    if (name === undefined) return;
    const { start } = statement.operandText;
    const node = this.node("macro", name, text.slice(name.length).replace(/^[\s,]+/, ""), statement, {
      start,
      end: start + name.length,
    });
    this.macros.push(this.add(node));
  }

  private operandText({ operandText }: Statement): string {
    return this.line.text.slice(operandText.start, operandText.end);
  }

  private node(
    kind: OutlineKind,
    name: string,
    detail: string,
    statement: Statement,
    selection: { readonly start: number; readonly end: number },
  ): Node {
    const range = rangeIn(this.line, this.firstLine, statement);
    return { kind, name, detail, range, selection: rangeIn(this.line, this.firstLine, selection), children: [] };
  }

  private add(node: Node): Node {
    const layer = node.kind === "label" || node.kind === "function" ? undefined : this.layer;
    const parent = this.macros.at(-1) ?? layer ?? this.func ?? this.section;
    (parent?.children ?? this.roots).push(node);
    return node;
  }

  private end(node: Node, end: Position): void {
    const { start } = node.range;
    if (end.line > start.line || (end.line === start.line && end.character >= node.range.end.character)) {
      node.range = { start, end };
    }
  }
}

export const outline = ofStructure((file): readonly OutlineItem[] => new OutlineBuilder(file).build());
