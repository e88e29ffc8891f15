/** The output stage: requantisation tables, activation, and how results leave the accumulators. */
import {
  DTYPE,
  FLAG_PER_TENSOR_TABLE,
  type Memories,
  readTable,
  requantise,
  type Tensor,
  writeElements,
} from "../../machine/index.ts";
import type { NuWork } from "./work.ts";

export const clamp = (value: number, lo: number, hi: number): number => Math.max(lo, Math.min(hi, value));

/**
 * Stores sums as the output: adds biases, requantises by the table of `owner`, clamps. int32 outputs take the sums
 * with biases, bits their signs.
 * @param sums accumulators in n, h, w, c order, without bias; used up
 */
export function storeSums(work: NuWork, sums: Int32Array, owner: Tensor, memories: Memories): void {
  const { out } = work;
  const channels = out.c;
  const raw = out.dtype === DTYPE.int32 || out.dtype === DTYPE.bit;
  if (owner.table !== 0) {
    const shared = (owner.flags & FLAG_PER_TENSOR_TABLE) !== 0;
    const { bias, multiplier, shift } = readTable(owner.table, channels, shared, memories);
    for (let pixel = 0; pixel < sums.length; pixel += channels) {
      for (let c = 0; c < channels; c++) {
        const acc = (sums[pixel + c]! + bias[c]!) | 0;
        sums[pixel + c] = raw
          ? acc
          : clamp(out.zeroPoint + requantise(acc, multiplier[c]!, shift[c]!), work.lo, work.hi);
      }
    }
  }
  if (out.dtype === DTYPE.bit) for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! >= 0 ? 1 : 0;
  writeElements(out, memories, sums);
}
