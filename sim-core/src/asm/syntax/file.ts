/** Files as lists of independently parsed lines, and what follows from that: cheap edits, cheap positions. */
import type { Position, Range } from "../../diagnostics/index.ts";
import { LineReader } from "./lines.ts";
import { LineParser } from "./statements.ts";
import type { ParsedFile, SourceLine, Span, Statement } from "./tree.ts";

/** Parses a file. Never fails: unreadable statements carry a problem. */
export function parseFile(name: string, text: string): ParsedFile {
  return new SourceFile(name, text);
}

/** A file whose tree is made when somebody asks for it; the assembler alone reads line by line and keeps none. */
class SourceFile implements ParsedFile {
  readonly name: string;
  readonly text: string;
  private kept: readonly SourceLine[] | undefined;
  private numbers: readonly number[] | undefined;
  private offsets: Uint32Array | undefined;

  constructor(name: string, text: string, lines?: readonly SourceLine[]) {
    this.name = name;
    this.text = text;
    this.kept = lines;
  }

  /** A file whose lines from `first` to `resume` gave way to others. */
  replaced(text: string, first: number, resume: number, fresh: readonly SourceLine[]): SourceFile {
    const { lines, starts, numbers } = this;
    const file = new SourceFile(this.name, text, lines.slice(0, first).concat(fresh, lines.slice(resume)));
    file.offsets = splicedStarts(starts, first, resume, fresh, text.length - this.text.length);
    const isSameHeight =
      fresh.length === resume - first && fresh.every(({ height }, index) => height === lines[first + index]!.height);
    // Most edits leave all lines at their numbers.
    if (isSameHeight) file.numbers = numbers;
    return file;
  }

  /** Offset of each line in the text, and behind them that of the end. */
  get starts(): Uint32Array {
    if (this.offsets) return this.offsets;
    const { lines } = this;
    const offsets = new Uint32Array(lines.length + 1);
    for (let index = 0; index < lines.length; index++) offsets[index + 1] = offsets[index]! + lines[index]!.text.length;
    this.offsets = offsets;
    return offsets;
  }

  /** The tree, if somebody has asked for it. */
  get keptLines(): readonly SourceLine[] | undefined {
    return this.kept;
  }

  get lines(): readonly SourceLine[] {
    if (this.kept) return this.kept;
    const lines: SourceLine[] = [];
    const reader = new LineReader(this.text);
    for (let offset = 0; offset < this.text.length; offset = reader.end) lines.push(reader.line(offset));
    this.kept = lines;
    return lines;
  }

  get firstLines(): readonly number[] {
    if (this.numbers) return this.numbers;
    const numbers: number[] = [];
    let number = 0;
    for (const line of this.lines) {
      numbers.push(number);
      number += line.height;
    }
    this.numbers = numbers;
    return numbers;
  }
}

/** The lines of a file that are already parsed, or undefined when reading them anew costs less than keeping them. */
export function keptLines(file: ParsedFile): readonly SourceLine[] | undefined {
  return file instanceof SourceFile ? file.keptLines : file.lines;
}

/** Parses one line of text on its own, as macro expansions need it. */
export function parseLine(text: string): SourceLine {
  return new LineParser(text).line(0);
}

function splicedStarts(
  starts: Uint32Array,
  first: number,
  resume: number,
  fresh: readonly SourceLine[],
  shift: number,
): Uint32Array {
  const spliced = new Uint32Array(starts.length - (resume - first) + fresh.length);
  spliced.set(starts.subarray(0, first + 1));
  let at = first;
  for (const { text } of fresh) spliced[at + 1] = spliced[at++]! + text.length;
  for (let index = resume; index < starts.length; index++) spliced[at++] = starts[index]! + shift;
  return spliced;
}

