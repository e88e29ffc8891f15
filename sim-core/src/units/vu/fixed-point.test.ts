import fc from "fast-check";
import { expect, it } from "vitest";
import { exponential, hardSwish, reciprocal, reciprocalRoot, sigmoid, squareRoot, tanh } from "./fixed-point.ts";

// How close the integer functions come to the real ones; kernels.test.ts compares them bit by bit with the manual.

const INT32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const near = (actual: number, expected: number, allowed: number, at: number) =>
  expect(Math.abs(actual - expected), `${actual} for ${expected} at ${at}`).toBeLessThanOrEqual(allowed);

it("exp is right to 2^-19 of its value and one unit", () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31), max: 0 }), (x) => {
      const real = Math.exp(x / 2 ** 26) * 2 ** 30;
      near(exponential(x), real, real / 2 ** 19 + 1, x);
    }),
    { numRuns: 5000 },
  );
  expect(exponential(0)).toBe(2 ** 30);
  expect(exponential(2 ** 31 - 1)).toBe(2 ** 30);
  expect(exponential(-(2 ** 31))).toBe(0);
});

it("exp, sigmoid and tanh never fall", () => {
  fc.assert(
    fc.property(INT32, fc.integer({ min: 1, max: 2 ** 20 }), (x, step) => {
      const next = Math.min(2 ** 31 - 1, x + step);
      for (const f of [exponential, sigmoid, tanh]) expect(f(next)).toBeGreaterThanOrEqual(f(x));
    }),
    { numRuns: 5000 },
  );
});

it("sigmoid and tanh are right to two units of 2^-20, and symmetric", () => {
  fc.assert(
    fc.property(INT32, (x) => {
      const real = x / 2 ** 26;
      near(sigmoid(x), 2 ** 20 / (1 + Math.exp(-real)), 2, x);
      near(tanh(x), 2 ** 20 * Math.tanh(real), 2, x);
      if (x === -(2 ** 31)) return;
      expect(sigmoid(x) + sigmoid(-x)).toBe(2 ** 20);
      expect(tanh(x) + tanh(-x)).toBe(0);
    }),
    { numRuns: 5000 },
  );
  expect(sigmoid(0)).toBe(2 ** 19);
  expect(tanh(-(2 ** 31))).toBe(-(2 ** 20));
});

it("hard swish is 0 below -3, the identity above 3", () => {
  expect(hardSwish(-3 * 65536)).toBeCloseTo(0);
  expect(hardSwish(3 * 65536)).toBe(3 * 65536);
  expect(hardSwish(2 ** 31 - 1)).toBe(2 ** 31 - 1);
  // 1 x 4 / 6 and -1 x 2 / 6.
  expect(hardSwish(65536)).toBe(43691);
  expect(hardSwish(-65536)).toBe(-21845);
});

it("reciprocals and roots at their corners", () => {
  expect(reciprocal(0, 30)).toBe(2 ** 31 - 1);
  expect(reciprocal(3, 4)).toBe(5);
  expect(reciprocal(-32, 4)).toBe(-1);
  expect(reciprocal(-33, 4)).toBeCloseTo(0);
  expect(reciprocal(-1, 48)).toBe(-(2 ** 31));
  expect(reciprocalRoot(0, 30)).toBe(2 ** 31 - 1);
  expect(reciprocalRoot(-5, 30)).toBe(2 ** 31 - 1);
  expect(reciprocalRoot(4, 1)).toBe(1);
  expect(reciprocalRoot(16, 1)).toBe(1);
  expect(reciprocalRoot(17, 1)).toBe(0);
  expect(reciprocalRoot(1, 48)).toBe(2 ** 31 - 1);
  expect(squareRoot(2n ** 74n - 1n)).toBe(2 ** 37 - 1);
  expect(squareRoot(2n ** 74n)).toBe(2 ** 37);
});
