/** Operations over whole axes: dense int32 arrays in the order n, h, w, c in, the same or reduced arrays out. */
import { divideRounded } from "../../machine/index.ts";
import { exponential, INT32_MAX, INT32_MIN, RATIO_ONE, ratio, saturate, squareRoot } from "./fixed-point.ts";

interface Groups {
  /** Index of the result by element. */
  readonly group: Int32Array;
  readonly count: number;
}

/** For every element the index of the result that it belongs to; `axes` has bit 1 << axis for each reduced axis. */
function groupsOf(sizes: readonly number[], axes: number): Groups {
  const [n, h, w, c] = sizes as [number, number, number, number];
  const steps = [0, 0, 0, 0];
  let count = 1;
  for (let axis = 3; axis >= 0; axis--) {
    if (axes & (1 << axis)) continue;
    steps[axis] = count;
    count *= sizes[axis]!;
  }
  const [sn, sh, sw, sc] = steps as [number, number, number, number];
  const group = new Int32Array(n * h * w * c);
  let i = 0;
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < h; b++) {
      for (let d = 0; d < w; d++) {
        for (let e = 0; e < c; e++) group[i++] = a * sn + b * sh + d * sw + e * sc;
      }
    }
  }
  return { group, count };
}

export type Reduction = "sum" | "mean" | "rmax" | "rmin";

/** Sums of the values of each group: exact, for there are at most 2^16 of 32 bits. */
function sumsOf(values: Int32Array, { group, count }: Groups): Float64Array {
  const sums = new Float64Array(count);
  for (let i = 0; i < values.length; i++) {
    const g = group[i]!;
    sums[g] = sums[g]! + values[i]!;
  }
  return sums;
}

function largestOf(values: Int32Array, { group, count }: Groups): Int32Array {
  const largest = new Int32Array(count).fill(INT32_MIN);
  for (let i = 0; i < values.length; i++) {
    const g = group[i]!;
    if (values[i]! > largest[g]!) largest[g] = values[i]!;
  }
  return largest;
}

function smallestOf(values: Int32Array, { group, count }: Groups): Int32Array {
  const smallest = new Int32Array(count).fill(INT32_MAX);
  for (let i = 0; i < values.length; i++) {
    const g = group[i]!;
    if (values[i]! < smallest[g]!) smallest[g] = values[i]!;
  }
  return smallest;
}

export function reduce(kind: Reduction, values: Int32Array, sizes: readonly number[], axes: number): Int32Array {
  const groups = groupsOf(sizes, axes);
  if (kind === "rmax") return largestOf(values, groups);
  if (kind === "rmin") return smallestOf(values, groups);
  const perResult = values.length / groups.count;
  return Int32Array.from(sumsOf(values, groups), (sum) =>
    kind === "mean" ? divideRounded(sum, perResult) : saturate(sum),
  );
}

/** Index of the largest element along the one axis in `axes`, the first of equals. */
export function argmax(values: Int32Array, sizes: readonly number[], axes: number): Int32Array {
  const groups = groupsOf(sizes, axes);
  const { group, count } = groups;
  const largest = largestOf(values, groups);
  const place = new Int32Array(count).fill(-1);
  const seen = new Int32Array(count);
  for (let i = 0; i < values.length; i++) {
    const g = group[i]!;
    if (place[g]! < 0 && values[i] === largest[g]) place[g] = seen[g]!;
    seen[g] = seen[g]! + 1;
  }
  return place;
}

/**
 * e^t / sum of e^t with 20 fraction bits, t = scale(value - largest value).
 * @param scale brings differences of stored values to 26 fraction bits, in place
 */
export function softmax(
  values: Int32Array,
  sizes: readonly number[],
  axes: number,
  scale: (differences: Int32Array) => Int32Array,
): Int32Array {
  const groups = groupsOf(sizes, axes);
  const { group } = groups;
  const largest = largestOf(values, groups);
  const powers = new Int32Array(values.length);
  let lowest = 0;
  for (let i = 0; i < values.length; i++) {
    const difference = saturate(values[i]! - largest[group[i]!]!);
    powers[i] = difference;
    if (difference < lowest) lowest = difference;
  }
  if (values.length > 1 - lowest) {
    // Fewer different differences than elements: each power is computed once.
    const table = scale(Int32Array.from({ length: 1 - lowest }, (_, i) => -i)).map(exponential);
    for (let i = 0; i < powers.length; i++) powers[i] = table[-powers[i]!]!;
  } else {
    scale(powers);
    for (let i = 0; i < powers.length; i++) powers[i] = exponential(powers[i]!);
  }
  const sums = sumsOf(powers, groups);
  for (let i = 0; i < powers.length; i++) powers[i] = ratio(powers[i]! * RATIO_ONE, sums[group[i]!]!);
  return powers;
}

/** (v - mean) / deviation with 20 fraction bits; |v| < 2^16. */
export function normalise(values: Int32Array, sizes: readonly number[], axes: number, epsilon: number): Int32Array {
  const groups = groupsOf(sizes, axes);
  const { group, count } = groups;
  const perResult = values.length / count;
  const means = sumsOf(values, groups).map((sum) => ratio(sum * 16, perResult));
  // Squares have up to 42 bits: their sums are kept in two parts, so that doubles stay exact.
  const high = new Float64Array(count);
  const low = new Float64Array(count);
  const half = 2 ** 26;
  const distances = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const g = group[i]!;
    const distance = 16 * values[i]! - means[g]!;
    const square = distance * distance;
    const part = Math.floor(square / half);
    distances[i] = distance;
    high[g] = high[g]! + part;
    low[g] = low[g]! + (square - part * half);
  }
  const deviations = high.map((part, g) => {
    const squares = BigInt(part) * BigInt(half) + BigInt(low[g]!);
    return squareRoot((squares * 65536n) / BigInt(perResult) + BigInt(epsilon));
  });
  const result = new Int32Array(values.length);
  for (let i = 0; i < result.length; i++) {
    const deviation = deviations[group[i]!]!;
    result[i] = deviation === 0 ? 0 : saturate(ratio(distances[i]! * (RATIO_ONE * 256), deviation));
  }
  return result;
}
