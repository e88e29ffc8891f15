import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DM_BASE, PRESETS } from "../../../config/index.ts";
import { DTYPE, LAYOUT, Memories } from "../../../machine/index.ts";
import { element, tensor } from "../../../testing/tensors.ts";
import { FFT } from "./fft.ts";
import { COSINES } from "./twiddles.generated.ts";

type Complex = readonly [re: number, im: number];

const memory = new Memories(PRESETS.default);
const signed = (value: number): number => (value << 16) >> 16;

/** Runs the accelerator on the rows of one tensor, with gaps between points, parts and rows. */
function run(rows: readonly (readonly Complex[])[], inverse: number, halve: number, gaps = [0, 0, 0, 0]): Complex[][] {
  const points = rows[0]!.length;
  const input = tensor(DM_BASE, [1, rows.length, points, 2], DTYPE.int16, LAYOUT.nhwc, gaps);
  const out = tensor(DM_BASE + 131072, [1, rows.length, points, 2], DTYPE.int16, LAYOUT.nhwc, gaps.toReversed());
  rows.forEach((row, h) => {
    row.forEach(([re, im], w) => {
      memory.writeUnsigned(input.base + h * input.sh + w * input.sw, 2, re);
      memory.writeUnsigned(input.base + h * input.sh + w * input.sw + input.sc, 2, im);
    });
  });
  const registers = Int32Array.of(inverse, halve);
  const work = { input, out, second: undefined, scalar: 0, registers };
  FFT.check(work, memory);
  FFT.execute(work, memory);
  return rows.map((row, h) =>
    row.map((_, w) => [signed(element(memory, out, 0, h, w, 0)), signed(element(memory, out, 0, h, w, 1))]),
  );
}

type Big = readonly [bigint, bigint];

/** The manual's stages, recursively and in BigInt: transforms of the even and odd points, joined by butterflies. */
function reference(points: readonly Big[], inverse: boolean, halve: boolean): Big[] {
  if (points.length === 1) return [...points];
  const even = reference(
    points.filter((_, i) => i % 2 === 0),
    inverse,
    halve,
  );
  const odd = reference(
    points.filter((_, i) => i % 2 === 1),
    inverse,
    halve,
  );
  const shift = halve ? 16n : 15n;
  const result = (sum: bigint): bigint => {
    const value = (sum + (1n << (shift - 1n))) >> shift;
    return value > 32767n ? 32767n : value < -32768n ? -32768n : value;
  };
  const joined: Big[] = [];
  even.forEach(([re, im], k) => {
    const angle = (2 * Math.PI * k) / points.length;
    const wr = BigInt(Math.round(Math.cos(angle) * 32768));
    const wi = BigInt(Math.round((inverse ? 1 : -1) * Math.sin(angle) * 32768));
    const [x, y] = odd[k]!;
    const [tr, ti] = [x * wr - y * wi, x * wi + y * wr];
    joined[k] = [result(re * 32768n + tr), result(im * 32768n + ti)];
    joined[k + points.length / 2] = [result(re * 32768n - tr), result(im * 32768n - ti)];
  });
  return joined;
}

/** The definition: X(k) = sum over n of x(n) e^(-+ 2 pi i k n / N). */
function definition(points: readonly Complex[], inverse: boolean): Complex[] {
  const size = points.length;
  const turn = Array.from({ length: size }, (_, k) => (2 * Math.PI * k) / size);
  const cos = turn.map(Math.cos);
  const sin = turn.map((angle) => (inverse ? 1 : -1) * Math.sin(angle));
  return points.map((_, k) => {
    let re = 0;
    let im = 0;
    points.forEach(([x, y], n) => {
      const at = (k * n) % size;
      re += x * cos[at]! - y * sin[at]!;
      im += x * sin[at]! + y * cos[at]!;
    });
    return [re, im];
  });
}

const sizes = [8, 16, 32, 64, 128, 256, 512, 1024];
const part = (limit: number) =>
  fc.oneof(fc.constantFrom(-limit, limit, 0, 1, -1), fc.integer({ min: -limit, max: limit }));
const pointsOf = (count: number, limit: number) =>
  fc.array(fc.tuple(part(limit), part(limit)), { minLength: count, maxLength: count });
const big = (points: readonly Complex[]): Big[] => points.map(([re, im]) => [BigInt(re), BigInt(im)]);
const small = (points: readonly Big[]): Complex[] => points.map(([re, im]) => [Number(re), Number(im)]);

describe("FFT accelerator", () => {
  it("has the rounded cosines, whatever made them", () => {
    expect(COSINES).toEqual(
      Array.from({ length: 257 }, (_, k) => Math.round(Math.cos((2 * Math.PI * k) / 1024) * 32768)),
    );
  });

  it.each(sizes)("%d points: the manual's stages bit by bit, saturation included", (size) => {
    fc.assert(
      fc.property(pointsOf(size, 32768), fc.boolean(), fc.boolean(), (wide, inverse, halve) => {
        const points = wide.map(([re, im]): Complex => [Math.min(re, 32767), Math.min(im, 32767)]);
        const [found] = run([points], Number(inverse), Number(halve));
        expect(found).toEqual(small(reference(big(points), inverse, halve)));
      }),
      { numRuns: size > 128 ? 8 : 25 },
    );
  });

  it.each(sizes)("%d points: within the stated error of the definition", (size) => {
    // Per stage one rounding (0.71 of a complex unit) and a twiddle's error of 2^-16 per part times 2^15, halved: 1.1.
    const bound = 1.1 * Math.log2(size);
    fc.assert(
      fc.property(pointsOf(size, 23000), fc.boolean(), (points, inverse) => {
        const [found] = run([points], Number(inverse), 1);
        const worst = definition(points, inverse).map(([re, im], k) =>
          Math.hypot(found![k]![0] - re / size, found![k]![1] - im / size),
        );
        expect(Math.max(...worst)).toBeLessThan(bound);
      }),
      { numRuns: size > 256 ? 4 : 20 },
    );
  });

  it("gives a constant one line, an impulse a flat spectrum, and an inverse the input back", () => {
    const constant = Array.from({ length: 8 }, (): Complex => [800, -400]);
    expect(run([constant], 0, 1)[0]).toEqual([[800, -400], ...Array<Complex>(7).fill([0, 0])]);
    const impulse = Array.from({ length: 8 }, (_, n): Complex => [n === 0 ? 100 : 0, 0]);
    expect(run([impulse], 0, 0)[0]).toEqual(Array<Complex>(8).fill([100, 0]));
    const ramp = Array.from({ length: 64 }, (_, n): Complex => [n * 5, -n]);
    const back = run(run([ramp], 0, 0), 1, 1)[0]!;
    for (const [n, [re, im]] of back.entries()) expect(Math.hypot(re - ramp[n]![0], im - ramp[n]![1])).toBeLessThan(8);
  });

  it("transforms every row of strided tensors by itself", () => {
    fc.assert(
      fc.property(
        fc.array(pointsOf(16, 20000), { minLength: 1, maxLength: 4 }),
        fc.tuple(fc.constantFrom(0, 2, 1), fc.constantFrom(0, 1), fc.constantFrom(0, 3), fc.constant(0)),
        (rows, gaps) => {
          expect(run(rows, 0, 1, gaps)).toEqual(rows.map((row) => small(reference(big(row), false, true))));
        },
      ),
      { numRuns: 40 },
    );
  });
});
