/** What the timeline looks like, as plain data: from a window of the trace, the view and what is selected. */
import type { Item, Spot, TimelineInfo, TimelineWindow, TrackWindow } from "@nnasm/sim-core/trace";
import { count } from "../../shared/numbers.ts";
import { LayerBuilder, type RenderSpec } from "../../shared/spec.ts";
import { colourOf, PATTERNS } from "./colours.ts";
import { GUTTER, heightOf, type Row, RULER } from "./layout.ts";
import { ticks } from "./ruler.ts";
import { type View, xOf } from "./view.ts";

/** A remark at a cycle. */
export interface Note {
  readonly cycle: number;
  readonly text: string;
}

export interface TimelineState {
  readonly info: TimelineInfo;
  readonly rows: readonly Row[];
  readonly view: View;
  /** Undefined until the first answer; may be of another view while the next one is on its way. */
  readonly window: TimelineWindow | undefined;
  readonly width: number;
  readonly height: number;
  readonly scrollTop: number;
  /** Id of the row that keys are about. */
  readonly row: string | undefined;
  readonly selected: Item | undefined;
  readonly range: View | undefined;
  readonly notes: readonly Note[];
  /** Where the debugged machine stands. */
  readonly machineCycle: number | undefined;
  readonly inTime: boolean;
  readonly highContrast: boolean;
}

/** Narrower boxes are drawn as part of the shares. */
const BOX = 3;
const NAME = 26;

export function timelineSpec(state: TimelineState): RenderSpec {
  const { width, height } = state;
  return {
    width,
    height,
    background: "background",
    layers: [grid(state), rowsLayer(state), overlay(state), gutter(state), ruler(state)],
  };
}

function colourOfSeries(row: Row, name: string): string {
  switch (row.track.kind) {
    case "causes":
      return colourOf(`cause-${name}`);
    case "operations":
      return colourOf(row.track.id);
    case "conflicts":
      return colourOf(`unit-${name}`);
    case "layers":
      return "layer";
    case "marks":
      return "mark";
    case "queue":
      return "queue";
    case "bandwidth":
    case "bank":
      return name;
  }
}

/** Below everything: where the ruler's ticks and the rows' grounds are. */
function grid(state: TimelineState): ReturnType<LayerBuilder["build"]> {
  const { rows, view, width, height, scrollTop, info, inTime } = state;
  const layer = new LayerBuilder([GUTTER, RULER, width - GUTTER, height - RULER]);
  const inner = width - GUTTER;
  for (const { cycle } of ticks(view, inner, inTime ? info.clockMHz : undefined)) {
    const x = Math.round(GUTTER + xOf(view, cycle, inner)) + 0.5;
    layer.line("grid", x, RULER, x, height);
  }
  for (const row of rows) {
    // Between rows that low a line would be most of what one sees.
    if (row.track.kind === "bank") continue;
    const y = RULER + row.y - scrollTop + row.height + 0.5;
    layer.line("grid", GUTTER, y, width, y);
  }
  return layer.build();
}

function rowsLayer(state: TimelineState): ReturnType<LayerBuilder["build"]> {
  const { rows, window, width, height, scrollTop } = state;
  const layer = new LayerBuilder([GUTTER, RULER, width - GUTTER, height - RULER]);
  for (const row of rows) {
    const y = RULER + row.y - scrollTop;
    if (y > height || y + row.height < RULER) continue;
    const shown = window?.tracks.find(({ id }) => id === row.track.id);
    if (!window || !shown) continue;
    columns(layer, state, row, y, window, shown);
    boxes(layer, state, row, y, shown);
  }
  return layer.build();
}

/** Stacked shares, pixel by pixel; equal neighbours become one rectangle. */
function columns(
  layer: LayerBuilder,
  state: TimelineState,
  row: Row,
  y: number,
  window: TimelineWindow,
  shown: TrackWindow,
): void {
  const { view, width, highContrast } = state;
  const inner = width - GUTTER;
  const scale = (window.to - window.from) / window.pixels;
  const first = Math.max(0, Math.floor((view.from - window.from) / scale));
  const last = Math.min(window.pixels, Math.ceil((view.to - window.from) / scale));
  const bottom = y + row.height;
  const tops = new Float32Array(Math.max(0, last - first)).fill(bottom);
  shown.series.forEach((shares, series) => {
    const colour = colourOfSeries(row, row.track.series[series]!.name);
    const pattern = highContrast ? PATTERNS[colour] : undefined;
    let begin = first;
    for (let i = first; i < last; ) {
      const base = tops[i - first]!;
      const top = topOf(base, shares[i]!, row.height, y);
      begin = i;
      while (i < last && tops[i - first] === base && topOf(base, shares[i]!, row.height, y) === top)
        tops[i++ - first] = top;
      if (top === base) continue;
      const x = GUTTER + xOf(view, window.from + begin * scale, inner);
      const end = GUTTER + xOf(view, window.from + i * scale, inner);
      layer.rect(colour, sharp(x), top, sharp(end) - sharp(x), base - top, pattern);
    }
  });
}

