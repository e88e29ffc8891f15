import { expect, test } from "vitest";
import { createGemm, plainMultiply } from "./gemm.ts";
import { randomInt8 } from "./random.ts";

test.each([
  { m: 4, n: 8, k: 16 },
  { m: 12, n: 40, k: 48 },
  { m: 20, n: 64, k: 576 },
])("the kernel's product of $m x $k and $k x $n equals plain JavaScript's", async (shape) => {
  const a = randomInt8(shape.m * shape.k, 1);
  const b = randomInt8(shape.k * shape.n, 2);
  const gemm = await createGemm(shape);
  gemm.setWeights(b);
  expect(gemm.multiply(a)).toEqual(plainMultiply(a, b, shape));
  // A second call starts from clean accumulators.
  const other = randomInt8(shape.m * shape.k, 3);
  expect(gemm.multiply(other)).toEqual(plainMultiply(other, b, shape));
});

test("the largest sums are exact", async () => {
  const shape = { m: 4, n: 8, k: 32 };
  const gemm = await createGemm(shape);
  const lowest = (count: number): Int8Array => new Int8Array(count).fill(-128);
  gemm.setWeights(lowest(shape.k * shape.n));
  expect(new Set(gemm.multiply(lowest(shape.m * shape.k)))).toEqual(new Set([128 * 128 * shape.k]));
});
