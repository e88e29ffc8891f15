/** What most accelerators need of tensors: one check, and their elements as a dense array. */
import {
  checkDescriptor,
  DTYPE,
  dtypeName,
  elementBytes,
  elements,
  extent,
  hex,
  LAYOUT,
  layoutName,
  MachineFault,
  type Memories,
  shapeText,
  type Tensor,
  tensorMemory,
} from "../../machine/index.ts";

/** Faults unless the tensor lies in DM with layout nhwc and one of the data types, all of whole bytes. */
export function checkMap(t: Tensor, role: string, dtypes: readonly number[], memories: Memories): void {
  checkDescriptor(t, role);
  if (!dtypes.includes(t.dtype)) {
    const names = dtypes.map(dtypeName).join(" or ");
    throw new MachineFault("type", t.base, `${role}: the accelerator takes ${names}, not ${dtypeName(t.dtype)}`);
  }
  if (t.layout !== LAYOUT.nhwc) {
    throw new MachineFault("type", t.base, `${role}: the layout must be nhwc, it is ${layoutName(t.layout)}`);
  }
  if (tensorMemory(t, memories) !== "dm") {
    const { address, bytes } = extent(t);
    const message = `${role}: ${shapeText(t)} at ${hex(address)}, ${bytes} bytes, doesn't lie within the data memory`;
    throw new MachineFault("tensorMemory", t.base, message, "load it with dma.ld first");
  }
}

/** Calls `visit` with every element's index in the order n, h, w, c, and its offset from the base in bytes. */
function walk(t: Tensor, visit: (index: number, offset: number) => void): void {
  let index = 0;
  for (let n = 0; n < t.n; n++) {
    for (let h = 0; h < t.h; h++) {
      for (let w = 0; w < t.w; w++) {
        const pixel = n * t.sn + h * t.sh + w * t.sw;
        for (let c = 0; c < t.c; c++) visit(index++, pixel + c * t.sc);
      }
    }
  }
}

/** Stored values in the order n, h, w, c; base and strides need no alignment. */
export function readElements(t: Tensor, memories: Memories): Int32Array {
  const values = new Int32Array(elements(t));
  const bytes = elementBytes(t.dtype, 1);
  // Sign extension of what is no unsigned byte.
  const unused = t.dtype === DTYPE.uint8 ? 0 : 32 - 8 * bytes;
  const { u8 } = memories;
  const base = memories.flatOffset(t.base, bytes);
  walk(t, (index, offset) => {
    let value = 0;
    for (let byte = 0; byte < bytes; byte++) value |= u8[base + offset + byte]! << (8 * byte);
    values[index] = (value << unused) >> unused;
  });
  return values;
}

/** Writes stored values, which the data type can hold, in the order n, h, w, c. */
export function writeElements(t: Tensor, values: ArrayLike<number>, memories: Memories): void {
  const bytes = elementBytes(t.dtype, 1);
  const { u8 } = memories;
  const base = memories.flatOffset(t.base, bytes);
  walk(t, (index, offset) => {
    const value = values[index]!;
    for (let byte = 0; byte < bytes; byte++) u8[base + offset + byte] = value >> (8 * byte);
  });
  const range = extent(t);
  memories.touch(memories.flatOffset(range.address, range.bytes), range.bytes);
}
