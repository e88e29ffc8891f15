/**
 * Expressions over named metrics, for rules of users: numbers, names, `+ - * /`, `< <= > >= == !=`, `&& || !` and parentheses.
 * A comparison is 1 or 0. Nothing else can be said, so an expression is safe to evaluate wherever it comes from.
 */
import { nearest } from "../diagnostics/index.ts";

export type Metrics = ReadonlyMap<string, number>;

export interface Expression {
  /** Names that it uses, each once. */
  readonly names: readonly string[];
  /** A division by zero gives 0: a share of nothing. */
  evaluate(metrics: Metrics): number;
}

/** What is wrong with an expression, and the column (from 1) where. */
export interface ExpressionProblem {
  readonly message: string;
  readonly hint: string;
  readonly column: number;
}

type Evaluate = (metrics: Metrics) => number;
interface Token {
  readonly text: string;
  readonly at: number;
}

class ProblemError extends Error {
  readonly problem: ExpressionProblem;

  constructor(message: string, hint: string, at: number) {
    super(message);
    this.problem = { message, hint, column: at + 1 };
  }
}

const TOKEN = /\s*(\d+(?:\.\d+)?|[A-Za-z]\w*(?:\.\w+)*|&&|\|\||[<>=!]=|[-+*/()<>!])/y;
const FORM = 'for example "layer.slots.weights / layer.slotsTotal > 0.3"';

function tokens(text: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  while (text.slice(end).trim() !== "") {
    TOKEN.lastIndex = end;
    const match = TOKEN.exec(text);
    if (!match) {
      const at = end + text.slice(end).search(/\S/);
      throw new ProblemError(`unexpected ${JSON.stringify(text[at])}`, FORM, at);
    }
    end = TOKEN.lastIndex;
    found.push({ text: match[1]!, at: end - match[1]!.length });
  }
  return found;
}

type Apply = (a: number, b: number) => number;
/** Operators by precedence, the loosest first. */
const LEVELS: readonly Readonly<Record<string, Apply>>[] = [
  { "||": (a, b) => Number(a !== 0 || b !== 0) },
  { "&&": (a, b) => Number(a !== 0 && b !== 0) },
  {
    "<": (a, b) => Number(a < b),
    "<=": (a, b) => Number(a <= b),
    ">": (a, b) => Number(a > b),
    ">=": (a, b) => Number(a >= b),
    "==": (a, b) => Number(a === b),
    "!=": (a, b) => Number(a !== b),
  },
  { "+": (a, b) => a + b, "-": (a, b) => a - b },
  { "*": (a, b) => a * b, "/": (a, b) => (b === 0 ? 0 : a / b) },
];

class Parser {
  readonly names = new Set<string>();
  private at = 0;
  private readonly list: readonly Token[];
  private readonly known: ReadonlySet<string>;
  private readonly end: number;

  constructor(text: string, known: ReadonlySet<string>) {
    this.list = tokens(text);
    this.known = known;
    this.end = text.length;
  }

  parse(): Evaluate {
    const whole = this.level(0);
    const rest = this.list[this.at];
    if (rest) throw new ProblemError(`unexpected "${rest.text}" behind the expression`, FORM, rest.at);
    return whole;
  }

  private level(depth: number): Evaluate {
    const operators = LEVELS[depth];
    if (!operators) return this.unary();
    let left = this.level(depth + 1);
    for (;;) {
      const text = this.list[this.at]?.text;
      const apply = text !== undefined && Object.hasOwn(operators, text) ? operators[text] : undefined;
      if (!apply) return left;
      this.at++;
      const [a, b] = [left, this.level(depth + 1)];
      left = (metrics) => apply(a(metrics), b(metrics));
    }
  }

  private unary(): Evaluate {
    const token = this.list[this.at];
    if (!token) throw new ProblemError("the expression ends too early", FORM, this.end);
    this.at++;
    const { text, at } = token;
    if (text === "-" || text === "!") {
      const operand = this.unary();
      return text === "-" ? (metrics) => -operand(metrics) : (metrics) => Number(operand(metrics) === 0);
    }
    if (text === "(") {
      const inner = this.level(0);
      const close = this.list[this.at];
      if (close?.text !== ")") throw new ProblemError('a ")" is missing', FORM, close?.at ?? this.end);
      this.at++;
      return inner;
    }
    if (/^\d/.test(text)) return () => Number(text);
    if (!/^[A-Za-z]/.test(text)) throw new ProblemError(`unexpected "${text}"`, FORM, at);
    if (!this.known.has(text)) {
      const near = nearest(text, this.known);
      throw new ProblemError(
        `there is no metric ${text}`,
        near ? `did you mean ${near}?` : "docs/advice.md lists all metrics",
        at,
      );
    }
    this.names.add(text);
    return (metrics) => metrics.get(text) ?? 0;
  }
}

/** @param known names of all metrics */
export function parseExpression(
  text: string,
  known: ReadonlySet<string>,
): { readonly expression: Expression } | { readonly problem: ExpressionProblem } {
  try {
    const parser = new Parser(text, known);
    const evaluate = parser.parse();
    return { expression: { names: [...parser.names], evaluate } };
  } catch (error) {
    if (error instanceof ProblemError) return { problem: error.problem };
    throw error;
  }
}
