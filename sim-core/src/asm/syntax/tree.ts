/**
 * The syntax tree of a source file. It is built from lines that know nothing about their neighbours: columns count
 * UTF-16 units from the start of the node's own line, which is what editors count, and no node holds a line
 * number. An edit therefore re-parses only the lines it touches and shares all others (see reparseFile).
 */

/** Half-open column range within a source line. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** 64-bit integers: a number while it is exact, a bigint (as a signed 64-bit value) beyond 2^53. */
export type Integer = number | bigint;

/** A symbol, register, enum value, mnemonic or directive: what it means depends on where it stands. */
export interface NameNode extends Span {
  readonly kind: "name";
  readonly name: string;
}

/** An integer or a character constant. */
export interface NumberNode extends Span {
  readonly kind: "number";
  readonly value: Integer;
}

/** A number with a fraction or an exponent; only directives such as `.tensor` and `.float` take one. */
export interface FloatNode extends Span {
  readonly kind: "float";
  readonly value: number;
}

/** A quoted string; `text` is what stands between the quotes, escapes and all (see stringBytes). */
export interface StringNode extends Span {
  readonly kind: "string";
  readonly text: string;
}

/** A numeric label's use: `1b` (the last one before) or `1f` (the next one). */
export interface LocalNode extends Span {
  readonly kind: "local";
  readonly label: string;
  readonly forward: boolean;
}

/** The address of the statement, `.`. */
export interface HereNode extends Span {
  readonly kind: "here";
}

export type UnaryOperator = "-" | "+" | "~" | "!";

export interface UnaryNode extends Span {
  readonly kind: "unary";
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}

/** In GNU's precedence; `!` is or-not. */
export type BinaryOperator =
  | "*"
  | "/"
  | "%"
  | "<<"
  | ">>"
  | "|"
  | "&"
  | "^"
  | "!"
  | "+"
  | "-"
  | "=="
  | "!="
  | "<"
  | ">"
  | "<="
  | ">="
  | "&&"
  | "||";

export interface BinaryNode extends Span {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** An expression in parentheses. */
export interface GroupNode extends Span {
  readonly kind: "group";
  readonly inner: Expression;
}

export const MODIFIERS = ["hi", "lo", "pcrel_hi", "pcrel_lo"] as const;
export type Modifier = (typeof MODIFIERS)[number];

/** `%hi(expression)` and its relatives. */
export interface ModifierNode extends Span {
  readonly kind: "modifier";
  readonly modifier: Modifier;
  readonly inner: Expression;
}

/** Stands where an expression is missing or unreadable; the statement's problem says why. */
export interface MissingNode extends Span {
  readonly kind: "missing";
}

export type Expression =
  | NameNode
  | NumberNode
  | FloatNode
  | LocalNode
  | HereNode
  | UnaryNode
  | BinaryNode
  | GroupNode
  | ModifierNode
  | MissingNode;

/** `offset(base)`; a lone `(base)` is a group. */
export interface MemoryNode extends Span {
  readonly kind: "memory";
  readonly offset: Expression;
  readonly base: Expression;
}

/** `name=value`, as in `.tensor t, int8, 1, 8, 8, 4, zp=-128`. */
export interface KeywordNode extends Span {
  readonly kind: "keyword";
  readonly name: NameNode;
  readonly value: Expression | StringNode;
}

/** `@function`, `%progbits`: types in GNU's directives. */
export interface AtNode extends Span {
  readonly kind: "at";
  readonly name: string;
}

export type Operand = Expression | StringNode | MemoryNode | KeywordNode | AtNode;

/** Whether an operand is an expression: something that can have a value. */
export function isExpression(operand: Operand | undefined): operand is Expression {
  switch (operand?.kind) {
    case undefined:
    case "string":
    case "memory":
    case "keyword":
    case "at":
      return false;
    default:
      return true;
  }
}

/** `name:` or `1:`. The range is the name without the colon. */
export interface LabelNode extends Span {
  readonly name: string;
  readonly numeric: boolean;
}

/** Ids of the diagnostics that the parser itself can raise. */
export type SyntaxProblemId =
  | "syntax"
  | "unterminated-string"
  | "unterminated-comment"
  | "bad-number"
  | "bad-character"
  | "bad-escape"
  | "missing-operand"
  | "unknown-modifier";

/** Why a statement could not be read completely; at most one each, since the rest usually follows from it. */
export interface SyntaxProblem extends Span {
  readonly id: SyntaxProblemId;
  /** What the message names, for example the unexpected text. */
  readonly detail: string;
}

export interface Statement extends Span {
  readonly labels: readonly LabelNode[];
  /** `instruction` includes macro calls; `assignment` is `name = expression`; `empty` has labels only. */
  readonly form: "empty" | "instruction" | "directive" | "assignment";
  /** Mnemonic, directive (with its dot) or the assigned name. */
  readonly name: NameNode | undefined;
  readonly operands: readonly Operand[];
  /** The operands' text without the comment behind it: what a macro call splits by its own rules. */
  readonly operandText: Span;
  readonly problem: SyntaxProblem | undefined;
}

/** A line of the file. Only a block comment that crosses line ends makes it cover more than one line of text. */
export interface SourceLine {
  /** With its line end. */
  readonly text: string;
  /** How many lines of text it covers. */
  readonly height: number;
  readonly statements: readonly Statement[];
  /** What the assembler has found out from the line alone; lines that are shared between versions of a file share it. */
  memo?: LineMemo | undefined;
}

/** See FixedLines. */
export interface LineMemo {
  /** For whom it was found out: another instruction set would find something else. */
  readonly owner: object;
  /** The words of the line's only statement when the line decides them; else null. */
  readonly words: number | readonly number[] | null;
}

export interface ParsedFile {
  readonly name: string;
  readonly text: string;
  readonly lines: readonly SourceLine[];
  /** For each of `lines` the number (from zero) of its first line of text. */
  readonly firstLines: readonly number[];
}

export type TokenKind =
  | "space"
  | "newline"
  | "comment"
  | "name"
  | "number"
  | "float"
  | "local"
  | "character"
  | "string"
  | "operator"
  | "comma"
  | "colon"
  | "separator"
  | "open"
  | "close"
  | "at"
  | "unknown";

/** Tokens tile their line: their texts joined are the line's text. */
export interface Token extends Span {
  readonly kind: TokenKind;
}
