import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DM_BASE, type MachineConfig, PRESETS } from "../../config/index.ts";
import { ENUMS } from "../../isa/index.ts";
import { DTYPE, LAYOUT, type Tensor, vuResetState } from "../../machine/index.ts";
import { tensor } from "../../testing/tensors.ts";
import { accessesOf, uses, widestBeat } from "../../testing/traffic.ts";
import { vuCycles } from "./timing.ts";
import { vuTraffic } from "./traffic.ts";
import type { VuKind, VuWork } from "./work.ts";

const IN = DM_BASE + 4;
const OUT = DM_BASE + 0x100000;
const SECOND = DM_BASE + 0x200000;
const TABLE = DM_BASE + 0x300000;
const F = ENUMS.vufield;

const someConfig = fc
  .record({
    preset: fc.constantFrom(...Object.values(PRESETS)),
    bankBytes: fc.constantFrom(4, 16, 64),
    lanes: fc.constantFrom(1, 8, 16, 64),
  })
  .map(
    ({ preset, bankBytes, lanes }): MachineConfig => ({
      ...preset,
      dm: { ...preset.dm, bankBytes },
      vu: { ...preset.vu, lanes },
    }),
  );

const someShape = fc.tuple(
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 1, max: 6 }),
  fc.integer({ min: 1, max: 6 }),
  fc.integer({ min: 1, max: 40 }),
);
/** Strides stay multiples of an element's size. */
const someGaps = fc.tuple(...[0, 1, 2, 3].map(() => fc.constantFrom(0, 0, 4, 16)));
const someType = fc.constantFrom(DTYPE.int8, DTYPE.int16, DTYPE.int32);

const stateWith = (fields: Partial<Record<keyof typeof F, number>>): Int32Array => {
  const state = vuResetState();
  for (const [field, value] of Object.entries(fields)) state[F[field as keyof typeof F]] = value;
  return state;
};

/** How often each element's bytes are used, when every element is used `count` times. */
const everyElement = (t: Tensor, count: number): number[] => {
  const counts = uses(undefined, t);
  const size = t.dtype === DTYPE.int32 ? 4 : t.dtype === DTYPE.int16 ? 2 : 1;
  for (let n = 0; n < t.n; n++) {
    for (let h = 0; h < t.h; h++) {
      for (let w = 0; w < t.w; w++) {
        for (let c = 0; c < t.c; c++) {
          const at = n * t.sn + h * t.sh + w * t.sw + c * t.sc;
          for (let byte = 0; byte < size; byte++) counts[at + byte]! += count;
        }
      }
    }
  }
  return counts;
};

function check(work: VuWork, config: MachineConfig, reads: number): void {
  const traffic = vuTraffic(work, config)!;
  expect(traffic.beats).toBe(vuCycles(work, config));
  expect(uses(traffic, work.out)).toEqual(everyElement(work.out, 1));
  expect(uses(traffic, work.input)).toEqual(everyElement(work.input, reads));
  for (const t of [work.input, work.out]) expect(widestBeat(traffic, t)).toBeLessThanOrEqual(config.dm.bankBytes);
}

