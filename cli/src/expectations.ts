/** What is said about expectations of the source (`.expect`) that don't hold. */
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import type { ExpectationFailure } from "@nnasm/sim-core/engine";
import { diskHost } from "./files.ts";
import type { Io } from "./io.ts";
import { diagnosticJson, diagnosticText } from "./report.ts";
import { count } from "./text.ts";

/** Failures shown one by one: one that fails in a loop would fill the terminal. */
const MAX_SHOWN = 20;

/** A failure as a diagnostic at its `.expect`. */
export function failureDiagnostic({ expectation, message, cycle }: ExpectationFailure): Diagnostic {
  const { file, line, column, at } = expectation;
  const start = { line: line - 1, character: column - 1 };
  const when = at ? `at ${at.name}, cycle ${count(cycle)}` : "at the exit";
  return {
    id: "expectation",
    severity: "error",
    message: `${message} (${when})`,
    hint: "",
    file,
    // To the end of the line: only where the directive begins is known.
    range: { start, end: { line: start.line, character: Number.MAX_SAFE_INTEGER } },
  };
}

export function reportFailures(io: Io, failures: readonly ExpectationFailure[]): void {
  const { readText } = diskHost(io.cwd);
  for (const failure of failures.slice(0, MAX_SHOWN)) {
    io.err.write(diagnosticText(failureDiagnostic(failure), readText, io.err.colors));
  }
  if (failures.length > MAX_SHOWN) io.err.write(`and ${count(failures.length - MAX_SHOWN)} more that don't hold\n`);
}

/** A failure for `--json`. */
export function failureJson(failure: ExpectationFailure): object {
  const { endLine: _, endColumn: __, ...rest } = diagnosticJson(failureDiagnostic(failure)) as Record<string, unknown>;
  return { ...rest, cycle: failure.cycle };
}
