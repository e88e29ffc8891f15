/** The loops of a function, each within others or apart from them. */
import type { FlowFunction, FlowGraph, Loop } from "../flow/index.ts";

export interface Nest {
  /** Inner ones before those around them. */
  readonly loops: readonly Loop[];
  readonly at: ReadonlyMap<number, Loop>;
  /** False when two loops share some of their blocks or their header, or when a circle can be entered in two places. */
  readonly isClean: boolean;
  /** Position of each block of the function in its reverse postorder. */
  readonly order: ReadonlyMap<number, number>;
}

export function makeNest(graph: FlowGraph, fn: FlowFunction): Nest {
  const order = new Map(fn.blocks.map((block, index) => [block, index]));
  const loops = graph.loopsOf(fn);
  const at = new Map(loops.map((loop) => [loop.header, loop]));
  const isClean = at.size === loops.length && areNested(loops) && isReducible(graph, fn, loops, order);
  return { loops, at, isClean, order };
}

function areNested(loops: readonly Loop[]): boolean {
  const around = new Map<number, Loop>();
  for (const loop of loops.toReversed()) {
    const outer = around.get(loop.header);
    for (const block of loop.blocks) {
      if (around.get(block) !== outer) return false;
      around.set(block, loop);
    }
  }
  return true;
}

/** Whether every edge back is one to the header of its loop. */
function isReducible(
  { blocks }: FlowGraph,
  fn: FlowFunction,
  loops: readonly Loop[],
  order: ReadonlyMap<number, number>,
): boolean {
  const back = new Set(loops.flatMap((loop) => loop.back));
  const left = new Set(fn.tailEdges);
  return fn.blocks.every((index) =>
    blocks[index]!.successors.every(
      (edge) => left.has(edge) || back.has(edge) || order.get(edge.to)! > order.get(index)!,
    ),
  );
}
