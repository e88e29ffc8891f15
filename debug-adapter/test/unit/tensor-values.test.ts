import { DTYPE, LAYOUT, type Tensor } from "@nnasm/sim-core/machine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { raster } from "../../src/runtime/tensor/raster.ts";
import { statistics } from "../../src/runtime/tensor/statistics.ts";
import { TensorValues } from "../../src/runtime/tensor/values.ts";
import { type Quad, TensorView } from "../../src/runtime/tensor/view.ts";

const BYTES = 1 << 16;
const BASE = 0x1000_0000;

/** Bytes that look different everywhere. */
const content = Uint8Array.from({ length: BYTES }, (_, at) => (at * 167 + (at >> 8) * 59 + 13) & 0xff);
const memory = {
  readMemory: (address: number, bytes: number) =>
    address >= BASE && address + bytes <= BASE + BYTES
      ? content.slice(address - BASE, address - BASE + bytes)
      : undefined,
  writeMemory: () => false,
};

const size = fc.integer({ min: 1, max: 7 });
const tensors: fc.Arbitrary<Tensor> = fc
  .record({
    n: size,
    h: size,
    w: size,
    c: size,
    dtype: fc.constantFrom(...Object.values(DTYPE)),
    layout: fc.constantFrom(...Object.values(LAYOUT)),
    gap: fc.integer({ min: 0, max: 3 }),
    offset: fc.integer({ min: 0, max: 64 }),
  })
  // The machine has no packed elements whose innermost axis isn't c.
  .filter(({ dtype, layout }) => layout !== LAYOUT.nchw || (dtype !== DTYPE.int4 && dtype !== DTYPE.bit))
  .map(({ n, h, w, c, dtype, layout, gap, offset }) => {
    const bytes = ({ [DTYPE.int16]: 2, [DTYPE.int32]: 4 } as Record<number, number>)[dtype] ?? 1;
    const isPlanar = layout === LAYOUT.nchw;
    const inner = (isPlanar ? w : c) * bytes + gap * bytes;
    const [sh, sw, sc] = isPlanar ? [inner, bytes, inner * h] : [inner * w, inner, bytes];
    const sn = isPlanar ? inner * h * c : inner * w * h;
    const isBlocked = layout === LAYOUT.blocked;
    return {
      ...{ base: BASE + offset * 4, n, h, w, c, sn, sh, sw, sc, dtype, layout, flags: 0, zeroPoint: 0, table: 0 },
      ...{ cip: isBlocked ? 4 : 0, cop: isBlocked ? 8 : 0 },
    };
  });

/** Every index, in n, h, w, c order. */
const indices = ([n, h, w, c]: Quad): Quad[] =>
  Array.from({ length: n * h * w * c }, (_, at) => [
    Math.floor(at / (h * w * c)),
    Math.floor(at / (w * c)) % h,
    Math.floor(at / c) % w,
    at % c,
  ]);

test("elements of every type and layout are the ones that the variables show", () => {
  fc.assert(
    fc.property(tensors, (tensor) => {
      const view = new TensorView(tensor, memory, { name: "t" });
      const values = new TensorValues(view, memory);
      for (const index of indices(view.dims)) expect(values.at(...index)).toBe(view.element(index));
    }),
    { numRuns: 150 },
  );
});

test("a part of a tensor has its own indices", () => {
  fc.assert(
    fc.property(tensors, (tensor) => {
      const view = new TensorView(tensor, memory, { name: "t" });
      const from = view.dims.map((count) => Math.floor(count / 2)) as unknown as Quad;
      const dims = view.dims.map((count, axis) => count - from[axis]!) as unknown as Quad;
      const part = view.part(from, dims, "t[...]");
      const values = new TensorValues(part, memory);
      for (const index of indices(dims)) expect(values.at(...index)).toBe(part.element(index));
    }),
    { numRuns: 50 },
  );
});

