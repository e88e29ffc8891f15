/** Checks of single tensors and tables for the vector unit. */
import {
  checkDescriptor,
  DTYPE,
  dtypeName,
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

/** Smallest and largest value of the data types that the unit takes. */
export const TYPE_RANGES: Readonly<Record<number, readonly [min: number, max: number]>> = {
  [DTYPE.int8]: [-128, 127],
  [DTYPE.uint8]: [0, 255],
  [DTYPE.int16]: [-32768, 32767],
  [DTYPE.int32]: [-0x80000000, 0x7fffffff],
};

/** Elements that the unit counts at most in one tensor. */
const MAX_ELEMENTS = 2 ** 24;

/** Sizes of n, h, w, c. */
export const dimensions = (t: Tensor): readonly number[] => [t.n, t.h, t.w, t.c];
/** Strides of n, h, w, c in bytes. */
export const strides = (t: Tensor): readonly number[] => [t.sn, t.sh, t.sw, t.sc];
/** Bytes of one element of a data type that the unit takes. */
export const sizeOf = (t: Tensor): number => (t.dtype === DTYPE.int32 ? 4 : t.dtype === DTYPE.int16 ? 2 : 1);

export function checkTensor(t: Tensor, role: string, memories: Memories): void {
  checkDescriptor(t, role);
  if (!(t.dtype in TYPE_RANGES)) {
    throw new MachineFault(
      "type",
      t.base,
      `${role}: the vector unit takes int8, uint8, int16 and int32, not ${dtypeName(t.dtype)}`,
    );
  }
  if (t.layout !== LAYOUT.nhwc) {
    throw new MachineFault("type", t.base, `${role}: the layout must be nhwc, it is ${layoutName(t.layout)}`);
  }
  if (elements(t) > MAX_ELEMENTS) {
    throw new MachineFault("shape", t.base, `${role}: ${shapeText(t)} has more than ${MAX_ELEMENTS} elements`);
  }
  if (tensorMemory(t, memories) !== "dm") {
    const { address, bytes } = extent(t);
    throw new MachineFault(
      "tensorMemory",
      t.base,
      `${role}: ${shapeText(t)} at ${hex(address)}, ${bytes} bytes, doesn't lie within the data memory`,
      "the vector unit works in DM; load tensors with dma.ld first",
    );
  }
  const size = sizeOf(t);
  const sizes = dimensions(t);
  if (t.base % size !== 0 || strides(t).some((stride, axis) => sizes[axis]! > 1 && stride % size !== 0)) {
    throw new MachineFault(
      "tensorMemory",
      t.base,
      `${role}: base ${hex(t.base)} and strides must be multiples of the ${size} bytes of ${dtypeName(t.dtype)}`,
    );
  }
}

/** Faults unless `bytes` bytes at `address` lie in DM, aligned to `alignment`. */
export function checkTable(what: string, address: number, bytes: number, alignment: number, memories: Memories): void {
  const offset = memories.flatOffset(address, bytes);
  const inDm = offset >= memories.dmOffset && offset < memories.wmOffset;
  if (inDm && address % alignment === 0) return;
  throw new MachineFault(
    "tensorMemory",
    address,
    `${what} at ${hex(address)}, ${bytes} bytes, must lie in the data memory at a multiple of ${alignment}`,
  );
}

/** Faults unless two tensors have one shape. */
export function expectSame(out: Tensor, input: Tensor): void {
  const sizes = dimensions(input);
  if (dimensions(out).some((size, axis) => size !== sizes[axis])) {
    throw new MachineFault(
      "shape",
      out.base,
      `the output's shape must be ${shapeText(input)}, it is ${shapeText(out)}`,
    );
  }
}

/** Faults unless two tensors have one data type. */
export function sameType(out: Tensor, input: Tensor): void {
  if (out.dtype !== input.dtype) {
    throw new MachineFault(
      "type",
      out.base,
      `the operation keeps the data type: input ${dtypeName(input.dtype)}, output ${dtypeName(out.dtype)}`,
      "vu.cast and vu.requant change data types",
    );
  }
}
