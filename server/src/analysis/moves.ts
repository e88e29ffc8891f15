/** Files that move: which file names in the sources must change with them. */
import { type ParsedFile, rangeIn, stringText } from "@nnasm/sim-core/asm";
import type { Range } from "@nnasm/sim-core/diagnostics";
import { fileNamesIn, insideQuotes, mayNameFiles } from "./file-names.ts";

export interface MoveEdit {
  readonly file: string;
  readonly range: Range;
  readonly text: string;
}

export interface Moved {
  readonly from: string;
  readonly to: string;
}

/** How files are named: the server's are URIs. */
export interface FileNames {
  readonly resolve: (from: string, path: string) => string;
  /** The path to write in `from` to mean `to`. */
  readonly relative: (from: string, to: string) => string;
}

/**
 * Edits for the file names in the given files, both of those that name a moved file and of those that move
 * themselves. They are to be applied before the files move.
 */
export function moveEdits(files: Iterable<ParsedFile>, moves: readonly Moved[], names: FileNames): MoveEdit[] {
  const edits: MoveEdit[] = [];
  for (const file of files) {
    const next = newName(file.name, moves);
    for (const [index, line] of file.lines.entries()) {
      if (!mayNameFiles(line.text)) continue;
      for (const name of line.statements.flatMap(fileNamesIn)) {
        const written = stringText(name.text);
        const target = names.resolve(file.name, written);
        const moved = newName(target, moves);
        // What still means the same file stays as it was written.
        if (names.resolve(next, written) === moved) continue;
        const text = names.relative(next, moved).replace(/["\\]/g, "\\$&");
        edits.push({ file: file.name, range: rangeIn(line, file.firstLines[index]!, insideQuotes(name)), text });
      }
    }
  }
  return edits;
}

/** The name of a file after the moves, which may be those of folders. */
function newName(file: string, moves: readonly Moved[]): string {
  for (const { from, to } of moves) {
    if (file === from) return to;
    if (file.startsWith(`${from}/`)) return to + file.slice(from.length);
  }
  return file;
}