test("a pixel holds exactly the smallest and the largest of its elements, and whether one has changed", () => {
  const axis = fc.constantFrom<readonly [number, number]>([2, 1], [3, 2], [1, 3], [0, 3]);
  fc.assert(
    fc.property(tensors, axis, size, size, (tensor, [x, y], wanted, wantedRows) => {
      const view = new TensorView(tensor, memory, { name: "t" });
      const values = new TensorValues(view, memory);
      const [width, height] = [view.dims[x]!, view.dims[y]!];
      const [columns, rows] = [Math.min(wanted, width), Math.min(wantedRows, height)];
      const index: Quad = [0, 0, 0, 0];
      const odd = { at: (...at: [number, number, number, number]) => values.at(...at) + (at[x] === 0 ? 1 : 0) };
      const image = raster(values, odd, { x, y, index, left: 0, top: 0, width, height, columns, rows });
      const pixels = Array.from({ length: columns * rows }, (): number[] => []);
      for (const at of indices(view.dims)) {
        if (at.some((value, other) => other !== x && other !== y && value !== 0)) continue;
        const pixel = Math.floor((at[y]! * rows) / height) * columns + Math.floor((at[x]! * columns) / width);
        pixels[pixel]!.push(view.element(at)!);
      }
      expect([...image.min]).toEqual(pixels.map((all) => Math.min(...all)));
      expect([...image.max]).toEqual(pixels.map((all) => Math.max(...all)));
      expect([...image.changed]).toEqual(pixels.map((_, at) => (at % columns === 0 ? 1 : 0)));
    }),
    { numRuns: 100 },
  );
});

test("statistics count every element once", () => {
  fc.assert(
    fc.property(tensors, (tensor) => {
      const view = new TensorView(tensor, memory, { name: "t" });
      const all = indices(view.dims).map((index) => view.element(index)!);
      const box = { from: [0, 0, 0, 0] as const, dims: view.dims };
      const found = statistics(new TensorValues(view, memory), undefined, box, view.range);
      expect(found).toMatchObject({ count: all.length, min: Math.min(...all), max: Math.max(...all), changed: 0 });
      expect(found.zeros).toBe(all.filter((value) => value === 0).length);
      expect(found.saturatedHigh).toBe(all.filter((value) => value === view.range[1]).length);
      expect(found.mean).toBeCloseTo(
        all.reduce((sum, value) => sum + value / all.length, 0),
        3,
      );
      expect(found.bins.reduce((sum, count) => sum + count, 0)).toBe(all.length);
    }),
    { numRuns: 100 },
  );
});

test("ten million elements become an image of a screen's size", () => {
  const [h, w, c] = [1024, 1024, 10];
  const bytes = new Uint8Array(h * w * c).map((_, at) => (at * 31) & 0x7f);
  bytes[(517 * w + 33) * c + 7] = 200;
  const big = { readMemory: () => bytes, writeMemory: () => false };
  const strides = { sn: h * w * c, sh: w * c, sw: c, sc: 1 };
  const tensor = {
    ...{ base: BASE, n: 1, h, w, c, ...strides, dtype: DTYPE.uint8, layout: LAYOUT.nhwc },
    ...{ flags: 0, zeroPoint: 0, table: 0, cip: 0, cop: 0 },
  };
  const view = new TensorView(tensor, big, { name: "big" });
  const values = new TensorValues(view, big);
  const plane = { x: 2, y: 1, index: [0, 0, 0, 7] as const, left: 0, top: 0, width: w, height: h };
  const image = raster(values, undefined, { ...plane, columns: 64, rows: 64 });
  expect(image.max[Math.floor(517 / 16) * 64 + 2]).toBe(200);
  expect(image.max.filter((value) => value === 200)).toHaveLength(1);
  const all = statistics(values, undefined, { from: [0, 0, 0, 0], dims: view.dims }, view.range);
  expect([all.count, all.max]).toEqual([h * w * c, 200]);
});
