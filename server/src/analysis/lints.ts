/** Quick fixes of what lints have found. */
import type { Assembly, ParsedFile } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import type { LintDiagnostic, LintFix } from "@nnasm/sim-core/lint";
import type { Action } from "./actions.ts";
import { isLarge } from "./large.ts";
import type { Snapshot } from "./snapshot.ts";
import { applyEdits } from "./text.ts";

const isBefore = (a: Position, b: Position): boolean =>
  a.line < b.line || (a.line === b.line && a.character < b.character);
const meets = (a: Range, b: Range): boolean => !(isBefore(a.end, b.start) || isBefore(b.end, a.start));

/** Fixes for the findings that a range touches: what the lint proposes, and turning it off for the line. */
export function lintActionsAt(snapshot: Snapshot, findings: readonly LintDiagnostic[], range: Range): Action[] {
  const { file } = snapshot;
  return findings
    .filter((finding) => finding.file === file.name && meets(finding.range, range))
    .flatMap((diagnostic): Action[] => {
      const fix = diagnostic.fix?.();
      const mend: Action[] =
        fix && isRight(snapshot, fix) ? [{ title: fix.title, kind: "fix", diagnostic, edits: fix.edits }] : [];
      return [...mend, mute(file, diagnostic)];
    });
}

/** Whether a fix is about this file alone, and leaves no errors. Large programs aren't assembled for it. */
function isRight(snapshot: Snapshot, { edits }: LintFix): boolean {
  const { file, assembly } = snapshot;
  if (edits.some((edit) => edit.file !== file.name)) return false;
  if (isLarge(assembly)) return true;
  const text = applyEdits(file, edits);
  return errors(snapshot.reassemble({ text })) <= errors(assembly);
}

const errors = ({ diagnostics }: Pick<Assembly, "diagnostics">): number =>
  diagnostics.filter(({ severity }) => severity === "error").length;

function mute({ text }: ParsedFile, diagnostic: LintDiagnostic): Action {
  const { id, range } = diagnostic;
  const start = { line: range.start.line, character: 0 };
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  return {
    title: `Turn off ${id} for this line`,
    kind: "fix",
    diagnostic,
    edits: [{ range: { start, end: start }, text: `        .nowarn "${id}", next${end}` }],
  };
}
