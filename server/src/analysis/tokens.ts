/**
 * Semantic tokens: what a grammar can't tell. Which names are constants, labels, tensors or macros, and which words
 * are registers or values there. Everything else (comments, strings, numbers) is added for editors without a grammar.
 */
import {
  type AsmSymbol,
  type NameNode,
  rangeIn,
  type SourceLine,
  type Span,
  type Statement,
  tokensOf,
} from "@nnasm/sim-core/asm";
import type { Position } from "@nnasm/sim-core/diagnostics";
import { directiveInfo } from "./directives.ts";
import { formsOf } from "./forms.ts";
import { chosenForm, slotPartOf } from "./operand.ts";
import { isRegister } from "./registers.ts";
import type { Snapshot } from "./snapshot.ts";
import { walk } from "./target.ts";

/** In the order of the protocol's legend: numbers on the wire, so only ever add at the end. */
export const TOKEN_TYPES = [
  "comment",
  "string",
  "number",
  "operator",
  "keyword",
  "macro",
  "function",
  "label",
  "variable",
  "struct",
  "property",
  "enumMember",
  "parameter",
] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

/** Bits in the order of the protocol's legend. */
export const TOKEN_MODIFIERS = ["definition", "readonly", "defaultLibrary"] as const;
export type TokenModifier = (typeof TOKEN_MODIFIERS)[number];

export interface SemanticToken {
  readonly line: number;
  readonly character: number;
  readonly length: number;
  readonly type: TokenType;
  readonly modifiers: readonly TokenModifier[];
}

export interface TokenOptions {
  /** Only what a grammar can't know. */
  readonly namesOnly: boolean;
  /** Lines of text to look at, the last one included. */
  readonly first?: number;
  readonly last?: number;
}

const NONE: readonly TokenModifier[] = [];
const DEFINITION: readonly TokenModifier[] = ["definition"];
const READONLY: readonly TokenModifier[] = ["readonly"];
const BUILT_IN: readonly TokenModifier[] = ["defaultLibrary"];

/** Tokens of a file in source order. */
export function semanticTokens(snapshot: Snapshot, options: TokenOptions): SemanticToken[] {
  const { lines, firstLines } = snapshot.file;
  const { first = 0, last = Number.POSITIVE_INFINITY, namesOnly } = options;
  const builder = new TokenBuilder(snapshot);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!;
    const firstLine = firstLines[index]!;
    if (firstLine + line.height <= first) continue;
    if (firstLine > last) break;
    builder.line(line, firstLine, namesOnly);
  }
  return builder.tokens;
}

