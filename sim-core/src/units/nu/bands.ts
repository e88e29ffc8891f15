/** Where the pixels of an operation lie: channels, and rows that are alike. */
import { DTYPE_BITS } from "../../isa/enums.ts";
import type { Tensor } from "../../machine/index.ts";
import { inDm } from "../dm/index.ts";

/** Bytes of so many channels, the last one rounded up. */
export const channelBytes = (t: Tensor, channels: number): number => Math.ceil((channels * DTYPE_BITS[t.dtype]!) / 8);
/** Bytes from a pixel to one of its channels. */
export const channelOffset = (t: Tensor, channel: number): number => Math.floor((channel * DTYPE_BITS[t.dtype]!) / 8);
export const pixelAddress = (t: Tensor, n: number, h: number, w: number): number =>
  inDm(t.base) + n * t.sn + h * t.sh + w * t.sw;

/** Positions first .. end-1 of `from .. to-1` whose partner `position * stride + shift` lies in 0 .. size-1. */
export function within(
  from: number,
  to: number,
  stride: number,
  shift: number,
  size: number,
): [first: number, end: number] {
  const first = Math.max(from, Math.ceil(-shift / stride));
  const end = Math.min(to, Math.floor((size - 1 - shift) / stride) + 1);
  return first < end ? [first, end] : [to, to];
}

/** Rows of one image that the same columns of are streamed: `first` to `end - 1` of `rows` rows from `row` on. */
export interface Band {
  readonly image: number;
  readonly row: number;
  readonly rows: number;
  readonly first: number;
  readonly end: number;
}

/** The flat range `from .. to-1` of a core's pixels in their order: parts of rows, and whole rows together. */
export function bands(rows: number, columns: number, from: number, to: number): Band[] {
  const found: Band[] = [];
  for (let pixel = from; pixel < to; ) {
    const line = Math.floor(pixel / columns);
    const first = pixel - line * columns;
    const row = line % rows;
    const end = Math.min(columns, first + to - pixel);
    const whole = first > 0 ? 0 : Math.floor((to - pixel) / columns);
    const together = Math.max(1, Math.min(rows - row, whole));
    found.push({ image: Math.floor(line / rows), row, rows: together, first, end });
    pixel += together * (end - first);
  }
  return found;
}

/** Divides a band where rows begin or end that a core has something at: `ranges` are theirs, first and behind the last. */
export function divided(band: Band, ranges: readonly (readonly [number, number])[]): Band[] {
  const behind = band.row + band.rows;
  const cuts = ranges.flat().filter((row) => row > band.row && row < behind);
  const borders = [band.row, ...new Set(cuts.sort((a, b) => a - b)), behind];
  return borders.slice(1).map((end, i) => ({ ...band, row: borders[i]!, rows: end - borders[i]! }));
}
