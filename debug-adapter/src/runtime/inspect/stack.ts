/** Threads and their stacks: the control unit with its calls, and each unit with its queue. */
import type { Unit } from "@nnasm/sim-core/isa";
import type { Call } from "@nnasm/sim-core/machine";
import type { Operation } from "@nnasm/sim-core/units";
import type { Expansion } from "../program/expansions.ts";
import type { Place } from "../program/lines.ts";
import { countText, hex32 } from "./format.ts";
import type { Machine } from "./machine.ts";
import { operationText, queueOf } from "./units.ts";

export interface StackFrame {
  readonly title: string;
  /** Address of the instruction that the frame stands at. */
  readonly address: number;
  readonly place: Place | undefined;
  /** `subtle` frames are less interesting, `label` frames are no places at all. */
  readonly hint: "normal" | "subtle" | "label";
  /** CU frames: how many calls further out the frame is, 0 = innermost. */
  readonly level?: number;
  /** Frames of macro calls and inlined functions: the call. */
  readonly expansion?: Expansion;
  /** Unit frames: the operation that runs or waits. */
  readonly operation?: Operation;
}

/** Frames of the CU, innermost first: a function for each call, and before it the macros whose bodies it stands in. */
export function controlFrames(machine: Machine): StackFrame[] {
  const { state } = machine.simulator;
  const { calls } = state.calls;
  const frames: StackFrame[] = [];
  for (let level = 0; level <= calls.length; level++) {
    // A caller stands at its call, the innermost function at the pc.
    const address = level === 0 ? state.pc : calls[level - 1]!.site;
    const chain = machine.sources.expansions.chainAt(address);
    const open = level === 0 ? machine.openCalls(address) : chain.length;
    let place = shownPlace(machine, address, chain, open);
    for (const expansion of chain.slice(0, open).reverse()) {
      frames.push({ title: expansionTitle(expansion), address, place, hint: "normal", level, expansion });
      place = expansion.call;
    }
    frames.push({ title: functionTitle(machine, address, calls[level]), address, place, hint: "normal", level });
  }
  return frames;
}

const expansionTitle = ({ name, kind }: Expansion): string => `${name} (${kind === "macro" ? "macro" : "inlined"})`;

/** Where the machine is shown to stand when so many calls are looked into: at the next call, or at the instruction's line. */
export function shownPlace(
  machine: Machine,
  address: number,
  chain: readonly Expansion[],
  open: number,
): Place | undefined {
  return chain[open]?.call ?? machine.sources.placeOf(address);
}

/** Name of the function; a trap handler is told from a function that was called. */
function functionTitle(machine: Machine, address: number, entered: Call | undefined): string {
  const { symbols } = machine;
  const found = symbols.functionOf(address);
  // What was called through a register is a function, too, though nothing in the code says so.
  const isInside = entered !== undefined && entered.target <= address && entered.target > (found?.address ?? -1);
  const name = (isInside ? symbols.describe(entered.target) : found?.name) ?? hex32(address);
  return entered?.kind === "trap" ? `${name} (trap handler)` : name;
}

/** The running operation and the queue behind it. */
export function unitFrames(machine: Machine, unit: Unit): StackFrame[] {
  const queue = queueOf(machine, unit);
  const { state } = machine.simulator;
  const frames: StackFrame[] = [];
  if (queue.halted) frames.push(operationFrame(machine, queue.halted.operation, "halted by a fault", "normal"));
  if (queue.running) frames.push(operationFrame(machine, queue.running, "running", "normal"));
  queue.waiting.forEach((operation, at) => {
    const isHeld = at === 0 && !queue.running && !queue.halted;
    frames.push(operationFrame(machine, operation, isHeld ? "held by tokens" : `waiting ${at + 1}`, "subtle"));
  });
  if (frames.length > 0) return frames;
  const since = countText(Math.min(queue.freeSince, state.cycle));
  const title = queue.issued === 0 ? "idle: nothing issued yet" : `idle since cycle ${since}`;
  return [{ title, address: state.pc, place: undefined, hint: "label" }];
}

function operationFrame(machine: Machine, operation: Operation, state: string, hint: StackFrame["hint"]): StackFrame {
  const { pc } = operation;
  return {
    title: `${operationText(machine, operation)} (${state})`,
    address: pc,
    place: machine.sources.placeOf(pc),
    hint,
    operation,
  };
}
