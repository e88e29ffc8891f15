/** What has changed between the sources that a unit has read and the present ones. */
import type { AssembleOptions } from "../model.ts";
import type { ParsedFile, SourceLine, Statement } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";

/** More lines than these are changed by no typing. */
const MAX_LINES = 16;

/** The two versions of the only file that differs. */
export interface EditedFile {
  readonly before: ParsedFile;
  readonly after: ParsedFile;
}

/** An instruction and its line's number, in the version of the file to which it belongs. */
export interface LineInstruction {
  readonly statement: Statement;
  readonly line: number;
}

/** Neighbouring lines that gave way to others; all of them hold an instruction alone, or nothing. */
export interface Hunk {
  /** Indices in the older version: of the first line, and of the one behind the last. */
  readonly first: number;
  readonly end: number;
  /** Number of the first line, in both versions. */
  readonly line: number;
  /** Number of the line behind, in the older version. */
  readonly endLine: number;
  /** How many lines there are more. */
  readonly by: number;
  readonly removed: readonly LineInstruction[];
  readonly added: readonly LineInstruction[];
}

/** The only file that differs from what the unit has read; undefined when there are none or several. */
export function editedFile(unit: Unit, { host, parse }: AssembleOptions): EditedFile | undefined {
  // Without kept trees, comparing the lines would take longer than assembling them.
  if (!parse) return undefined;
  let edited: EditedFile | undefined;
  for (const name of unit.dependencies) {
    if (unit.binaries.has(name) && host.readBytes(name) !== unit.binaries.get(name)) return undefined;
    const before = unit.files.get(name);
    if (!before && unit.binaries.has(name)) continue;
    const text = host.readText(name);
    if (text === before?.text) continue;
    if (edited || !before || text === undefined) return undefined;
    edited = { before, after: parse(name, text) };
  }
  return edited;
}

/** What differs; undefined when it is anything but instructions, empty lines and comments. */
export function hunksOf(edited: EditedFile): Hunk[] | undefined {
  const [old, now] = [edited.before.lines, edited.after.lines];
  let end = old.length;
  const longer = now.length - old.length;
  while (end > 0 && end + longer > 0 && saysTheSame(old[end - 1]!, now[end + longer - 1]!)) end--;
  let first = 0;
  while (first < end && first < end + longer && saysTheSame(old[first]!, now[first]!)) first++;
  if (longer !== 0) {
    const hunk = hunkOf(edited, first, end, end + longer);
    return hunk && [hunk];
  }
  const hunks: Hunk[] = [];
  for (let index = first; index < end; index++) {
    if (saysTheSame(old[index]!, now[index]!)) continue;
    const hunk = hunks.length < MAX_LINES ? hunkOf(edited, index, index + 1, index + 1) : undefined;
    if (!hunk) return undefined;
    hunks.push(hunk);
  }
  // The lines of one would be moved by the other.
  return hunks.length === 1 || hunks.every(({ by }) => by === 0) ? hunks : undefined;
}

/** Whether two lines differ in their comments at most. */
function saysTheSame(a: SourceLine, b: SourceLine): boolean {
  if (a === b || (a.text === b.text && a.height === b.height)) return true;
  if (a.height !== 1 || b.height !== 1 || a.statements.length !== b.statements.length) return false;
  const last = a.statements.at(-1);
  if (!last) return true;
  // The trees are compared, too: what is missing in a statement stands where its line ends.
  return a.text.slice(0, last.end) === b.text.slice(0, last.end) && isSameTree(a.statements, b.statements);
}

function isSameTree(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b);
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => isSameTree(a[key as keyof typeof a], b[key as keyof typeof b]))
  );
}

function hunkOf({ before, after }: EditedFile, first: number, end: number, newEnd: number): Hunk | undefined {
  if (end - first > MAX_LINES || newEnd - first > MAX_LINES) return undefined;
  const isOne = end === first + 1 && newEnd === end;
  const [was, is] = [before.lines[first], after.lines[first]];
  // Labels that stay are defined already.
  const keepsLabels =
    isOne && was?.statements[0] && is?.statements[0] && sameLabels(was.statements[0], is.statements[0]);
  const removed = instructions(before, first, end, Boolean(keepsLabels));
  const added = instructions(after, first, newEnd, Boolean(keepsLabels));
  if (!removed || !added) return undefined;
  const line = lineNumber(before, first);
  const endLine = lineNumber(before, end);
  return { first, end, line, endLine, by: lineNumber(after, newEnd) - endLine, removed, added };
}

/** Number of the first line of text of a line, or of the end of the file. */
function lineNumber({ firstLines, lines }: ParsedFile, index: number): number {
  const last = lines.at(-1);
  return firstLines[index] ?? (last ? firstLines.at(-1)! + last.height : 0);
}

function instructions(file: ParsedFile, from: number, to: number, labels: boolean): LineInstruction[] | undefined {
  const found: LineInstruction[] = [];
  for (let index = from; index < to; index++) {
    const { statements, height } = file.lines[index]!;
    const [statement] = statements;
    if (!statement) continue;
    if (statements.length > 1 || height > 1 || !statement.name || statement.form !== "instruction") return undefined;
    if (statement.labels.length > 0 && !labels) return undefined;
    found.push({ statement: { ...statement, labels: [] }, line: file.firstLines[index]! });
  }
  return found;
}

const sameLabels = (a: Statement, b: Statement): boolean =>
  a.labels.length === b.labels.length &&
  a.labels.every(({ name, start, end }, index) => {
    const other = b.labels[index]!;
    return name === other.name && start === other.start && end === other.end;
  });
