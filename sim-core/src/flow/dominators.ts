/** Dominators by the algorithm of Cooper, Harvey and Kennedy (2001), and the loops that follow from them. */
import type { Block, Edge, FlowFunction, HardwareLoop, Loop } from "./model.ts";

/** Stands above entry and landings, so that there is one root. */
const ROOT = -1;

/** Immediate dominators by block; roots are left out. */
export function findDominators(fn: FlowFunction, blocks: readonly Block[]): Map<number, number> {
  const position = new Map(fn.blocks.map((block, index) => [block, index]));
  const roots = new Set([fn.entry, ...fn.landings]);
  const idom = new Map<number, number>();
  for (const root of roots) idom.set(root, ROOT);
  const order = (block: number): number => (block === ROOT ? -1 : position.get(block)!);
  const meet = (a: number, b: number): number => {
    let [x, y] = [a, b];
    while (x !== y) {
      if (order(x) > order(y)) x = idom.get(x)!;
      else y = idom.get(y)!;
    }
    return x;
  };
  const left = new Set(fn.tailEdges);
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of fn.blocks) {
      if (roots.has(block)) continue;
      let best: number | undefined;
      for (const edge of blocks[block]!.predecessors) {
        if (!idom.has(edge.from) || !position.has(edge.from) || left.has(edge)) continue;
        best = best === undefined ? edge.from : meet(best, edge.from);
      }
      if (best !== undefined && idom.get(block) !== best) {
        idom.set(block, best);
        changed = true;
      }
    }
  }
  for (const [block, above] of idom) if (above === ROOT) idom.delete(block);
  return idom;
}

/** Whether every way to `block` leads through `above`; a block dominates itself. */
export function dominates(dominators: ReadonlyMap<number, number>, above: number, block: number): boolean {
  let at: number | undefined = block;
  while (at !== undefined && at !== above) at = dominators.get(at);
  return at === above;
}

/** Natural loops; what jumps into the middle of itself is none. Inner ones come before those around them. */
export function findLoops(
  fn: FlowFunction,
  blocks: readonly Block[],
  dominators: ReadonlyMap<number, number>,
  hardwareLoops: readonly HardwareLoop[],
): Loop[] {
  const members = new Set(fn.blocks);
  const left = new Set(fn.tailEdges);
  const backEdges = new Map<number, Edge[]>();
  for (const block of fn.blocks) {
    for (const edge of blocks[block]!.successors) {
      if (!members.has(edge.to) || left.has(edge) || !dominates(dominators, edge.to, block)) continue;
      const known = backEdges.get(edge.to);
      if (known) known.push(edge);
      else backEdges.set(edge.to, [edge]);
    }
  }
  const loops = [...backEdges].map(([header, back]): Loop => {
    const body = new Set([header]);
    const work = back.map(({ from }) => from);
    for (let block = work.pop(); block !== undefined; block = work.pop()) {
      if (body.has(block)) continue;
      body.add(block);
      for (const edge of blocks[block]!.predecessors) {
        if (members.has(edge.from) && !left.has(edge)) work.push(edge.from);
      }
    }
    const setups = back.some(({ kind }) => kind === "loop")
      ? hardwareLoops.filter(({ start }) => start === blocks[header]!.address)
      : [];
    const hardware = setups[0];
    const isCounted =
      back.every(({ kind }) => kind === "loop") && setups.every(({ count }) => count === hardware?.count);
    return { header, blocks: body, back, trips: isCounted ? hardware?.count : undefined, hardware };
  });
  return loops.sort((a, b) => a.blocks.size - b.blocks.size);
}
