/**
 * What a step is. Each kind of step is a goal: it says how far the machine may run before it is asked again, where it
 * must stop at the latest, and whether the place where the machine stands is the one that was wanted.
 */
import type { Unit } from "@nnasm/sim-core/isa";
import type { Machine } from "../inspect/machine.ts";
import { shownPlace } from "../inspect/stack.ts";
import { queueOf, queueUnits } from "../inspect/units.ts";
import { type Expansion, enteredBefore, sharedCalls } from "../program/expansions.ts";
import type { Place } from "../program/lines.ts";

export interface Goal {
  /** True when the goal has to be asked before every instruction. */
  readonly singly: boolean;
  /** Set by goals that may be reached while an instruction waits: the cycle at which they have to be asked again. */
  readonly untilCycle?: number;
  /** Set by goals that mustn't be run past: how many instructions may have retired until they are asked again. */
  readonly untilRetired?: number;
  /** Addresses before which the machine stops so that the goal can be asked. */
  readonly landings: readonly number[];
  /** True when the machine stands where it was to go. */
  reached(): boolean;
  /** How many calls of the chain at the pc are looked into then; absent: those that had been entered before. */
  openCalls?(): number;
}

export type Granularity = "line" | "statement" | "instruction";

/** Run on: only breakpoints, a pause or the program's end stop it. */
export const endless: Goal = { singly: false, landings: [], reached: () => false };

/** To one of the addresses. */
export const runTo = ({ simulator: { state } }: Machine, addresses: readonly number[]): Goal => ({
  singly: false,
  landings: addresses,
  reached: () => addresses.includes(state.pc),
});

/** The addresses at which the calls that are under way return. A trap returns to its instruction or behind it. */
export function returnAddresses({ simulator }: Machine, outermost = MAX_LANDINGS): number[] {
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
    landings: returnAddresses(machine),
    reached: () => calls.depth <= depth,
  };
}

/** Out of the innermost call. */
export function stepOut(machine: Machine): Goal {
  return untilDepth(machine, machine.simulator.state.calls.depth - 1);
}

/** Out of the macro call that the machine stands in, the one at this depth of the chain. */
export function stepOutOfMacro(machine: Machine, { id, depth: at }: Expansion): Goal {
  const { state } = machine.simulator;
  const { depth } = state.calls;
  const { expansions } = machine.sources;
  const isOut = () => state.calls.depth < depth || expansions.chainAt(state.pc)[at]?.id !== id;
  return throughCalls(machine, false, isOut);
}

/**
 * One line, statement or instruction on. A line is over when the machine stands at another one, or has jumped back
 * within the line (a loop on one line). A macro call that isn't opened is part of its line. Code without line information
 * is run through.
 */
export function stepOn(machine: Machine, granularity: Granularity, into: boolean): Goal {
  const { state } = machine.simulator;
  const start = state.pc;
  const { depth } = state.calls;
  const tracker = new CallTracker(machine);
  const { chain: startChain } = tracker;
  const open = machine.openCalls(start);
  const from = shownPlace(machine, start, startChain, open);
  const openCalls = () => tracker.open;
  if (granularity === "instruction" || !from) {
    return withOpenCalls(
      throughCalls(machine, into, () => tracker.move()),
      openCalls,
    );
  }
  const isSame = (place: Place): boolean =>
    place.file === from.file && place.line === from.line && (granularity === "line" || place.column === from.column);
  let previous = start;
  const isThere = (isBehindCall: boolean): boolean => {
    const { pc } = state;
    tracker.move();
    const { chain } = tracker;
    const isInFrame = state.calls.depth === depth && sharedCalls(startChain.slice(0, open), chain) === open;
    // Within a macro call of this line: the line isn't over yet.
    if (isInFrame && tracker.open > open && !into) return false;
    const place = shownPlace(machine, pc, chain, tracker.open);
    // A C function is entered behind the code that makes its frame.
    if (!place || machine.c?.program.isPrologue(pc)) return false;
    if (!isInFrame || tracker.open > open) return true;
    const wentBack = !isBehindCall && pc <= previous;
    previous = pc;
    if (machine.sources.isWithinStatement(pc)) return false;
    return wentBack || !isSame(place) || isCallAgain(startChain[open], chain[open]);
  };
  return withOpenCalls(throughCalls(machine, into, isThere), openCalls);
}

/** A repetition that makes the same call once more. */
export function isCallAgain(before: Expansion | undefined, now: Expansion | undefined): boolean {
  return before !== undefined && now !== undefined && before.id !== now.id && before.call.column === now.call.column;
}

function withOpenCalls(goal: Goal, openCalls: () => number): Goal {
  return {
    get singly() {
      return goal.singly;
    },
    get landings() {
      return goal.landings;
    },
    reached: () => goal.reached(),
    openCalls,
  };
}

/** Follows the machine through macro calls, so that a jump back to a body's beginning is told from another call. */
class CallTracker {
  chain: readonly Expansion[];
  /** How many calls of the chain have been entered. */
  open: number;
  private readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
    const { pc } = machine.simulator.state;
    this.chain = machine.sources.expansions.chainAt(pc);
    this.open = machine.openCalls(pc);
  }

  /** To be called behind every instruction. */
  move(): true {
    const { pc } = this.machine.simulator.state;
    const before = this.chain;
    this.chain = this.machine.sources.expansions.chainAt(pc);
    // What the instruction before was part of is no new call.
    this.open = Math.max(enteredBefore(this.chain, pc), sharedCalls(before, this.chain));
    return true;
  }
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

/** So many instructions as lie within [start, end), one at least: exactly one when there is no range. */
export function stepWithin({ simulator: { state } }: Machine, start: number, end: number): Goal {
  return { singly: true, landings: [], reached: () => state.pc < start || state.pc >= end };
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
