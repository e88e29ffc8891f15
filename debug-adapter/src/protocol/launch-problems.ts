/** What keeps a program from running, told where the user looks for it. */
import { formatDiagnostic } from "@nnasm/sim-core/diagnostics";
import { LoadError } from "@nnasm/sim-core/engine";
import { LaunchError, lineFromZero } from "../runtime/index.ts";
import type { SessionState } from "./state.ts";

type Told = Pick<SessionState, "output">;

/** Tells what is wrong with a program in the words of a launch. @throws LaunchError */
export function reporting<T>(state: Told, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof LoadError) throw new LaunchError(error.message);
    if (error instanceof LaunchError) throw withDiagnostics(state, error);
    throw error;
  }
}

/** Tells each problem beside its line, and all of them (or the first few) in the answer. */
function withDiagnostics(state: Told, { message, diagnostics }: LaunchError): LaunchError {
  for (const diagnostic of diagnostics) {
    const line = lineFromZero(diagnostic.range.start.line);
    state.output("stderr", `${formatDiagnostic(diagnostic)}\n`, { file: diagnostic.file, line });
  }
  if (diagnostics.length === 0) return new LaunchError(message);
  const shown = diagnostics.filter(({ severity }) => severity === "error").slice(0, MAX_DIAGNOSTICS);
  const lines = shown.map(formatDiagnostic);
  const more = diagnostics.length > shown.length ? ["(more in the Debug Console)"] : [];
  return new LaunchError([`${message}:`, ...lines, ...more].join("\n"), diagnostics);
}

/** Errors in the answer to a launch; the Debug Console shows all. */
const MAX_DIAGNOSTICS = 10;
