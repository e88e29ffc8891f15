/** Boxes of a flame graph: functions by call path, as wide as the cycles that they and what they call take. */
import type { CallProfile } from "./model.ts";

export interface FlameBox {
  /** Index of the call path's node. */
  readonly node: number;
  readonly parent: number;
  readonly depth: number;
  /** In cycles; callers reach as far as all that they call. */
  readonly from: number;
  readonly to: number;
}

/** Callers before what they call; of one caller the costliest first. */
export function flameBoxes(calls: readonly CallProfile[]): FlameBox[] {
  const children: number[][] = calls.map(() => []);
  calls.forEach(({ parent }, node) => {
    if (parent >= 0) children[parent]!.push(node);
  });
  const boxes: FlameBox[] = [];
  const waiting = calls.length > 0 ? [{ node: 0, depth: 0, from: 0 }] : [];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, depth, from } = next;
    const { parent, inclusiveCycles } = calls[node]!;
    boxes.push({ node, parent, depth, from, to: from + inclusiveCycles });
    const sorted = children[node]!.toSorted((a, b) => calls[b]!.inclusiveCycles - calls[a]!.inclusiveCycles);
    let at = from;
    const placed = sorted.map((child) => {
      const box = { node: child, depth: depth + 1, from: at };
      at += calls[child]!.inclusiveCycles;
      return box;
    });
    waiting.push(...placed.reverse());
  }
  return boxes;
}
