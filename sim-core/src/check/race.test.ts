import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteSet, LAYOUT, type Tensor } from "../machine/index.ts";
import { places, shapeOf, tensor } from "../testing/tensors.ts";
import type { Footprint } from "../units/footprint.ts";
import { RaceDetector } from "./race.ts";

// The detector keeps vector clocks and strided sets. Beside it stands a checker that keeps nothing but a graph of what
// happens before what and lists of bytes, and asks for a path between any two accesses.

const UNITS = 4;
const BITS = [8, 8, 16, 32, 4, 1];

/** All bytes of a tensor's elements, one by one. */
function bytesOf(t: Tensor): Set<number> {
  const bytes = new Set<number>();
  const bits = BITS[t.dtype]!;
  for (const [n, h, w, c] of places(shapeOf(t))) {
    const nchw = t.layout === LAYOUT.nchw;
    const [inner, step] = nchw ? [w, t.sw] : [c, t.sc];
    const outer = t.base + n * t.sn + h * t.sh + (nchw ? c * t.sc : w * t.sw);
    const first = bits < 8 ? outer + Math.floor((inner * bits) / 8) : outer + inner * step;
    for (let i = 0; i < Math.max(1, bits / 8); i++) bytes.add(first + i);
  }
  return bytes;
}

/** A tensor, seen by both checkers. */
interface Piece {
  readonly set: ByteSet;
  readonly bytes: ReadonlySet<number>;
}

const piece = fc
  .tuple(
    fc.integer({ min: 0, max: 60 }),
    fc.tuple(...[1, 2, 3, 5].map((max) => fc.integer({ min: 1, max }))),
    fc.integer({ min: 0, max: 5 }),
    fc.constantFrom(LAYOUT.nhwc, LAYOUT.nchw),
    fc.tuple(...[0, 1, 2, 3].map(() => fc.constantFrom(0, 0, 1, 4))),
    fc.boolean(),
  )
  .map(([base, sizes, dtype, layout, gaps, backwards]): Piece => {
    const [n = 1, h = 1, w = 1, c = 1] = sizes;
    const forward = tensor(base, [n, h, w, c], dtype, layout, gaps);
    // Rows in opposite order: negative strides.
    const t = backwards ? { ...forward, base: base + (h - 1) * forward.sh, sh: -forward.sh } : forward;
    return { set: ByteSet.tensor(t), bytes: bytesOf(t) };
  });

type Action =
  | {
      readonly kind: "issue";
      readonly unit: number;
      readonly reads: readonly Piece[];
      readonly writes: readonly Piece[];
      readonly early: boolean;
      /** Which of the operations so far it waits for. */
      readonly after: readonly number[];
    }
  | { readonly kind: "await"; readonly which: number }
  | { readonly kind: "access"; readonly address: number; readonly bytes: number; readonly write: boolean };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("issue" as const),
      unit: fc.integer({ min: 0, max: UNITS - 1 }),
      reads: fc.array(piece, { maxLength: 2 }),
      writes: fc.array(piece, { maxLength: 1 }),
      early: fc.boolean(),
      after: fc.array(fc.nat(30), { maxLength: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("await" as const), which: fc.nat(30) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("access" as const),
      address: fc.integer({ min: 0, max: 100 }),
      bytes: fc.constantFrom(1, 2, 4, 64),
      write: fc.boolean(),
    }),
  },
);

interface Access {
  /** Node at which the access begins and the one at which it is over. */
  readonly begin: number;
  readonly end: number;
  readonly bytes: ReadonlySet<number>;
  readonly write: boolean;
  readonly owner: number;
}

/** Pairs of actions (by position) that race, by reachability over all bytes. */
function bruteForce(actions: readonly Action[]): Set<string> {
  const edges: number[][] = [];
  const node = () => edges.push([]) - 1;
  const edge = (from: number, to: number) => edges[from]!.push(to);
  const accesses: Access[] = [];
  const operations: { start: number; end: number }[] = [];
  const last: (number | undefined)[] = [];
  let program = node();
  const step = () => {
    const next = node();
    edge(program, next);
    program = next;
    return next;
  };
  actions.forEach((event, owner) => {
    const now = step();
    if (event.kind === "await") {
      const awaited = operations[event.which];
      if (awaited) edge(awaited.end, now);
    } else if (event.kind === "access") {
      const bytes = new Set(Array.from({ length: event.bytes }, (_, i) => event.address + i));
      accesses.push({ begin: now, end: now, bytes, write: event.write, owner });
    } else {
      const start = node();
      const end = node();
      edge(now, start);
      edge(start, end);
      const previous = last[event.unit];
      if (previous !== undefined) edge(previous, start);
      for (const which of event.after) {
        const awaited = operations[which];
        if (awaited) edge(awaited.end, start);
      }
      last[event.unit] = end;
      operations.push({ start, end });
      for (const { bytes } of event.reads) {
        accesses.push({ begin: event.early ? now : start, end, bytes, write: false, owner });
      }
      for (const { bytes } of event.writes) accesses.push({ begin: start, end, bytes, write: true, owner });
    }
  });
  const reachable = (from: number, to: number) => {
    const seen = new Set([from]);
    const open = [from];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (at === to) return true;
      for (const next of edges[at]!) {
        if (!seen.has(next)) {
          seen.add(next);
          open.push(next);
        }
      }
    }
    return false;
  };
  const races = new Set<string>();
  for (const a of accesses) {
    for (const b of accesses) {
      if (a.owner >= b.owner || !(a.write || b.write)) continue;
      if (![...a.bytes].some((byte) => b.bytes.has(byte))) continue;
      if (!reachable(a.end, b.begin) && !reachable(b.end, a.begin)) races.add(`${a.owner} ${b.owner}`);
    }
  }
  return races;
}

