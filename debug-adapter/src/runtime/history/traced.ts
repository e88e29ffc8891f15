/** A trace of any stretch of the run, made by a second machine; the one that is debugged doesn't notice. */
import { TraceWriter } from "@nnasm/sim-core/trace";
import type { Debugger } from "../debugger.ts";
import { EvaluationError } from "../expression/types.ts";
import type { Scheduler } from "../host.ts";
import { countText } from "../inspect/format.ts";

/** Cycles of the replay between two looks at the clock. */
const SLICE_CYCLES = 20_000;
const TURN_MS = 8;

export interface TracedStretch {
  readonly fromCycle: number;
  /** May be behind what the program has come to: breakpoints stop nothing here. */
  readonly toCycle: number;
  /** Name of the program, for titles. */
  readonly name: string;
}

/**
 * @param write takes pieces of the file, in order
 * @returns the cycle at which the trace ends: before `toCycle` when the program ends there
 * @throws EvaluationError by the promise when nothing is known of then
 */
export async function traceStretch(
  { past, history, machine }: Debugger,
  scheduler: Scheduler,
  { fromCycle, toCycle, name }: TracedStretch,
  write: (bytes: Uint8Array) => void,
): Promise<number> {
  if (toCycle <= fromCycle) {
    throw new EvaluationError(`a trace from cycle ${countText(fromCycle)} to ${countText(toCycle)} has nothing in it`);
  }
  if (machine.simulator.state.functional) throw new EvaluationError("functional mode has no times to trace");
  const replica = past.replica(fromCycle);
  const filter = { cycles: [fromCycle, toCycle] as const };
  const writer = new TraceWriter(replica, { name, producer: "nnasm debug adapter", filter }, write);
  replica.setListener(writer);
  writer.attach();
  // What was changed by hand on the way is changed again.
  const edits = history.moments.edits.filter(({ position }) => position.cycle > replica.state.cycle);
  let turn = scheduler.now();
  while (replica.state.cycle < toCycle && (!replica.end || edits.length > 0)) {
    const [edit] = edits;
    const until = Math.min(toCycle, edit?.position.cycle ?? toCycle, replica.state.cycle + SLICE_CYCLES);
    replica.run({ untilCycle: until });
    if (edit && (replica.end || replica.state.cycle >= edit.position.cycle)) {
      replica.restore(edit.snapshot);
      edits.shift();
    }
    if (scheduler.now() - turn < TURN_MS) continue;
    await scheduler.yield();
    turn = scheduler.now();
  }
  writer.finish();
  return replica.state.cycle;
}
