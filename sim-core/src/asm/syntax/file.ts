/** Files as lists of independently parsed lines. */
import type { Range } from "../../diagnostics/index.ts";
import type { ParsedFile, SourceLine, Span } from "./tree.ts";

/** Parses a file. Never fails: unreadable statements carry a problem. */
export function parseFile(name: string, text: string): ParsedFile {
  return { name, text, lines: [], firstLines: [] };
}

/** The range of a node of `line`, whose first line of text is `firstLine`. */
export function rangeIn(line: SourceLine, firstLine: number, span: Span): Range {
  if (line.height === 1) {
    return {
      start: { line: firstLine, character: span.start },
      end: { line: firstLine, character: span.end },
    };
  }
  return { start: positionIn(line, firstLine, span.start), end: positionIn(line, firstLine, span.end) };
}

function positionIn(line: SourceLine, firstLine: number, column: number) {
  let number = firstLine;
  let start = 0;
  for (let at = line.text.indexOf("\n"); at >= 0 && at < column; at = line.text.indexOf("\n", start)) {
    number++;
    start = at + 1;
  }
  return { line: number, character: column - start };
}