describe("traffic of the vector unit (docs/timing.md, T-DM-10)", () => {
  it("has a beat for every cycle, reads every element as often as passes do and writes it once", () => {
    const kinds: [VuKind, number][] = [
      ["abs", 1],
      ["sigmoid", 1],
      ["copy", 1],
      ["softmax", 3],
      ["norm", 3],
      ["sum", 1],
      ["mean", 1],
      ["argmax", 1],
      ["transpose", 1],
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        someShape,
        fc.tuple(someType, someType),
        fc.tuple(someGaps, someGaps),
        fc.constantFrom(1, 2, 4, 6, 8, 14, 15),
        fc.constantFrom([0, 1, 2, 3], [0, 2, 1, 3], [3, 0, 1, 2], [0, 3, 1, 2]),
        someConfig,
        ([kind, reads], shape, [type, outType], [gaps, outGaps], axes, perm, config) => {
          const reduces = ["sum", "mean", "argmax"].includes(kind);
          const outShape = shape.map((size, axis) => {
            if (kind === "transpose") return shape[perm[axis]!]!;
            return reduces && axes & (1 << axis) ? 1 : size;
          }) as [number, number, number, number];
          const input = tensor(IN, shape, type, LAYOUT.nhwc, gaps);
          const out = tensor(OUT, outShape, outType, LAYOUT.nhwc, outGaps);
          const packed = perm.reduce<number>((sum, source, axis) => sum | (source << (2 * axis)), 0);
          check({ kind, out, input, second: undefined, state: stateWith({ axes, perm: packed }) }, config, reads);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("two inputs: the second repeated along axes of size 1, a single element held", () => {
    fc.assert(
      fc.property(someShape, fc.nat(15), someType, someGaps, someConfig, (shape, ones, type, gaps, config) => {
        const input = tensor(IN, shape, type, LAYOUT.nhwc, gaps);
        const out = tensor(OUT, shape, type);
        const small = shape.map((size, axis) => (ones & (1 << axis) ? 1 : size)) as [number, number, number, number];
        const second = tensor(SECOND, small, type);
        const work: VuWork = { kind: "add", out, input, second, state: vuResetState() };
        check(work, config, 1);
        const used = uses(vuTraffic(work, config), second);
        const held = small.every((size) => size === 1);
        expect(Math.min(...used) > 0).toBe(!held);
        expect(widestBeat(vuTraffic(work, config), second)).toBeLessThanOrEqual(config.dm.bankBytes);
        // Both inputs go through one port: no beat reads of both.
        const beats = (base: number) =>
          new Set(
            [...accessesOf(vuTraffic(work, config)!)]
              .filter(({ address }) => address >> 20 === base >> 20)
              .map(({ beat }) => beat),
          );
        const [first, other] = [beats(IN), beats(SECOND)];
        expect([...first].filter((beat) => other.has(beat))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("concatenation, tables, resizing", () => {
    fc.assert(
      fc.property(
        someShape,
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 1, max: 9 }),
        someConfig,
        (shape, axis, more, config) => {
          const with_ = (size: number) =>
            shape.map((s, i) => (i === axis ? size : s)) as [number, number, number, number];
          const input = tensor(IN, shape, DTYPE.int16);
          const second = tensor(SECOND, with_(more), DTYPE.int16);
          const out = tensor(OUT, with_(shape[axis]! + more), DTYPE.int16);
          const state = stateWith({ axes: 1 << axis });
          check({ kind: "concat", out, input, second, state }, config, 1);
          expect(uses(vuTraffic({ kind: "concat", out, input, second, state }, config), second)).toEqual(
            everyElement(second, 1),
          );
        },
      ),
      { numRuns: 60 },
    );
    const map = (base: number, [h, w]: readonly [number, number]) => tensor(base, [2, h, w, 20], DTYPE.int8);
    const lookup: VuWork = {
      kind: "lookup",
      out: map(OUT, [4, 4]),
      input: map(IN, [4, 4]),
      second: undefined,
      state: stateWith({ table: TABLE }),
    };
    check(lookup, PRESETS.default, 1);
    expect(new Set(uses(vuTraffic(lookup, PRESETS.default), tensor(TABLE, [1, 1, 1, 256], DTYPE.int8)))).toEqual(
      new Set([1]),
    );
    // 4 x 4 to 8 x 8 from the top left: each input pixel is read for four outputs.
    const nearest: VuWork = { ...lookup, kind: "nearest", out: map(OUT, [8, 8]), state: vuResetState() };
    check(nearest, PRESETS.default, 4);
    // Bilinear: output o lies between inputs floor(o / 2) and the next, at most the last. Along an axis input 0 is
    // named by o = 0, 1; 1 and 2 by two of their own and two of the one before; 3 by both of 2's and twice by its own.
    const bilinear: VuWork = { ...nearest, kind: "bilinear" };
    const traffic = vuTraffic(bilinear, PRESETS.default)!;
    expect(traffic.beats).toBe(vuCycles(bilinear, PRESETS.default));
    expect(uses(traffic, bilinear.out)).toEqual(everyElement(bilinear.out, 1));
    const along = [2, 4, 4, 6];
    const expected = [0, 1].flatMap(() => along.flatMap((h) => along.flatMap((w) => Array<number>(20).fill(h * w))));
    expect(uses(traffic, bilinear.input)).toEqual(expected);
  });
});
