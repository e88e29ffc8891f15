/** Two traces on one axis: spans of layers and units, joined where a picture of the whole run would show no gap. */
import type { Trace } from "../trace/index.ts";
import { layerName, layerSpans } from "./from-trace.ts";

export interface OverlaySpan {
  readonly from: number;
  readonly to: number;
  /** Of the layer. */
  readonly name: string;
}

export interface OverlayLane {
  /** `layers`, or the unit. */
  readonly id: string;
  readonly spans: readonly OverlaySpan[];
}

export interface Overlay {
  readonly cycles: number;
  readonly lanes: readonly OverlayLane[];
}

/** Spans of one layer that are nearer than this part of the run become one. */
const RESOLUTION = 2000;

export function overlayOf(trace: Trace): Overlay {
  const { operations, header, end } = trace;
  const gap = end.cycle / RESOLUTION;
  const lanes: OverlayLane[] = [
    {
      id: "layers",
      spans: joined(
        layerSpans(trace).map(({ id, from, to }) => ({ name: layerName(trace, id), from, to })),
        0,
      ),
    },
  ];
  header.units.forEach((unit, number) => {
    const spans: OverlaySpan[] = [];
    for (const index of operations.byUnit(number)) {
      const from = operations.start.at(index);
      const to = operations.end.at(index);
      spans.push({ from, to: to < 0 ? end.cycle : to, name: layerName(trace, operations.layer.at(index)) });
    }
    if (spans.length > 0) lanes.push({ id: unit, spans: joined(spans, gap) });
  });
  return { cycles: end.cycle, lanes };
}

function joined(spans: readonly OverlaySpan[], gap: number): OverlaySpan[] {
  const result: { from: number; to: number; name: string }[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last && last.name === span.name && span.from - last.to <= gap) last.to = span.to;
    else result.push({ ...span });
  }
  return result;
}
