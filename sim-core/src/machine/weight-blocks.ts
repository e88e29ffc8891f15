/** Weights in the order in which the MAC array reads them; dma.ldw and the assembler's `.weights` both arrange them here. */
import { DTYPE_BITS } from "../isa/enums.ts";
import { blockedBytes, blockedIndex, elementBytes, type WeightShape } from "./descriptor.ts";
import { fillElements } from "./elements.ts";

/** Copies `count` elements of `bits` < 8 bits from one packed array into another; positions count elements. */
function copyPacked(from: Uint8Array, first: number, to: Uint8Array, at: number, count: number, bits: number): void {
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  for (let i = 0; i < count; i++) {
    const source = first + i;
    const target = at + i;
    const value = (from[Math.floor(source / perByte)]! >> ((source % perByte) * bits)) & mask;
    const shift = (target % perByte) * bits;
    const byte = Math.floor(target / perByte);
    to[byte] = (to[byte]! & ~(mask << shift)) | (value << shift);
  }
}

/**
 * Arranges dense OHWI weights in blocks of CiP x CoP.
 * @param dense the weights' bytes; rows of input channels of elements below a byte end at whole bytes
 * @param zeroPoint what the missing channels of the last blocks hold, as a stored value
 * @returns bytes of all blocks, `blockedBytes` of them
 */
export function arrangeBlocks(
  dense: Uint8Array,
  shape: WeightShape,
  zeroPoint: number,
  cip: number,
  cop: number,
): Uint8Array {
  const { n, h, w, c, dtype } = shape;
  const bits = DTYPE_BITS[dtype]!;
  const blocked = new Uint8Array(blockedBytes(shape, cip, cop));
  fillElements(blocked, dtype, zeroPoint);
  const rowBytes = elementBytes(dtype, c);
  // Channels that stay side by side.
  const width = n === 1 ? cop : cip;
  for (let o = 0; o < n; o++) {
    for (let tap = 0; tap < h * w; tap++) {
      const row = (o * h * w + tap) * rowBytes;
      for (let i = 0; i < c; i += width) {
        const count = Math.min(width, c - i);
        const at = blockedIndex(shape, cip, cop, o, Math.floor(tap / w), tap % w, i);
        if (bits < 8) copyPacked(dense, (row * 8) / bits + i, blocked, at, count, bits);
        else {
          const size = bits / 8;
          blocked.set(dense.subarray(row + i * size, row + (i + count) * size), at * size);
        }
      }
    }
  }
  return blocked;
}
