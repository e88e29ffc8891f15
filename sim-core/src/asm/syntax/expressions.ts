/** Parses expressions and operands. GNU's precedence, measured against GNU as: see expressions.test.ts. */

import { characterValue, integerAt } from "./literals.ts";
import { nameAt } from "./names.ts";
import {
  AT,
  CHARACTER,
  CLOSE,
  COMMENT,
  END,
  FLOAT,
  LOCAL,
  NAME,
  NUMBER,
  OPEN,
  OPERATOR,
  type Scanner,
  SEPARATOR,
  STRING,
  UNKNOWN,
} from "./scanner.ts";
import {
  type AtNode,
  type BinaryOperator,
  type Expression,
  type KeywordNode,
  type MissingNode,
  MODIFIERS,
  type Modifier,
  type NameNode,
  type Operand,
  type StringNode,
  type SyntaxProblem,
  type SyntaxProblemId,
  type UnaryOperator,
} from "./tree.ts";

/** Binding strength of binary operators, the strongest with the highest number. */
const RANKS: Readonly<Record<string, number>> = {
  "*": 6,
  "/": 6,
  "%": 6,
  "<<": 6,
  ">>": 6,
  "|": 5,
  "&": 5,
  "^": 5,
  "!": 5,
  "+": 4,
  "-": 4,
  "==": 3,
  "!=": 3,
  "<>": 3,
  "<": 3,
  ">": 3,
  "<=": 3,
  ">=": 3,
  "&&": 2,
  "||": 1,
};

/** Deeper nesting is refused: it comes from broken generators, and recursion must end somewhere. */
const MAX_DEPTH = 200;

export class ExpressionParser {
  readonly scanner: Scanner;
  /** Offset of the line's first character; columns count from here. */
  base = 0;
  /** The statement's first problem. */
  problem: SyntaxProblem | undefined;
  /** Whether a block comment ran to the end of the text without its end. */
  openComment = false;
  /** Kind of the current token, which is always significant. */
  protected kind = END;
  /** Offset behind the significant token before the current one. */
  protected lastEnd = 0;
  private depth = 0;

  constructor(scanner: Scanner) {
    this.scanner = scanner;
  }

  /** Moves on to the next significant token. */
  protected advance(): void {
    this.lastEnd = this.scanner.end;
    this.kind = this.scanner.nextSignificant();
    if (this.kind === COMMENT) {
      this.report("unterminated-comment", "", this.startColumn(), this.startColumn() + 2);
      this.openComment = true;
      this.kind = this.scanner.next();
    }
  }

  protected tokenText(): string {
    return this.scanner.text.slice(this.scanner.start, this.scanner.end);
  }

  /** The current token's text, as one of the strings that names share. */
  protected tokenName(): string {
    return nameAt(this.scanner.text, this.scanner.start, this.scanner.end);
  }

  protected startColumn(): number {
    return this.scanner.start - this.base;
  }

  protected endColumn(): number {
    return this.scanner.end - this.base;
  }

  protected report(id: SyntaxProblemId, detail: string, start: number, end: number): void {
    this.problem ??= { id, detail, start, end: Math.max(end, start) };
  }

  protected reportToken(id: SyntaxProblemId): void {
    this.report(id, this.tokenText(), this.startColumn(), this.endColumn());
  }

  protected atEnd(): boolean {
    return this.kind === END || this.kind === SEPARATOR;
  }

  /** An operand: string, `@type`, `name=value`, expression or `offset(base)`. */
  protected operand(): Operand {
    this.depth = 0;
    const start = this.startColumn();
    if (this.kind === STRING) return this.string();
    if (this.kind === AT) return this.atName(start);
    const first = this.isOperator("%") ? this.percent(start) : this.expression();
    if (this.isOperator("=") && first.kind === "name") return this.keyword(first);
    if (this.kind !== OPEN || first.kind === "missing" || first.kind === "at") return first;
    this.advance();
    const base = this.expression();
    const end = this.close(base.end);
    return { kind: "memory", start, end, offset: first, base };
  }

  private keyword(name: NameNode): KeywordNode {
    this.advance();
    const value = (this.kind as number) === STRING ? this.string() : this.expression();
    return { kind: "keyword", start: name.start, end: value.end, name, value };
  }

  private string(): StringNode {
    const { scanner } = this;
    if (scanner.unterminated) this.reportToken("unterminated-string");
    const text = scanner.text.slice(scanner.start + 1, scanner.unterminated ? scanner.end : scanner.end - 1);
    const node: StringNode = { kind: "string", start: this.startColumn(), end: this.endColumn(), text };
    this.advance();
    return node;
  }

  /** `%hi(expression)`, or a type such as `%progbits`. */
  private percent(start: number): Expression | AtNode {
    this.advance();
    if (this.kind !== NAME) return this.missing(start);
    const name = this.tokenName();
    const end = this.endColumn();
    this.advance();
    if ((this.kind as number) !== OPEN) return { kind: "at", start, end, name };
    return this.modifierArgument(name, start, end);
  }

  private atName(start: number): Operand {
    const sign = this.scanner.end;
    this.advance();
    if ((this.kind as number) === NAME && this.scanner.start === sign) {
      const node = { kind: "at", start, end: this.endColumn(), name: this.tokenText() } as const;
      this.advance();
      return node;
    }
    return this.missing(start);
  }

