/** Operands of sums of products as int16 real values in the kernels' memory. */
import { DTYPE_BITS } from "../../../isa/enums.ts";
import { elementRange, extent, type Memories, type Tensor } from "../../../machine/index.ts";
import type { Kernels } from "./kernels.ts";
import type { Plane } from "./windows.ts";

/** Whether all stored values less the zero point fit int16; those of bits are +1 and -1. */
export function fitsInt16({ dtype, zeroPoint }: Tensor): boolean {
  const [min, max] = elementRange(dtype);
  return min - zeroPoint >= -32768 && max - zeroPoint <= 32767;
}

/** Copies the bytes of a tensor as they lie; returns the address of its first element. */
export function copyBytes(t: Tensor, memories: Memories, kernels: Kernels, target: number): number {
  const { address, bytes } = extent(t);
  const from = memories.flatOffset(address, bytes);
  kernels.u8.set(memories.u8.subarray(from, from + bytes), target);
  return target + (t.base - address);
}

/**
 * Copies a feature map into a padded plane for each of its n, dense in n, h, w, c order.
 * @param raw room for the tensor's bytes
 * @param padding value of padded places
 */
export function widenPlanes(
  t: Tensor,
  plane: Plane,
  padding: number,
  memories: Memories,
  kernels: Kernels,
  raw: number,
  target: number,
): void {
  const { height, width, top, left } = plane;
  const columns = Math.min(t.w, width - left);
  const rows = Math.min(t.h, height - top);
  const filled = top === 0 && left === 0 && columns === width && rows === height;
  if (!filled) kernels.i16.fill(padding, target >> 1, (target >> 1) + t.n * height * width * t.c);
  const base = copyBytes(t, memories, kernels, raw);
  const isDense = t.sw * 8 === t.c * DTYPE_BITS[t.dtype]!;
  const { widen } = kernels.run;
  for (let n = 0; n < t.n; n++) {
    for (let h = 0; h < rows; h++) {
      const from = base + n * t.sn + h * t.sh;
      const to = target + ((n * height + top + h) * width + left) * t.c * 2;
      if (isDense) widen(from, 0, to, columns * t.c, t.dtype, t.zeroPoint);
      else for (let w = 0; w < columns; w++) widen(from + w * t.sw, 0, to + w * t.c * 2, t.c, t.dtype, t.zeroPoint);
    }
  }
}

/** Sets weights of blocks that the mask leaves out to 0; rows as `unblock` makes them, `rowOf` an output's address. */
export function applyMask(w: Tensor, mask: Uint8Array, kernels: Kernels, rowOf: (o: number) => number): void {
  const width = w.n === 1 ? w.cop : w.cip;
  const blocks = Math.ceil(w.c / width);
  const taps = w.h * w.w;
  for (let o = 0; o < w.n; o++) {
    const row = rowOf(o) >> 1;
    for (let tap = 0; tap < taps; tap++) {
      for (let block = 0; block < blocks; block++) {
        const bit = (Math.floor(o / w.cop) * blocks + block) * taps + tap;
        if ((mask[bit >> 3]! >> (bit & 7)) & 1) continue;
        const from = row + tap * w.c + block * width;
        kernels.i16.fill(0, from, Math.min(from + width, row + (tap + 1) * w.c));
      }
    }
  }
}
