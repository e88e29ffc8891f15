/** Reads expressions: C's operators and precedence, tensor indices with slices, assignments. */
import { type Token, tokensOf } from "./tokens.ts";
import { EvaluationError, type ScalarType, scalarType } from "./types.ts";

export type UnaryOperator = "-" | "+" | "~" | "!" | "*" | "&";
export type BinaryOperator =
  | "||"
  | "&&"
  | "|"
  | "^"
  | "&"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "<<"
  | ">>"
  | "+"
  | "-"
  | "*"
  | "/"
  | "%";

/** One place between the brackets of an index: a number, or a range `from:to` (`to` excluded; either may be absent). */
export type Index =
  | { readonly kind: "at"; readonly at: Expression }
  | { readonly kind: "range"; readonly from: Expression | undefined; readonly to: Expression | undefined };

export type Expression =
  | { readonly kind: "number"; readonly value: number; readonly type: ScalarType }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "unary"; readonly operator: UnaryOperator; readonly operand: Expression }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "choice"; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly kind: "cast"; readonly type: ScalarType; readonly pointer: boolean; readonly operand: Expression }
  | { readonly kind: "call"; readonly name: string; readonly arguments: readonly Expression[] }
  | { readonly kind: "index"; readonly base: Expression; readonly indices: readonly Index[] }
  /** `base.name` or `base->name` */
  | { readonly kind: "member"; readonly base: Expression; readonly name: string }
  | {
      readonly kind: "assign";
      /** `+` for `+=`; absent for a plain `=`. */
      readonly operator: BinaryOperator | undefined;
      readonly target: Expression;
      readonly value: Expression;
    };

export interface ParsedExpression {
  readonly expression: Expression;
  /** What stands behind a last comma: `a0,x`. */
  readonly format: string | undefined;
}

const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<", "<=", ">", ">="],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];
const UNARY = ["-", "+", "~", "!", "*", "&"] as const;
const ASSIGN = /^(<<|>>|[-+*/%&|^])?=$/;
/** Deeper nesting is no expression of a person. */
const MAX_DEPTH = 200;

/** @throws EvaluationError with what was expected where */
export function parseExpression(text: string): ParsedExpression {
  return new Parser(text).whole();
}

class Parser {
  private readonly tokens: readonly Token[];
  private position = 0;
  private depth = 0;

  constructor(text: string) {
    this.tokens = tokensOf(text);
  }

  whole(): ParsedExpression {
    if (this.peek().kind === "end") throw new EvaluationError("an expression is missing");
    const expression = this.assignment();
    let format: string | undefined;
    if (this.take(",")) {
      const token = this.next();
      if (token.kind !== "name") throw this.unexpected(token, "a format such as x, d, u, b or q7");
      format = token.text;
    }
    if (this.peek().kind !== "end") throw this.unexpected(this.peek(), "the end of the expression");
    return { expression, format };
  }

  private peek(): Token {
    return this.tokens[this.position]!;
  }

  private next(): Token {
    const token = this.peek();
    if (token.kind !== "end") this.position++;
    return token;
  }

  private take(sign: string): boolean {
    if (!this.sees(sign)) return false;
    this.position++;
    return true;
  }

  private sees(...signs: string[]): boolean {
    const token = this.peek();
    return token.kind === "sign" && signs.includes(token.text);
  }

  private expect(sign: string): void {
    if (!this.take(sign)) throw this.unexpected(this.peek(), `"${sign}"`);
  }

  private unexpected(token: Token, wanted: string): EvaluationError {
    const found =
      token.kind === "end" ? "the expression ends" : `"${token.kind === "number" ? token.value : token.text}" stands`;
    return new EvaluationError(`${found} where ${wanted} is expected (column ${token.at + 1})`);
  }

