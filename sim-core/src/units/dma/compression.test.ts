import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compress, decompress, readHeader, tileBound } from "./compression.ts";

// The format of docs/machine.md once more: the encoder as a list of runs, the decoder as a list of numbers.

const FACTS = { dtype: 0, layout: 0, zeroPoint: 0 };

function referenceTile(values: readonly number[], size: number, zeroPoint: number): number[] {
  const zero = BigInt.asUintN(size * 8, BigInt(zeroPoint));
  const runs: { zero: boolean; values: number[] }[] = [];
  for (const value of values) {
    const isZero = BigInt.asUintN(size * 8, BigInt(value)) === zero;
    const last = runs.at(-1);
    if (last && last.zero === isZero && !(isZero && last.values.length === 16448)) last.values.push(value);
    else runs.push({ zero: isZero, values: [value] });
  }
  // Single zero points belong to the literal around them.
  const merged: typeof runs = [];
  for (const run of runs) {
    const kept = { zero: run.zero && run.values.length >= 2, values: run.values };
    const last = merged.at(-1);
    if (last && !last.zero && !kept.zero) last.values = [...last.values, ...kept.values];
    else merged.push(kept);
  }
  const body = merged.flatMap(({ zero: isRun, values: list }) => {
    if (isRun && list.length <= 64) return [128 + list.length - 1];
    if (isRun) return [192 + Math.floor((list.length - 65) / 256), (list.length - 65) % 256];
    const bytes: number[] = [];
    for (let i = 0; i < list.length; i += 128) {
      const part = list.slice(i, i + 128);
      bytes.push(part.length - 1, ...part.flatMap((value) => little(value, size)));
    }
    return bytes;
  });
  return [...little(16 + body.length, 4), ...little(values.length, 4), 0, 0, 0, 0, ...little(zeroPoint, 4), ...body];
}

function little(value: number, bytes: number): number[] {
  const unsigned = BigInt.asUintN(32, BigInt(value));
  return Array.from({ length: bytes }, (_, i) => Number((unsigned >> BigInt(8 * i)) & 255n));
}

const sparse = (zeroPoint: number) =>
  fc
    .array(
      fc.oneof(
        fc.tuple(fc.constant(zeroPoint), fc.constantFrom(1, 2, 3, 63, 64, 65, 66, 200, 400)),
        fc.tuple(fc.integer({ min: -128, max: 127 }), fc.constantFrom(1, 1, 2, 5)),
        fc.tuple(fc.integer(), fc.constantFrom(1, 127, 128, 129)),
      ),
      { minLength: 1, maxLength: 12 },
    )
    .map((parts) => parts.flatMap(([value, count]) => Array<number>(count).fill(value)));

const size = fc.constantFrom(1, 2, 4);
const zeroPoint = fc.integer({ min: -128, max: 127 });
const data = fc
  .tuple(size, zeroPoint)
  .chain(([bytes, zero]) => fc.tuple(fc.constant(bytes), fc.constant(zero), sparse(zero)));

describe("zero-point-run compression", () => {
  it("writes exactly the bytes of the manual, and reads them back", () => {
    fc.assert(
      fc.property(data, ([bytes, zero, values]) => {
        const dense = Uint8Array.from(values.flatMap((value) => little(value, bytes)));
        const tile = compress(dense, bytes, { ...FACTS, zeroPoint: zero });
        expect([...tile]).toEqual(referenceTile(values, bytes, zero));
        expect(readHeader(tile)).toEqual({ ...FACTS, bytes: tile.length, elements: values.length, zeroPoint: zero });
        expect(tile.length).toBeLessThanOrEqual(tileBound(values.length, bytes));
        expect(decompress(tile, bytes)).toEqual(dense);
      }),
      { numRuns: 300 },
    );
  });

  it("has an example in the manual", () => {
    // 7, 0, 0, 0, 0, 5, 0, 6 as int8 with zero point 0: a literal, a run of four, a literal with a single zero.
    const tile = compress(Uint8Array.of(7, 0, 0, 0, 0, 5, 0, 6), 1, FACTS);
    expect([...tile]).toEqual([23, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0x83, 2, 5, 0, 6]);
  });

  it("makes one long run of 16448 elements, and a literal of what is left", () => {
    expect([...compress(new Uint8Array(16449), 1, FACTS)].slice(16)).toEqual([0xff, 0xff, 0, 0]);
  });

  it("keeps to the bound whatever the data", () => {
    fc.assert(
      fc.property(size, fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: 1, maxLength: 600 }), (bytes, values) => {
        const dense = Uint8Array.from(values.flatMap((value) => little(value, bytes)));
        expect(compress(dense, bytes, FACTS).length).toBeLessThanOrEqual(tileBound(values.length, bytes));
      }),
      { numRuns: 200 },
    );
  });

  it("never fails on a mutated tile: it gives elements or says what is wrong", () => {
    fc.assert(
      fc.property(data, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 }), ([bytes, zero, values], edits) => {
        const dense = Uint8Array.from(values.flatMap((value) => little(value, bytes)));
        const tile = compress(dense, bytes, { ...FACTS, zeroPoint: zero }).slice();
        for (const [at, value] of edits) tile[16 + (at % (tile.length - 16))] = value;
        const result = decompress(tile, bytes);
        if (typeof result !== "string") expect(result.length).toBe(dense.length);
        else expect(result).toMatch(/byte|elements/);
      }),
      { numRuns: 300 },
    );
  });
});
