import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DM_BASE, PRESETS } from "../../../config/index.ts";
import { DTYPE, LAYOUT, Memories, type Tensor } from "../../../machine/index.ts";
import { element, places, scramble, shapeOf, tensor } from "../../../testing/tensors.ts";
import { RESIZE } from "./resize.ts";

// The manual's formulas once more: positions as exact fractions in BigInt, one output element at a time.

const memory = new Memories(PRESETS.default);

const floor = (numerator: bigint, denominator: bigint): bigint =>
  numerator < 0n && numerator % denominator !== 0n ? numerator / denominator - 1n : numerator / denominator;

/** Position of an output element as a fraction of input elements. */
function fraction(o: number, size: number, outSize: number, grid: number): [bigint, bigint] {
  const [index, from, to] = [BigInt(o), BigInt(size), BigInt(outSize)];
  if (grid === 0) return [index * from, to];
  if (grid === 1) return [(2n * index + 1n) * from - to, 2n * to];
  return to === 1n ? [0n, 1n] : [index * (from - 1n), to - 1n];
}

function nearest(o: number, size: number, outSize: number, grid: number): number {
  const [numerator, denominator] = fraction(o, size, outSize, grid);
  // topleft rounds down; the others go to the nearest element, halves up.
  if (grid === 0) return Number(floor(numerator, denominator));
  return Number(floor(2n * numerator + denominator, 2n * denominator));
}

function position(o: number, size: number, outSize: number, grid: number): bigint {
  const [numerator, denominator] = fraction(o, size, outSize, grid);
  const at = floor(numerator * 1024n, denominator);
  return at < 0n ? 0n : at;
}

function value(t: Tensor, n: number, h: number, w: number, c: number): bigint {
  const stored = BigInt(element(memory, t, n, h, w, c));
  return t.dtype === DTYPE.int8 ? BigInt.asIntN(8, stored) : stored;
}

function expected(input: Tensor, out: Tensor, mode: number, grid: number): bigint[] {
  return [...places(shapeOf(out))].map(([n, h, w, c]) => {
    if (mode === 0) return value(input, n, nearest(h, input.h, out.h, grid), nearest(w, input.w, out.w, grid), c);
    const y = position(h, input.h, out.h, grid);
    const x = position(w, input.w, out.w, grid);
    let sum = 0n;
    for (const [dy, weightY] of [[0n, 1024n - (y % 1024n)] as const, [1n, y % 1024n] as const]) {
      for (const [dx, weightX] of [[0n, 1024n - (x % 1024n)] as const, [1n, x % 1024n] as const]) {
        const row = Math.min(input.h - 1, Number(y / 1024n + dy));
        const column = Math.min(input.w - 1, Number(x / 1024n + dx));
        sum += value(input, n, row, column, c) * weightY * weightX;
      }
    }
    return floor(sum + (1n << 19n), 1n << 20n);
  });
}

const gaps = fc.tuple(...[0, 1, 2, 3].map(() => fc.constantFrom(0, 0, 1, 3)));
const size = fc.oneof(fc.constantFrom(1, 2), fc.integer({ min: 1, max: 13 }));

describe("resize accelerator", () => {
  it("nearest and bilinear on every grid equal the formulas of the manual", () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 2 }), size, size, fc.integer({ min: 1, max: 5 })),
        fc.tuple(size, size),
        fc.constantFrom(DTYPE.int8, DTYPE.uint8),
        fc.tuple(gaps, gaps),
        fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 2 })),
        fc.integer(),
        ([n, h, w, c], [outH, outW], dtype, [inGaps, outGaps], [mode, grid], seed) => {
          const input = tensor(DM_BASE, [n, h, w, c], dtype, LAYOUT.nhwc, inGaps);
          const out = tensor(DM_BASE + 65536, [n, outH, outW, c], dtype, LAYOUT.nhwc, outGaps);
          scramble(memory, DM_BASE, 8192, seed);
          const registers = Int32Array.of(mode, grid);
          const work = { input, out, second: undefined, scalar: 0, registers };
          RESIZE.check(work, memory);
          const wanted = expected(input, out, mode, grid);
          RESIZE.execute(work, memory);
          expect([...places(shapeOf(out))].map(([i, y, x, k]) => value(out, i, y, x, k))).toEqual(wanted);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("keeps the extremes of int8 and uint8, and an image of its own size", () => {
    for (const dtype of [DTYPE.int8, DTYPE.uint8]) {
      const input = tensor(DM_BASE, [1, 2, 2, 1], dtype);
      memory.write(DM_BASE, Uint8Array.of(127, 128, 0, 255));
      const out = { ...input, base: DM_BASE + 64 };
      for (const grid of [0, 1, 2]) {
        for (const mode of [0, 1]) {
          const registers = Int32Array.of(mode, grid);
          RESIZE.execute({ input, out, second: undefined, scalar: 0, registers }, memory);
          expect([...memory.read(out.base, 4)]).toEqual([127, 128, 0, 255]);
        }
      }
    }
  });
});