  private assignment(): Expression {
    if (++this.depth > MAX_DEPTH) throw new EvaluationError("the expression is nested too deeply");
    const target = this.choice();
    const token = this.peek();
    const match = token.kind === "sign" ? ASSIGN.exec(token.text) : null;
    let expression = target;
    if (match) {
      this.next();
      expression = {
        kind: "assign",
        operator: match[1] as BinaryOperator | undefined,
        target,
        value: this.assignment(),
      };
    }
    this.depth--;
    return expression;
  }

  private choice(): Expression {
    const test = this.binary(0);
    if (!this.take("?")) return test;
    const yes = this.assignment();
    this.expect(":");
    return { kind: "choice", test, yes, no: this.assignment() };
  }

  private binary(level: number): Expression {
    const operators = LEVELS[level];
    if (!operators) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const token = this.peek();
      const operator = token.kind === "sign" ? operators.find((candidate) => candidate === token.text) : undefined;
      if (operator === undefined) return left;
      this.next();
      left = { kind: "binary", operator, left, right: this.binary(level + 1) };
    }
  }

  private unary(): Expression {
    if (++this.depth > MAX_DEPTH) throw new EvaluationError("the expression is nested too deeply");
    const result = this.prefixed();
    this.depth--;
    return result;
  }

  private prefixed(): Expression {
    const token = this.peek();
    if (token.kind === "sign") {
      const operator = UNARY.find((candidate) => candidate === token.text);
      if (operator !== undefined) {
        this.next();
        return { kind: "unary", operator, operand: this.unary() };
      }
      const cast = this.cast();
      if (cast) return { kind: "cast", ...cast, operand: this.unary() };
    }
    return this.postfix();
  }

  /** `(int16)` or `(int16*)`, when that is what comes next. */
  private cast(): { type: ScalarType; pointer: boolean } | undefined {
    const [open, name, star] = this.tokens.slice(this.position, this.position + 3);
    if (open?.kind !== "sign" || open.text !== "(" || name?.kind !== "name") return undefined;
    const type = scalarType(name.text);
    const pointer = star?.kind === "sign" && star.text === "*";
    const close = this.tokens[this.position + (pointer ? 3 : 2)];
    if (type === undefined || close?.kind !== "sign" || close.text !== ")") return undefined;
    this.position += pointer ? 4 : 3;
    return { type, pointer };
  }

  private postfix(): Expression {
    let base = this.primary();
    for (;;) {
      if (this.take("[")) base = { kind: "index", base, indices: this.list("]", () => this.index()) };
      else if (base.kind === "name" && this.take("("))
        base = { kind: "call", name: base.name, arguments: this.list(")", () => this.assignment()) };
      else {
        const names = this.members();
        if (names.length === 0) return base;
        base = names.reduce<Expression>((inner, name) => ({ kind: "member", base: inner, name }), base);
      }
    }
  }

  /** The members that are named behind an expression: `->a.b` or `.a`. Names hold dots themselves. */
  private members(): readonly string[] {
    const arrow = this.take("->");
    const token = this.peek();
    if (token.kind === "name" && (arrow || token.text.startsWith("."))) {
      this.next();
      return token.text.replace(/^\./, "").split(".");
    }
    if (arrow) throw this.unexpected(token, "a member's name");
    return [];
  }

  private list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    if (this.take(close)) return items;
    do items.push(item());
    while (this.take(","));
    this.expect(close);
    return items;
  }

  private index(): Index {
    const from = this.sees(":") ? undefined : this.binary(0);
    if (!this.take(":")) return { kind: "at", at: from! };
    return { kind: "range", from, to: this.sees(",", "]") ? undefined : this.binary(0) };
  }

  private primary(): Expression {
    const token = this.next();
    if (token.kind === "number") return { kind: "number", value: token.value, type: token.type };
    if (token.kind === "name") return { kind: "name", name: token.text };
    if (token.kind === "sign" && token.text === "(") {
      const inner = this.assignment();
      this.expect(")");
      return inner;
    }
    throw this.unexpected(token, "a value");
  }
}