/** How many of the ascending numbers lie below a limit. */
function countBelow(ascending: Uint32Array, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Parses the new text of a file that was parsed before: only lines that differ are read, all others are shared
 * with `previous`. The result equals parseFile's.
 */
export function reparseFile(previous: ParsedFile, text: string): ParsedFile {
  const before = previous.text;
  if (before === text) return previous;
  const file = previous instanceof SourceFile ? previous : new SourceFile(previous.name, before, previous.lines);
  const { lines, starts } = file;
  const same = commonStart(before, text);

  // Whole lines in front of the difference stay. The line end itself must stand in front of it, with one
  // character to spare: "\r" may become "\r\n".
  const first = Math.max(0, countBelow(starts, same) - 1);
  let offset = starts[first]!;

  // Lines behind the difference stay when parsing arrives at one of their starts.
  const tail = commonEnd(before, text, Math.min(before.length, text.length) - offset);
  let resume = Math.min(lines.length, Math.max(first, countBelow(starts, before.length - tail + 1)));
  let resumeAt = starts[resume]! + text.length - before.length;

  // A copy of the changed part alone, so that shared lines don't keep every old version of the text alive.
  let part = unshared(text.slice(offset, resumeAt));
  let reader = new LineReader(part);
  const fresh: SourceLine[] = [];
  let at = 0;
  while (at < part.length) {
    const line = reader.line(at);
    if (reader.openComment && resumeAt < text.length) {
      // An opened comment runs on into what was to be shared: read to the end of the file.
      resume = lines.length;
      resumeAt = text.length;
      part = unshared(text.slice(offset + at));
      reader = new LineReader(part);
      offset += at;
      at = 0;
      continue;
    }
    fresh.push(line);
    at = reader.end;
  }
  return file.replaced(text, first, resume, fresh);
}

/** Texts are compared in pieces of this many characters first, which an engine does at the speed of memory. */
const PIECE = 4096;

/** How many characters both texts begin with. */
function commonStart(a: string, b: string): number {
  const limit = Math.min(a.length, b.length);
  let same = 0;
  while (same + PIECE <= limit && a.slice(same, same + PIECE) === b.slice(same, same + PIECE)) same += PIECE;
  while (same < limit && a.charCodeAt(same) === b.charCodeAt(same)) same++;
  return same;
}

/** How many characters both texts end with, at most `limit`. */
function commonEnd(a: string, b: string, limit: number): number {
  const pieceOf = (text: string, behind: number) => text.slice(text.length - behind - PIECE, text.length - behind);
  let same = 0;
  while (same + PIECE <= limit && pieceOf(a, same) === pieceOf(b, same)) same += PIECE;
  while (same < limit && a.charCodeAt(a.length - 1 - same) === b.charCodeAt(b.length - 1 - same)) same++;
  return same;
}

function unshared(text: string): string {
  return text.length < 13 ? text : text.split("").join("");
}

/** Index into `file.lines` of the line that covers the text's line `number`; -1 when there is none. */
export function lineIndexAt(file: ParsedFile, number: number): number {
  const { firstLines, lines } = file;
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (firstLines[middle]! <= number) low = middle + 1;
    else high = middle;
  }
  const index = low - 1;
  return index >= 0 && number < firstLines[index]! + lines[index]!.height ? index : -1;
}

/** The line at a position, the position's column in it, and the statement that the position lies in or behind. */
export function statementAt(
  file: ParsedFile,
  position: Position,
): { line: SourceLine; firstLine: number; column: number; statement: Statement | undefined } | undefined {
  const index = lineIndexAt(file, position.line);
  const line = file.lines[index];
  if (!line) return undefined;
  const firstLine = file.firstLines[index]!;
  let column = position.character;
  for (let number = firstLine; number < position.line; number++)
    column += lineLength(line.text, column - position.character);
  let statement: Statement | undefined;
  for (const candidate of line.statements) if (candidate.start <= column) statement = candidate;
  return { line, firstLine, column, statement };
}

function lineLength(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10) return at + 1 - start;
    if (code === 13) return (text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1) - start;
  }
  return text.length - start;
}

/** What positions in a line depend on. */
export type LineText = Pick<SourceLine, "text" | "height">;

/** The range of a node of `line`, whose first line of text is `firstLine`. */
export function rangeIn(line: LineText, firstLine: number, span: Span): Range {
  if (line.height === 1) {
    return {
      start: { line: firstLine, character: span.start },
      end: { line: firstLine, character: span.end },
    };
  }
  return { start: positionIn(line, firstLine, span.start), end: positionIn(line, firstLine, span.end) };
}

function positionIn(line: LineText, firstLine: number, column: number): Position {
  let number = firstLine;
  let start = 0;
  while (number < firstLine + line.height - 1) {
    const length = lineLength(line.text, start);
    if (start + length > column) break;
    start += length;
    number++;
  }
  return { line: number, character: column - start };
}