class TokenBuilder {
  readonly tokens: SemanticToken[] = [];
  private readonly snapshot: Snapshot;
  private readonly symbols: ReadonlyMap<string, AsmSymbol>;
  private source!: SourceLine;
  private firstLine = 0;
  /** Spans of the line that have got their token. */
  private spans: { span: Span; type: TokenType; modifiers: readonly TokenModifier[] }[] = [];

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
    this.symbols = snapshot.assembly.symbols;
  }

  line(line: SourceLine, firstLine: number, namesOnly: boolean): void {
    this.source = line;
    this.firstLine = firstLine;
    this.spans = [];
    for (const statement of line.statements) this.statement(statement, namesOnly);
    if (!namesOnly) this.plainTokens();
    this.spans.sort((a, b) => a.span.start - b.span.start);
    for (const { span, type, modifiers } of this.spans) this.emit(span, type, modifiers);
  }

  private mark(span: Span, type: TokenType, modifiers: readonly TokenModifier[] = NONE): void {
    this.spans.push({ span, type, modifiers });
  }

  private statement(statement: Statement, namesOnly: boolean): void {
    const { form, name } = statement;
    for (const label of statement.labels) {
      const isFunction = this.symbols.get(label.name)?.type === "function";
      this.mark(label, isFunction ? "function" : "label", DEFINITION);
    }
    if (name) this.statementName(statement, name, namesOnly);
    if (form === "directive" && name!.name === ".macro") this.macroHeader(statement);
    else this.operands(statement);
  }

  private statementName({ form }: Statement, name: NonNullable<Statement["name"]>, namesOnly: boolean): void {
    const { isa, assembly } = this.snapshot;
    if (form === "assignment") this.mark(name, "variable", ["definition", "readonly"]);
    else if (form === "instruction" && assembly.macros.has(name.name)) this.mark(name, "macro");
    else if (form === "instruction" && isa.get(name.name.toLowerCase())?.row.user)
      // No grammar knows the instructions of a project.
      this.mark(name, "keyword");
    else if (namesOnly) return;
    else if (form === "directive" && directiveInfo(name.name)) this.mark(name, "keyword");
    else if (form === "instruction" && formsOf(isa, name.name.toLowerCase()).length > 0)
      this.mark(name, "keyword", BUILT_IN);
  }

  /** A macro's name; its parameters are text that the parser may not understand. */
  private macroHeader({ operands, operandText }: Statement): void {
    const [first] = operands;
    if (first?.kind === "name") this.mark(first, "macro", DEFINITION);
    const start = first?.end ?? operandText.start;
    const text = this.source.text.slice(start, operandText.end);
    for (const match of text.matchAll(/(?<=[\s,])[A-Za-z_.$][\w.$]*/g)) {
      this.mark({ start: start + match.index, end: start + match.index + match[0].length }, "parameter", DEFINITION);
    }
  }

  private operands(statement: Statement): void {
    const { isa } = this.snapshot;
    const isInstruction = statement.form === "instruction";
    const form = isInstruction ? chosenForm(isa, this.source.text, statement) : undefined;
    for (const [index, operand] of statement.operands.entries()) {
      const option = operand.kind === "keyword" ? operand.name : undefined;
      walk(operand, (node) => {
        if (node === option) this.mark(node, "property");
        else if (node.kind === "local") this.mark(node, "label");
        else if (node.kind === "name") {
          const type = form && slotPartOf(form, operand, index, node)?.operand.type;
          this.name(node, isInstruction && isRegister(node.name), type === "csr" || type === "enum" || type === "set");
        }
      });
    }
  }

  private name(node: NameNode, isRegisterName: boolean, isValue: boolean): void {
    if (node.name.includes("\\")) {
      this.mark(node, "parameter");
    } else if (isRegisterName) {
      this.mark(node, "variable", BUILT_IN);
    } else if (isValue) {
      this.mark(node, "enumMember", READONLY);
    } else {
      const symbol = this.symbols.get(node.name);
      if (symbol) this.mark(node, ...symbolToken(symbol));
    }
  }

  /** Comments, strings, numbers: what editors with a grammar know already. */
  private plainTokens(): void {
    const taken = new Set(this.spans.map(({ span }) => span.start));
    for (const token of tokensOf(this.source.text)) {
      if (taken.has(token.start)) continue;
      if (token.kind === "comment") this.mark(token, "comment");
      else if (token.kind === "string" || token.kind === "character") this.mark(token, "string");
      else if (token.kind === "number" || token.kind === "float") this.mark(token, "number");
    }
  }

  /** Tokens must not cross line ends: a long comment becomes one token a line. */
  private emit(span: Span, type: TokenType, modifiers: readonly TokenModifier[]): void {
    const { start, end } = rangeIn(this.source, this.firstLine, span);
    if (start.line === end.line) {
      this.push(start, end.character - start.character, type, modifiers);
      return;
    }
    const lines = this.source.text.slice(span.start, span.end).split(/\r\n|\r|\n/);
    for (const [index, text] of lines.entries()) {
      const character = index === 0 ? start.character : 0;
      this.push({ line: start.line + index, character }, text.length, type, modifiers);
    }
  }

  private push(
    { line, character }: Position,
    length: number,
    type: TokenType,
    modifiers: readonly TokenModifier[],
  ): void {
    if (length > 0) this.tokens.push({ line, character, length, type, modifiers });
  }
}

function symbolToken({ kind, type }: AsmSymbol): [TokenType, readonly TokenModifier[]] {
  switch (kind) {
    case "tensor":
      return ["struct", NONE];
    case "field":
      return ["property", READONLY];
    case "equ":
      return ["variable", READONLY];
    case "label":
      return [type === "function" ? "function" : "label", NONE];
    case "common":
      return ["variable", NONE];
    default:
      return ["label", NONE];
  }
}

/** The protocol's encoding: five numbers a token, places relative to the token before. */
export function encodeTokens(tokens: readonly SemanticToken[]): number[] {
  const data: number[] = [];
  let line = 0;
  let character = 0;
  for (const token of tokens) {
    if (token.line !== line) character = 0;
    const modifiers = token.modifiers.reduce((bits, name) => bits | (1 << TOKEN_MODIFIERS.indexOf(name)), 0);
    data.push(token.line - line, token.character - character, token.length, TOKEN_TYPES.indexOf(token.type), modifiers);
    ({ line, character } = token);
  }
  return data;
}
