/** How real numbers become integers for the machine: the published recipes that docs/onnx-operators.md states. */
import type { DType } from "@nnasm/sim-core/isa";

/** Smallest and largest stored value of the data types in use here. */
export const RANGES = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  int32: [-(2 ** 31), 2 ** 31 - 1],
} as const satisfies Partial<Record<DType, readonly [number, number]>>;
export type Stored = keyof typeof RANGES;

/** Stored values q with real = scale * (q - zeroPoint). */
export interface Scheme {
  readonly dtype: Stored;
  readonly scale: number;
  readonly zeroPoint: number;
}

export interface Quantised extends Scheme {
  readonly values: readonly number[];
}

/** Bits of activations: 8 is int8 asymmetric, 16 is int16 symmetric (the two recipes of TensorFlow Lite). */
export type Bits = 8 | 16;

export const clamp = (value: number, [low, high]: readonly [number, number]): number =>
  Math.max(low, Math.min(high, value));

/** Least and greatest of a list that may be long. */
export function extremes(data: readonly number[]): [least: number, greatest: number] {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const x of data) {
    if (x < least) least = x;
    if (x > greatest) greatest = x;
  }
  return data.length === 0 ? [0, 0] : [least, greatest];
}

export const largest = (data: readonly number[]): number => {
  const [least, greatest] = extremes(data);
  return Math.max(-least, greatest);
};

/** The scheme of an activation whose values lie in [least, greatest]: min-max, with 0 representable. */
export function activationScheme(bits: Bits, [least, greatest]: readonly [number, number]): Scheme {
  if (bits === 16) return symmetricScheme("int16", Math.max(-least, greatest));
  const low = Math.min(0, least);
  const high = Math.max(0, greatest);
  const scale = high === low ? 1 : (high - low) / 255;
  return { dtype: "int8", scale, zeroPoint: clamp(Math.round(-128 - low / scale), RANGES.int8) };
}

/** The scheme of weights: symmetric, -127..127 or -32767..32767. */
export function symmetricScheme(dtype: "int8" | "int16", magnitude: number): Scheme {
  return { dtype, scale: magnitude > 0 ? magnitude / RANGES[dtype][1] : 1, zeroPoint: 0 };
}

/** A scheme for intermediate values that spreads [least, greatest] over all of int16, 0 inside or not. */
export function spreadScheme([least, greatest]: readonly [number, number]): Scheme {
  const scale = greatest > least ? (greatest - least) / 65000 : Math.max(Math.abs(greatest), 1) / 65000;
  const zeroPoint = Math.round(-32500 - least / scale);
  if (zeroPoint < -32768 || zeroPoint > 32767) return symmetricScheme("int16", Math.max(-least, greatest));
  return { dtype: "int16", scale, zeroPoint };
}

export function quantise(data: readonly number[], scheme: Scheme): Quantised {
  const { scale, zeroPoint, dtype } = scheme;
  return { ...scheme, values: data.map((x) => clamp(Math.round(x / scale) + zeroPoint, RANGES[dtype])) };
}

/** The real numbers that stored values stand for, as the single-precision numbers that other runtimes take. */
export const dequantise = ({ values, scale, zeroPoint }: Quantised): number[] =>
  values.map((q) => Math.fround(scale * (q - zeroPoint)));

/**
 * Multiplier and shift of a positive or negative real factor: factor = M / 2^s to 31 bits, s in 1..62.
 * @throws Error outside 2^-32 .. 2^30
 */
export function multiplierOf(factor: number): { m: number; s: number } {
  let magnitude = Math.abs(factor);
  let s = 0;
  while (magnitude < 2 ** 30 && s < 64) {
    magnitude *= 2;
    s++;
  }
  while (magnitude >= 2 ** 31) {
    magnitude /= 2;
    s--;
  }
  let m = Math.round(magnitude);
  if (m === 2 ** 31) {
    m = 2 ** 30;
    s--;
  }
  if (s < 1 || s > 62) throw new Error(`no multiplier and shift make the factor ${factor}`);
  return { m: factor < 0 ? -m : m, s };
}
