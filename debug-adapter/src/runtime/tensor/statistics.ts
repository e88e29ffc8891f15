/** What the values of a tensor are like, as a whole. */
import type { Numbers } from "./values.ts";
import type { Quad } from "./view.ts";

const MAX_BINS = 64;

export interface TensorStatistics {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly zeros: number;
  /** Elements that hold the smallest and the largest value of their type. */
  readonly saturatedLow: number;
  readonly saturatedHigh: number;
  /** Elements that differ from what they were at the last stop. */
  readonly changed: number;
  /** Counts of equally wide pieces of min..max; a single value makes one piece. */
  readonly bins: readonly number[];
}

/** The elements from `from` on, `dims` along each axis. */
export interface Box {
  readonly from: Quad;
  readonly dims: Quad;
}

/** @param range smallest and largest value that the type holds */
export function statistics(
  values: Numbers,
  before: Numbers | undefined,
  box: Box,
  range: readonly [number, number],
): TensorStatistics {
  const [low, high] = range;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let count = 0;
  let zeros = 0;
  let saturatedLow = 0;
  let saturatedHigh = 0;
  let changed = 0;
  let isWhole = true;
  forEach(box, (n, h, w, c) => {
    const value = values.at(n, h, w, c);
    count++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value === 0) zeros++;
    if (value === low) saturatedLow++;
    if (value === high) saturatedHigh++;
    if (before && before.at(n, h, w, c) !== value) changed++;
    isWhole &&= Number.isInteger(value);
  });
  const span = isWhole ? max - min + 1 : max - min;
  const pieces = count === 0 ? 0 : span === 0 ? 1 : Math.min(MAX_BINS, isWhole ? span : MAX_BINS);
  const bins = new Array<number>(pieces).fill(0);
  if (pieces > 0) {
    const scale = span === 0 ? 0 : pieces / span;
    forEach(box, (n, h, w, c) => {
      const piece = Math.min(pieces - 1, Math.floor((values.at(n, h, w, c) - min) * scale));
      bins[piece] = bins[piece]! + 1;
    });
  }
  const mean = count === 0 ? 0 : sum / count;
  return { count, min, max, mean, zeros, saturatedLow, saturatedHigh, changed, bins };
}

function forEach({ from, dims }: Box, visit: (n: number, h: number, w: number, c: number) => void): void {
  for (let n = from[0]; n < from[0] + dims[0]; n++) {
    for (let h = from[1]; h < from[1] + dims[1]; h++) {
      for (let w = from[2]; w < from[2] + dims[2]; w++) {
        for (let c = from[3]; c < from[3] + dims[3]; c++) visit(n, h, w, c);
      }
    }
  }
}