/** Rounding hides nothing: what is there at all is half a pixel high. */
function topOf(base: number, share: number, height: number, y: number): number {
  if (!(share > 0)) return base;
  const exact = Math.round(share * height * 2) / 2;
  return Math.max(y, base - Math.max(exact, share > 1e-6 ? 0.5 : 0));
}

const sharp = (x: number): number => Math.round(x * 2) / 2;

function boxes(layer: LayerBuilder, state: TimelineState, row: Row, y: number, { boxes }: TrackWindow): void {
  const { view, width, highContrast } = state;
  const inner = width - GUTTER;
  const { kind, names } = row.track;
  const colour = colourOfSeries(row, "");
  for (let i = 0; i < boxes.start.length; i++) {
    const from = xOf(view, boxes.start[i]!, inner);
    const to = xOf(view, boxes.end[i]!, inner);
    if (to < 0 || from > inner) continue;
    const x = GUTTER + Math.max(-2, from);
    const visible = GUTTER + Math.min(inner + 2, to) - x;
    if (kind === "marks") {
      mark(layer, x, y, row.height, names[boxes.name[i]!] ?? "", roomBehind(boxes.start, i, view, inner));
      continue;
    }
    if (visible < BOX) continue;
    if (kind !== "causes") {
      layer.rect(colour, sharp(x), y, sharp(visible), row.height);
      layer.outline("background", sharp(x), y, sharp(visible), row.height);
    }
    if (visible < NAME) continue;
    const text =
      kind === "causes" ? `${names[boxes.name[i]!]} ${count(boxes.end[i]! - boxes.start[i]!)}` : names[boxes.name[i]!]!;
    // Letters on a pattern can't be read.
    if (highContrast && kind === "causes")
      layer.rect("background", x + 3, y + row.height / 2 - 8, Math.min(visible - 6, 7 * text.length), 16);
    layer.text({
      x: x + 5,
      y: y + row.height / 2 + 0.5,
      text,
      colour: highContrast && kind === "causes" ? "text" : "background",
      maxWidth: visible - 10,
    });
  }
}

function roomBehind(starts: Float64Array, i: number, view: View, inner: number): number {
  return i + 1 < starts.length ? xOf(view, starts[i + 1]!, inner) - xOf(view, starts[i]!, inner) : 200;
}

function mark(layer: LayerBuilder, x: number, y: number, height: number, text: string, room: number): void {
  layer.rect("mark", x, y, 2, height);
  if (room > NAME) layer.text({ x: x + 5, y: y + height / 2 + 0.5, text, colour: "text", maxWidth: room - 8 });
}

/** What lies over the rows: the range, the selection and its arrows, notes, and where the debugger stands. */
function overlay(state: TimelineState): ReturnType<LayerBuilder["build"]> {
  const { view, width, height, selected, range, notes, machineCycle } = state;
  const inner = width - GUTTER;
  const layer = new LayerBuilder([GUTTER, RULER, inner, height - RULER]);
  const at = (cycle: number): number => GUTTER + xOf(view, cycle, inner);
  if (range) {
    for (const cycle of [range.from, range.to]) layer.line("focus", at(cycle), RULER, at(cycle), height, { width: 2 });
    layer.line("focus", at(range.from), RULER + 6, at(range.to), RULER + 6, { width: 3 });
  }
  for (const { cycle, text } of notes) {
    layer.line("note", at(cycle), RULER, at(cycle), height, { dashed: true });
    layer.text({ x: at(cycle) + 4, y: height - 10, text, colour: "note", font: "bold" });
  }
  if (machineCycle !== undefined)
    layer.line("debugger", at(machineCycle), RULER, at(machineCycle), height, { width: 2 });
  if (selected) {
    const box = spotBox(state, selected);
    if (box) {
      const [x, y, boxWidth, boxHeight] = box;
      for (const grow of [0, 1])
        layer.outline("focus", x - grow, y - grow, Math.max(3, boxWidth) + 2 * grow, boxHeight + 2 * grow);
    }
    for (const { kind, from, to } of selected.arrows) {
      const source = spotBox(state, from);
      const target = spotBox(state, to);
      if (!source || !target) continue;
      // A wait ends where the operation ends; an operation begins behind those that it needs.
      const end: [number, number] =
        kind === "wait" ? [target[0] + target[2], target[1] + target[3] / 2] : [target[0], target[1] + target[3] / 2];
      layer.arrow({
        colour: kind === "wait" ? "arrow-wait" : "arrow",
        dashed: kind === "wait",
        from: [source[0] + source[2], source[1] + source[3] / 2],
        to: end,
      });
    }
  }
  return layer.build();
}

