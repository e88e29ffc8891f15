/**
 * Stops that no event of the machine announces: cycles, and units that stand still for too long. A run asks where it has
 * to look next; what is found there follows from the machine's state alone, so that a replay finds the same.
 */
import { UNITS, type Unit } from "@nnasm/sim-core/isa";
import type { Operation } from "@nnasm/sim-core/units";
import { EvaluationError } from "../expression/types.ts";
import type { Machine } from "../inspect/machine.ts";
import { queueOf, queueUnits } from "../inspect/units.ts";

export type TimedEvent =
  | { readonly kind: "cycle"; readonly cycle: number }
  /** `operation` is what a unit holds back; the CU holds its instruction. */
  | {
      readonly kind: "stalled";
      readonly unit: Unit;
      readonly since: number;
      readonly waited: number;
      readonly operation: Operation | undefined;
    };

/** Cycles at which to stop: the smallest one behind a cycle. */
export type CycleSchedule = (cycle: number) => number;

/**
 * `1000, 2_000` or `% 500` (every 500th).
 * @throws EvaluationError when the text is neither
 */
export function parseCycles(text: string): CycleSchedule {
  const every = /^\s*%\s*([\d_]+)\s*$/.exec(text)?.[1];
  const distance = every === undefined ? Number.NaN : wholeCycles(every);
  if (distance > 0) return (cycle) => (Math.floor(cycle / distance) + 1) * distance;
  const cycles = text.split(",").map(wholeCycles);
  if (cycles.some(Number.isNaN)) {
    throw new EvaluationError(`"${text.trim()}" names no cycles: write 1000, or 1000, 2000, or % 500 (every 500th)`);
  }
  cycles.sort((a, b) => a - b);
  return (cycle) => cycles.find((candidate) => candidate > cycle) ?? Number.POSITIVE_INFINITY;
}

/** Cycles that a unit may stand still, and what else has to hold: `500`, or `500, unit() == nu`. */
export interface StallLimit {
  readonly cycles: number;
  readonly condition: string | undefined;
}

/** @throws EvaluationError when it doesn't begin with a number of cycles */
export function parseStall(text: string): StallLimit {
  const [, number = "", condition] = /^\s*([\d_]+)\s*(?:,(.+))?$/s.exec(text) ?? [];
  const cycles = wholeCycles(number);
  if (!(cycles > 0)) {
    throw new EvaluationError(
      `"${text.trim()}" is no number of cycles: write 500, or 500, unit() == nu for the neural unit alone`,
    );
  }
  return { cycles, condition };
}

function wholeCycles(text: string): number {
  const digits = text.trim().replaceAll("_", "");
  return /^\d+$/.test(digits) && Number.isSafeInteger(Number(digits)) ? Number(digits) : Number.NaN;
}

export class TimedStops {
  private readonly cycles: CycleSchedule | undefined;
  private readonly stallCycles: number | undefined;
  private planned: { readonly at: number; readonly event: TimedEvent }[] = [];

  constructor(cycles: CycleSchedule | undefined, stallCycles: number | undefined) {
    this.cycles = cycles;
    this.stallCycles = stallCycles;
  }

  get isEmpty(): boolean {
    return this.cycles === undefined && this.stallCycles === undefined;
  }

  /** Cycle at which a run that goes on from here has to look at the latest. */
  plan(machine: Machine): number {
    const { cycle } = machine.simulator.state;
    this.planned = [];
    const stop = this.cycles?.(cycle) ?? Number.POSITIVE_INFINITY;
    if (stop < Number.POSITIVE_INFINITY) this.planned.push({ at: stop, event: { kind: "cycle", cycle: stop } });
    const { stallCycles } = this;
    if (stallCycles === undefined) return stop;
    for (const stall of stalls(machine)) {
      const at = stall.since + stallCycles;
      if (at > cycle) this.planned.push({ at, event: { kind: "stalled", waited: stallCycles, ...stall } });
    }
    // Who begins to wait on the way has not waited too long at the end of so many cycles.
    return Math.min(cycle + stallCycles, ...this.planned.map(({ at }) => at));
  }

  /** What there is at the machine's cycle. */
  take(machine: Machine): readonly TimedEvent[] {
    const { cycle } = machine.simulator.state;
    const due = this.planned.filter(({ at }) => at <= cycle).map(({ event }) => event);
    this.planned = [];
    if (!due.some(({ kind }) => kind === "stalled")) return due;
    const still = stalls(machine);
    return due.filter(
      (event) =>
        event.kind !== "stalled" || still.some(({ unit, since }) => unit === event.unit && since === event.since),
    );
  }
}

/** Who stands still with something to do, and since when. */
function stalls(machine: Machine): { unit: Unit; since: number; operation: Operation | undefined }[] {
  const { cycle, nextExecute } = machine.simulator.state;
  const found: { unit: Unit; since: number; operation: Operation | undefined }[] = [];
  if (cycle > nextExecute && !machine.simulator.end) {
    found.push({ unit: UNITS[0], since: nextExecute, operation: undefined });
  }
  for (const unit of queueUnits(machine)) {
    const queue = queueOf(machine, unit);
    const { head, freeSince } = queue;
    if (head) found.push({ unit, since: Math.max(freeSince, head.issueCycle), operation: head });
  }
  return found;
}
