/**
 * Functions of the vector unit in integers, bit by bit as docs/machine.md states them ("Functions of the vector
 * unit"). Nothing here depends on the host's floating-point library.
 */
import { requantise } from "../../machine/index.ts";
import { LOG2_E, POWERS_OF_TWO } from "./exp.generated.ts";

export const INT32_MAX = 0x7fffffff;
export const INT32_MIN = -0x80000000;

/** Fraction bits of the arguments of exp, sigmoid, tanh and softmax. */
const ARGUMENT_BITS = 26;
/** Fraction bits of e^x. */
const EXP_BITS = 30;
/** Fraction bits of sigmoid, tanh, softmax and normalised values. */
const RATIO_BITS = 20;
/** Fraction bits of hard swish, argument and result. */
const SWISH_BITS = 16;

/** Saturates an integer to int32. */
export const saturate = (value: number): number => Math.max(INT32_MIN, Math.min(INT32_MAX, value));

/** value / divisor to the nearest integer, halves away from zero; divisor > 0, 2 |value| + divisor < 2^53. */
export function ratio(value: number, divisor: number): number {
  // A quotient of integers below 2^53 is never rounded up to the next integer, so floor is exact.
  const magnitude = Math.floor((2 * Math.abs(value) + divisor) / (2 * divisor));
  return value < 0 ? -magnitude : magnitude;
}

// One in each of these formats: the power operator takes longer than everything else in the functions.
export const RATIO_ONE = 2 ** RATIO_BITS;
const EXP_ONE = 2 ** EXP_BITS;
const SWISH_ONE = 2 ** SWISH_BITS;
/** 2^0 .. 2^63. */
export const POWERS = Float64Array.from({ length: 64 }, (_, exponent) => 2 ** exponent);

/** (value + 2^(shift - 1)) >> shift for shift >= 1: halves go up; |value| < 2^52. */
export const roundingShift = (value: number, shift: number): number =>
  Math.floor((value + POWERS[shift - 1]!) / POWERS[shift]!);

/**
 * e^x for x <= 0; arguments above 0 count as 0.
 * @param x int32, 26 fraction bits
 * @returns 0..2^30, 30 fraction bits
 */
export function exponential(x: number): number {
  if (x >= 0) return EXP_ONE;
  // e^x = 2^-u; the table has 256 steps between powers of two and is interpolated linearly.
  const u = requantise(Math.min(INT32_MAX, -x), LOG2_E, 30);
  const whole = u >> ARGUMENT_BITS;
  const index = (u >> 18) & 0xff;
  const rest = u & 0x3ffff;
  const upper = POWERS_OF_TWO[index]!;
  const power = upper - roundingShift((upper - POWERS_OF_TWO[index + 1]!) * rest, 18);
  return whole === 0 ? power : roundingShift(power, whole);
}

/** 1 / (1 + e^-x), 20 fraction bits; x int32 with 26 fraction bits. */
export function sigmoid(x: number): number {
  const e = exponential(-Math.abs(x));
  const lower = ratio(e * RATIO_ONE, EXP_ONE + e);
  return x > 0 ? RATIO_ONE - lower : lower;
}

/** (e^x - e^-x) / (e^x + e^-x), 20 fraction bits; x int32 with 26 fraction bits. */
export function tanh(x: number): number {
  const e = exponential(saturate(-2 * Math.abs(x)));
  const magnitude = ratio((EXP_ONE - e) * RATIO_ONE, EXP_ONE + e);
  return x < 0 ? -magnitude : magnitude;
}

/** x * clamp(x + 3, 0, 6) / 6, all with 16 fraction bits, halves away from zero. */
export function hardSwish(x: number): number {
  return ratio(x * Math.max(0, Math.min(6 * SWISH_ONE, x + 3 * SWISH_ONE)), 6 * SWISH_ONE);
}

/** 2^fraction / x to nearest, halves away from zero, saturated to int32; x = 0 gives the largest int32. */
export function reciprocal(x: number, fraction: number): number {
  if (x === 0) return INT32_MAX;
  const magnitude = ratio(POWERS[fraction]!, Math.abs(x));
  return saturate(x < 0 ? -magnitude : magnitude);
}

/** Largest integer whose square is at most n; n < 2^106. */
export function squareRoot(n: bigint): number {
  // The host's root is a first guess only: the comparisons decide.
  let root = BigInt(Math.floor(Math.sqrt(Number(n))));
  while (root * root > n) root--;
  while ((root + 1n) * (root + 1n) <= n) root++;
  return Number(root);
}

/** 2^fraction / sqrt(x) to nearest, saturated to int32; x <= 0 gives the largest int32. */
export function reciprocalRoot(x: number, fraction: number): number {
  if (x <= 0) return INT32_MAX;
  const guess = POWERS[fraction]! / Math.sqrt(x);
  if (guess >= 2 ** 32) return INT32_MAX;
  // IEEE roots and quotients are correctly rounded: the guess is closer than that, and only halves need a closer look.
  if (Math.abs(guess - Math.floor(guess) - 0.5) > 2 ** -18) return saturate(Math.round(guess));
  // r - 1/2 <= 2^f / sqrt(x) is (2r - 1)^2 x <= 2^(2f + 2), with both sides positive.
  const bound = 2n ** BigInt(2 * fraction + 2);
  const wide = BigInt(x);
  const reaches = (r: bigint): boolean => (2n * r - 1n) * (2n * r - 1n) * wide <= bound;
  let r = BigInt(Math.round(guess));
  while (r > 0n && !reaches(r)) r--;
  while (reaches(r + 1n)) r++;
  return saturate(Number(r));
}
