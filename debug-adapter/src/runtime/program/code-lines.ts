/** Lines of one source file that hold code, and the statements on them. */
import type { Line } from "./lines.ts";

export interface CodeStatement {
  readonly line: Line;
  /** Counted from one; 0 = unknown. */
  readonly column: number;
  /** Several when the code is placed several times (an include, a macro's body, a repetition). */
  readonly addresses: readonly number[];
}

export interface CodeLine {
  readonly line: Line;
  /** Where the line's code begins; statements behind others of the line don't count. */
  readonly addresses: readonly number[];
}

interface Statement {
  readonly column: number;
  readonly addresses: number[];
  /** Those that are no continuation of other code of the line. */
  readonly beginnings: number[];
}

export class CodeLines {
  readonly file: string;
  private readonly statements = new Map<Line, Statement[]>();
  private sorted: readonly Line[] | undefined;

  constructor(file: string) {
    this.file = file;
  }

  /** @param continues whether the code before this address is of the same line */
  add(line: Line, column: number, address: number, continues: boolean): void {
    let onLine = this.statements.get(line);
    if (!onLine) this.statements.set(line, (onLine = []));
    let statement = onLine.find((known) => known.column === column);
    if (!statement) onLine.push((statement = { column, addresses: [], beginnings: [] }));
    statement.addresses.push(address);
    if (!continues) statement.beginnings.push(address);
    this.sorted = undefined;
  }

  /** The first line at or behind `line` that holds code. */
  line(line: Line): CodeLine | undefined {
    const found = this.lines.find((candidate) => candidate >= line);
    if (found === undefined) return undefined;
    const addresses = (this.statements.get(found) ?? []).flatMap(({ beginnings }) => beginnings);
    return { line: found, addresses: addresses.sort((a, b) => a - b) };
  }

  /** The statement at or before a column of a line (the first one otherwise), or of the next line that holds code. */
  statement(line: Line, column: number): CodeStatement | undefined {
    const found = this.line(line)?.line;
    if (found === undefined) return undefined;
    const onLine = this.on(found);
    const before = found === line ? onLine.filter((statement) => statement.column <= column) : [];
    return before.at(-1) ?? onLine[0];
  }

  /** Statements of a range of lines, both ends included, in order. */
  between(first: Line, last: Line): CodeStatement[] {
    return this.lines.filter((line) => line >= first && line <= last).flatMap((line) => this.on(line));
  }

  private on(line: Line): CodeStatement[] {
    const statements = [...(this.statements.get(line) ?? [])].sort((a, b) => a.column - b.column);
    return statements.map(({ column, addresses }) => ({ line, column, addresses }));
  }

  private get lines(): readonly Line[] {
    this.sorted ??= [...this.statements.keys()].sort((a, b) => a - b);
    return this.sorted;
  }
}
