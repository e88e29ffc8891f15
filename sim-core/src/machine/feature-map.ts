/** Checks of tensors and tables that every unit makes when it is given an operation. */
import type { AddressSpace } from "./address-space.ts";
import {
  checkDescriptor,
  dtypeName,
  extent,
  LAYOUT,
  layoutName,
  shapeText,
  type Tensor,
  tensorMemory,
} from "./descriptor.ts";
import { hex, MachineFault } from "./faults.ts";
import type { Memories } from "./memory.ts";

/** Faults unless the tensor's data type is an allowed one; `taker` is the subject of the message. */
export function checkType(t: Tensor, role: string, allowed: readonly number[], taker: string): void {
  if (allowed.includes(t.dtype)) return;
  const names = allowed.map(dtypeName);
  const list = names.length > 1 ? `${names.slice(0, -1).join(", ")} or ${names.at(-1)}` : names[0];
  throw new MachineFault("type", t.base, `${role}: ${taker} takes ${list}, not ${dtypeName(t.dtype)}`);
}

/**
 * Faults unless the tensor has elements, one of the data types, layout nhwc, and lies in DM.
 * @param taker who takes only these types, e.g. "the vector unit"
 */
export function checkFeatureMap(
  t: Tensor,
  role: string,
  allowed: readonly number[],
  taker: string,
  memories: AddressSpace,
): void {
  checkDescriptor(t, role);
  checkType(t, role, allowed, taker);
  if (t.layout !== LAYOUT.nhwc) {
    throw new MachineFault("type", t.base, `${role}: the layout must be nhwc, it is ${layoutName(t.layout)}`);
  }
  if (tensorMemory(t, memories) !== "dm") {
    const { address, bytes } = extent(t);
    throw new MachineFault(
      "tensorMemory",
      t.base,
      `${role}: ${shapeText(t)} at ${hex(address)}, ${bytes} bytes, doesn't lie within the data memory`,
      "the units work on tensors in DM; load it with dma.ld first",
    );
  }
}

/** Bytes of one entry of a requantisation table: int32 bias, int32 M, int32 s, int32 zero. */
export const TABLE_ENTRY_BYTES = 16;

/** A requantisation table, one value per channel (or per input of an addition). */
export interface Requantiser {
  readonly bias: Int32Array;
  readonly multiplier: Int32Array;
  readonly shift: Int32Array;
}

/**
 * Reads a requantisation table. Its content may still have been on its way when the operation was issued, so a bad
 * entry shows only here.
 * @param entries values in the result; with `shared` all of them are those of the one entry in memory
 * @throws MachineFault
 */
export function readTable(address: number, entries: number, shared: boolean, memories: Memories): Requantiser {
  const at = memories.flatOffset(address, TABLE_ENTRY_BYTES) >> 2;
  const step = shared ? 0 : TABLE_ENTRY_BYTES >> 2;
  const { i32 } = memories;
  const bias = new Int32Array(entries);
  const multiplier = new Int32Array(entries);
  const shift = new Int32Array(entries);
  for (let entry = 0; entry < entries; entry++) {
    const word = at + entry * step;
    bias[entry] = i32[word]!;
    multiplier[entry] = i32[word + 1]!;
    const bits = i32[word + 2]!;
    shift[entry] = bits;
    if (bits >= 1 && bits <= 62) continue;
    throw new MachineFault(
      "type",
      address,
      `entry ${entry} of the requantisation table at ${hex(address)} has shift ${bits}, not 1..62`,
      "was the table loaded before this operation started?",
    );
  }
  return { bias, multiplier, shift };
}
