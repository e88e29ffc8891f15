/** Stops and endings in the protocol's words. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import {
  type BreakpointHits,
  countText,
  cycleLimitReport,
  deadlockReport,
  type Ending,
  exitCodeOf,
  expectationReport,
  faultReport,
  findingReport,
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
    case "exit":
      return cause.failures.length > 0 ? expectationReport(machine, cause.failures) : undefined;
    case "expectation":
      return expectationReport(machine, cause.failures);
    case "cycleLimit":
      return cycleLimitReport(machine, cause.cycles);
    case "breakpoint":
      return cause.findings[0] && findingReport(machine, cause.findings[0]);
    default:
      return undefined;
  }
}

export const exitCode = (ending: Ending): number => exitCodeOf(ending);

/** Where in the history the machine stands. */
export interface When {
  readonly cycle: number;
  /** Cycle of the end of the history, where the machine is before it. */
  readonly end: number | undefined;
}

/**
 * Everything but the threads.
 * @param when told where the machine stands in the past, or has come through it
 */
export function stoppedBody(cause: StopCause, report: ProblemReport | undefined, when?: When): StoppedBody {
  const body = bodyOf(cause, report);
  if (!when) return body;
  const cycle = `cycle ${countText(when.cycle)}`;
  const past = when.end === undefined ? "" : `; the history goes on to cycle ${countText(when.end)}`;
  const { description, text } = body;
  return {
    ...body,
    description: description === undefined ? cycle : `${description}, ${cycle}`,
    text: `${text === undefined ? "" : `${text}\n`}${cycle}${past}`,
  };
}

function bodyOf(cause: StopCause, report: ProblemReport | undefined): StoppedBody {
  if (report) return { reason: "exception", description: report.title, text: report.message };
  if (cause.kind === "beginning") return { reason: "entry", description: "beginning of the history" };
  if (cause.kind === "exited") return { reason: "exit", description: `exited with code ${cause.code}` };
  if (cause.kind !== "breakpoint") return { reason: cause.kind };
  const { breakpoints, watches, events, problems } = cause;
  const texts = [...watches.map(({ text }) => text), ...events];
  const text = [...texts, ...problems].join("\n");
  return {
    reason: reasonOf(cause),
    ...(texts[0] === undefined ? {} : { description: texts[0] }),
    ...(text === "" ? {} : { text }),
    hitBreakpointIds: [...breakpoints.map(({ id }) => id), ...watches.map(({ watchpoint }) => watchpoint.id)],
  };
}

const REASONS = { line: "breakpoint", function: "function breakpoint", instruction: "instruction breakpoint" } as const;

/** What was written or happened says more than a place; a line's breakpoint more than one of another kind. */
function reasonOf({ breakpoints, watches, events }: BreakpointHits): string {
  if (watches.length > 0) return "data breakpoint";
  if (events.length > 0) return "event";
  const kinds = breakpoints.map(({ request }) => request.place.kind);
  return REASONS[kinds.includes("line") ? "line" : (kinds[0] ?? "line")];
}
