/**
 * The arithmetic of the vector unit (docs/machine.md, "Vector unit"), stage by stage over dense int32 arrays: every
 * stage's results are int32 by definition, so that nothing is lost between them. All inputs are read before anything
 * is written, so tensors may overlap.
 */
import { ENUMS } from "../../isa/enums.ts";
import {
  DTYPE,
  elementRange,
  elementSize,
  type Memories,
  readElements,
  readTable,
  repeated,
  requantise,
  requantiseAll,
  type Tensor,
  writeElements,
} from "../../machine/index.ts";
import { dimensions } from "./checks.ts";
import {
  exponential,
  hardSwish,
  INT32_MAX,
  INT32_MIN,
  POWERS,
  reciprocal,
  reciprocalRoot,
  roundingShift,
  saturate,
  sigmoid,
  tanh,
} from "./fixed-point.ts";
import { concatenate, resizeBilinear, resizeNearest, transpose } from "./rearrange.ts";
import { argmax, normalise, reduce, softmax } from "./reduce.ts";
import {
  LOOKUP_ENTRIES,
  LOOKUP_ENTRIES_INT16,
  singleAxis,
  sourceAxis,
  tableEntries,
  type VuKind,
  type VuWork,
} from "./work.ts";

const F = ENUMS.vufield;

/** Qk in place: requantisation by the k-th multiplier and shift; a shift of 0 changes nothing. */
function scale(values: Int32Array, state: Int32Array, stage: 0 | 1 | 2): Int32Array {
  const shift = state[F.s0 + 2 * stage]!;
  if (shift !== 0) requantiseAll(values, state[F.m0 + 2 * stage]!, shift);
  return values;
}

/** Bounds lo and hi within the data type of `out`. */
function bounds(out: Tensor, state: Int32Array): readonly [lo: number, hi: number] {
  const [min, max] = elementRange(out.dtype);
  const within = (x: number) => Math.max(min, Math.min(max, x));
  return [within(state[F.lo]!), within(state[F.hi]!)];
}

/** clamp(x + offset, lo, hi) in place; where the bounds cross, the lower one wins. */
function limit(values: Int32Array, offset: number, [lo, hi]: readonly [lo: number, hi: number]): Int32Array {
  for (let i = 0; i < values.length; i++) values[i] = Math.max(lo, Math.min(hi, values[i]! + offset));
  return values;
}

/** clamp(z_out + Q2(x), lo, hi) in place. */
function finish(values: Int32Array, { out, state }: VuWork): Int32Array {
  return limit(scale(values, state, 2), out.zeroPoint, bounds(out, state));
}

/** sat(q - z) in place. */
function centre(values: Int32Array, zeroPoint: number): Int32Array {
  return zeroPoint === 0 ? values : limit(values, -zeroPoint, [INT32_MIN, INT32_MAX]);
}

const centred = (t: Tensor, memories: Memories): Int32Array => centre(readElements(t, memories), t.zeroPoint);

type Combination = "add" | "sub" | "mul" | "min" | "max" | "eq" | "gt" | "ge";

/** a = a op b. */
function operate(kind: Combination, a: Int32Array, b: Int32Array): void {
  const count = a.length;
  switch (kind) {
    case "add":
      for (let i = 0; i < count; i++) a[i] = saturate(a[i]! + b[i]!);
      break;
    case "sub":
      for (let i = 0; i < count; i++) a[i] = saturate(a[i]! - b[i]!);
      break;
    case "mul":
      // A product beyond 2^53 is rounded, but saturates in any case.
      for (let i = 0; i < count; i++) a[i] = saturate(a[i]! * b[i]!);
      break;
    case "min":
      for (let i = 0; i < count; i++) a[i] = Math.min(a[i]!, b[i]!);
      break;
    case "max":
      for (let i = 0; i < count; i++) a[i] = Math.max(a[i]!, b[i]!);
      break;
    case "eq":
      for (let i = 0; i < count; i++) a[i] = a[i]! === b[i]! ? 1 : 0;
      break;
    case "gt":
      for (let i = 0; i < count; i++) a[i] = a[i]! > b[i]! ? 1 : 0;
      break;
    case "ge":
      for (let i = 0; i < count; i++) a[i] = a[i]! >= b[i]! ? 1 : 0;
      break;
  }
}

function combine(work: VuWork, kind: Combination, memories: Memories): Int32Array {
  const { input, state } = work;
  const a = scale(centred(input, memories), state, 0);
  const b = scale(centred(repeated(work.second!, dimensions(input)), memories), state, 1);
  operate(kind, a, b);
  return kind === "eq" || kind === "gt" || kind === "ge" ? a : finish(a, work);
}

function select({ out, input, second }: VuWork, memories: Memories): Int32Array {
  const mask = readElements(input, memories);
  const values = readElements(repeated(second!, dimensions(out)), memories);
  const result = readElements(out, memories);
  for (let i = 0; i < result.length; i++) if (mask[i] !== 0) result[i] = values[i]!;
  return result;
}

/** What element-wise operations do between Q0 and finish. */
const FUNCTIONS: Partial<Record<VuKind, (v: number, state: Int32Array) => number>> = {
  abs: (v) => saturate(Math.abs(v)),
  neg: (v) => saturate(-v),
  relu: (v) => Math.max(0, v),
  scale: (v, state) => saturate(v + state[F.bias]!),
  hswish: hardSwish,
  exp: exponential,
  sigmoid,
  tanh,
  recip: (v, state) => reciprocal(v, state[F.frac]!),
  rsqrt: (v, state) => reciprocalRoot(v, state[F.frac]!),
};

