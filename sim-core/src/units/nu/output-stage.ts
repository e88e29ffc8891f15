/** The output stage: requantisation tables, activation, and how results leave the accumulators. */
import {
  DTYPE,
  FLAG_PER_TENSOR_TABLE,
  hex,
  MachineFault,
  type Memories,
  requantise,
  type Tensor,
  writeElements,
} from "../../machine/index.ts";
import { TABLE_ENTRY_BYTES } from "./tensors.ts";
import type { NuWork } from "./work.ts";

/** A requantisation table, one value per channel (or per input of an addition). */
export interface Requantiser {
  readonly bias: Int32Array;
  readonly multiplier: Int32Array;
  readonly shift: Int32Array;
}

/**
 * Reads a requantisation table. Its content may still have been on its way when the operation was issued, so a bad
 * entry shows only here.
 * @throws MachineFault
 */
export function readTable(address: number, entries: number, perTensor: boolean, memories: Memories): Requantiser {
  const at = memories.flatOffset(address, TABLE_ENTRY_BYTES) >> 2;
  const word = (entry: number, field: number) => memories.i32[at + (perTensor ? 0 : entry * 4) + field]!;
  const shift = Int32Array.from({ length: entries }, (_, i) => word(i, 2));
  const bad = shift.findIndex((s) => s < 1 || s > 62);
  if (bad >= 0) {
    throw new MachineFault(
      "type",
      address,
      `entry ${bad} of the requantisation table at ${hex(address)} has shift ${shift[bad]}, not 1..62`,
      "was the table loaded into WM before this operation started?",
    );
  }
  return {
    bias: Int32Array.from({ length: entries }, (_, i) => word(i, 0)),
    multiplier: Int32Array.from({ length: entries }, (_, i) => word(i, 1)),
    shift,
  };
}

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
