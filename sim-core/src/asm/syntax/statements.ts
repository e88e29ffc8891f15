/** Parses a line into statements: labels, a mnemonic, directive or assignment, and operands. */
import { ExpressionParser } from "./expressions.ts";
import { COMMA, codeAt, DOT, NAME, NUMBER, nextLine, Scanner, SEPARATOR } from "./scanner.ts";
import type { LabelNode, NameNode, Operand, SourceLine, Statement } from "./tree.ts";

/** Directives whose first operand, a plain word, is followed by a blank instead of a comma. */
const WORD_FIRST: ReadonlySet<string> = new Set([".insn"]);

const NO_STATEMENTS: readonly Statement[] = [];
const NO_LABELS: readonly LabelNode[] = [];
const NO_OPERANDS: readonly Operand[] = [];

/** Parses lines of one text, from any line's start. */
export class LineParser extends ExpressionParser {
  /** Offset behind the line parsed last. */
  end = 0;
  /** Operands of the statement being read; a list of its own for each would be given room for many more than it has. */
  private readonly list: Operand[] = [];

  constructor(text: string) {
    super(new Scanner(text));
  }

  /** Parses the line that starts at `offset`. */
  line(offset: number): SourceLine {
    const statements = this.statements(offset);
    const text = this.scanner.text.slice(offset, this.end);
    return { text, height: this.height, statements, memo: undefined };
  }

  /** How many lines of text the line parsed last covers. */
  get height(): number {
    return this.scanner.crossed + 1;
  }

  /** The statements of the line that starts at `offset`. */
  statements(offset: number): readonly Statement[] {
    const { scanner } = this;
    scanner.seek(offset);
    this.base = offset;
    this.lastEnd = offset;
    let statements: Statement[] | undefined;
    this.problem = undefined;
    this.advance();
    for (;;) {
      const statement = this.statement();
      if (statement) {
        if (statements) statements.push(statement);
        else statements = [statement];
      }
      if (this.kind !== SEPARATOR) break;
      this.problem = undefined;
      this.advance();
    }
    this.end = nextLine(scanner.text, scanner.start);
    return statements ?? NO_STATEMENTS;
  }

  private statement(): Statement | undefined {
    const start = this.startColumn();
    let labels: LabelNode[] | undefined;
    while (this.kind === NAME || this.kind === NUMBER) {
      const label = this.label();
      if (!label) break;
      if (labels) labels.push(label);
      else labels = [label];
    }
    if (this.atEnd()) return this.emptyStatement(start, labels);
    const name = this.kind === NAME ? this.name() : undefined;
    if (!name) {
      this.unexpected("an instruction, a directive or a label");
      this.skip();
    }
    let form: Statement["form"] = name?.name.charCodeAt(0) === DOT ? "directive" : "instruction";
    if (name && (this.isOperator("=") || this.isOperator("=="))) {
      form = "assignment";
      this.advance();
    }
    const textStart = this.atEnd() ? (name?.end ?? start) : this.startColumn();
    const operands = name && (form === "assignment" || !this.atEnd()) ? this.operands(name, form) : NO_OPERANDS;
    const end = Math.max(this.lastEnd - this.base, textStart);
    return {
      start,
      end: Math.max(end, name?.end ?? start),
      labels: labels ?? NO_LABELS,
      form: name ? form : "empty",
      name,
      operands,
      operandText: { start: textStart, end },
      problem: this.problem,
    };
  }

  private emptyStatement(start: number, labels: readonly LabelNode[] | undefined): Statement | undefined {
    const { problem } = this;
    if (!labels && !problem) return undefined;
    const end = Math.max(this.lastEnd - this.base, start);
    return {
      start,
      end,
      labels: labels ?? NO_LABELS,
      form: "empty",
      name: undefined,
      operands: NO_OPERANDS,
      operandText: { start: end, end },
      problem,
    };
  }

  /** A label, when a colon follows the current name or number; otherwise nothing is consumed. */
  private label(): LabelNode | undefined {
    const { text, end } = this.scanner;
    let at = end;
    while (codeAt(text, at) === 32 || codeAt(text, at) === 9) at++;
    if (codeAt(text, at) !== 58) return undefined;
    if (this.kind === NUMBER && !/^\d+$/.test(this.tokenName())) this.unexpected("a name, or a label of digits alone");
    const label = {
      start: this.startColumn(),
      end: this.endColumn(),
      name: this.tokenName(),
      numeric: this.kind === NUMBER,
    };
    this.advance();
    this.advance();
    return label;
  }

  private name(): NameNode {
    const node: NameNode = {
      kind: "name",
      start: this.startColumn(),
      end: this.endColumn(),
      name: this.tokenName(),
    };
    this.advance();
    return node;
  }

  private operands(name: NameNode, form: Statement["form"]): Operand[] {
    const operands = this.list;
    let count = 0;
    for (;;) {
      if ((this.kind === COMMA || this.atEnd()) && form !== "assignment") {
        // `.align 3,,15` leaves an operand out; who needs it says so.
        const column = this.startColumn();
        operands[count++] = { kind: "missing", start: column, end: column };
      } else {
        operands[count++] = this.operand();
      }
      const behindWord = count === 1 && operands[0]!.kind === "name" && WORD_FIRST.has(name.name);
      if (this.kind === COMMA) this.advance();
      else if (this.atEnd()) return operands.slice(0, count);
      else if (!behindWord) {
        this.unexpected("`,` or the end of the statement");
        this.skipToComma();
        if (this.atEnd()) return operands.slice(0, count);
        this.advance();
      }
    }
  }

  private skipToComma(): void {
    while (this.kind !== COMMA && !this.atEnd()) this.advance();
  }

  private skip(): void {
    while (!this.atEnd()) this.advance();
  }
}
