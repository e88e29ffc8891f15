/** Steps to chosen places, forwards and back in time: into one of a line's calls, to a frame's beginning, to the cursor. */
import { EvaluationError, restartFrame, runTo, stepBackOut, stepInto, stepTargets } from "../../runtime/index.ts";
import { RequestError } from "../requests.ts";
import { CU_THREAD, type SessionState } from "../state.ts";
import { standing } from "./execution.ts";
import type { Handlers } from "./handler.ts";

/** Addresses of the statements at a place of the client's. @throws RequestError when there are none */
function addressesAt(state: SessionState, path: string | undefined, line: number, column: number | undefined) {
  const { sources } = state.debugger.machine;
  const own = state.client.line(line);
  const found =
    path === undefined
      ? undefined
      : column === undefined
        ? sources.resolveLine(path, own)
        : sources.resolveStatement(path, own, state.client.column(column));
  if (!found) throw new RequestError("there is no code of the program at or behind this line");
  return found.addresses;
}

export const journeyHandlers = {
  stepInTargets: (state, { frameId }) => {
    const run = standing(state);
    const handle = state.frames.get(frameId);
    if (!handle) throw new RequestError("this frame belongs to an earlier stop", false);
    // Other frames go on only behind the calls that they are in.
    const isInnermost = handle.unit === "cu" && handle.frame.address === run.machine.simulator.state.pc;
    return {
      targets: (isInnermost ? stepTargets(run.machine) : []).map((target) => ({
        id: state.stepTargets.add(target),
        label: target.label,
        ...(target.place
          ? { line: state.client.clientLine(target.place.line), column: state.client.clientColumn(target.place.column) }
          : {}),
      })),
    };
  },
  stepIn: (state, arguments_) => {
    const { threadId, granularity, targetId } = arguments_;
    const run = standing(state);
    const unit = state.unitOf(threadId);
    const target = targetId === undefined ? undefined : state.stepTargets.get(targetId);
    if (targetId !== undefined && !target) throw new RequestError("this target belongs to an earlier stop");
    if (unit !== "cu") run.stepUnit(unit);
    else if (target && !(target.kind === "macro" && target.address === run.machine.simulator.state.pc)) {
      run.follow(stepInto(run.machine, target));
    } else run.step(granularity ?? "line", true);
    state.resumed(threadId);
    return undefined;
  },
  restartFrame: (state, { frameId }) => {
    const run = standing(state);
    const handle = state.frames.get(frameId);
    if (!handle) throw new RequestError("this frame belongs to an earlier stop", false);
    restartFrame(run.machine, run.travel, handle.frame);
    state.resumed();
    return undefined;
  },
  "nnasm/stepBackOut": (state, { threadId }) => {
    const run = standing(state);
    if (threadId !== CU_THREAD) throw new EvaluationError("units have no calls to step out of");
    stepBackOut(run.machine, run.travel);
    state.resumed();
    return undefined;
  },
  "nnasm/runTo": (state, { source, line, column, back = false }) => {
    const run = standing(state);
    const addresses = addressesAt(state, source.path, line, column);
    if (back) run.travel.backTo(addresses);
    else run.follow(runTo(run.machine, addresses));
    state.resumed();
    return undefined;
  },
} as const satisfies Handlers;
