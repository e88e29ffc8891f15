/** Stops and endings in the protocol's words. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import {
  type Breakpoint,
  cycleLimitReport,
  deadlockReport,
  type Ending,
  exitCodeOf,
  faultReport,
  type Machine,
  type ProblemReport,
  type StopCause,
} from "../runtime/index.ts";

type StoppedBody = DebugProtocol.StoppedEvent["body"];

/** The report on a stop or ending that the program didn't choose; undefined for all others. */
export function endingReport(machine: Machine, cause: StopCause | Ending): ProblemReport | undefined {
  switch (cause.kind) {
    case "fault":
      return faultReport(machine, cause.fault);
    case "deadlock":
      return deadlockReport(machine, cause.pc);
    case "cycleLimit":
      return cycleLimitReport(machine, cause.cycles);
    default:
      return undefined;
  }
}

export const exitCode = (ending: Ending): number => exitCodeOf(ending);

/** Everything but the threads. */
export function stoppedBody(cause: StopCause, report: ProblemReport | undefined): StoppedBody {
  if (report) return { reason: "exception", description: report.title, text: report.message };
  if (cause.kind !== "breakpoint") return { reason: cause.kind };
  const { breakpoints, problems } = cause;
  return {
    reason: reasonOf(breakpoints),
    hitBreakpointIds: breakpoints.map(({ id }) => id),
    ...(problems.length > 0 ? { text: problems.join("\n") } : {}),
  };
}

const REASONS = { line: "breakpoint", function: "function breakpoint", instruction: "instruction breakpoint" } as const;

/** A line's breakpoint says more than one of another kind at the same place. */
function reasonOf(breakpoints: readonly Breakpoint[]): string {
  const kinds = breakpoints.map(({ request }) => request.place.kind);
  return REASONS[kinds.includes("line") ? "line" : (kinds[0] ?? "line")];
}
