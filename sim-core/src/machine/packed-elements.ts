/** Elements of files: dense rows, with nothing between them. */
import { DTYPE_BITS, ENUMS } from "../isa/enums.ts";

/**
 * Elements of a file: dense, the even one of those below a byte in the low bits, rows padded to whole bytes.
 * @param dtype number of the data type
 * @param row elements of a row, Infinity: all of them
 * @returns the values of whole rows, and how many bytes are left that make none
 */
export function packedElements(
  bytes: Uint8Array,
  dtype: number,
  row: number,
): { readonly values: Int32Array; readonly rest: number } {
  const bits = DTYPE_BITS[dtype] ?? 8;
  const signed = dtype !== ENUMS.dtype.uint8 && dtype !== ENUMS.dtype.bit;
  const perRow = Math.min(row, Math.floor((bytes.length * 8) / bits));
  const rowBytes = Math.max(1, Math.ceil((perRow * bits) / 8));
  const rows = Math.floor(bytes.length / rowBytes);
  const values = new Int32Array(rows * perRow);
  for (let index = 0; index < values.length; index++) {
    const at = Math.floor(index / perRow) * rowBytes * 8 + (index % perRow) * bits;
    let value = 0;
    for (let byte = 0; byte * 8 < bits; byte++) value |= bytes[(at >> 3) + byte]! << (8 * byte);
    const shift = 32 - bits;
    const low = (value >>> (at & 7)) << shift;
    values[index] = signed ? low >> shift : low >>> shift;
  }
  return { values, rest: bytes.length - rows * rowBytes };
}
