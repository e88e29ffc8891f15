/** The picture of two runs on one axis: a pair of rows for the layers and for each unit, the first run above the second. */
import type { Overlay, OverlaySpan } from "@nnasm/sim-core/compare";
import { count } from "../../shared/numbers.ts";
import { LayerBuilder, type Pattern, type RenderSpec } from "../../shared/spec.ts";

export interface OverlayView {
  /** Cycles of the axis that are shown. */
  readonly from: number;
  readonly to: number;
  /** Cycle of each run that lies at 0 of the axis. */
  readonly alignA: number;
  readonly alignB: number;
}

export interface OverlayRow {
  readonly lane: string;
  readonly side: "a" | "b";
  readonly spans: readonly OverlaySpan[];
}

export const LABEL_WIDTH = 90;
const AXIS_HEIGHT = 22;
const ROW_HEIGHT = 16;
const PAIR_GAP = 6;
/** Boxes that are narrower have neither pattern nor outline. */
const HATCHED_WIDTH = 8;

/** Rows in the order of the first run's lanes, those of the second alone behind them. */
export function overlayRows(a: Overlay, b: Overlay): OverlayRow[] {
  const ids = [...new Set([...a.lanes, ...b.lanes].map(({ id }) => id))];
  const spans = ({ lanes }: Overlay, id: string) => lanes.find((lane) => lane.id === id)?.spans ?? [];
  return ids.flatMap((lane): OverlayRow[] => [
    { lane, side: "a", spans: spans(a, lane) },
    { lane, side: "b", spans: spans(b, lane) },
  ]);
}

/** Names of layers that both runs have, in the order of the first. */
export function commonLayers(a: Overlay, b: Overlay): string[] {
  const names = ({ lanes }: Overlay): string[] =>
    (lanes.find(({ id }) => id === "layers")?.spans ?? []).map(({ name }) => name);
  const second = new Set(names(b));
  return [...new Set(names(a))].filter((name) => second.has(name));
}

/** The view of both whole runs, aligned at their starts or where each first enters a layer. */
export function wholeView(a: Overlay, b: Overlay, layer: string | undefined): OverlayView {
  const start = ({ lanes }: Overlay): number =>
    lanes.find(({ id }) => id === "layers")?.spans.find(({ name }) => name === layer)?.from ?? 0;
  const [alignA, alignB] = layer === undefined ? [0, 0] : [start(a), start(b)];
  return {
    from: 0 - Math.max(alignA, alignB),
    to: Math.max(a.cycles - alignA, b.cycles - alignB, 1),
    alignA,
    alignB,
  };
}

/** Zooms around a cycle of the axis, never beyond `whole`. */
export function zoomed(view: OverlayView, whole: OverlayView, at: number, factor: number): OverlayView {
  const width = Math.min(whole.to - whole.from, Math.max(10, (view.to - view.from) * factor));
  const share = (at - view.from) / (view.to - view.from);
  return moved({ ...view, from: at - share * width, to: at + (1 - share) * width }, whole, 0);
}

export function moved(view: OverlayView, whole: OverlayView, by: number): OverlayView {
  const width = view.to - view.from;
  const from = Math.max(whole.from, Math.min(whole.to - width, view.from + by));
  return { ...view, from, to: from + width };
}

export const overlayHeight = (rows: number): number => AXIS_HEIGHT + (rows / 2) * (2 * ROW_HEIGHT + PAIR_GAP) + 4;

const rowTop = (row: number): number => AXIS_HEIGHT + row * ROW_HEIGHT + Math.floor(row / 2) * PAIR_GAP;

/** Row at a height of the picture, or -1. */
export function rowAt(y: number, rows: number): number {
  for (let row = 0; row < rows; row++) if (y >= rowTop(row) && y < rowTop(row) + ROW_HEIGHT) return row;
  return -1;
}

export const cycleAt = (x: number, view: OverlayView, width: number): number =>
  view.from + ((x - LABEL_WIDTH) / Math.max(1, width - LABEL_WIDTH)) * (view.to - view.from);

/** The span at a cycle of the axis. */
export function spanAt({ side, spans }: OverlayRow, cycle: number, view: OverlayView): OverlaySpan | undefined {
  const own = cycle + (side === "a" ? view.alignA : view.alignB);
  return spans.find(({ from, to }) => own >= from && own < to);
}

export function overlaySpec(rows: readonly OverlayRow[], view: OverlayView, width: number): RenderSpec {
  const height = overlayHeight(rows.length);
  const plot = Math.max(1, width - LABEL_WIDTH);
  const scale = plot / (view.to - view.from);
  const x = (cycle: number): number => LABEL_WIDTH + (cycle - view.from) * scale;
  const labels = new LayerBuilder();
  const spans = new LayerBuilder([LABEL_WIDTH, 0, plot, height]);
  const step = niceStep((view.to - view.from) / Math.max(1, Math.floor(plot / 110)));
  for (let mark = Math.ceil(view.from / step) * step; mark <= view.to; mark += step) {
    spans.line("grid", x(mark), AXIS_HEIGHT, x(mark), height);
    spans.text({ x: x(mark) + 3, y: AXIS_HEIGHT / 2, text: count(mark), colour: "faint" });
  }
  rows.forEach(({ lane, side, spans: own }, row) => {
    const top = rowTop(row);
    const shift = side === "a" ? view.alignA : view.alignB;
    const name = side === "a" ? `${lane} A` : "B";
    labels.text({ x: LABEL_WIDTH - 8, y: top + ROW_HEIGHT / 2, text: name, colour: "text", align: "right" });
    const pattern: Pattern | undefined = side === "b" ? "rising" : undefined;
    // What is narrower than a pixel and touches the one before is part of it.
    let drawn = Number.NEGATIVE_INFINITY;
    for (const { from, to, name: layer } of own) {
      const left = Math.max(LABEL_WIDTH, x(from - shift));
      const right = Math.min(width, x(to - shift));
      if (right < LABEL_WIDTH || left > width || right <= drawn + 0.5) continue;
      drawn = right;
      const box = [left, top + 1, Math.max(1, right - left), ROW_HEIGHT - 2] as const;
      // Patterns and outlines would hide boxes of a few pixels.
      spans.rect(side, ...box, right - left < HATCHED_WIDTH ? undefined : pattern);
      if (right - left >= HATCHED_WIDTH) spans.outline("edge", ...box);
      if (right - left > 24 && lane === "layers") {
        // Letters on a surface of their own: a pattern behind them would make them hard to read.
        spans.text({ x: left + 4, y: top + ROW_HEIGHT / 2, text: layer, colour: "onSpan", maxWidth: right - left - 8 });
      }
    }
  });
  return { width, height, background: "background", layers: [spans.build(), labels.build()] };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? power * 10;
}
