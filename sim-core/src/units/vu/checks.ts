/** Checks of single tensors and tables for the vector unit. */
import {
  type AddressSpace,
  checkFeatureMap,
  DTYPE,
  dtypeName,
  elementSize,
  elements,
  hex,
  MachineFault,
  shapeText,
  type Tensor,
} from "../../machine/index.ts";

/** Data types that the unit takes. */
const TYPES = [DTYPE.int8, DTYPE.uint8, DTYPE.int16, DTYPE.int32] as const;

/** Elements that the unit counts at most in one tensor. */
const MAX_ELEMENTS = 2 ** 24;

/** Sizes of n, h, w, c. */
export const dimensions = (t: Tensor): readonly number[] => [t.n, t.h, t.w, t.c];
/** Strides of n, h, w, c in bytes. */
export const strides = (t: Tensor): readonly number[] => [t.sn, t.sh, t.sw, t.sc];
/** Bytes of one element of a data type that the unit takes. */
export const sizeOf = (t: Tensor): number => elementSize(t.dtype);

export function checkTensor(t: Tensor, role: string, memories: AddressSpace): void {
  checkFeatureMap(t, role, TYPES, "the vector unit", memories);
  if (elements(t) > MAX_ELEMENTS) {
    throw new MachineFault("shape", t.base, `${role}: ${shapeText(t)} has more than ${MAX_ELEMENTS} elements`);
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
export function checkTable(
  what: string,
  address: number,
  bytes: number,
  alignment: number,
  memories: AddressSpace,
): void {
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
