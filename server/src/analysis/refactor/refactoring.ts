/** Rewrites of several lines. Each is checked before it is given: the program's bytes stay as they are. */
import type { TextEdit } from "../format.ts";
import { sameResult } from "../same-program.ts";
import type { Snapshot } from "../snapshot.ts";
import { applyEdits, linesOf, textIn } from "../text.ts";

/** Why a rewrite is not done, for the user. */
export class RefactoringRefused extends Error {}

/** The edits, when the program stays the same. @throws RefactoringRefused */
export function checked(snapshot: Snapshot, edits: readonly TextEdit[], otherwise: string): readonly TextEdit[] {
  if (!keepsProgram(snapshot, edits)) throw new RefactoringRefused(otherwise);
  return edits;
}

export function keepsProgram(snapshot: Snapshot, edits: readonly TextEdit[]): boolean {
  return sameResult(snapshot.assembly, snapshot.reassemble({ text: applyEdits(snapshot.file, edits) }));
}

/** The file's own line ends. */
export const lineEndOf = ({ file }: Snapshot): string => (file.text.includes("\r\n") ? "\r\n" : "\n");

/** Other lines in place of those from `first` to `last`, both included; without a line end where the last one had none. */
export function replaceLines(snapshot: Snapshot, first: number, last: number, lines: readonly string[]): TextEdit {
  const range = linesOf(snapshot.file, first, last);
  const end = lineEndOf(snapshot);
  const isEnded = /[\r\n]$/.test(textIn(snapshot.file, range));
  return { range, text: `${lines.join(end)}${isEnded && lines.length > 0 ? end : ""}` };
}
