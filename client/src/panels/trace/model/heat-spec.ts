/** What the heat map of memory looks like, as plain data: addresses downwards, cycles as in the timeline above it. */
import type { HeatArea, HeatMemory, HeatWindow } from "@nnasm/sim-core/trace";
import { LayerBuilder, type RenderSpec } from "../../shared/spec.ts";
import { HEAT_LEVELS, type HeatMetric } from "./colours.ts";
import { HEAT_RULER, type HeatFrame, heatX, yOf } from "./heat-view.ts";
import { GUTTER } from "./layout.ts";
import { ticks } from "./ruler.ts";

export interface HeatState extends HeatFrame {
  readonly memory: HeatMemory;
  readonly metric: HeatMetric;
  /** Undefined until the first answer; may be of another area while the next one is on its way. */
  readonly window: HeatWindow | undefined;
  /** The cell that keys are about. */
  readonly cursor: HeatArea | undefined;
  readonly machineCycle: number | undefined;
  readonly clockMHz: number | undefined;
}

/** Height of a line of text. */
const TEXT = 14;

export const hex = (address: number): string => `0x${Math.floor(address).toString(16).padStart(8, "0")}`;

/** What a cell has of a metric. */
export function cellValue({ reads, writes, lost }: HeatWindow, cell: number, metric: HeatMetric): number {
  if (metric === "reads") return reads[cell]!;
  if (metric === "writes") return writes[cell]!;
  return metric === "lost" ? lost[cell]! : reads[cell]! + writes[cell]!;
}

/** The most that any cell has. */
export function mostOf(window: HeatWindow, metric: HeatMetric): number {
  let most = 0;
  for (let cell = 0; cell < window.reads.length; cell++) most = Math.max(most, cellValue(window, cell, metric));
  return most;
}

/** From 1 to HEAT_LEVELS, each twice as much as the one before; 0 for nothing. */
export function levelOf(value: number, most: number): number {
  if (value <= 0) return 0;
  return Math.max(1, Math.min(HEAT_LEVELS, HEAT_LEVELS + Math.ceil(Math.log2(value / most))));
}

export function heatSpec(state: HeatState): RenderSpec {
  const { width, height } = state;
  return {
    width,
    height,
    background: "background",
    layers: [cells(state), overlay(state), names(state), ruler(state)],
  };
}

function cells(state: HeatState): ReturnType<LayerBuilder["build"]> {
  const { window, metric, width, height } = state;
  const layer = new LayerBuilder([GUTTER, HEAT_RULER, width - GUTTER, height - HEAT_RULER]);
  if (!window) return layer.build();
  const { columns, rows, low, high, from, to } = window;
  const most = mostOf(window, metric);
  // On whole pixels, so that neighbours don't show through.
  const x = Array.from({ length: columns + 1 }, (_, i) => Math.round(heatX(state, from + ((to - from) * i) / columns)));
  const y = Array.from({ length: rows + 1 }, (_, i) => Math.round(yOf(state, low + ((high - low) * i) / rows)));
  for (let row = 0; row < rows; row++) {
    if (y[row + 1]! < HEAT_RULER || y[row]! > height) continue;
    for (let column = 0; column < columns; ) {
      const level = levelOf(cellValue(window, row * columns + column, metric), most);
      const first = column;
      do column++;
      while (column < columns && levelOf(cellValue(window, row * columns + column, metric), most) === level);
      if (level === 0) continue;
      layer.rect(`heat-${metric}-${level}`, x[first]!, y[row]!, x[column]! - x[first]!, y[row + 1]! - y[row]!);
    }
  }
  return layer.build();
}

function overlay(state: HeatState): ReturnType<LayerBuilder["build"]> {
  const { memory, cursor, machineCycle, width, height } = state;
  const layer = new LayerBuilder([GUTTER, HEAT_RULER, width - GUTTER, height - HEAT_RULER]);
  for (const { low } of memory.tensors) {
    const y = Math.round(yOf(state, low)) + 0.5;
    if (y > HEAT_RULER && y < height) layer.line("grid", GUTTER, y, width, y);
  }
  if (machineCycle !== undefined) {
    const x = heatX(state, machineCycle);
    layer.line("debugger", x, HEAT_RULER, x, height, { width: 2 });
  }
  if (cursor) {
    const [left, right] = [heatX(state, cursor.from), heatX(state, cursor.to)];
    const [top, bottom] = [yOf(state, cursor.low), yOf(state, cursor.high)];
    for (const grow of [1, 2])
      layer.outline("focus", left - grow, top - grow, right - left + 2 * grow, bottom - top + 2 * grow);
  }
  return layer.build();
}

/** Tensors where there is room, and the first and the last address. */
function names(state: HeatState): ReturnType<LayerBuilder["build"]> {
  const { memory, addresses, height } = state;
  const layer = new LayerBuilder([0, HEAT_RULER, GUTTER, height - HEAT_RULER]);
  layer.rect("background", 0, HEAT_RULER, GUTTER, height - HEAT_RULER);
  const write = (y: number, text: string, colour: string): void =>
    layer.text({ x: GUTTER - 8, y, text, colour, align: "right", maxWidth: GUTTER - 12, font: "code" });
  write(HEAT_RULER + TEXT / 2, hex(addresses.low), "dim");
  write(height - TEXT / 2, hex(addresses.high - 1), "dim");
  let free = HEAT_RULER + TEXT;
  for (const { name, low, high } of memory.tensors) {
    const top = Math.max(HEAT_RULER, yOf(state, low));
    const bottom = Math.min(height, yOf(state, high));
    const middle = Math.max(free + TEXT / 2, (top + bottom) / 2);
    if (bottom <= HEAT_RULER || top >= height || middle > bottom + TEXT / 2 || middle > height - 1.5 * TEXT) continue;
    write(middle, name, "text");
    free = middle + TEXT / 2;
  }
  layer.line("border", GUTTER - 0.5, HEAT_RULER, GUTTER - 0.5, height);
  return layer.build();
}

function ruler({ view, width, clockMHz, memory, ...frame }: HeatState): ReturnType<LayerBuilder["build"]> {
  const layer = new LayerBuilder([0, 0, width, HEAT_RULER]);
  layer.rect("background", 0, 0, width, HEAT_RULER);
  layer.line("border", 0, HEAT_RULER - 0.5, width, HEAT_RULER - 0.5);
  layer.text({
    x: GUTTER - 8,
    y: HEAT_RULER / 2,
    text: memory.title,
    colour: "text",
    align: "right",
    font: "bold",
    maxWidth: GUTTER - 12,
  });
  for (const { cycle, text } of ticks(view, width - GUTTER, clockMHz)) {
    const x = heatX({ view, width, ...frame }, cycle);
    layer.line("border", Math.round(x) + 0.5, 6, Math.round(x) + 0.5, HEAT_RULER);
    layer.text({ x: x + 4, y: HEAT_RULER / 2, text, colour: "text" });
  }
  return layer.build();
}
