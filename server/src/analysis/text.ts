/** Text of files by ranges. */
import { lineIndexAt, type ParsedFile } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { endOfFile } from "./file-end.ts";

/** Offset of a position in a file's text; behind the last line it is the text's end. */
function offsetIn(file: ParsedFile, { line, character }: Position): number {
  let offset = 0;
  let low = 0;
  for (let index = 0; index < file.lines.length && file.firstLines[index]! <= line; index++) low = index;
  for (let index = 0; index < low; index++) offset += file.lines[index]!.text.length;
  for (let number = file.firstLines[low] ?? 0; number < line; number++) {
    const next = file.text.slice(offset).search(/\r\n|\r|\n/);
    if (next < 0) return file.text.length;
    offset += next + (file.text.startsWith("\r\n", offset + next) ? 2 : 1);
  }
  return Math.min(offset + character, file.text.length);
}

/** Lines from `first` to `last`, both included, with their ends; the last line of a file may have none. */
export function linesOf(file: ParsedFile, first: number, last: number): Range {
  const end = endOfFile(file);
  return { start: { line: first, character: 0 }, end: last < end.line ? { line: last + 1, character: 0 } : end };
}

/** The text of a range. */
export function textIn(file: ParsedFile, { start, end }: Range): string {
  // A rename asks about thousands of names, each within its line.
  const line = file.lines[lineIndexAt(file, start.line)];
  if (line?.height === 1 && start.line === end.line && end.character <= line.text.length) {
    return line.text.slice(start.character, end.character);
  }
  return file.text.slice(offsetIn(file, start), offsetIn(file, end));
}

/** A text after edits that don't overlap. */
export function applyEdits(
  file: ParsedFile,
  edits: readonly { readonly range: Range; readonly text: string }[],
): string {
  const placed = edits
    .map(({ range, text }) => ({ from: offsetIn(file, range.start), to: offsetIn(file, range.end), text }))
    .sort((a, b) => a.from - b.from);
  let result = "";
  let at = 0;
  for (const { from, to, text } of placed) {
    result += file.text.slice(at, from) + text;
    at = to;
  }
  return result + file.text.slice(at);
}
