/** The flame graph as plain data: what is zoomed, found and drawn. */
import { countText, type FlameBox, type Profile, percentText, timeText } from "@nnasm/sim-core/profile";
import type { Layer, Rects, RenderSpec, Text } from "../shared/spec.ts";

export const ROW = 22;
/** Narrower boxes are drawn as one line of a pixel, names from this width on. */
const NAMED = 24;

export interface FlameState {
  /** Node that fills the width. */
  readonly zoom: number;
  readonly selected: number;
  /** Part of names, in any case; empty: nothing is looked for. */
  readonly search: string;
}

const isFound = (name: string, search: string): boolean =>
  search !== "" && name.toLowerCase().includes(search.toLowerCase());

/** Share of the run that functions that were found take; calls within them count once. */
export function foundShare({ calls }: Profile, boxes: readonly FlameBox[], search: string): number {
  const inFound = new Set<number>();
  let cycles = 0;
  for (const { node, parent } of boxes) {
    if (inFound.has(parent)) inFound.add(node);
    else if (isFound(calls[node]!.name, search)) {
      inFound.add(node);
      cycles += calls[node]!.inclusiveCycles;
    }
  }
  return cycles / (calls[0]?.inclusiveCycles || 1);
}

/** Place of a box: x, y, width in CSS pixels; undefined when it is outside of what is zoomed. */
function placeOf(
  box: FlameBox,
  zoomed: FlameBox,
  width: number,
): readonly [x: number, y: number, width: number] | undefined {
  if (box.to <= zoomed.from || box.from >= zoomed.to) return undefined;
  const span = zoomed.to - zoomed.from || 1;
  const from = Math.max(0, (box.from - zoomed.from) / span);
  const to = Math.min(1, (box.to - zoomed.from) / span);
  return [from * width, box.depth * ROW, (to - from) * width];
}

/** The box at a point. */
export function boxAt(
  boxes: readonly FlameBox[],
  zoomed: FlameBox,
  width: number,
  x: number,
  y: number,
): FlameBox | undefined {
  const depth = Math.floor(y / ROW);
  return boxes.find((box) => {
    const place = box.depth === depth ? placeOf(box, zoomed, width) : undefined;
    return place !== undefined && x >= place[0] && x < place[0] + Math.max(1, place[2]);
  });
}

/** The box that a key leads to. */
export function neighbour(boxes: readonly FlameBox[], from: FlameBox, key: string): FlameBox | undefined {
  if (key === "ArrowUp") return boxes.find(({ node }) => node === from.parent);
  if (key === "ArrowDown") return boxes.find(({ parent }) => parent === from.node);
  const row = boxes.filter(({ depth }) => depth === from.depth).sort((a, b) => a.from - b.from);
  const at = row.findIndex(({ node }) => node === from.node);
  return key === "ArrowRight" ? row[at + 1] : key === "ArrowLeft" ? row[at - 1] : undefined;
}

export function boxText({ calls, clockMHz }: Profile, node: number, asTime: boolean): string {
  const { name, inclusiveCycles, cycles, calls: count } = calls[node]!;
  const shown = (value: number): string => (asTime ? timeText(value, clockMHz) : `${countText(value)} cycles`);
  const whole = calls[0]!.inclusiveCycles || 1;
  const times = node === 0 ? "" : `, ${countText(count)} ${count === 1 ? "call" : "calls"}`;
  return `${name}: ${shown(inclusiveCycles)} (${percentText(inclusiveCycles / whole)}), ${shown(cycles)} its own${times}`;
}

export function flameSpec(
  { calls }: Profile,
  boxes: readonly FlameBox[],
  { zoom, selected, search }: FlameState,
  width: number,
): RenderSpec {
  const zoomed = boxes.find(({ node }) => node === zoom) ?? boxes[0]!;
  const byColour = new Map<string, number[]>();
  const outlines: Rects[] = [];
  const texts: Text[] = [];
  let depth = 0;
  for (const box of boxes) {
    const place = placeOf(box, zoomed, width);
    if (!place) continue;
    const [x, y, boxWidth] = place;
    depth = Math.max(depth, box.depth);
    const { name } = calls[box.node]!;
    const found = isFound(name, search);
    const colour = found ? "found" : search !== "" ? "dimmed" : `flame-${box.node % 4}`;
    const values = byColour.get(colour) ?? [];
    byColour.set(colour, values);
    values.push(x, y, Math.max(1, boxWidth - 1), ROW - 1);
    if (box.node === selected) {
      outlines.push({ colour: "focus", values: Float32Array.of(x, y, Math.max(2, boxWidth), ROW) });
    }
    if (boxWidth < NAMED) continue;
    const ink = colour === "dimmed" ? "text" : "ink";
    texts.push({ x: x + 4, y: y + ROW / 2, text: name, colour: ink, maxWidth: boxWidth - 8 });
  }
  const rects = [...byColour].map(([colour, values]): Rects => ({ colour, values: Float32Array.from(values) }));
  const layer: Layer = { rects, outlines, lines: [], arrows: [], texts };
  return { width, height: (depth + 1) * ROW, background: "background", layers: [layer] };
}
