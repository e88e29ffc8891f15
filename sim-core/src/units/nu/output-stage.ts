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
    const table = readTable(owner.table, channels, (owner.flags & FLAG_PER_TENSOR_TABLE) !== 0, memories);
    for (let i = 0; i < sums.length; i++) {
      const c = i % channels;
      const acc = (sums[i]! + table.bias[c]!) | 0;
      const scaled = () => out.zeroPoint + requantise(acc, table.multiplier[c]!, table.shift[c]!);
      sums[i] = raw ? acc : clamp(scaled(), work.lo, work.hi);
    }
  }
  if (out.dtype === DTYPE.bit) for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! >= 0 ? 1 : 0;
  writeElements(out, memories, sums);
}
