/**
 * What the vector unit is asked to do: descriptors and sticky state, checked against each other when the operation is
 * issued (machine manual, "Vector unit"). Only forms that the unit really executes pass.
 */
import { DTYPE_BITS, ENUMS } from "../../isa/enums.ts";
import {
  type AddressSpace,
  DTYPE,
  dtypeName,
  elementRange,
  FLAG_PER_TENSOR_TABLE,
  MachineFault,
  shapeText,
  TABLE_ENTRY_BYTES,
  type Tensor,
} from "../../machine/index.ts";
import { checkTable, checkTensor, dimensions, expectSame, sameType } from "./checks.ts";

/** Operations with two inputs, and with one: named like their mnemonics. */
export const BINARY_KINDS = ["add", "sub", "mul", "min", "max", "eq", "gt", "ge", "sel", "concat"] as const;
export const UNARY_KINDS = [
  "abs",
  "neg",
  "relu",
  "lrelu",
  "hswish",
  "clip",
  "shift",
  "cast",
  "requant",
  "dequant",
  "scale",
  "lookup",
  "exp",
  "recip",
  "rsqrt",
  "sigmoid",
  "tanh",
  "softmax",
  "norm",
  "sum",
  "mean",
  "rmax",
  "rmin",
  "argmax",
  "copy",
  "transpose",
  "nearest",
  "bilinear",
] as const;

export type VuKind = (typeof BINARY_KINDS)[number] | (typeof UNARY_KINDS)[number];
export const VU_KINDS: readonly VuKind[] = [...UNARY_KINDS, ...BINARY_KINDS];

export interface VuWork {
  readonly kind: VuKind;
  readonly out: Tensor;
  readonly input: Tensor;
  readonly second: Tensor | undefined;
  /** The sticky state by field number (ENUMS.vufield), as it was when the operation was issued. */
  readonly state: Int32Array;
}

const F = ENUMS.vufield;

/** Elements that make one result at most: sums of them are exact in the 48-bit accumulators. */
const MAX_REDUCED = 65536;
/** Entries of lookup tables for 8-bit and for int16 elements. */
export const LOOKUP_ENTRIES = 256;
export const LOOKUP_ENTRIES_INT16 = 513;

/** Axis 0..3 (n, h, w, c) when the sticky axes name just one. */
export function singleAxis(state: Int32Array): number | undefined {
  const axis = [1, 2, 4, 8].indexOf(state[F.axes]!);
  return axis < 0 ? undefined : axis;
}

function requireAxis(state: Int32Array, out: Tensor): number {
  const axis = singleAxis(state);
  if (axis === undefined) {
    throw new MachineFault("shape", out.base, "the operation works along one axis", "set it with vu.axes");
  }
  return axis;
}

/** The input's axis that becomes axis `axis` of a transposed output. */
export const sourceAxis = (state: Int32Array, axis: number): number => (state[F.perm]! >> (2 * axis)) & 3;

/** Entries of the requantisation table of an input that has one. */
export const tableEntries = (input: Tensor): number => (input.flags & FLAG_PER_TENSOR_TABLE ? 1 : input.c);

/** Bytes of the table that an operation brings into the unit: a lookup's or a requantisation's, 0 = none. */
export function tableBytes({ kind, out, input }: VuWork): number {
  if (kind === "requant" && input.table !== 0) return tableEntries(input) * TABLE_ENTRY_BYTES;
  if (kind !== "lookup") return 0;
  return input.dtype === DTYPE.int16 ? LOOKUP_ENTRIES_INT16 * 2 : LOOKUP_ENTRIES * (DTYPE_BITS[out.dtype]! / 8);
}

const shapeOf = ([n, h, w, c]: readonly number[]): string => `${n}x${h}x${w}x${c}`;

function expectShape(t: Tensor, role: string, expected: readonly number[]): void {
  if (dimensions(t).some((size, axis) => size !== expected[axis])) {
    throw new MachineFault("shape", t.base, `${role}: the shape must be ${shapeOf(expected)}, it is ${shapeText(t)}`);
  }
}

function checkBinary(kind: VuKind, out: Tensor, input: Tensor, second: Tensor): void {
  expectSame(out, input);
  const sizes = dimensions(input);
  if (dimensions(second).some((size, axis) => size !== 1 && size !== sizes[axis])) {
    throw new MachineFault(
      "shape",
      second.base,
      `second input: ${shapeText(second)} can't be repeated to ${shapeText(input)}`,
      "each of its dimensions equals the first input's or is 1",
    );
  }
  if (kind === "sel") sameType(out, second);
}

function checkConcat(out: Tensor, input: Tensor, second: Tensor, state: Int32Array): void {
  const axis = requireAxis(state, out);
  const sizes = dimensions(input);
  const others = dimensions(second);
  expectShape(
    second,
    "second input",
    sizes.map((size, i) => (i === axis ? others[i]! : size)),
  );
  expectShape(
    out,
    "output",
    sizes.map((size, i) => (i === axis ? size + others[i]! : size)),
  );
  sameType(out, input);
  sameType(out, second);
}

