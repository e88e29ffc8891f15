import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Op } from "../units/index.ts";
import {
  ANY,
  type Comparison,
  contains,
  exactly,
  type Interval,
  interval,
  join,
  MAX,
  MIN,
  where,
  widen,
  within,
} from "./interval.ts";
import { compute, computeInterval } from "./scalar.ts";

const OPERATIONS = Object.values(Op).filter((op): op is Op => typeof op === "number" && op >= Op.ADDI && op <= Op.REMU);

/** Numbers near what is special, and any. */
const number = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.constantFrom(MIN, MIN + 1, MAX, MAX - 1, 255, 256, -256, 0x7fff, -0x8000, 65535),
  fc.integer({ min: MIN, max: MAX }),
);

/** An interval and a number in it. */
const member = fc
  .tuple(number, fc.nat(12), fc.integer({ min: 1, max: 9 }), fc.nat(12), fc.integer({ min: 0, max: 3 }))
  .map(([low, count, step, at, kind]): [Interval, number] => {
    if (kind === 0) return [exactly(low), low];
    if (kind === 1) return [ANY, low];
    const lo = Math.min(low, MAX - count * step);
    return [interval(lo, lo + count * step, step), lo + Math.min(at, count) * step];
  });

const compares: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  ge: (a, b) => a >= b,
  ltu: (a, b) => a >>> 0 < b >>> 0,
  geu: (a, b) => a >>> 0 >= b >>> 0,
};

describe("intervals", () => {
  it("hold the results of all operations on their members", () => {
    fc.assert(
      fc.property(fc.constantFrom(...OPERATIONS), member, member, (op, [a, x], [b, y]) => {
        expect(contains(computeInterval(op, a, b), compute(op, x, y)), Op[op]).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });

  it("keep the members for which a comparison holds, and only bounds of such", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(compares) as Comparison[])),
        member,
        member,
        (name, [a, x], [b, y]) => {
          const narrowed = where(name, a, b);
          if (compares[name](x, y)) {
            expect(narrowed && contains(narrowed[0], x) && contains(narrowed[1], y), name).toBe(true);
          }
          if (!narrowed) return;
          for (const [before, after] of [
            [a, narrowed[0]],
            [b, narrowed[1]],
          ] as const) {
            expect(contains(before, after.lo) && contains(before, after.hi), name).toBe(true);
          }
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it("decide comparisons of single numbers", () => {
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(compares) as Comparison[])), number, number, (name, x, y) => {
        expect(where(name, exactly(x), exactly(y)) !== undefined).toBe(compares[name](x, y));
      }),
    );
  });

  it("are covered by what they are joined or widened to, and widening ends", () => {
    fc.assert(
      fc.property(member, member, member, ([a, x], [b, y], [c, z]) => {
        expect(contains(join(a, b), x) && contains(join(a, b), y)).toBe(true);
        let wide = a;
        for (let round = 0; round < 40; round++) {
          const next = widen(wide, round % 2 === 0 ? b : c);
          if (round > 35) expect(next).toEqual(wide);
          wide = next;
        }
        expect([x, y, z].every((value) => contains(wide, value))).toBe(true);
      }),
    );
  });

  it("a part between two bounds has the members between them", () => {
    fc.assert(
      fc.property(member, number, number, ([a, x], low, high) => {
        const part = within(a, low, high);
        expect(part !== undefined && contains(part, x)).toBe(x >= low && x <= high);
      }),
    );
  });

  it("know alignment and bounds of what programs do with addresses", () => {
    const index = interval(0, 15);
    expect(computeInterval(Op.SLLI, index, exactly(4))).toEqual({ lo: 0, hi: 240, step: 16 });
    const bases = computeInterval(Op.ADD, computeInterval(Op.SLLI, index, exactly(4)), exactly(0x1000_0000));
    expect(bases).toEqual({ lo: 0x1000_0000, hi: 0x1000_00f0, step: 16 });
    expect(computeInterval(Op.ANDI, ANY, exactly(63))).toEqual({ lo: 0, hi: 63, step: 1 });
    expect(computeInterval(Op.REMU, ANY, exactly(10))).toEqual({ lo: 0, hi: 9, step: 1 });
  });
});
