import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DM_BASE, PRESETS } from "../config/index.ts";
import { element, places, scramble, shapeOf, tensor } from "../testing/tensors.ts";
import { DTYPE, extent, type Tensor } from "./descriptor.ts";
import { elementRange, readElements, repeated, writeElements } from "./elements.ts";
import { DIRTY_PAGE_SHIFT, Memories } from "./memory.ts";

const memories = new Memories(PRESETS.default);
const BYTES = 16384;

/** Stored values one at a time, by the addresses of the manual. */
function oneByOne(t: Tensor): number[] {
  const [min, max] = elementRange(t.dtype);
  return [...places(shapeOf(t))].map(([n, h, w, c]) => {
    const raw = element(memories, t, n, h, w, c);
    return min < 0 && raw > max ? raw - 2 * (max + 1) : raw;
  });
}

const size = fc.oneof(fc.constantFrom(1, 2), fc.integer({ min: 1, max: 20 }));
const arbitraryTensor = fc
  .record({
    shape: fc.tuple(
      fc.integer({ min: 1, max: 2 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 5 }),
      size,
    ),
    dtype: fc.constantFrom(...Object.values(DTYPE)),
    offset: fc.constantFrom(0, 0, 4, 2, 1),
    gaps: fc.tuple(...[0, 1, 2, 3].map(() => fc.constantFrom(0, 0, 4, 1))),
    upsideDown: fc.boolean(),
  })
  .map(({ shape, dtype, offset, gaps, upsideDown }) => {
    const t = tensor(DM_BASE + 4096 + offset, shape, dtype, undefined, gaps);
    return upsideDown ? { ...t, base: t.base + (t.h - 1) * t.sh, sh: -t.sh } : t;
  });

describe("elements of tensors", () => {
  it("are read at the addresses of the manual, whatever type, strides and alignment", () => {
    fc.assert(
      fc.property(arbitraryTensor, fc.integer(), fc.constantFrom(0, 7, -3), (t, seed, zeroPoint) => {
        scramble(memories, DM_BASE, BYTES, seed);
        expect([...readElements(t, memories, zeroPoint)]).toEqual(oneByOne(t).map((value) => value - zeroPoint));
      }),
      { numRuns: 300 },
    );
  });

  it("are written there, and nothing else is", () => {
    fc.assert(
      fc.property(arbitraryTensor, fc.integer(), (t, seed) => {
        scramble(memories, DM_BASE, BYTES, seed);
        const others = memories.read(DM_BASE, BYTES);
        const values = readElements(t, memories).map((value) => ~value);
        memories.dirty.fill(0);
        writeElements(t, memories, values);
        expect([...readElements(t, memories)]).toEqual(
          [...values].map((v) => (t.dtype === DTYPE.bit ? v & 1 : wrapped(v, t.dtype))),
        );
        const { address, bytes } = extent(t);
        const page = (at: number) => (memories.dmOffset + at - DM_BASE) >>> DIRTY_PAGE_SHIFT;
        for (let at = page(address); at <= page(address + bytes - 1); at++) expect(memories.dirty[at]).toBe(1);
        // Inverting twice restores every byte.
        writeElements(
          t,
          memories,
          values.map((value) => ~value),
        );
        const now = memories.read(DM_BASE, BYTES);
        expect(others.findIndex((byte, i) => byte !== now[i])).toBe(-1);
      }),
      { numRuns: 200 },
    );
  });

  it("repeat along dimensions of 1", () => {
    scramble(memories, DM_BASE, BYTES, 5);
    for (const dtype of [DTYPE.int8, DTYPE.uint8, DTYPE.int16, DTYPE.int32]) {
      const row = tensor(DM_BASE, [1, 1, 3, 1], dtype);
      const values = [...readElements(row, memories)];
      const wide = [...readElements(repeated(row, [2, 2, 3, 20]), memories)];
      expect(wide).toEqual(Array.from({ length: 240 }, (_, i) => values[Math.floor(i / 20) % 3]));
    }
  });
});

/** The value whose low bits a type stores. */
function wrapped(value: number, dtype: number): number {
  const [min, max] = elementRange(dtype);
  const count = max - min + 1;
  return ((((value - min) % count) + count) % count) + min;
}