function checkReduced(input: Tensor, state: Int32Array): void {
  const axes = state[F.axes]!;
  const count = dimensions(input).reduce((product, size, axis) => (axes & (1 << axis) ? product * size : product), 1);
  if (count > MAX_REDUCED) {
    throw new MachineFault("shape", input.base, `${count} elements make one result, at most ${MAX_REDUCED} can`);
  }
}

function requireType(t: Tensor, role: string, allowed: readonly number[]): void {
  if (allowed.includes(t.dtype)) return;
  const names = allowed.map(dtypeName).join(", ");
  throw new MachineFault("type", t.base, `${role}: the operation takes ${names}, not ${dtypeName(t.dtype)}`);
}

/** A zero point that the data type can't hold would leave the integers that the formulas are stated for. */
function requireZeroPoint(t: Tensor, role: string): void {
  const [min, max] = elementRange(t.dtype);
  if (t.zeroPoint < min || t.zeroPoint > max) {
    throw new MachineFault("type", t.base, `${role}: ${dtypeName(t.dtype)} can't hold the zero point ${t.zeroPoint}`);
  }
}

function checkLookup(out: Tensor, input: Tensor, state: Int32Array, memories: AddressSpace): void {
  expectSame(out, input);
  requireType(input, "input", [DTYPE.int8, DTYPE.uint8, DTYPE.int16]);
  const wide = input.dtype === DTYPE.int16;
  if (wide) sameType(out, input);
  const entries = wide ? LOOKUP_ENTRIES_INT16 : LOOKUP_ENTRIES;
  const entryBytes = out.dtype === DTYPE.int32 ? 4 : out.dtype === DTYPE.int16 ? 2 : 1;
  checkTable("the lookup table", state[F.table]! >>> 0, entries * entryBytes, entryBytes, memories);
}

function checkUnary(kind: VuKind, out: Tensor, input: Tensor, state: Int32Array, memories: AddressSpace): void {
  switch (kind) {
    case "clip":
    case "copy":
      expectSame(out, input);
      sameType(out, input);
      break;
    case "requant":
      expectSame(out, input);
      if (input.table !== 0) {
        checkTable("the requantisation table", input.table, tableEntries(input) * TABLE_ENTRY_BYTES, 4, memories);
      }
      break;
    case "dequant":
      expectSame(out, input);
      requireType(input, "input", [DTYPE.int8, DTYPE.uint8, DTYPE.int16]);
      requireType(out, "output", [DTYPE.int16, DTYPE.int32]);
      if (out.zeroPoint !== 0) {
        throw new MachineFault("type", out.base, `output: fixed-point numbers have zero point 0, not ${out.zeroPoint}`);
      }
      break;
    case "lookup":
      checkLookup(out, input, state, memories);
      break;
    case "softmax":
    case "norm":
      expectSame(out, input);
      checkReduced(input, state);
      if (kind === "norm") requireType(input, "input", [DTYPE.int8, DTYPE.uint8, DTYPE.int16]);
      break;
    case "sum":
    case "mean":
    case "rmax":
    case "rmin":
    case "argmax": {
      if (kind === "argmax") {
        const size = dimensions(input)[requireAxis(state, out)]!;
        requireType(out, "output", [DTYPE.uint8, DTYPE.int16, DTYPE.int32]);
        if (size - 1 > elementRange(out.dtype)[1]) {
          throw new MachineFault("type", out.base, `output: ${dtypeName(out.dtype)} can't hold the index ${size - 1}`);
        }
      }
      checkReduced(input, state);
      const axes = state[F.axes]!;
      expectShape(
        out,
        "output",
        dimensions(input).map((size, axis) => (axes & (1 << axis) ? 1 : size)),
      );
      break;
    }
    case "transpose": {
      const sizes = dimensions(input);
      expectShape(
        out,
        "output",
        sizes.map((_, axis) => sizes[sourceAxis(state, axis)]!),
      );
      sameType(out, input);
      break;
    }
    case "nearest":
    case "bilinear":
      expectShape(out, "output", [input.n, out.h, out.w, input.c]);
      sameType(out, input);
      break;
    default:
      expectSame(out, input);
  }
}

/**
 * Checks an operation and freezes what it needs.
 * @throws MachineFault of kind shape, type or tensorMemory
 */
export function prepareVuWork(
  kind: VuKind,
  out: Tensor,
  input: Tensor,
  second: Tensor | undefined,
  state: Int32Array,
  memories: AddressSpace,
): VuWork {
  checkTensor(out, "output", memories);
  checkTensor(input, "input", memories);
  requireZeroPoint(out, "output");
  requireZeroPoint(input, "input");
  if (second) {
    checkTensor(second, "second input", memories);
    requireZeroPoint(second, "second input");
    if (kind === "concat") checkConcat(out, input, second, state);
    else checkBinary(kind, out, input, second);
  } else checkUnary(kind, out, input, state, memories);
  return { kind, out, input, second, state: state.slice() };
}
