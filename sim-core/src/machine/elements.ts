/**
 * Elements of tensors in the flat memories as dense arrays of numbers (n, h, w, c order), whatever their type, strides
 * and packing. All units read and write tensors through here.
 */
import { DTYPE_BITS } from "../isa/enums.ts";
import { blockedIndex, DTYPE, elements, extent, type Tensor } from "./descriptor.ts";
import type { Memories } from "./memory.ts";

/**
 * The stored value of element `index` behind byte offset `at` of a row of contiguous elements.
 * int4 and bit hold the even (first) element in the low bits; a bit is 0 or 1.
 */
export function elementAt(memories: Pick<Memories, "i8" | "u8">, at: number, index: number, dtype: number): number {
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
function setElement(memories: Memories, at: number, index: number, dtype: number, value: number): void {
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

type View = Int8Array | Uint8Array | Int16Array | Int32Array;

function viewOf(dtype: number, memories: Memories): View {
  switch (dtype) {
    case DTYPE.int32:
      return memories.i32;
    case DTYPE.int16:
      return memories.i16;
    case DTYPE.uint8:
      return memories.u8;
    default:
      return memories.i8;
  }
}

/** A tensor as equal runs of elements; all counts and steps in elements of `view`. */
interface Runs {
  readonly view: View;
  readonly base: number;
  readonly counts: readonly [number, number, number];
  readonly steps: readonly [number, number, number];
  /** Elements of a run, and the step from one to the next: 1 unless channels lie apart. */
  readonly length: number;
  readonly step: number;
}

/** Runs as long as the strides allow; undefined for elements below a byte and for unaligned ones. */
function runsOf(t: Tensor, memories: Memories): Runs | undefined {
  if (t.dtype >= DTYPE.int4) return undefined;
  const size = elementSize(t.dtype);
  const base = memories.flatOffset(t.base, size) / size;
  const axes = [
    { count: t.n, step: t.sn / size },
    { count: t.h, step: t.sh / size },
    { count: t.w, step: t.sw / size },
    { count: t.c, step: t.sc / size },
  ].filter(({ count }) => count > 1);
  if (!Number.isInteger(base) || !axes.every(({ step }) => Number.isInteger(step))) return undefined;
  const inner = axes.pop() ?? { count: 1, step: 1 };
  let { count: length } = inner;
  for (let outer = axes.at(-1); outer?.step === length * inner.step; outer = axes.at(-1)) {
    length *= outer.count;
    axes.pop();
  }
  while (axes.length < 3) axes.unshift({ count: 1, step: 0 });
  const [a, b, c] = axes as [(typeof axes)[0], (typeof axes)[0], (typeof axes)[0]];
  return {
    ...{ view: viewOf(t.dtype, memories), base, length, step: inner.step },
    counts: [a.count, b.count, c.count],
    steps: [a.step, b.step, c.step],
  };
}

/** Calls `visit` with the place of every run's first element, and that of its first dense value. */
function forEachRun({ base, counts, steps, length }: Runs, visit: (at: number, dense: number) => void): void {
  let dense = 0;
  for (let a = 0; a < counts[0]; a++) {
    for (let b = 0; b < counts[1]; b++) {
      for (let c = 0; c < counts[2]; c++, dense += length) {
        visit(base + a * steps[0] + b * steps[1] + c * steps[2], dense);
      }
    }
  }
}

/** Calls `visit` with the byte offset of every pixel, and the index of its first dense value. */
function forEachPixel(t: Tensor, memories: Memories, visit: (at: number, dense: number) => void): void {
  const base = memories.flatOffset(t.base, 1);
  let dense = 0;
  for (let n = 0; n < t.n; n++) {
    for (let h = 0; h < t.h; h++) {
      for (let w = 0; w < t.w; w++, dense += t.c) visit(base + n * t.sn + h * t.sh + w * t.sw, dense);
    }
  }
}

/** Reads or writes `count` packed elements of 4 bits or 1 bit behind byte offset `at`: whole bytes at a time. */
function readPacked(memories: Memories, at: number, dtype: number, result: Int32Array, dense: number, count: number) {
  const { u8 } = memories;
  const perByte = dtype === DTYPE.int4 ? 2 : 8;
  for (let i = 0; i < count; i += perByte) {
    const byte = u8[at++]!;
    const end = Math.min(count, i + perByte);
    if (dtype === DTYPE.int4) {
      result[dense + i] = (byte << 28) >> 28;
      if (i + 1 < end) result[dense + i + 1] = (byte << 24) >> 28;
    } else for (let k = i; k < end; k++) result[dense + k] = (byte >> (k - i)) & 1;
  }
}

function writePacked(memories: Memories, at: number, dtype: number, values: Int32Array, dense: number, count: number) {
  const { u8 } = memories;
  const bits = dtype === DTYPE.int4 ? 4 : 1;
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  for (let i = 0; i < count; i += perByte, at++) {
    const used = Math.min(perByte, count - i);
    let byte = 0;
    for (let k = 0; k < used; k++) byte |= (values[dense + i + k]! & mask) << (k * bits);
    // What is no element of the row stays as it was.
    const kept = used === perByte ? 0 : u8[at]! & (0xff << (used * bits));
    u8[at] = kept | byte;
  }
}

/** Step from one channel to the next in elements; a fraction of one where the stride is no multiple of their size. */
const channelStep = (t: Tensor): number => (t.c === 1 ? 1 : t.sc / elementSize(t.dtype));

/**
 * All elements of a tensor in one of the flat memories, dense in n, h, w, c order.
 * @param zeroPoint subtracted from every element
 */
export function readElements(t: Tensor, memories: Memories, zeroPoint = 0): Int32Array {
  const result = new Int32Array(elements(t));
  const runs = runsOf(t, memories);
  if (runs) {
    const { view, length, step } = runs;
    forEachRun(runs, (at, dense) => {
      if (step === 1 && length > 16) result.set(view.subarray(at, at + length), dense);
      else for (let i = 0; i < length; i++) result[dense + i] = view[at + i * step]!;
    });
  } else {
    const step = channelStep(t);
    forEachPixel(t, memories, (at, dense) => {
      if (t.dtype >= DTYPE.int4) readPacked(memories, at, t.dtype, result, dense, t.c);
      else for (let c = 0; c < t.c; c++) result[dense + c] = elementAt(memories, at, c * step, t.dtype);
    });
  }
  if (zeroPoint !== 0) for (let i = 0; i < result.length; i++) result[i] = result[i]! - zeroPoint;
  return result;
}

/** Stores the low bits of dense values (n, h, w, c order) as the elements of a tensor in one of the flat memories. */
export function writeElements(t: Tensor, memories: Memories, values: Int32Array): void {
  const runs = runsOf(t, memories);
  if (runs) {
    const { view, length, step } = runs;
    forEachRun(runs, (at, dense) => {
      if (step === 1 && length > 16) view.set(values.subarray(dense, dense + length), at);
      else for (let i = 0; i < length; i++) view[at + i * step] = values[dense + i]!;
    });
  } else {
    const step = channelStep(t);
    forEachPixel(t, memories, (at, dense) => {
      if (t.dtype >= DTYPE.int4) writePacked(memories, at, t.dtype, values, dense, t.c);
      else for (let c = 0; c < t.c; c++) setElement(memories, at, c * step, t.dtype, values[dense + c]!);
    });
  }
  touchTensor(t, memories);
}

/** Marks a tensor in one of the flat memories as written. */
export function touchTensor(t: Tensor, memories: Memories): void {
  const { address, bytes } = extent(t);
  memories.touch(memories.flatOffset(address, bytes), bytes);
}

/** The tensor with its dimensions of 1 repeated to `sizes` (n, h, w, c): for reading only. */
export function repeated(t: Tensor, [n, h, w, c]: readonly number[]): Tensor {
  const step = (own: number, stride: number) => (own === 1 ? 0 : stride);
  return {
    ...t,
    ...{ n: n!, h: h!, w: w!, c: c! },
    ...{ sn: step(t.n, t.sn), sh: step(t.h, t.sh), sw: step(t.w, t.sw), sc: step(t.c, t.sc) },
  };
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

/** Fills bytes with one element's value over and over; below a byte every element of it. */
export function fillElements(data: Uint8Array, dtype: number, value: number): void {
  const bits = DTYPE_BITS[dtype]!;
  const pattern = bits >= 32 ? value : (value & (2 ** bits - 1)) * (bits < 8 ? 255 / (2 ** bits - 1) : 1);
  const size = Math.max(1, bits / 8);
  if (size === 1) data.fill(pattern & 0xff);
  else for (let i = 0; i < data.length; i++) data[i] = (pattern >>> (8 * (i % size))) & 0xff;
}
