/** Where the timeline's rows stand, in CSS pixels. */
import type { TrackInfo, TrackKind } from "@nnasm/sim-core/trace";

export interface Row {
  readonly track: TrackInfo;
  /** From the top of all rows. */
  readonly y: number;
  readonly height: number;
}

/** Width of the column with the rows' titles. */
export const GUTTER = 124;
export const RULER = 40;
const GAP = 5;
/** Rows of one kind that belong together. */
const NARROW = 2;

const HEIGHTS: Readonly<Record<TrackKind, number>> = {
  layers: 22,
  causes: 54,
  operations: 30,
  queue: 18,
  conflicts: 26,
  bank: 14,
  bandwidth: 40,
  marks: 18,
};

export function rowsOf(tracks: readonly TrackInfo[]): Row[] {
  let y = GAP;
  return tracks.map((track) => {
    const row = { track, y, height: HEIGHTS[track.kind] };
    // A queue belongs to the unit above it.
    y += row.height + (track.kind === "operations" ? 1 : track.kind === "bank" ? NARROW : GAP);
    return row;
  });
}

export const heightOf = (rows: readonly Row[]): number => {
  const last = rows.at(-1);
  return last ? last.y + last.height + GAP : 0;
};

/** The row at a height from the top of all rows, or the nearest above. */
export function rowAt(rows: readonly Row[], y: number): Row | undefined {
  return rows.findLast((row) => row.y <= y) ?? rows[0];
}
