/** Whether somebody wants to look at a program that a fault or a deadlock is about to end. */
import { UNITS } from "@nnasm/sim-core/isa";
import { type Debugger, EvaluationError, FAULT_KINDS, type StopCause } from "../runtime/index.ts";

/** Conditions of the filters that are on, by kind; undefined: always. */
export type EndingFilters = ReadonlyMap<string, string | undefined>;

/**
 * A condition that can't be evaluated counts as yes.
 * @param problem told what is wrong with the condition
 */
export function wantsEnding(
  run: Debugger,
  filters: EndingFilters,
  cause: Extract<StopCause, { kind: "fault" | "deadlock" }>,
  problem: (text: string) => void,
): boolean {
  const condition = filters.get(cause.kind);
  if (condition === undefined || condition.trim() === "") return filters.has(cause.kind);
  const event =
    cause.kind === "fault"
      ? { unit: UNITS.indexOf(cause.fault.unit), fault: FAULT_KINDS.indexOf(cause.fault.kind) }
      : {};
  try {
    return run.holds(condition, event);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    problem(`condition "${condition}" of the exception filter: ${error.message}\n`);
    return true;
  }
}
