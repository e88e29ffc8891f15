/**
 * What a step is. Each kind of step is a goal: it says how far the machine may run before it is asked again, where it
 * must stop at the latest, and whether the place where the machine stands is the one that was wanted.
 */
import type { Unit } from "@nnasm/sim-core/isa";
import type { Machine } from "../inspect/machine.ts";
import { queueOf } from "../inspect/units.ts";

export interface Goal {
  /** True when the goal has to be asked before every instruction. */
  readonly singly: boolean;
  /** Set by goals that may be reached while an instruction waits: the cycle at which they have to be asked again. */
  readonly untilCycle?: number;
  /** Addresses before which the machine stops so that the goal can be asked. */
  readonly landings: readonly number[];
  /** True when the machine stands where it was to go. */
  reached(): boolean;
}

export type Granularity = "line" | "statement" | "instruction";

/** Run on: only breakpoints, a pause or the program's end stop it. */
export const endless: Goal = { singly: false, landings: [], reached: () => false };

/** The addresses at which the calls that are under way return. A trap returns to its instruction or behind it. */
function returnAddresses({ simulator }: Machine, outermost: number): number[] {
  const { calls } = simulator.state.calls;
  return calls.slice(0, outermost).flatMap(({ kind, site }) => (kind === "trap" ? [site, site + 4] : [site + 4]));
}

/** Returns deeper than this are not looked for: a program that leaves so many calls at once runs on. */
const MAX_LANDINGS = 64;

/** Until no more than `depth` calls are under way. */
function untilDepth(machine: Machine, depth: number): Goal {
  const { calls } = machine.simulator.state;
  return {
    singly: false,
    landings: returnAddresses(machine, MAX_LANDINGS),
    reached: () => calls.depth <= depth,
  };
}

/**
 * Out of a call.
 * @param level how many calls further out the machine is to stop; 1 = behind the innermost call
 */
export function stepOut(machine: Machine, level: number): Goal {
  return untilDepth(machine, machine.simulator.state.calls.depth - level);
}

/**
 * One line, statement or instruction on. A line is over when the machine stands at another one, or has jumped back
 * within the line (a loop on one line). Code without line information is run through.
 */
export function stepOn(machine: Machine, granularity: Granularity, into: boolean): Goal {
  const { state } = machine.simulator;
  const { sources } = machine;
  const depth = state.calls.depth;
  const start = state.pc;
  const hasLine = sources.placeOf(start) !== undefined;
  const unit = granularity === "instruction" || !hasLine ? "instruction" : granularity;
  let previous = start;
  let passing: Goal | undefined;

  const here = (): boolean => {
    const pc = state.pc;
    const wentBack = pc <= previous;
    previous = pc;
    if (unit === "instruction") return true;
    if (sources.placeOf(pc) === undefined) return false;
    return wentBack || !sources.sameCode(start, pc, unit);
  };
  /** A call that the step does not go into is run through at full speed. */
  const runsThrough = (): boolean =>
    state.calls.depth > depth && (!into || (unit !== "instruction" && sources.placeOf(state.pc) === undefined));

  return {
    get singly() {
      return passing === undefined;
    },
    get landings() {
      return passing?.landings ?? [];
    },
    reached() {
      if (passing && !passing.reached()) return false;
      // Behind a call the step goes on within its line; the jump back there isn't one.
      if (passing) previous = -1;
      passing = runsThrough() ? untilDepth(machine, depth) : undefined;
      return passing === undefined && here();
    },
  };
}

/** Until the unit starts or completes an operation. */
export function stepUnit(machine: Machine, unit: Unit): Goal {
  const queue = queueOf(machine, unit);
  const { running, completed } = queue;
  const { units } = machine.simulator;
  return {
    singly: true,
    landings: [],
    get untilCycle() {
      return units.nextEvent;
    },
    reached: () => queue.running !== running || queue.completed !== completed,
  };
}

/** Until the machine stands before one of the addresses. */
export function untilAddress(machine: Machine, addresses: readonly number[]): Goal {
  const { state } = machine.simulator;
  return { singly: false, landings: addresses, reached: () => addresses.includes(state.pc) };
}
