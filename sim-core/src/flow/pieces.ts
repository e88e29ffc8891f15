/**
 * Cuts a program into pieces that can be analysed one by one: a function, together with those that share blocks with it or
 * that it calls in a circle, and code that nobody reaches. Control goes from piece to piece in one direction only, so that
 * what is found out about callers (or about callees) is complete before the next piece is looked at.
 */
import type { Block, FlowFunction, FlowGraph } from "./model.ts";

export interface Piece {
  /** Position in `Pieces.list`. */
  readonly index: number;
  /** Indexes of its blocks, by address. */
  readonly blocks: readonly number[];
  /** Those whose entry is one of its blocks; all of their blocks are. By address. */
  readonly functions: readonly FlowFunction[];
}

export interface Pieces {
  /** Those from which control comes before those that it goes to: callers before callees. */
  readonly list: readonly Piece[];
  /** Index of the piece that holds a block. */
  readonly of: Int32Array;
}

/** The functions that a block calls, as far as they are known. */
export function calleesOf(graph: FlowGraph, { last }: Block): (FlowFunction | undefined)[] {
  return last.targets.map((target) => {
    const index = graph.indexAt(target);
    return index < 0 ? undefined : graph.functionAt(graph.blockOf(index));
  });
}

export function cutIntoPieces(graph: FlowGraph): Pieces {
  const groups = groupBlocks(graph);
  const circles = findCircles(linksBetween(graph, groups));
  const count = graph.blocks.length;
  // Callees are found first.
  const last = circles.count - 1;
  const of = new Int32Array(count);
  const blocks: number[][] = Array.from({ length: circles.count }, () => []);
  const functions: FlowFunction[][] = Array.from({ length: circles.count }, () => []);
  for (let block = 0; block < count; block++) {
    const piece = last - circles.of[groups.of[block]!]!;
    of[block] = piece;
    blocks[piece]!.push(block);
  }
  for (const fn of graph.functions) functions[of[fn.entry]!]!.push(fn);
  const list = blocks.map((each, index): Piece => ({ index, blocks: each, functions: functions[index]! }));
  return { list, of };
}

interface Groups {
  readonly count: number;
  readonly of: Int32Array;
}

/** Joins the blocks of each function, and code that nobody reaches with what it runs into; an entry stands apart from that. */
function groupBlocks(graph: FlowGraph): Groups {
  const { blocks, functions } = graph;
  const above = Int32Array.from(blocks, ({ index }) => index);
  const owned = new Uint8Array(blocks.length);
  const find = (block: number): number => {
    let at = block;
    while (above[at] !== at) {
      above[at] = above[above[at]!]!;
      at = above[at]!;
    }
    return at;
  };
  const join = (a: number, b: number): void => {
    const [x, y] = [find(a), find(b)];
    // The lowest block stands for all, so that groups are numbered by address.
    if (x < y) above[y] = x;
    else above[x] = y;
  };
  for (const fn of functions) {
    for (const block of fn.blocks) {
      owned[block] = 1;
      join(fn.entry, block);
    }
  }
  for (const { index, successors } of blocks) {
    if (owned[index] === 1) continue;
    for (const { to } of successors) if (!graph.functionAt(to)) join(index, to);
  }
  const of = new Int32Array(blocks.length).fill(-1);
  let count = 0;
  for (let block = 0; block < blocks.length; block++) {
    const root = find(block);
    if (of[root]! < 0) of[root] = count++;
    of[block] = of[root]!;
  }
  return { count, of };
}

/** The groups to which control goes from each group. */
function linksBetween(graph: FlowGraph, { count, of }: Groups): number[][] {
  const links: number[][] = Array.from({ length: count }, () => []);
  const link = (from: number, to: number): void => {
    const list = links[of[from]!]!;
    if (of[from] !== of[to] && list.at(-1) !== of[to]) list.push(of[to]!);
  };
  for (const block of graph.blocks) {
    for (const { to } of block.successors) link(block.index, to);
    if (block.last.kind !== "call") continue;
    for (const callee of calleesOf(graph, block)) if (callee) link(block.index, callee.entry);
  }
  return links;
}

/** Strongly connected components by Tarjan's algorithm (1972), numbered so that links lead to lower numbers. */
function findCircles(links: readonly (readonly number[])[]): Groups {
  const order = new Int32Array(links.length).fill(-1);
  const low = new Int32Array(links.length);
  const of = new Int32Array(links.length).fill(-1);
  const open: number[] = [];
  let visited = 0;
  let count = 0;
  // A stack of its own: chains of calls may be longer than JavaScript's.
  const path: { readonly node: number; next: number }[] = [];
  const enter = (node: number): void => {
    order[node] = low[node] = visited++;
    open.push(node);
    path.push({ node, next: 0 });
  };
  for (let root = 0; root < links.length; root++) {
    if (order[root]! >= 0) continue;
    enter(root);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const { node } = top;
      const to = links[node]![top.next++];
      if (to !== undefined) {
        if (order[to]! < 0) enter(to);
        else if (of[to]! < 0) low[node] = Math.min(low[node]!, order[to]!);
        continue;
      }
      path.pop();
      const caller = path.at(-1)?.node;
      if (caller !== undefined) low[caller] = Math.min(low[caller]!, low[node]!);
      if (low[node] !== order[node]) continue;
      for (let member = open.pop()!; ; member = open.pop()!) {
        of[member] = count;
        if (member === node) break;
      }
      count++;
    }
  }
  return { count, of };
}
