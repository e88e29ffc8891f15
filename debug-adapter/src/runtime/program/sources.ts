/** Where code comes from: places of addresses, addresses of lines, and what counts as the beginning of a line. */
import type { LineRow, Program } from "@nnasm/sim-core/program";
import type { FileHost } from "../host.ts";
import { type CodeLine, CodeLines, type CodeStatement } from "./code-lines.ts";
import { Expansions, sharedCalls } from "./expansions.ts";
import { type Line, lineFromOne, type Place } from "./lines.ts";

export class SourceMap {
  private readonly rows: readonly LineRow[];
  /** Absolute names of the program's files, at their index. */
  private readonly names: readonly string[];
  private readonly byKey = new Map<string, CodeLines>();
  private readonly host: FileHost;
  /** Macro calls and inlined functions: their calls' lines hold code, too. */
  readonly expansions: Expansions;

  /** @param folder absolute name of the folder that relative names in an ELF file are first tried in */
  constructor(program: Pick<Program, "files" | "lines" | "inlined">, host: FileHost, folder: string) {
    this.host = host;
    this.rows = program.lines;
    this.names = program.files.map((name) => locate(host, folder, name));
    this.expansions = new Expansions(program, this.names);
    const calls = new Set(this.expansions.all.map(({ start }) => start));
    let before: LineRow | undefined;
    for (const row of program.lines) {
      const file = this.names[row.file];
      // Two calls of a macro behind each other are two places, though they give the same line twice.
      const isNew = !sameStatement(before, row) || calls.has(row.address);
      if (row.code && row.isStatement !== false && file !== undefined && isNew) {
        const continues = calls.size === 0 ? sameLine(before, row) : this.rowContinuesLine(row, file);
        this.codeOf(file).add(lineFromOne(row.line), row.column, row.address, continues);
      }
      before = row;
    }
    for (const expansion of this.expansions.all) {
      if (!expansion.isEntry) continue;
      const { call, start } = expansion;
      const isBehind = this.continuesLine(call, start, expansion.depth);
      this.codeOf(call.file).add(call.line, call.column, start, isBehind);
    }
  }

  private rowContinuesLine({ address, line, column }: LineRow, file: string): boolean {
    const { length } = this.expansions.chainAt(address);
    return this.continuesLine({ file, line: lineFromOne(line), column }, address, length);
  }

  /**
   * Whether the code in front of a statement is of the same line, as seen from where the statement stands: calls on the
   * line are a part of it.
   * @param depth how many calls enclose the statement
   */
  private continuesLine({ file, line, column }: Place, start: number, depth: number): boolean {
    const chain = this.expansions.chainAt(start);
    const before = this.expansions.chainAt(start - 4);
    if (sharedCalls(chain.slice(0, depth), before) < depth) return false;
    const place = before[depth]?.call ?? this.placeOf(start - 4);
    if (place?.file !== file || place.line !== line) return false;
    // A repetition makes the same call again: that is a line of its own every time.
    return before[depth] === undefined || place.column !== column;
  }

  /** Absolute names of all files with code or lines in the program. */
  get files(): readonly string[] {
    return this.names;
  }

  /** Place of the instruction at `address`, undefined when the line table doesn't cover it. */
  placeOf(address: number): Place | undefined {
    const row = this.rowOf(address);
    const file = row && this.names[row.file];
    return row && file !== undefined ? { file, line: lineFromOne(row.line), column: row.column } : undefined;
  }

  /** Whether a compiler advises against stopping at the address: the line that the table names goes on, or hasn't begun. */
  isWithinStatement(address: number): boolean {
    return this.rowOf(address)?.isStatement === false;
  }

  /** Whether the file holds code of the program. */
  hasFile(file: string): boolean {
    return this.byKey.has(this.host.keyOf(file));
  }

  /** The first line at or behind `line` that holds code. */
  resolveLine(file: string, line: Line): CodeLine | undefined {
    return this.byKey.get(this.host.keyOf(file))?.line(line);
  }

  /** The statement at or before a column, on the first line at or behind `line` that holds code. */
  resolveStatement(file: string, line: Line, column: number): CodeStatement | undefined {
    return this.byKey.get(this.host.keyOf(file))?.statement(line, column);
  }

  /** Statements between two lines, both included. */
  statementsBetween(file: string, first: Line, last: Line): readonly CodeStatement[] {
    return this.byKey.get(this.host.keyOf(file))?.between(first, last) ?? [];
  }

  private codeOf(file: string): CodeLines {
    const key = this.host.keyOf(file);
    let code = this.byKey.get(key);
    if (!code) this.byKey.set(key, (code = new CodeLines(file)));
    return code;
  }

  private rowOf(address: number): LineRow | undefined {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.rows[middle]!.address <= address) low = middle + 1;
      else high = middle;
    }
    const row = this.rows[low - 1];
    return row?.code ? row : undefined;
  }
}

function sameLine(before: LineRow | undefined, row: LineRow): boolean {
  return before?.code === true && before.file === row.file && before.line === row.line;
}

/** Rows behind each other that belong to one statement: a pseudo-instruction's second word is no place to stop at. */
const sameStatement = (before: LineRow | undefined, row: LineRow): boolean =>
  sameLine(before, row) && before?.column === row.column;

/**
 * Sources that were assembled in process have absolute names. Those of an ELF file are as its maker named them, often
 * relative to a folder that it doesn't tell: tried in the ELF's folder, in those above it, and in the current one.
 */
function locate(host: FileHost, elfFolder: string, name: string): string {
  for (let folder = elfFolder; ; folder = host.folderOf(folder)) {
    const candidate = host.resolve(folder, name);
    if (host.kindOf(candidate) === "file") return candidate;
    if (folder === host.folderOf(folder)) break;
  }
  return host.resolve(host.cwd, name);
}
