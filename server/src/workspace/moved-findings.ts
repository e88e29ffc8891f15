/** Findings of an earlier text, shown until there are new ones: they stay with their lines while somebody types. */
import type { ParsedFile } from "@nnasm/sim-core/asm";
import type { LintDiagnostic } from "@nnasm/sim-core/lint";

/** Findings by themselves: what they know of their program would keep all of it in memory. */
export interface PastFindings {
  readonly found: readonly LintDiagnostic[];
  readonly files: readonly ParsedFile[];
}

export function pastFindings(found: readonly LintDiagnostic[], files: readonly ParsedFile[]): PastFindings {
  return { found: found.map(({ related: _, fix: __, ...finding }) => finding), files };
}

/** How the lines of a file have moved: those above `head` not at all, those from `tail` on by `by` lines, others are gone. */
interface Move {
  readonly head: number;
  readonly tail: number;
  readonly by: number;
}

/** What is between two versions of a file, of which the second shares all lines that it can with the first. */
function moveBetween(before: ParsedFile, after: ParsedFile): Move {
  const [old, now] = [before.lines, after.lines];
  const shorter = Math.min(old.length, now.length);
  let head = 0;
  while (head < shorter && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  const lineOf = (file: ParsedFile, index: number): number => {
    const last = file.lines.length - 1;
    return index <= last ? file.firstLines[index]! : last < 0 ? 0 : file.firstLines[last]! + file.lines[last]!.height;
  };
  const tailBefore = lineOf(before, old.length - tail);
  return { head: lineOf(before, head), tail: tailBefore, by: lineOf(after, now.length - tail) - tailBefore };
}

/** The findings whose lines are still there, at their present places. */
export function movedFindings({ found, files }: PastFindings, present: readonly ParsedFile[]): LintDiagnostic[] {
  const moves = new Map<string, Move>();
  for (const now of present) {
    const before = files.find(({ name }) => name === now.name);
    if (before) moves.set(now.name, moveBetween(before, now));
  }
  return found.flatMap((finding): LintDiagnostic[] => {
    const move = moves.get(finding.file);
    if (!move) return [];
    const { start, end } = finding.range;
    if (end.line < move.head) return [finding];
    if (start.line < move.tail) return [];
    const range = {
      start: { line: start.line + move.by, character: start.character },
      end: { line: end.line + move.by, character: end.character },
    };
    return [{ ...finding, range }];
  });
}
