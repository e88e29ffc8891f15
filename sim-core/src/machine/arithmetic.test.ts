import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  divideRounded,
  mulHigh,
  mulHighSignedUnsigned,
  mulHighUnsigned,
  requantise,
  requantiseAll,
} from "./arithmetic.ts";

const CORNERS = [0, 1, -1, 2, 0x7fff, -0x8000, 0xffff, 0x10000, 0x7fffffff, -0x80000000, -0x7fffffff, 0x55555555];
const word = fc.oneof(fc.constantFrom(...CORNERS), fc.integer());

describe("64-bit arithmetic in doubles equals BigInt", () => {
  it("high halves of products", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const high = (x: bigint, y: bigint) => Number(BigInt.asIntN(32, (x * y) >> 32n));
        const ua = BigInt(a >>> 0);
        const ub = BigInt(b >>> 0);
        expect(mulHigh(a, b)).toBe(high(BigInt(a), BigInt(b)));
        expect(mulHighUnsigned(a, b)).toBe(high(ua, ub));
        expect(mulHighSignedUnsigned(a, b)).toBe(high(BigInt(a), ub));
      }),
      { numRuns: 5000 },
    );
  });

  it("requantise", () => {
    fc.assert(
      fc.property(word, word, fc.integer({ min: 1, max: 62 }), (acc, multiplier, shift) => {
        const exact = (BigInt(acc) * BigInt(multiplier) + (1n << BigInt(shift - 1))) >> BigInt(shift);
        const saturated = exact > 2147483647n ? 2147483647n : exact < -2147483648n ? -2147483648n : exact;
        expect(requantise(acc, multiplier, shift)).toBe(Number(saturated));
        const all = Int32Array.of(acc, acc >> 8, acc >> 16);
        requantiseAll(all, multiplier, shift);
        expect([...all]).toEqual([acc, acc >> 8, acc >> 16].map((value) => requantise(value, multiplier, shift)));
      }),
      { numRuns: 20000 },
    );
  });

  it("division rounds halves away from zero", () => {
    expect([5, -5, 4, -4, 7].map((value) => divideRounded(value, 2))).toEqual([3, -3, 2, -2, 4]);
    expect([1, -1, 2].map((value) => divideRounded(value, 3))).toEqual([0, -0, 1]);
  });
});