  /** A whole expression. */
  expression(minimum = 1): Expression {
    if (this.depth >= MAX_DEPTH) {
      this.report("syntax", "an expression nested more than 200 levels deep", this.startColumn(), this.endColumn());
      while (!this.atEnd()) this.advance();
      return this.missing();
    }
    this.depth++;
    let left = this.prefix();
    while (this.kind === OPERATOR) {
      const text = this.tokenName();
      const rank = RANKS[text];
      if (rank === undefined || rank < minimum) break;
      this.advance();
      const operator = this.binaryOperator(text);
      const right = this.expression(rank + 1);
      left = { kind: "binary", start: left.start, end: right.end, operator, left, right };
    }
    this.depth--;
    return left;
  }

  /** What an operator means between two values. GNU as reads two exclamation marks as exclusive or. */
  private binaryOperator(text: string): BinaryOperator {
    if (text === "<>") return "!=";
    if (text !== "!" || !this.isOperator("!")) return text as BinaryOperator;
    this.advance();
    return "^";
  }

  private prefix(): Expression {
    const start = this.startColumn();
    const end = this.endColumn();
    switch (this.kind) {
      case NAME: {
        const name = this.tokenName();
        this.advance();
        return name === "." ? { kind: "here", start, end } : { kind: "name", start, end, name };
      }
      case NUMBER:
        return this.number(start, end);
      case LOCAL: {
        const text = this.tokenText();
        this.advance();
        return { kind: "local", start, end, label: text.slice(0, -1), forward: /f/i.test(text) };
      }
      case CHARACTER: {
        const value = this.scanner.unterminated ? undefined : characterValue(this.tokenText());
        if (value === undefined) this.reportToken("bad-character");
        this.advance();
        return { kind: "number", start, end, value: value ?? 0 };
      }
      case FLOAT: {
        const value = Number(this.tokenText());
        this.advance();
        return { kind: "float", start, end, value };
      }
      case OPEN: {
        this.advance();
        const inner = this.expression();
        return { kind: "group", start, end: this.close(inner.end), inner };
      }
      case OPERATOR:
        return this.prefixOperator(start);
      default:
        return this.missing();
    }
  }

  private number(start: number, end: number): Expression {
    const value = integerAt(this.scanner.text, this.scanner.start, this.scanner.end);
    if (value === undefined) this.reportToken("bad-number");
    this.advance();
    return { kind: "number", start, end, value: value ?? 0 };
  }

  private prefixOperator(start: number): Expression {
    const operator = this.tokenName();
    if (operator === "%") return this.modifier(start);
    if (operator !== "-" && operator !== "+" && operator !== "~" && operator !== "!") return this.missing();
    this.advance();
    // Signs nest as deep as parentheses do.
    if (this.depth >= MAX_DEPTH) return this.expression();
    this.depth++;
    const operand = this.prefix();
    this.depth--;
    return { kind: "unary", start, end: operand.end, operator: operator as UnaryOperator, operand };
  }

  /** `%hi(expression)`. */
  private modifier(start: number): Expression {
    this.advance();
    if (this.kind !== NAME) return this.missing(start);
    const name = this.tokenName();
    const end = this.endColumn();
    this.advance();
    return this.modifierArgument(name, start, end);
  }

  private modifierArgument(name: string, start: number, end: number): Expression {
    if (this.kind !== OPEN) {
      this.unexpected(`\`(\` behind \`%${name}\``);
      return { kind: "missing", start, end };
    }
    if (!(MODIFIERS as readonly string[]).includes(name)) this.report("unknown-modifier", name, start, end);
    this.advance();
    const inner = this.expression();
    return { kind: "modifier", start, end: this.close(inner.end), modifier: name as Modifier, inner };
  }

  /** Expects a closing parenthesis; gives the end of the construct. */
  private close(innerEnd: number): number {
    if (this.kind !== CLOSE) {
      this.unexpected("`)`");
      return innerEnd;
    }
    const end = this.endColumn();
    this.advance();
    return end;
  }

  private missing(start = this.startColumn()): MissingNode {
    this.unexpected("an expression");
    return { kind: "missing", start, end: Math.max(start, this.atEnd() ? start : this.endColumn()) };
  }

  protected isOperator(text: string): boolean {
    const { scanner } = this;
    return (
      this.kind === OPERATOR &&
      scanner.end - scanner.start === text.length &&
      scanner.text.charCodeAt(scanner.start) === text.charCodeAt(0) &&
      (text.length === 1 || scanner.text.charCodeAt(scanner.start + 1) === text.charCodeAt(1))
    );
  }

  /** Reports the current token as not being what was expected here. */
  protected unexpected(expected: string): void {
    if (this.atEnd()) {
      this.report("syntax", `expected ${expected} at the end of the statement`, this.startColumn(), this.startColumn());
    } else if (this.kind === UNKNOWN) {
      this.report("syntax", `unexpected character \`${this.tokenText()}\``, this.startColumn(), this.endColumn());
    } else {
      const found = this.tokenText();
      this.report("syntax", `expected ${expected}, found \`${found}\``, this.startColumn(), this.endColumn());
    }
  }
}
