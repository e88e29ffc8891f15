/**
 * The arithmetic of the vector unit (docs/machine.md, "Vector unit"): plain reference kernels over dense arrays. All
 * inputs are read before anything is written, so tensors may overlap.
 */
import { ENUMS } from "../../isa/enums.ts";
import { DTYPE, hex, MachineFault, type Memories, requantise, type Tensor } from "../../machine/index.ts";
import { dimensions, TYPE_RANGES } from "./checks.ts";
import { loadElements, storeElements } from "./elements.ts";
import {
  exponential,
  hardSwish,
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
  TABLE_ENTRY_BYTES,
  tableEntries,
  type VuWork,
} from "./work.ts";

const F = ENUMS.vufield;
type Map1 = (x: number) => number;

/** Qk: requantisation by the k-th multiplier and shift; a shift of 0 changes nothing. */
function scaler(state: Int32Array, stage: 0 | 1 | 2): Map1 {
  const multiplier = state[F.m0 + 2 * stage]!;
  const shift = state[F.s0 + 2 * stage]!;
  return shift === 0 ? (x) => x : (x) => requantise(x, multiplier, shift);
}

/** Saturation to the data type of a tensor. */
function within({ dtype }: Tensor): Map1 {
  const [min, max] = TYPE_RANGES[dtype]!;
  return (x) => Math.max(min, Math.min(max, x));
}

/** clamp(x, lo, hi) within the data type of `out`; where the bounds cross, the lower one wins. */
function limiter(out: Tensor, state: Int32Array): Map1 {
  const bound = within(out);
  const lo = bound(state[F.lo]!);
  const hi = bound(state[F.hi]!);
  return (x) => Math.max(lo, Math.min(hi, x));
}

/** clamp(z_out + Q2(x), lo, hi). */
function finisher({ out, state }: VuWork): Map1 {
  const scale = scaler(state, 2);
  const limit = limiter(out, state);
  return (x) => limit(out.zeroPoint + scale(x));
}

/** sat(q - z) of all elements. */
function centred(t: Tensor, memories: Memories, sizes?: readonly number[]): Int32Array {
  const values = loadElements(t, memories, sizes);
  for (let i = 0; i < values.length; i++) values[i] = saturate(values[i]! - t.zeroPoint);
  return values;
}

const OPERATIONS = {
  add: (a, b) => saturate(a + b),
  sub: (a, b) => saturate(a - b),
  // A product beyond 2^53 is rounded, but saturates in any case.
  mul: (a, b) => saturate(a * b),
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  eq: (a, b) => (a === b ? 1 : 0),
  gt: (a, b) => (a > b ? 1 : 0),
  ge: (a, b) => (a >= b ? 1 : 0),
} as const satisfies Record<string, (a: number, b: number) => number>;

function combine(work: VuWork, kind: keyof typeof OPERATIONS, memories: Memories): Int32Array {
  const { input, state } = work;
  const a = centred(input, memories);
  const b = centred(work.second!, memories, dimensions(input));
  const first = scaler(state, 0);
  const second = scaler(state, 1);
  const operate = OPERATIONS[kind];
  const compares = kind === "eq" || kind === "gt" || kind === "ge";
  const finish = compares ? (x: number) => x : finisher(work);
  return a.map((x, i) => finish(operate(first(x), second(b[i]!))));
}

function select({ out, input, second }: VuWork, memories: Memories): Int32Array {
  const mask = loadElements(input, memories);
  const values = loadElements(second!, memories, dimensions(out));
  const before = loadElements(out, memories);
  return before.map((value, i) => (mask[i] === 0 ? value : values[i]!));
}

/** The part of an element-wise operation between sat(q - z) and finish. */
function elementFunction({ kind, state }: VuWork): Map1 | undefined {
  const scale = scaler(state, 0);
  const fraction = state[F.frac]!;
  switch (kind) {
    case "abs":
      return (v) => saturate(Math.abs(scale(v)));
    case "neg":
      return (v) => saturate(-scale(v));
    case "relu":
      return (v) => Math.max(0, scale(v));
    case "lrelu": {
      const slope = scaler(state, 1);
      return (v) => (v >= 0 ? scale(v) : slope(v));
    }
    case "scale":
      return (v) => saturate(scale(v) + state[F.bias]!);
    case "hswish":
      return (v) => hardSwish(scale(v));
    case "exp":
      return (v) => exponential(scale(v));
    case "sigmoid":
      return (v) => sigmoid(scale(v));
    case "tanh":
      return (v) => tanh(scale(v));
    case "recip":
      return (v) => reciprocal(scale(v), fraction);
    case "rsqrt":
      return (v) => reciprocalRoot(scale(v), fraction);
    default:
      return undefined;
  }
}

