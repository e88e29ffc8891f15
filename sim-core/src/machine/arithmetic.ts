/** Integer arithmetic that several units share, exact without BigInt. */

/** High 32 bits of the signed 64-bit product. */
export function mulHigh(a: number, b: number): number {
  const al = a & 0xffff;
  const ah = a >> 16;
  const bl = b & 0xffff;
  const bh = b >> 16;
  // No part leaves int32: |a x b| of a signed and an unsigned half is at most 2^31 - 2^15.
  const low = Math.imul(al, bl) >>> 16;
  const mid1 = (Math.imul(ah, bl) + low) | 0;
  const mid2 = (Math.imul(al, bh) + (mid1 & 0xffff)) | 0;
  return (Math.imul(ah, bh) + (mid1 >> 16) + (mid2 >> 16)) | 0;
}

/** High 32 bits of the unsigned 64-bit product, as a signed word. */
export function mulHighUnsigned(a: number, b: number): number {
  const correction = (a < 0 ? b : 0) + (b < 0 ? a : 0);
  return (mulHigh(a, b) + correction) | 0;
}

/** High 32 bits of signed a times unsigned b. */
export function mulHighSignedUnsigned(a: number, b: number): number {
  return (mulHigh(a, b) + (b < 0 ? a : 0)) | 0;
}

const INT32_MAX = 0x7fffffff;
const INT32_MIN = -0x80000000;
const MAX_EXACT = 2 ** 52;
/** 2^0 .. 2^32; the power operator takes longer than everything else in `requantise`. */
const POWERS = Float64Array.from({ length: 33 }, (_, exponent) => 2 ** exponent);

/**
 * (int64(acc) * multiplier + 2^(shift - 1)) >> shift, saturated to int32 (the manual's "requantise").
 * @param acc int32
 * @param multiplier int32, 2^30..2^31 - 1 for a normalised scale
 * @param shift 1..62
 */
export function requantise(acc: number, multiplier: number, shift: number): number {
  const high = mulHigh(acc, multiplier);
  // |acc * multiplier| is at most 2^62, so high stays within 2^30, and within int32 after rounding.
  if (shift > 32) return (high + (1 << (shift - 33))) >> (shift - 32);
  const low = (Math.imul(acc, multiplier) >>> 0) + POWERS[shift - 1]!;
  const carry = low >= 4294967296 ? 1 : 0;
  if (shift === 32) return high + carry;
  const value = (high + carry) * POWERS[32 - shift]! + (low >>> shift);
  return Math.max(INT32_MIN, Math.min(INT32_MAX, value));
}

/** `requantise` of all values by one multiplier and shift, in place. */
export function requantiseAll(values: Int32Array, multiplier: number, shift: number): void {
  if (shift > 32) {
    const half = 1 << (shift - 33);
    for (let i = 0; i < values.length; i++) values[i] = (mulHigh(values[i]!, multiplier) + half) >> (shift - 32);
    return;
  }
  const half = POWERS[shift - 1]!;
  const unit = 1 / POWERS[shift]!;
  for (let i = 0; i < values.length; i++) {
    const product = values[i]! * multiplier + half;
    // Doubles are exact up to there, and so is the multiplication by a power of two.
    values[i] =
      product < MAX_EXACT && product > -MAX_EXACT
        ? Math.max(INT32_MIN, Math.min(INT32_MAX, Math.floor(product * unit)))
        : requantise(values[i]!, multiplier, shift);
  }
}

/** Quotient of integers rounded to nearest, halves away from zero; divisor > 0. */
export function divideRounded(value: number, divisor: number): number {
  const half = divisor / 2;
  return value >= 0 ? Math.floor((value + half) / divisor) : -Math.floor((-value + half) / divisor);
}
