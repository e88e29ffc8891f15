/** The record of a debugged run that advice needs, made by a second machine; the one that is debugged doesn't notice. */
import { RunRecorder } from "@nnasm/sim-core/advice";
import type { Debugger } from "../debugger.ts";
import { EvaluationError } from "../expression/types.ts";
import type { Scheduler } from "../host.ts";
import { countText } from "../inspect/format.ts";

/** Cycles of the replay between two looks at the clock. */
const SLICE_CYCLES = 20_000;
const TURN_MS = 8;

export interface RecordingWatcher {
  /** @param share how far the replay is, 0..1 */
  progress(share: number): void;
  /** Somebody has given it up. */
  isCancelled(): boolean;
}

/**
 * Runs the program again, from reset to where it stands now.
 * @throws EvaluationError by the promise, with the reason why there is no record
 */
export async function recordRun(
  { history, machine, freshMachine }: Debugger,
  scheduler: Scheduler,
  watcher: RecordingWatcher,
): Promise<RunRecorder> {
  const { cycle: end, retired, accountedFrom, functional } = machine.simulator.state;
  if (functional) throw new EvaluationError("functional mode has no times");
  if (accountedFrom > 0) {
    throw new EvaluationError(`the profile begins at cycle ${countText(accountedFrom)}, where cycle mode was chosen`);
  }
  if (history.position.edits > 0) {
    throw new EvaluationError("the machine was changed by hand in this run: restart it, and leave it alone");
  }
  const replica = freshMachine();
  const recorder = new RunRecorder();
  replica.setListener(recorder);
  let turn = scheduler.now();
  while (replica.state.cycle < end) {
    const before = replica.state.cycle;
    replica.run({ untilCycle: Math.min(end, before + SLICE_CYCLES) });
    if (replica.state.cycle === before) break;
    if (scheduler.now() - turn < TURN_MS) continue;
    await scheduler.yield();
    if (watcher.isCancelled()) throw new EvaluationError("recording the run was cancelled");
    watcher.progress(replica.state.cycle / end);
    turn = scheduler.now();
  }
  const { state } = replica;
  if (state.cycle !== end || state.retired !== retired) {
    throw new EvaluationError(
      `running it again came to cycle ${countText(state.cycle)} with ${countText(state.retired)} instructions, instead of cycle ` +
        `${countText(end)} with ${countText(retired)}: what it depends on has changed`,
    );
  }
  return recorder;
}
