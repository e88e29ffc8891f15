/** Commands of the Debug Console that run the machine; everything else there is an expression. */
import { EVENT_STEPS, type EventStep } from "../../runtime/index.ts";
import { CU_THREAD, type SessionState } from "../state.ts";
import { standing } from "./execution.ts";

const KINDS = EVENT_STEPS.join("|");
const COMMAND = new RegExp(
  `^\\s*(?:(continue|reverse)|(step|back)(?:\\s+(${KINDS}))?(?:\\s+(\\d+))?|cycle\\s+(\\d+))\\s*$`,
);

/**
 * Runs the machine if the text says so.
 * @returns false when it is something else
 * @throws RequestError when the machine doesn't stand still
 */
export function runInConsole(state: SessionState, text: string): boolean {
  const match = COMMAND.exec(text);
  // A name of the program means what it names.
  if (!match || state.debugger.machine.symbols.symbol(text.trim())) return false;
  const [, whole, step, kind, count, cycle] = match;
  const run = standing(state);
  const times = Math.max(1, Number(count ?? 1));
  const wanted = (kind ?? "cycle") as EventStep;
  if (whole === "continue") run.continue();
  else if (whole === "reverse") run.travel.reverseContinue();
  else if (cycle !== undefined) run.goToCycle(Number(cycle));
  else if (kind === undefined && count === undefined) {
    if (step === "step") run.step("line", false);
    else run.travel.stepBack("line", false);
  } else if (step === "step") run.stepToEvent(wanted, times);
  else run.travel.stepBackTo(wanted, times);
  state.resumed();
  // No request of the client's has said so.
  state.defer(() => state.send("continued", { threadId: CU_THREAD, allThreadsContinued: true }));
  return true;
}
