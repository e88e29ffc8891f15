/** Which addresses the heat map shows, and which cells a place on the screen is in; pure. */
import type { HeatArea, HeatMemory } from "@nnasm/sim-core/trace";
import { GUTTER } from "./layout.ts";
import { type View, xOf } from "./view.ts";

/** A cell, in CSS pixels. */
export const CELL_WIDTH = 4;
export const CELL_HEIGHT = 5;
export const HEAT_RULER = 22;

/** Addresses from `low` on, before `high`; may be fractions. */
export interface Addresses {
  readonly low: number;
  readonly high: number;
}

/** Bytes that are shown at least. */
const LEAST = 64;

/** Keeps addresses within what a memory has. */
export function boundedAddresses({ low, high }: Addresses, memory: HeatMemory): Addresses {
  const most = memory.high - memory.low;
  const length = Math.min(most, Math.max(LEAST, high - low));
  const middle = (low + high) / 2;
  const from = Math.max(memory.low, Math.min(memory.high - length, high - low === length ? low : middle - length / 2));
  return { low: from, high: from + length };
}

/** @param factor above 1 shows less. @param anchor address that stays where it is */
export const zoomAddresses = ({ low, high }: Addresses, factor: number, anchor: number): Addresses => ({
  low: anchor - (anchor - low) / factor,
  high: anchor + (high - anchor) / factor,
});

/** @param share of what is shown, positive towards higher addresses */
export const panAddresses = ({ low, high }: Addresses, share: number): Addresses => ({
  low: low + (high - low) * share,
  high: high + (high - low) * share,
});

export const cellsOf = (width: number, height: number): { columns: number; rows: number } => ({
  columns: Math.max(1, Math.floor((width - GUTTER) / CELL_WIDTH)),
  rows: Math.max(1, Math.floor((height - HEAT_RULER) / CELL_HEIGHT)),
});

/** What a heat map of a size shows of cycles and addresses. */
export interface HeatFrame {
  readonly view: View;
  readonly addresses: Addresses;
  readonly width: number;
  readonly height: number;
}

export const yOf = ({ addresses: { low, high }, height }: HeatFrame, address: number): number =>
  HEAT_RULER + ((address - low) / (high - low)) * (height - HEAT_RULER);

export const heatX = ({ view, width }: HeatFrame, cycle: number): number => GUTTER + xOf(view, cycle, width - GUTTER);

/** The cell in which a cycle and an address lie. */
export function cellAt({ view, addresses, width, height }: HeatFrame, cycle: number, address: number): HeatArea {
  const { columns, rows } = cellsOf(width, height);
  const perColumn = (view.to - view.from) / columns;
  const perRow = (addresses.high - addresses.low) / rows;
  const column = Math.max(0, Math.min(columns - 1, Math.floor((cycle - view.from) / perColumn)));
  const row = Math.max(0, Math.min(rows - 1, Math.floor((address - addresses.low) / perRow)));
  return {
    low: addresses.low + row * perRow,
    high: addresses.low + (row + 1) * perRow,
    from: view.from + column * perColumn,
    to: view.from + (column + 1) * perColumn,
  };
}

/** The cell at a place of the canvas; undefined beside the map. */
export function cellUnder(frame: HeatFrame, x: number, y: number): HeatArea | undefined {
  const { view, addresses, width, height } = frame;
  if (x < GUTTER || y < HEAT_RULER || x >= width || y >= height) return undefined;
  const cycle = view.from + ((x - GUTTER) / (width - GUTTER)) * (view.to - view.from);
  const address = addresses.low + ((y - HEAT_RULER) / (height - HEAT_RULER)) * (addresses.high - addresses.low);
  return cellAt(frame, cycle, address);
}
