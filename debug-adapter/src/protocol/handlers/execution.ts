/** Running, stepping and pausing. */
import type { Unit } from "@nnasm/sim-core/isa";
import { type Debugger, EVENT_STEPS, type Granularity } from "../../runtime/index.ts";
import { reference, wholeNumber } from "../convert.ts";
import { RequestError } from "../requests.ts";
import { CU_THREAD, type SessionState } from "../state.ts";
import type { Handlers } from "./handler.ts";

/** The debugger of a machine that stands still. @throws RequestError while it runs */
export function standing(state: SessionState): Debugger {
  const { debugger: run } = state;
  if (run.isRunning) throw new RequestError("the program is running: pause it first");
  if (run.isFinished) throw new RequestError("the program has ended: restart it");
  return run;
}

/** Steps the CU, or a unit to its next start or completion of an operation. */
function step(
  state: SessionState,
  thread: number,
  stepCu: (run: Debugger) => void,
  stepUnit = (run: Debugger, unit: Unit) => run.stepUnit(unit),
): undefined {
  const run = standing(state);
  const unit = state.unitOf(thread);
  if (unit === "cu") stepCu(run);
  else stepUnit(run, unit);
  state.resumed(thread);
  return undefined;
}

const stepBack = (state: SessionState, thread: number, stepCu: (run: Debugger) => void): undefined =>
  step(state, thread, stepCu, (run, unit) => run.travel.stepUnitBack(unit));

/** @throws RequestError */
function checkEventStep(kind: unknown, count: unknown): void {
  if (!(EVENT_STEPS as readonly unknown[]).includes(kind)) {
    throw new RequestError(`"kind" is one of ${EVENT_STEPS.join(", ")}`);
  }
  if (wholeNumber("count", count, 0) === 0) throw new RequestError('"count" must be above 0');
}

/** A client that says nothing means lines. */
const granularityOf = (granularity: Granularity | undefined): Granularity => granularity ?? "line";

export const executionHandlers = {
  continue: (state) => {
    standing(state).continue();
    state.resumed();
    return { allThreadsContinued: true };
  },
  next: (state, { threadId, granularity }) =>
    step(state, threadId, (run) => run.step(granularityOf(granularity), false)),
  stepOut: (state, { threadId }) => step(state, threadId, (run) => run.stepOut()),
  "nnasm/step": (state, { kind, count = 1 }) => {
    checkEventStep(kind, count);
    standing(state).stepToEvent(kind, count);
    state.resumed();
    return undefined;
  },
  stepBack: (state, { threadId, granularity }) =>
    stepBack(state, threadId, (run) => run.travel.stepBack(granularityOf(granularity), false)),
  "nnasm/stepBackInto": (state, { threadId, granularity }) =>
    stepBack(state, threadId, (run) => run.travel.stepBack(granularityOf(granularity), true)),
  reverseContinue: (state) => {
    standing(state).travel.reverseContinue();
    state.resumed();
    return undefined;
  },
  "nnasm/stepBack": (state, { kind, count = 1 }) => {
    checkEventStep(kind, count);
    standing(state).travel.stepBackTo(kind, count);
    state.resumed();
    return undefined;
  },
  "nnasm/goToCycle": (state, { cycle }) => {
    wholeNumber("cycle", cycle, 0);
    standing(state).goToCycle(cycle);
    state.resumed();
    return undefined;
  },
  cancel: (state, { progressId }) => {
    if (progressId === undefined) return undefined;
    if (progressId === state.progress.id) state.debugger.pause();
    if (progressId === state.recording.id) state.recording.cancel();
    return undefined;
  },
  pause: (state) => {
    state.debugger.pause();
    return undefined;
  },
  gotoTargets: (state, { source, line, column }) => {
    const { sources, symbols } = state.debugger.machine;
    const own = state.client.line(line);
    const statement =
      source.path === undefined || column === undefined
        ? undefined
        : sources.resolveStatement(source.path, own, state.client.column(column));
    const found = statement ?? (source.path === undefined ? undefined : sources.resolveLine(source.path, own));
    return {
      targets: (found?.addresses ?? []).map((address) => ({
        id: state.gotoTargets.add(address),
        label: symbols.describe(address) ?? reference(address),
        line: found ? state.client.clientLine(found.line) : line,
        ...(statement ? { column: state.client.clientColumn(statement.column) } : {}),
        instructionPointerReference: reference(address),
      })),
    };
  },
  goto: (state, { threadId, targetId }) => {
    const run = standing(state);
    const address = state.gotoTargets.get(targetId);
    if (threadId !== CU_THREAD) throw new RequestError("only the control unit can go to another line");
    if (address === undefined) throw new RequestError("this place is not known any more: ask for goto targets again");
    state.resumed();
    state.defer(() => run.goto(address));
    return undefined;
  },
} as const satisfies Handlers;
