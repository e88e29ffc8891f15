/** Threads and their stacks: the control unit with its calls, and each unit with its queue. */
import type { Unit } from "@nnasm/sim-core/isa";
import type { Call } from "@nnasm/sim-core/machine";
import type { Operation } from "@nnasm/sim-core/units";
import type { CContext } from "../c/c-frames.ts";
import type { CFrame } from "../c/unwind.ts";
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
  /** Frames of C: whose variables are seen there. */
  readonly c?: CContext;
  /** Unit frames: the operation that runs or waits. */
  readonly operation?: Operation;
}

/** Frames of the CU, innermost first: a function for each call, and before it the macros whose bodies it stands in. */
export function controlFrames(machine: Machine): StackFrame[] {
  const frames: StackFrame[] = [];
  for (const [at, { address, level, entered, frame }] of sitesOf(machine).entries()) {
    const chain = machine.sources.expansions.chainAt(address);
    const open = at === 0 ? machine.openCalls(address) : chain.length;
    const inC = (bodies: number) => {
      const c = frame && machine.c?.context(frame, bodies);
      return c ? { c } : {};
    };
    let place = shownPlace(machine, address, chain, open);
    for (const expansion of chain.slice(0, open).reverse()) {
      const own = { level, expansion, ...inC(expansion.depth + 1) };
      frames.push({ title: expansionTitle(expansion), address, place, hint: "normal", ...own });
      place = expansion.call;
    }
    frames.push({ title: functionTitle(machine, address, entered), address, place, hint: "normal", level, ...inC(0) });
  }
  return frames;
}

/** Where a function that hasn't returned stands. */
interface Site {
  readonly address: number;
  /** Calls that have been left on the way here, and the one that entered the function. */
  readonly level: number;
  readonly entered: Call | undefined;
  readonly frame?: CFrame;
}

/**
 * The innermost function at the pc, its callers at their calls. Where a program tells its call frames they are followed, with
 * the registers that they saved; from where they end, and elsewhere, the calls that the machine has seen.
 */
function sitesOf(machine: Machine): Site[] {
  const { state } = machine.simulator;
  const { calls } = state.calls;
  const sites: Site[] = [];
  let level = 0;
  for (const frame of machine.c?.frames() ?? []) {
    if (sites.length > 0) {
      const left = calls.slice(level).findIndex(({ site }) => site === frame.address);
      if (left >= 0) level += left + 1;
    }
    sites.push({ address: frame.address, level, entered: calls[level], frame });
  }
  if (sites.length === 0) sites.push({ address: state.pc, level, entered: calls[level] });
  for (const call of calls.slice(level)) {
    level++;
    sites.push({ address: call.site, level, entered: calls[level] });
  }
  return sites;
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
  // A compiler's copies of a function have names of their own in the symbol table: find.constprop.0.
  const inC = machine.c?.program.functionAt(address)?.name;
  const name = inC ?? (isInside ? symbols.describe(entered.target) : found?.name) ?? hex32(address);
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
