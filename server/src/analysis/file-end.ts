/** Where a file ends. */
import type { ParsedFile } from "@nnasm/sim-core/asm";
import type { Position } from "@nnasm/sim-core/diagnostics";

/** The place behind a file's last character. */
export function endOfFile({ lines, firstLines }: ParsedFile): Position {
  const last = lines.at(-1);
  if (!last) return { line: 0, character: 0 };
  const ofText = last.text.split(/\r\n|\r|\n/);
  return { line: firstLines.at(-1)! + ofText.length - 1, character: ofText.at(-1)!.length };
}
