/**
 * What a step is. Each kind of step is a goal: it says how far the machine may run before it is asked again, where it
 * must stop at the latest, and whether the place where the machine stands is the one that was wanted.
 */
import type { Unit } from "@nnasm/sim-core/isa";
import type { Machine } from "../inspect/machine.ts";
import { isInside } from "../inspect/stack.ts";
import { queueOf, queueUnits } from "../inspect/units.ts";
import { type Expansion, expansionAt } from "../program/expansions.ts";
import type { Place } from "../program/lines.ts";

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

/** Out of the innermost call. */
export function stepOut(machine: Machine): Goal {
  return untilDepth(machine, machine.simulator.state.calls.depth - 1);
}

/** Out of the macro call that the machine stands in. */
export function stepOutOfMacro(machine: Machine, { start, end }: Expansion): Goal {
  const { state } = machine.simulator;
  const { depth } = state.calls;
  return throughCalls(machine, false, () => state.calls.depth < depth || state.pc < start || state.pc >= end);
}

/**
 * One line, statement or instruction on. A line is over when the machine stands at another one, or has jumped back
 * within the line (a loop on one line). A macro call that isn't opened is one line. Code without line information is run
 * through.
 */
export function stepOn(machine: Machine, granularity: Granularity, into: boolean): Goal {
  const { state } = machine.simulator;
  const start = state.pc;
  const from = shownPlace(machine, start);
  if (granularity === "instruction" || !from) return throughCalls(machine, into, () => true);
  const isSame = (place: Place): boolean =>
    place.file === from.file && place.line === from.line && (granularity === "line" || place.column === from.column);
  let previous = start;
  return throughCalls(machine, into, (isBehindCall) => {
    const { pc } = state;
    const wentBack = !isBehindCall && pc <= previous;
    previous = pc;
    const place = machine.sources.placeOf(pc);
    if (!place) return false;
    const expansion = expansionAt(machine.expansions, pc);
    // Within a macro call of this line: a step over it isn't over yet.
    if (expansion && isSame(expansion.call)) return false;
    const shown = expansion?.start === pc ? expansion.call : place;
    return wentBack || !isSame(shown);
  });
}

/** Where the machine is shown to stand: at the call of a macro that isn't opened. */
function shownPlace(machine: Machine, address: number): Place | undefined {
  const expansion = expansionAt(machine.expansions, address);
  const isCall = expansion && !isInside(machine, expansion, address);
  return isCall ? expansion.call : machine.sources.placeOf(address);
}

/**
 * Single steps that run calls through at full speed: all of them, or with `into` those into code without lines.
 * @param isThere asked before each instruction that isn't in such a call
 */
function throughCalls(machine: Machine, into: boolean, isThere: (isBehindCall: boolean) => boolean): Goal {
  const { state } = machine.simulator;
  const { depth } = state.calls;
  const hasLines = machine.sources.placeOf(state.pc) !== undefined;
  let passing: Goal | undefined;
  const isToPass = (): boolean =>
    state.calls.depth > depth && (!into || (hasLines && machine.sources.placeOf(state.pc) === undefined));
  return {
    get singly() {
      return passing === undefined;
    },
    get landings() {
      return passing?.landings ?? [];
    },
    reached() {
      const wasPassing = passing !== undefined;
      if (passing && !passing.reached()) return false;
      passing = isToPass() ? untilDepth(machine, depth) : undefined;
      return passing === undefined && isThere(wasPassing);
    },
  };
}

/** Steps that the machine's own events end. */
export const EVENT_STEPS = ["cycle", "operation", "completion", "layer"] as const;
export type EventStep = (typeof EVENT_STEPS)[number];

/**
 * - `cycle`: so many cycles on
 * - `operation`: until the CU has issued an operation to a unit
 * - `completion`: until a unit has completed an operation
 * - `layer`: until another layer of the network begins
 */
export function stepToEvent(machine: Machine, kind: EventStep, count: number): Goal {
  const { state, units } = machine.simulator;
  const queues = queueUnits(machine).map((unit) => queueOf(machine, unit));
  const sum = (of: "issued" | "completed"): number => queues.reduce((total, queue) => total + queue[of], 0);
  const [issued, completed, { layer, cycle }] = [sum("issued"), sum("completed"), state];
  switch (kind) {
    case "cycle":
      return { singly: false, landings: [], untilCycle: cycle + count, reached: () => state.cycle >= cycle + count };
    case "operation":
      return { singly: true, landings: [], reached: () => sum("issued") >= issued + count };
    case "completion":
      return {
        singly: true,
        landings: [],
        get untilCycle() {
          return units.nextEvent;
        },
        reached: () => sum("completed") >= completed + count,
      };
    case "layer":
      return { singly: true, landings: [], reached: () => state.layer !== layer };
  }
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