/** The shifted value may exceed int32 and is exact here; the clamp brings it back. */
function shift(values: Int32Array, { out, state }: VuWork): Int32Array {
  const amount = state[F.shift]!;
  const [lo, hi] = bounds(out, state);
  const factor = POWERS[Math.max(0, amount)]!;
  for (let i = 0; i < values.length; i++) {
    const shifted = amount >= 0 ? values[i]! * factor : roundingShift(values[i]!, -amount);
    values[i] = Math.max(lo, Math.min(hi, out.zeroPoint + shifted));
  }
  return values;
}

/** An operation that looks at one element at a time, from stored values to stored values, in place. */
function elementwise(work: VuWork, values: Int32Array): Int32Array {
  const { kind, out, input, state } = work;
  if (kind === "clip") return limit(values, 0, bounds(out, state));
  if (kind === "cast") return limit(values, 0, elementRange(out.dtype));
  centre(values, input.zeroPoint);
  switch (kind) {
    case "shift":
      return shift(values, work);
    case "requant":
      return limit(scale(values, state, 0), out.zeroPoint, bounds(out, state));
    case "dequant":
      return limit(scale(values, state, 0), 0, elementRange(out.dtype));
    case "lrelu": {
      const slope = scale(values.slice(), state, 1);
      const direct = scale(values.slice(), state, 0);
      for (let i = 0; i < values.length; i++) values[i] = values[i]! >= 0 ? direct[i]! : slope[i]!;
      return finish(values, work);
    }
    default: {
      const operation = FUNCTIONS[kind]!;
      scale(values, state, 0);
      for (let i = 0; i < values.length; i++) values[i] = operation(values[i]!, state);
      return finish(values, work);
    }
  }
}

/** The same; each of a narrow type's values is computed once where a tensor has more elements than the type values. */
function elementwiseByValue(work: VuWork, memories: Memories): Int32Array {
  const stored = readElements(work.input, memories);
  const [min, max] = elementRange(work.input.dtype);
  const count = max - min + 1;
  if (stored.length <= count) return elementwise(work, stored);
  const results = elementwise(
    work,
    Int32Array.from({ length: count }, (_, i) => min + i),
  );
  for (let i = 0; i < stored.length; i++) stored[i] = results[stored[i]! - min]!;
  return stored;
}

/** @throws MachineFault when the table, which may have come late, holds a shift that isn't 1..62 */
function requantiseByTable({ out, input, state }: VuWork, memories: Memories): Int32Array {
  const entries = tableEntries(input);
  const { bias, multiplier, shift } = readTable(input.table, entries, false, memories);
  const values = centred(input, memories);
  for (let i = 0, entry = 0; i < values.length; i++) {
    values[i] = requantise(saturate(values[i]! + bias[entry]!), multiplier[entry]!, shift[entry]!);
    // Entries belong to channels, which are the innermost axis.
    if (++entry === entries) entry = 0;
  }
  return limit(values, out.zeroPoint, bounds(out, state));
}

function lookup({ out, input, state }: VuWork, memories: Memories): Int32Array {
  const wide = input.dtype === DTYPE.int16;
  const entries = wide ? LOOKUP_ENTRIES_INT16 : LOOKUP_ENTRIES;
  const base = state[F.table]! >>> 0;
  const table = readElements({ ...out, base, n: 1, h: 1, w: 1, c: entries, sc: elementSize(out.dtype) }, memories);
  const values = readElements(input, memories);
  if (!wide) {
    const first = input.dtype === DTYPE.int8 ? 128 : 0;
    for (let i = 0; i < values.length; i++) values[i] = table[values[i]! + first]!;
    return values;
  }
  const [min, max] = elementRange(out.dtype);
  for (let i = 0; i < values.length; i++) {
    const q = values[i]!;
    const index = (q + 32768) >> 7;
    const low = table[index]!;
    const value = low + ((Math.imul(table[index + 1]! - low, q & 127) + 64) >> 7);
    values[i] = Math.max(min, Math.min(max, value));
  }
  return values;
}

/** The stored values of the output, in the order n, h, w, c. */
function resultOf(work: VuWork, memories: Memories): Int32Array {
  const { kind, out, input, state } = work;
  const sizes = dimensions(input);
  const axes = state[F.axes]!;
  switch (kind) {
    case "add":
    case "sub":
    case "mul":
    case "min":
    case "max":
    case "eq":
    case "gt":
    case "ge":
      return combine(work, kind, memories);
    case "sel":
      return select(work, memories);
    case "concat": {
      const other = readElements(work.second!, memories);
      return concatenate(readElements(input, memories), sizes, other, singleAxis(state)!);
    }
    case "lookup":
      return lookup(work, memories);
    case "softmax": {
      const toFixedPoint = (differences: Int32Array) => scale(differences, state, 0);
      return finish(softmax(readElements(input, memories), sizes, axes, toFixedPoint), work);
    }
    case "norm":
      return finish(normalise(centred(input, memories), sizes, axes, state[F.eps]!), work);
    case "sum":
    case "mean":
    case "rmax":
    case "rmin":
      return finish(reduce(kind, centred(input, memories), sizes, axes), work);
    case "argmax":
      return argmax(readElements(input, memories), sizes, axes);
    case "copy":
      return readElements(input, memories);
    case "transpose":
      return transpose(readElements(input, memories), sizes, (axis) => sourceAxis(state, axis));
    case "nearest":
      return resizeNearest(readElements(input, memories), input, out, state[F.grid]!);
    case "bilinear":
      return resizeBilinear(readElements(input, memories), input, out, state[F.grid]!);
    default:
      if (kind === "requant" && input.table !== 0) return requantiseByTable(work, memories);
      return elementwiseByValue(work, memories);
  }
}

/** Performs all memory effects of an operation. */
export function executeVuWork(work: VuWork, memories: Memories): void {
  writeElements(work.out, memories, resultOf(work, memories));
}
