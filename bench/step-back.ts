/** Going back in time in the debugger: how long a step back takes behind a run of a hundred million cycles. */
import { integerLoop } from "./calibration.ts";
import { at, debugSession } from "./debugged.ts";
import { measure } from "./measure.ts";

export interface StepBackResult {
  readonly cycles: number;
  /** The run itself, with snapshots and without. */
  readonly runSeconds: number;
  readonly runWithoutHistorySeconds: number;
  readonly snapshots: number;
  readonly snapshotBytes: number;
  /** Of single steps back from where one stands, by line, over calls. */
  readonly medianMilliseconds: number;
  readonly p95Milliseconds: number;
  /** Of jumps to any cycle. */
  readonly jumpMedianMilliseconds: number;
  readonly jumpP95Milliseconds: number;
  /** The calibration's loop meanwhile. */
  readonly loopMilliseconds: number;
}

const CYCLES = 100_000_000;
const STEPS = 100;
const JUMPS = 40;

/** Stores all over DM, multiplies, calls. */
const SOURCE = `
        li      s0, 0x10000000
        li      s2, 0xfffc
again:
        addi    s1, s1, 12
        and     t1, s1, s2
        add     t1, t1, s0
        call    mix
        sw      a0, 0(t1)
        j       again
mix:
        mul     a0, s1, s1
        xor     a0, a0, t1
        ret
`;

export async function benchStepBack(): Promise<StepBackResult> {
  const without = debugSession(SOURCE, 0);
  const plain = await without.timed(() => without.run.stepToEvent("cycle", CYCLES));
  const { run, timed } = debugSession(SOURCE);
  const whole = await timed(() => run.stepToEvent("cycle", CYCLES));
  const { moments } = run.history;
  const [snapshots, snapshotBytes] = [moments.all.length, moments.bytes];
  const steps: number[] = [];
  for (let step = 0; step < STEPS; step++) steps.push(await timed(() => run.travel.stepBack("line", false)));
  const jumps: number[] = [];
  for (let jump = 1; jump <= JUMPS; jump++) {
    // Far from each other and from the places before.
    const cycle = (jump * 61_803_399) % CYCLES;
    jumps.push(await timed(() => run.travel.goTo(cycle)));
  }
  const { loop } = measure({ loop: integerLoop }, 0.2);
  return {
    cycles: CYCLES,
    runSeconds: whole / 1000,
    runWithoutHistorySeconds: plain / 1000,
    snapshots,
    snapshotBytes,
    medianMilliseconds: at(steps, 0.5),
    p95Milliseconds: at(steps, 0.95),
    jumpMedianMilliseconds: at(jumps, 0.5),
    jumpP95Milliseconds: at(jumps, 0.95),
    loopMilliseconds: loop.medianSeconds * 1000,
  };
}

/** As lines for people. */
export function stepBackLines(result: StepBackResult): string[] {
  const { cycles, runSeconds, runWithoutHistorySeconds, snapshots, snapshotBytes } = result;
  return [
    `step back    ${result.medianMilliseconds.toFixed(1)} ms, p95 ${result.p95Milliseconds.toFixed(1)} ms, behind a run of ${cycles / 1e6} M cycles ` +
      `(loop ${result.loopMilliseconds.toFixed(1)} ms meanwhile)`,
    `             jump to any cycle ${result.jumpMedianMilliseconds.toFixed(1)} ms, p95 ${result.jumpP95Milliseconds.toFixed(1)} ms; ` +
      `${snapshots} snapshots in ${(snapshotBytes / 2 ** 20).toFixed(1)} MB; ` +
      `the run ${runSeconds.toFixed(1)} s, ${runWithoutHistorySeconds.toFixed(1)} s without a history`,
  ];
}
