/**
 * Semantic tokens: what a grammar can't tell. Which names are constants, labels, tensors or macros, and which words
 * are registers or values there. Everything else (comments, strings, numbers) is added for editors without a grammar.
 */
import {
  lineIndexAt,
  type NameNode,
  rangeIn,
  type SourceLine,
  type Span,
  type Statement,
  tokensOf,
} from "@nnasm/sim-core/asm";
import type { Position } from "@nnasm/sim-core/diagnostics";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import { directiveInfo } from "./directives.ts";
import { formsOf } from "./forms.ts";
import { chosenForm, slotPartOf } from "./operand.ts";
import { isRegister } from "./registers.ts";
import type { Snapshot } from "./snapshot.ts";
import { walk } from "./target.ts";
import { TokenNames } from "./token-names.ts";

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
  const { file } = snapshot;
  const { lines, firstLines } = file;
  const { first = 0, last = Number.POSITIVE_INFINITY, namesOnly } = options;
  const reader = new TokenReader(snapshot.isa, new TokenNames(snapshot.assembly), namesOnly);
  const tokens: SemanticToken[] = [];
  const from = first <= 0 ? 0 : lineIndexAt(file, first);
  for (let index = from < 0 ? lines.length : from; index < lines.length; index++) {
    const firstLine = firstLines[index]!;
    if (firstLine > last) break;
    const entry = reader.line(lines[index]!);
    for (let at = 1; at < entry.length; at += TOKEN_NUMBERS) {
      tokens.push({
        line: firstLine + entry[at]!,
        character: entry[at + 1]!,
        length: entry[at + 2]!,
        type: TOKEN_TYPES[entry[at + 3]!]!,
        modifiers: TOKEN_MODIFIERS.filter((_, bit) => entry[at + 4]! & (1 << bit)),
      });
    }
  }
  return tokens;
}

/**
 * The tokens of a line of the tree, wherever it stands: its height, and five numbers for each token (line from the first line on,
 * character, length, type and modifiers as the legend numbers them).
 */
export type LineTokens = readonly number[];
/** How many numbers a token is. */
export const TOKEN_NUMBERS = 5;

const NO_TOKENS: LineTokens = [1];

/** Makes the tokens of lines: they follow from the line's text, from the instructions, and from what its names are. */
export class TokenReader {
  private readonly isa: InstructionSet;
  private readonly names: TokenNames;
  private readonly namesOnly: boolean;
  private source!: SourceLine;
  /** Spans of the line that have got their token. */
  private spans: { span: Span; type: TokenType; modifiers: readonly TokenModifier[] }[] = [];

  constructor(isa: InstructionSet, names: TokenNames, namesOnly: boolean) {
    this.isa = isa;
    this.names = names;
    this.namesOnly = namesOnly;
  }

  line(line: SourceLine): LineTokens {
    this.source = line;
    this.spans = [];
    for (const statement of line.statements) this.statement(statement);
    if (!this.namesOnly) this.plainTokens();
    if (this.spans.length === 0 && line.height === 1) return NO_TOKENS;
    this.spans.sort((a, b) => a.span.start - b.span.start);
    const tokens = [line.height];
    for (const { span, type, modifiers } of this.spans) this.emit(tokens, span, type, modifiers);
    // A copy has no room for more than it holds.
    return tokens.slice();
  }

  private mark(span: Span, type: TokenType, modifiers: readonly TokenModifier[] = NONE): void {
    this.spans.push({ span, type, modifiers });
  }

  private statement(statement: Statement): void {
    const { form, name } = statement;
    for (const label of statement.labels) {
      this.mark(label, this.names.isFunction(label.name) ? "function" : "label", DEFINITION);
    }
    if (name) this.statementName(statement, name);
    if (form === "directive" && name!.name === ".macro") this.macroHeader(statement);
    else this.operands(statement);
  }

  private statementName({ form }: Statement, name: NonNullable<Statement["name"]>): void {
    const { isa } = this;
    if (form === "assignment") this.mark(name, "variable", ["definition", "readonly"]);
    else if (form === "instruction" && this.names.isMacro(name.name)) this.mark(name, "macro");
    else if (form === "instruction" && isa.get(name.name.toLowerCase())?.row.user)
      // No grammar knows the instructions of a project.
      this.mark(name, "keyword");
    else if (this.namesOnly) return;
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
    const { isa } = this;
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
      const token = this.names.symbolToken(node.name);
      if (token) this.mark(node, ...token);
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
  private emit(tokens: number[], span: Span, type: TokenType, modifiers: readonly TokenModifier[]): void {
    const { start, end } = rangeIn(this.source, 0, span);
    if (start.line === end.line) {
      push(tokens, start, end.character - start.character, type, modifiers);
      return;
    }
    const lines = this.source.text.slice(span.start, span.end).split(/\r\n|\r|\n/);
    for (const [index, text] of lines.entries()) {
      const character = index === 0 ? start.character : 0;
      push(tokens, { line: start.line + index, character }, text.length, type, modifiers);
    }
  }
}

function push(
  tokens: number[],
  { line, character }: Position,
  length: number,
  type: TokenType,
  modifiers: readonly TokenModifier[],
): void {
  if (length > 0) tokens.push(line, character, length, TOKEN_TYPES.indexOf(type), bitsOf(modifiers));
}

const bitsOf = (modifiers: readonly TokenModifier[]): number =>
  modifiers.reduce((bits, name) => bits | (1 << TOKEN_MODIFIERS.indexOf(name)), 0);

/** The protocol's encoding: five numbers a token, places relative to the token before. */
export function encodeTokens(tokens: readonly SemanticToken[]): number[] {
  const data: number[] = [];
  let line = 0;
  let character = 0;
  for (const token of tokens) {
    if (token.line !== line) character = 0;
    const { length, type, modifiers } = token;
    data.push(token.line - line, token.character - character, length, TOKEN_TYPES.indexOf(type), bitsOf(modifiers));
    ({ line, character } = token);
  }
  return data;
}
