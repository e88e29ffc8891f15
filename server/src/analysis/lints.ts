/** Quick fixes of what lints have found. */
import type { ParsedFile } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import type { LintDiagnostic } from "@nnasm/sim-core/lint";
import type { Action } from "./actions.ts";

const isBefore = (a: Position, b: Position): boolean =>
  a.line < b.line || (a.line === b.line && a.character < b.character);
const meets = (a: Range, b: Range): boolean => !(isBefore(a.end, b.start) || isBefore(b.end, a.start));

/** Fixes for the findings that a range touches: what the lint proposes, and turning it off for the line. */
export function lintActionsAt(file: ParsedFile, findings: readonly LintDiagnostic[], range: Range): Action[] {
  return findings
    .filter((finding) => finding.file === file.name && meets(finding.range, range))
    .flatMap((diagnostic): Action[] => {
      const fix = diagnostic.fix?.();
      const isHere = fix?.edits.every((edit) => edit.file === file.name);
      const mend: Action[] = fix && isHere ? [{ title: fix.title, kind: "fix", diagnostic, edits: fix.edits }] : [];
      return [...mend, mute(file, diagnostic)];
    });
}

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