/** The same by the detector; the position of an action stands for its pc. */
function detect(actions: readonly Action[]): Set<string> {
  const races = new Set<string>();
  const detector = new RaceDetector(UNITS, ({ first, second, address, bytes }) => {
    expect(bytes).toBeGreaterThan(0);
    const holds = (pc: number, write: boolean) => {
      const event = actions[pc]!;
      if (event.kind !== "issue") return true;
      return (write ? event.writes : event.reads).some((p) => p.bytes.has(address) && p.bytes.has(address + bytes - 1));
    };
    expect(holds(first.pc, first.write) && holds(second.pc, second.write)).toBe(true);
    races.add(`${first.pc} ${second.pc}`);
  });
  const operations: { unit: number; sequence: number }[] = [];
  const issued = new Array<number>(UNITS).fill(0);
  actions.forEach((event, pc) => {
    if (event.kind === "await") {
      const awaited = operations[event.which];
      if (awaited) detector.awaited(awaited);
    } else if (event.kind === "access") detector.accessed(pc, event.address, event.bytes, event.write);
    else {
      const reads = event.reads.map(({ set }) => ({ role: "input", set }));
      const footprint: Footprint = {
        reads,
        writes: event.writes.map(({ set }) => ({ role: "output", set })),
        early: event.early ? reads : [],
      };
      const sequence = ++issued[event.unit]!;
      const dependencies = event.after.map((which) => operations[which]).filter((number) => number !== undefined);
      detector.issued(event.unit, sequence, pc, dependencies, footprint);
      operations.push({ unit: event.unit, sequence });
    }
  });
  expect(detector.forgotten).toBe(0);
  return races;
}

describe("race detector", () => {
  it("finds exactly the races of the brute-force checker", () => {
    let racing = 0;
    let orderly = 0;
    fc.assert(
      fc.property(fc.array(action, { minLength: 2, maxLength: 24 }), (actions) => {
        const expected = bruteForce(actions);
        expect(detect(actions)).toEqual(expected);
        if (expected.size > 0) racing++;
        else orderly++;
      }),
      { numRuns: 1500 },
    );
    // Both directions were really tried.
    expect(racing).toBeGreaterThan(100);
    expect(orderly).toBeGreaterThan(100);
  });

  it("intersects strided sets exactly", () => {
    let overlapping = 0;
    fc.assert(
      fc.property(piece, piece, fc.integer({ min: -8, max: 200 }), (a, b, address) => {
        const common = [...a.bytes].filter((byte) => b.bytes.has(byte)).sort((x, y) => x - y);
        const found = a.set.intersection(b.set);
        expect(found?.address).toBe(common[0]);
        if (found) {
          overlapping++;
          for (let i = 0; i < found.bytes; i++) expect(common[i]).toBe(found.address + i);
        }
        expect(a.set.touches(address, 4)).toBe([0, 1, 2, 3].some((i) => a.bytes.has(address + i)));
      }),
      { numRuns: 2000 },
    );
    expect(overlapping).toBeGreaterThan(200);
  });

  it("keeps a bounded state on endless programs, and invents nothing then", () => {
    const races: unknown[] = [];
    const detector = new RaceDetector(UNITS, (race) => races.push(race));
    const set = ByteSet.range(0, 16);
    const both: Footprint = { reads: [{ role: "input", set }], writes: [{ role: "output", set }], early: [] };
    // Two units hand the same buffer to each other, and the CU never asks.
    for (let i = 1; i <= 5000; i++) {
      detector.issued(0, i, 0, [{ unit: 1, sequence: i - 1 }], both);
      detector.issued(1, i, 4, [{ unit: 0, sequence: i }], both);
    }
    expect(races).toEqual([]);
    expect(detector.forgotten).toBeGreaterThan(9000);
    detector.accessed(8, 0, 4, false);
    expect(races.length).toBeGreaterThan(0);
    detector.awaited({ unit: 1, sequence: 5000 });
    races.length = 0;
    detector.accessed(8, 0, 4, true);
    expect(races).toEqual([]);
  });
});
