/** The machine's checks on the command line: which are on, and what they found. */
import { CHECK_IDS, CHECK_TEXT, type CheckId, type CheckOptions, type Finding } from "@nnasm/sim-core/check";
import { type Diagnostic, nearest } from "@nnasm/sim-core/diagnostics";
import { LineIndex, type Program, type SourcePlace } from "@nnasm/sim-core/program";
import { UsageError } from "./errors.ts";
import type { Output } from "./io.ts";

/** Reads `race,overflow`, `all` or `none`. */
export function parseChecks(text: string): CheckOptions {
  const names = text === "all" ? CHECK_IDS : text === "none" ? [] : text.split(",").map((name) => name.trim());
  for (const name of names) {
    if ((CHECK_IDS as readonly string[]).includes(name)) continue;
    const near = nearest(name, CHECK_IDS);
    throw new UsageError(
      `there is no check ${name}`,
      near ? `did you mean ${near}?` : CHECK_IDS.map((id) => `${id}: ${CHECK_TEXT[id]}`).join("; "),
    );
  }
  return Object.fromEntries(CHECK_IDS.map((id) => [id, names.includes(id)]));
}

/** From a place to the end of its line: the line table says only where a statement begins. */
function rangeOf({ line, column }: SourcePlace): Diagnostic["range"] {
  const start = { line: line - 1, character: Math.max(0, column - 1) };
  return { start, end: { line: start.line, character: Number.MAX_SAFE_INTEGER } };
}

const times = (count: number): string => (count === 1 ? "" : ` (${count} times)`);

/** Findings as warnings at their source lines; those of code without lines name its address. */
export function findingDiagnostics(findings: readonly Finding[], program: Program): Diagnostic[] {
  const index = new LineIndex(program);
  return findings.map(({ id, message, hint, pc, related, count, cycle }) => {
    const place = index.placeOf(pc);
    const others = related.flatMap((other) => {
      const at = index.placeOf(other.pc);
      return at ? [{ file: at.file, range: rangeOf(at), message: other.message }] : [];
    });
    return {
      id: `check-${id satisfies CheckId}`,
      severity: "warning",
      message: `${message}, in cycle ${cycle}${times(count)}${place ? "" : ` (pc 0x${pc.toString(16).padStart(8, "0")})`}`,
      hint,
      file: place?.file ?? "(no source)",
      range: place ? rangeOf(place) : { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
      ...(others.length > 0 ? { related: others } : {}),
    };
  });
}

/** Says what the checks had to leave out. */
export function reportOmissions(output: Output, omissions: readonly string[]): void {
  for (const text of omissions) output.write(output.colors.dim(`check ${text}\n`));
}
