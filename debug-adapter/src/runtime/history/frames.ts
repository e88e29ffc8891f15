/** Journeys to where what is under way began: functions, macro calls, operations of units. */
import { EvaluationError } from "../expression/types.ts";
import type { Machine } from "../inspect/machine.ts";
import type { StackFrame } from "../inspect/stack.ts";
import type { Travel } from "./travel.ts";

/**
 * Back to the frame's beginning: the first instruction of its function or macro call as it was entered, or the cycle in
 * which an operation started or was issued. Everything is then as it was.
 * @throws EvaluationError when the frame is no place that the machine came to
 */
export function restartFrame(machine: Machine, travel: Travel, frame: StackFrame): void {
  const { operation, expansion, level } = frame;
  const { depth, calls } = machine.simulator.state.calls;
  if (operation) travel.goTo(operation.startCycle < 0 ? operation.issueCycle : operation.startCycle, "restart");
  else if (level === undefined) throw new EvaluationError("this frame is no place in the program");
  else if (expansion) travel.toMacroCall(expansion, depth - level, true);
  else if (level < calls.length) travel.toCall(level, true);
  else if (depth > calls.length) throw new EvaluationError("this function was called too many calls ago to be known");
  else travel.goTo(0, "restart");
}

/**
 * Back out of the macro call that is looked into, or of the innermost function: to where it was called.
 * @throws EvaluationError in the outermost function
 */
export function stepBackOut(machine: Machine, travel: Travel): void {
  const { pc, calls } = machine.simulator.state;
  const innermost = machine.sources.expansions.chainAt(pc)[machine.openCalls(pc) - 1];
  if (innermost) travel.toMacroCall(innermost, calls.depth, false);
  else travel.toCall(0, false);
}
