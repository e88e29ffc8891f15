/** Operations over whole axes: dense int32 arrays in the order n, h, w, c in, the same or reduced arrays out. */
import { divideRounded } from "../../machine/index.ts";
import { exponential, RATIO_BITS, ratio, saturate, squareRoot } from "./fixed-point.ts";

/** For every element the index of the result that it belongs to; `axes` has bit 1 << axis for each reduced axis. */
function groupsOf(sizes: readonly number[], axes: number): { group: Int32Array; count: number } {
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

export function reduce(kind: Reduction, values: Int32Array, sizes: readonly number[], axes: number): Int32Array {
  const { group, count } = groupsOf(sizes, axes);
  const start = kind === "rmax" ? Number.NEGATIVE_INFINITY : kind === "rmin" ? Number.POSITIVE_INFINITY : 0;
  const results = new Float64Array(count).fill(start);
  values.forEach((v, i) => {
    const g = group[i]!;
    const before = results[g]!;
    results[g] = kind === "rmax" ? Math.max(before, v) : kind === "rmin" ? Math.min(before, v) : before + v;
  });
  const perResult = values.length / count;
  return Int32Array.from(results, (x) => (kind === "mean" ? divideRounded(x, perResult) : saturate(x)));
}

/** Index of the largest element along the one axis in `axes`, the first of equals. */
export function argmax(values: Int32Array, sizes: readonly number[], axes: number): Int32Array {
  const { group, count } = groupsOf(sizes, axes);
  const best = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const place = new Int32Array(count);
  const seen = new Int32Array(count);
  values.forEach((v, i) => {
    const g = group[i]!;
    if (v > best[g]!) {
      best[g] = v;
      place[g] = seen[g]!;
    }
    seen[g] = seen[g]! + 1;
  });
  return place;
}

/**
 * e^t / sum of e^t with 20 fraction bits, t = scale(value - largest value).
 * @param scale brings differences of stored values to 26 fraction bits
 */
export function softmax(
  values: Int32Array,
  sizes: readonly number[],
  axes: number,
  scale: (x: number) => number,
): Int32Array {
  const { group } = groupsOf(sizes, axes);
  const largest = reduce("rmax", values, sizes, axes);
  const powers = values.map((q, i) => exponential(scale(saturate(q - largest[group[i]!]!))));
  const sums = new Float64Array(largest.length);
  powers.forEach((e, i) => {
    sums[group[i]!] = sums[group[i]!]! + e;
  });
  return powers.map((e, i) => ratio(e * 2 ** RATIO_BITS, sums[group[i]!]!));
}

/** (v - mean) / deviation with 20 fraction bits; |v| < 2^16. */
export function normalise(values: Int32Array, sizes: readonly number[], axes: number, epsilon: number): Int32Array {
  const { group, count } = groupsOf(sizes, axes);
  const perResult = values.length / count;
  const sums = new Float64Array(count);
  values.forEach((v, i) => {
    sums[group[i]!] = sums[group[i]!]! + v;
  });
  const means = sums.map((sum) => ratio(sum * 16, perResult));
  // Squares have up to 42 bits: their sums are kept in two parts, so that doubles stay exact.
  const high = new Float64Array(count);
  const low = new Float64Array(count);
  const half = 2 ** 26;
  const distances = values.map((v, i) => {
    const g = group[i]!;
    const distance = 16 * v - means[g]!;
    const square = distance * distance;
    high[g] = high[g]! + Math.floor(square / half);
    low[g] = low[g]! + (square % half);
    return distance;
  });
  const deviations = high.map((part, g) => {
    const squares = BigInt(part) * BigInt(half) + BigInt(low[g]!);
    return squareRoot((squares * 65536n) / BigInt(perResult) + BigInt(epsilon));
  });
  return distances.map((distance, i) => {
    const deviation = deviations[group[i]!]!;
    return deviation === 0 ? 0 : saturate(ratio(distance * 2 ** (RATIO_BITS + 8), deviation));
  });
}
