/** Elements of tensors as numbers, whatever their type, strides and packing. */
import { DTYPE_BITS } from "../isa/enums.ts";
import { blockedIndex, DTYPE, elements, extent, type Tensor } from "./descriptor.ts";
import type { Memories } from "./memory.ts";

/**
 * The stored value of element `index` behind byte offset `at` of a row of contiguous elements.
 * int4 and bit hold the even (first) element in the low bits; a bit is 0 or 1.
 */
export function elementAt(memories: Memories, at: number, index: number, dtype: number): number {
  switch (dtype) {
    case DTYPE.int8:
      return memories.i8[at + index]!;
    case DTYPE.uint8:
      return memories.u8[at + index]!;
    case DTYPE.int16: {
      const byte = at + index * 2;
      return memories.u8[byte]! | (memories.i8[byte + 1]! << 8) | 0;
    }
    case DTYPE.int32: {
      const byte = at + index * 4;
      const { u8 } = memories;
      return u8[byte]! | (u8[byte + 1]! << 8) | (u8[byte + 2]! << 16) | (u8[byte + 3]! << 24);
    }
    case DTYPE.int4:
      return (memories.u8[at + (index >> 1)]! << ((index & 1) === 0 ? 28 : 24)) >> 28;
    default:
      return (memories.u8[at + (index >> 3)]! >> (index & 7)) & 1;
  }
}

/** Stores the low bits of a value as element `index` behind byte offset `at`. */
export function setElement(memories: Memories, at: number, index: number, dtype: number, value: number): void {
  const { u8 } = memories;
  switch (dtype) {
    case DTYPE.int8:
    case DTYPE.uint8:
      u8[at + index] = value;
      break;
    case DTYPE.int16:
      u8[at + index * 2] = value;
      u8[at + index * 2 + 1] = value >> 8;
      break;
    case DTYPE.int32:
      for (let i = 0; i < 4; i++) u8[at + index * 4 + i] = value >> (8 * i);
      break;
    case DTYPE.int4: {
      const byte = at + (index >> 1);
      u8[byte] = (index & 1) === 0 ? (u8[byte]! & 0xf0) | (value & 15) : (u8[byte]! & 0x0f) | ((value & 15) << 4);
      break;
    }
    default: {
      const byte = at + (index >> 3);
      const bit = 1 << (index & 7);
      u8[byte] = value & 1 ? u8[byte]! | bit : u8[byte]! & ~bit;
    }
  }
}

/**
 * All elements of a tensor in one of the flat memories, dense in n, h, w, c order.
 * @param zeroPoint subtracted from every element
 */
export function readElements(t: Tensor, memories: Memories, zeroPoint = 0): Int32Array {
  const result = new Int32Array(elements(t));
  const base = memories.flatOffset(t.base, 1);
  const step = t.dtype >= DTYPE.int4 ? 1 : t.sc / elementSize(t.dtype);
  let to = 0;
  for (let n = 0; n < t.n; n++) {
    for (let h = 0; h < t.h; h++) {
      for (let w = 0; w < t.w; w++) {
        const at = base + n * t.sn + h * t.sh + w * t.sw;
        if (t.dtype === DTYPE.int8 && step === 1) {
          for (let c = 0; c < t.c; c++) result[to++] = memories.i8[at + c]! - zeroPoint;
        } else for (let c = 0; c < t.c; c++) result[to++] = elementAt(memories, at, c * step, t.dtype) - zeroPoint;
      }
    }
  }
  return result;
}

/** Stores dense values (n, h, w, c order) as the elements of a tensor in one of the flat memories. */
export function writeElements(t: Tensor, memories: Memories, values: Int32Array): void {
  const base = memories.flatOffset(t.base, 1);
  const step = t.dtype >= DTYPE.int4 ? 1 : t.sc / elementSize(t.dtype);
  let from = 0;
  for (let n = 0; n < t.n; n++) {
    for (let h = 0; h < t.h; h++) {
      for (let w = 0; w < t.w; w++) {
        const at = base + n * t.sn + h * t.sh + w * t.sw;
        for (let c = 0; c < t.c; c++) setElement(memories, at, c * step, t.dtype, values[from++]!);
      }
    }
  }
  const { address, bytes } = extent(t);
  memories.touch(memories.flatOffset(address, bytes), bytes);
}

/** Elements of blocked weights, dense in OHWI order. */
export function readBlocked(t: Tensor, memories: Memories, zeroPoint = 0): Int32Array {
  const result = new Int32Array(elements(t));
  const base = memories.flatOffset(t.base, 1);
  let to = 0;
  for (let o = 0; o < t.n; o++) {
    for (let kh = 0; kh < t.h; kh++) {
      for (let kw = 0; kw < t.w; kw++) {
        for (let i = 0; i < t.c; i++) {
          const index = blockedIndex(t, t.cip, t.cop, o, kh, kw, i);
          result[to++] = elementAt(memories, base, index, t.dtype) - zeroPoint;
        }
      }
    }
  }
  return result;
}

/** Bytes of one element of a type of whole bytes. */
export function elementSize(dtype: number): number {
  return dtype === DTYPE.int32 ? 4 : dtype === DTYPE.int16 ? 2 : 1;
}

/** Smallest and largest stored value of a data type. */
export function elementRange(dtype: number): readonly [min: number, max: number] {
  switch (dtype) {
    case DTYPE.int8:
      return [-128, 127];
    case DTYPE.uint8:
      return [0, 255];
    case DTYPE.int16:
      return [-32768, 32767];
    case DTYPE.int32:
      return [-2147483648, 2147483647];
    case DTYPE.int4:
      return [-8, 7];
    default:
      return [0, 1];
  }
}

/** Fills bytes with one element's value over and over; below a byte every element of it. */
export function fillElements(data: Uint8Array, dtype: number, value: number): void {
  const bits = DTYPE_BITS[dtype]!;
  const pattern = bits >= 32 ? value : (value & (2 ** bits - 1)) * (bits < 8 ? 255 / (2 ** bits - 1) : 1);
  const size = Math.max(1, bits / 8);
  for (let i = 0; i < data.length; i++) data[i] = (pattern >>> (8 * (i % size))) & 0xff;
}
