/** Where resized images take their elements from (docs/machine.md, "Resize"); all divisions round down. */
import { ENUMS } from "../isa/enums.ts";

const { centers, corners } = ENUMS.grid;

/** Fraction bits of positions between elements. */
export const POSITION_BITS = 10;

/** Input element nearest to output element `o` of `outSize`. */
export function nearestIndex(o: number, size: number, outSize: number, grid: number): number {
  if (grid === centers) return Math.floor(((2 * o + 1) * size) / (2 * outSize));
  if (grid === corners) {
    return outSize === 1 ? 0 : Math.floor((2 * o * (size - 1) + outSize - 1) / (2 * (outSize - 1)));
  }
  return Math.floor((o * size) / outSize);
}

/** Position of output element `o` of `outSize` in the input, with POSITION_BITS fraction bits. */
export function position(o: number, size: number, outSize: number, grid: number): number {
  const one = 2 ** POSITION_BITS;
  if (grid === centers) return Math.max(0, Math.floor((((2 * o + 1) * size - outSize) * one) / (2 * outSize)));
  if (grid === corners) return outSize === 1 ? 0 : Math.floor((o * (size - 1) * one) / (outSize - 1));
  return Math.floor((o * size * one) / outSize);
}