/** Where something stands: x, y, width, height. Far outside the view it is cut off. */
function spotBox(
  { rows, view, width, scrollTop }: TimelineState,
  { track, from, to }: Spot,
): [number, number, number, number] | undefined {
  const row = rows.find((one) => one.track.id === track);
  if (!row) return undefined;
  const inner = width - GUTTER;
  const near = (cycle: number): number => Math.max(-inner, Math.min(2 * inner, xOf(view, cycle, inner)));
  return [GUTTER + near(from), RULER + row.y - scrollTop, near(to) - near(from), row.height];
}

function gutter(state: TimelineState): ReturnType<LayerBuilder["build"]> {
  const { rows, height, scrollTop, row: focused } = state;
  const layer = new LayerBuilder([0, RULER, GUTTER, height - RULER]);
  layer.rect("background", 0, RULER, GUTTER, height - RULER);
  for (const row of rows) {
    const y = RULER + row.y - scrollTop;
    if (y > height || y + row.height < RULER) continue;
    if (row.track.id === focused) layer.rect("focus", 0, y, 3, row.height);
    const isQueue = row.track.kind === "queue";
    const isMinor = isQueue || row.track.kind === "bank";
    layer.text({
      x: GUTTER - 8,
      y: y + row.height / 2,
      text: isQueue ? "queue" : row.track.title,
      colour: isMinor ? "dim" : "text",
      align: "right",
      maxWidth: GUTTER - 16,
      font: isMinor ? "text" : "bold",
    });
  }
  layer.line("border", GUTTER - 0.5, RULER, GUTTER - 0.5, height);
  return layer.build();
}

function ruler(state: TimelineState): ReturnType<LayerBuilder["build"]> {
  const { view, width, info, inTime, machineCycle, rows, height, scrollTop } = state;
  const inner = width - GUTTER;
  const layer = new LayerBuilder([0, 0, width, height]);
  layer.rect("background", 0, 0, width, RULER);
  layer.line("border", 0, RULER - 0.5, width, RULER - 0.5);
  layer.text({
    x: GUTTER - 8,
    y: 26,
    text: inTime ? `time at ${info.clockMHz} MHz` : "cycles",
    colour: "dim",
    align: "right",
  });
  for (const { cycle, text } of ticks(view, inner, inTime ? info.clockMHz : undefined)) {
    const x = GUTTER + xOf(view, cycle, inner);
    layer.line("border", Math.round(x) + 0.5, 16, Math.round(x) + 0.5, RULER);
    layer.text({ x: x + 4, y: 26, text, colour: "text" });
  }
  // Which part of the whole this is.
  const length = info.to - info.from;
  const [from, to] = [(view.from - info.from) / length, (view.to - info.from) / length];
  layer.line("border", GUTTER, 6, width, 6);
  layer.rect("focus", GUTTER + from * inner, 3, Math.max(4, (to - from) * inner), 6);
  if (machineCycle !== undefined) {
    const x = GUTTER + xOf(view, machineCycle, inner);
    if (x >= GUTTER && x <= width) {
      layer.rect("debugger", x - 1, 14, 2, RULER - 14);
      const isLeft = x > width - 90;
      layer.text({
        x: x + (isLeft ? -5 : 5),
        y: 15,
        text: "debugger",
        colour: "debugger",
        font: "bold",
        align: isLeft ? "right" : "left",
      });
    }
  }
  const all = heightOf(rows);
  const seen = height - RULER;
  if (all > seen) {
    layer.rect("border", width - 5, RULER + (scrollTop / all) * seen, 4, (seen / all) * seen);
  }
  return layer.build();
}