function shifted({ out, input, state }: VuWork, memories: Memories): Int32Array {
  const limit = limiter(out, state);
  const amount = state[F.shift]!;
  // The shifted value may exceed int32 and is exact here; the clamp brings it back.
  const shift: Map1 = amount >= 0 ? (v) => v * 2 ** amount : (v) => roundingShift(v, -amount);
  return centred(input, memories).map((v) => limit(out.zeroPoint + shift(v)));
}

/** @throws MachineFault when the table, which may have come late, holds a shift that isn't 1..62 */
function requantiseByTable({ out, input, state }: VuWork, memories: Memories): Int32Array {
  const limit = limiter(out, state);
  const at = memories.flatOffset(input.table, TABLE_ENTRY_BYTES) >> 2;
  // Words of an entry: bias, M, s, 0.
  const table = memories.i32.slice(at, at + 4 * tableEntries(input));
  for (let entry = 0; entry < tableEntries(input); entry++) {
    const shift = table[4 * entry + 2]!;
    if (shift >= 1 && shift <= 62) continue;
    throw new MachineFault(
      "type",
      input.table,
      `entry ${entry} of the requantisation table at ${hex(input.table)} has shift ${shift}, not 1..62`,
      "was the table in DM before this operation started?",
    );
  }
  return centred(input, memories).map((v, i) => {
    const entry = 4 * ((i % input.c) % tableEntries(input));
    return limit(out.zeroPoint + requantise(saturate(v + table[entry]!), table[entry + 1]!, table[entry + 2]!));
  });
}

function lookup({ out, input, state }: VuWork, memories: Memories): Int32Array {
  const wide = input.dtype === DTYPE.int16;
  const entries = wide ? LOOKUP_ENTRIES_INT16 : LOOKUP_ENTRIES;
  const size = out.dtype === DTYPE.int32 ? 4 : out.dtype === DTYPE.int16 ? 2 : 1;
  const base = state[F.table]! >>> 0;
  const list: Tensor = { ...out, base, n: 1, h: 1, w: 1, c: entries, sc: size };
  const table = loadElements(list, memories);
  const values = loadElements(input, memories);
  if (!wide) {
    const first = input.dtype === DTYPE.int8 ? 128 : 0;
    return values.map((q) => table[q + first]!);
  }
  const bound = within(out);
  return values.map((q) => {
    const index = (q + 32768) >> 7;
    const low = table[index]!;
    return bound(low + ((Math.imul(table[index + 1]! - low, q & 127) + 64) >> 7));
  });
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
      const other = loadElements(work.second!, memories);
      return concatenate(loadElements(input, memories), sizes, other, singleAxis(state)!);
    }
    case "clip":
      return loadElements(input, memories).map(limiter(out, state));
    case "shift":
      return shifted(work, memories);
    case "cast":
      return loadElements(input, memories).map(within(out));
    case "requant": {
      if (input.table !== 0) return requantiseByTable(work, memories);
      const limit = limiter(out, state);
      const scale = scaler(state, 0);
      return centred(input, memories).map((v) => limit(out.zeroPoint + scale(v)));
    }
    case "dequant": {
      const bound = within(out);
      const scale = scaler(state, 0);
      return centred(input, memories).map((v) => bound(scale(v)));
    }
    case "lookup":
      return lookup(work, memories);
    case "softmax":
      return softmax(loadElements(input, memories), sizes, axes, scaler(state, 0)).map(finisher(work));
    case "norm":
      return normalise(centred(input, memories), sizes, axes, state[F.eps]!).map(finisher(work));
    case "sum":
    case "mean":
    case "rmax":
    case "rmin":
      return reduce(kind, centred(input, memories), sizes, axes).map(finisher(work));
    case "argmax":
      return argmax(loadElements(input, memories), sizes, axes);
    case "copy":
      return loadElements(input, memories);
    case "transpose":
      return transpose(loadElements(input, memories), sizes, (axis) => sourceAxis(state, axis));
    case "nearest":
      return resizeNearest(loadElements(input, memories), input, out, state[F.grid]!);
    case "bilinear":
      return resizeBilinear(loadElements(input, memories), input, out, state[F.grid]!);
    default: {
      const map = elementFunction(work)!;
      const finish = finisher(work);
      return centred(input, memories).map((v) => finish(map(v)));
    }
  }
}

/** Performs all memory effects of an operation. */
export function executeVuWork(work: VuWork, memories: Memories): void {
  storeElements(work.out, resultOf(work, memories), memories);
}
