/** Where code comes from: places of addresses, addresses of lines, and what counts as the beginning of a line. */
import type { LineRow, Program } from "@nnasm/sim-core/program";
import type { FileHost } from "../host.ts";
import type { Expansion } from "./expansions.ts";
import { type Line, lineFromOne, type Place } from "./lines.ts";

/** Lines of one file that hold code, with the addresses at which their code begins. */
interface FileLines {
  readonly file: string;
  /** Sorted. */
  readonly lines: readonly Line[];
  readonly addresses: ReadonlyMap<Line, readonly number[]>;
}

export interface ResolvedLine {
  readonly line: Line;
  /** Several when the line's code is placed several times (an include, a repetition). */
  readonly addresses: readonly number[];
}

export class SourceMap {
  private readonly rows: readonly LineRow[];
  /** Absolute names of the program's files, at their index. */
  private readonly names: readonly string[];
  private readonly byKey = new Map<string, FileLines>();
  private readonly host: FileHost;

  /**
   * @param folder absolute name of the folder that relative names in an ELF file are first tried in
   * @param expansions macro calls: their lines hold code, too
   */
  constructor(
    program: Pick<Program, "files" | "lines">,
    host: FileHost,
    folder: string,
    expansions: readonly Expansion[] = [],
  ) {
    this.host = host;
    this.rows = program.lines;
    this.names = program.files.map((name) => locate(host, folder, name));
    const collected = new Map<string, { file: string; addresses: Map<Line, number[]> }>();
    const collect = (file: string, line: Line, address: number): void => {
      const key = host.keyOf(file);
      let entry = collected.get(key);
      if (!entry) collected.set(key, (entry = { file, addresses: new Map() }));
      const known = entry.addresses.get(line);
      if (known) known.push(address);
      else entry.addresses.set(line, [address]);
    };
    let before: LineRow | undefined;
    for (const row of program.lines) {
      const file = this.names[row.file];
      if (row.code && file !== undefined && !sameLine(before, row)) collect(file, lineFromOne(row.line), row.address);
      before = row;
    }
    for (const { call, start } of expansions) {
      // Behind other code of its line, the call is no place of its own to stop at.
      const previous = this.placeOf(start - 4);
      if (previous?.file !== call.file || previous.line !== call.line) collect(call.file, call.line, start);
    }
    for (const [key, { file, addresses }] of collected) {
      for (const places of addresses.values()) places.sort((a, b) => a - b);
      this.byKey.set(key, { file, addresses, lines: [...addresses.keys()].sort((a, b) => a - b) });
    }
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

  /** Whether the file holds code of the program. */
  hasFile(file: string): boolean {
    return this.byKey.has(this.host.keyOf(file));
  }

  /** The first line at or behind `line` that holds code. */
  resolve(file: string, line: Line): ResolvedLine | undefined {
    const found = this.byKey.get(this.host.keyOf(file));
    const at = found?.lines.find((candidate) => candidate >= line);
    return at === undefined ? undefined : { line: at, addresses: found?.addresses.get(at) ?? [] };
  }

  /** Lines with code between two lines, both included. */
  linesWithCode(file: string, first: Line, last: Line): readonly Line[] {
    const found = this.byKey.get(this.host.keyOf(file));
    return found?.lines.filter((line) => line >= first && line <= last) ?? [];
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

/** Rows behind each other that belong to one line: a pseudo-instruction's second word is no place to stop at. */
function sameLine(before: LineRow | undefined, row: LineRow): boolean {
  return before?.code === true && before.file === row.file && before.line === row.line;
}

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
