/** Dataflow over a function's blocks: a worklist, the lattice being the caller's. */
import type { Block, Edge, FlowFunction, FlowGraph } from "./model.ts";

/**
 * A dataflow problem over states of type S. States are values: nothing here changes one, and functions that make a new one
 * must not change the old one either. Blocks that no state reaches have none (`undefined`), which is the lattice's bottom.
 */
export interface Dataflow<S> {
  readonly direction: "forward" | "backward";
  /**
   * Forward: the state at the function's entry, and the one at a landing, where an indirect jump may come from anywhere.
   * Backward: the state behind a block through which the function is left: by a return, by a jump to another function or
   * nobody knows where, by a leak, or by stopping the machine.
   */
  boundary(block: Block, at: "entry" | "landing" | "exit"): S;
  /**
   * Backward: the least state, behind every block. Where it is left out, blocks from which no way leads out of the function
   * (endless loops) have no state.
   */
  readonly least?: S;
  /** The state on the other side of a block: behind it forward, before it backward. Calls are the last thing in a block. */
  transfer(block: Block, state: S): S;
  /** What becomes of a state along an edge; the same where left out. */
  edge?(edge: Edge, state: S): S;
  /** Least upper bound. Must be monotone, with finite ascending chains (or widen). */
  join(a: S, b: S): S;
  equal(a: S, b: S): boolean;
}

export interface Solution<S> {
  /** State before the first instruction of a block; undefined where no state arrives. */
  before(block: number): S | undefined;
  /** State behind the last instruction of a block. */
  behind(block: number): S | undefined;
}

/** Solves a problem over a function. Blocks outside of it have no state. */
export function solve<S>(graph: FlowGraph, fn: FlowFunction, flow: Dataflow<S>): Solution<S> {
  const isForward = flow.direction === "forward";
  const order = isForward ? fn.blocks : [...fn.blocks].reverse();
  const position = new Map(order.map((block, index) => [block, index]));
  const inputs: (S | undefined)[] = new Array(order.length);
  const outputs: (S | undefined)[] = new Array(order.length);
  const left = new Set(fn.tailEdges);
  const queued = new Uint8Array(order.length);
  let lowest = order.length;
  const enqueue = (at: number): void => {
    queued[at] = 1;
    if (at < lowest) lowest = at;
  };
  const arrive = (at: number, state: S): void => {
    const known = inputs[at];
    const joined = known === undefined ? state : flow.join(known, state);
    if (known !== undefined && flow.equal(known, joined)) return;
    inputs[at] = joined;
    enqueue(at);
  };

  if (isForward) {
    arrive(position.get(fn.entry)!, flow.boundary(graph.blocks[fn.entry]!, "entry"));
    for (const block of fn.landings) arrive(position.get(block)!, flow.boundary(graph.blocks[block]!, "landing"));
  } else {
    for (const [at, index] of order.entries()) {
      const block = graph.blocks[index]!;
      if (flow.least !== undefined) arrive(at, flow.least);
      if (isWayOut(block, left)) arrive(at, flow.boundary(block, "exit"));
    }
  }
  while (lowest < order.length) {
    const at = lowest;
    queued[at] = 0;
    do lowest++;
    while (lowest < order.length && queued[lowest] === 0);
    const block = graph.blocks[order[at]!]!;
    const output = flow.transfer(block, inputs[at]!);
    outputs[at] = output;
    for (const edge of isForward ? block.successors : block.predecessors) {
      const to = position.get(isForward ? edge.to : edge.from);
      if (to === undefined || left.has(edge)) continue;
      arrive(to, flow.edge ? flow.edge(edge, output) : output);
    }
  }
  const stateIn = (states: readonly (S | undefined)[], block: number): S | undefined => {
    const at = position.get(block);
    return at === undefined ? undefined : states[at];
  };
  const [before, behind] = isForward ? [inputs, outputs] : [outputs, inputs];
  return { before: (block) => stateIn(before, block), behind: (block) => stateIn(behind, block) };
}

/** Whether a function may be left at the end of a block. */
export function isWayOut({ last, leaks, successors }: Block, left: ReadonlySet<Edge>): boolean {
  switch (last.kind) {
    case "return":
    case "indirect":
    case "trapReturn":
    case "exit":
      return true;
    default:
      return leaks.length > 0 || successors.length === 0 || successors.some((edge) => left.has(edge));
  }
}
