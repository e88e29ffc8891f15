import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildProfile } from "../profile/index.ts";
import { type ConfigOverrides, EXIT, machineOf } from "../testing/index.ts";
import { readTrace, type Trace, type TraceFilter, TraceWriter } from "../trace/index.ts";
import {
  alignLines,
  codeContents,
  compareRuns,
  firstDivergence,
  LineMap,
  measuresOfProfile,
  measuresOfTrace,
  paretoFront,
  reasonsOf,
  textContents,
} from "./index.ts";

interface Traced {
  readonly trace: Trace;
  readonly profile: ReturnType<typeof buildProfile>;
  readonly text: string;
}

function traced(text: string, overrides: ConfigOverrides = {}, filter: TraceFilter = {}): Traced {
  const machine = machineOf(text, overrides);
  const pieces: Uint8Array[] = [];
  const writer = new TraceWriter(machine, { name: "t", producer: "t", filter }, (piece) => pieces.push(piece));
  machine.setListener(writer);
  writer.attach();
  machine.run();
  writer.finish();
  const trace = readTrace(new Uint8Array(pieces.flatMap((piece) => [...piece])));
  return { trace, profile: buildProfile(machine), text };
}

const FILES = { a: ["test.nnasm"], b: ["test.nnasm"] };
const byText = (a: Traced, b: Traced): LineMap =>
  new LineMap(FILES, { a: [textContents("test.nnasm", a.text)], b: [textContents("test.nnasm", b.text)] });
const byCode = (a: Traced, b: Traced): LineMap =>
  new LineMap(FILES, { a: codeContents(a.trace.header), b: codeContents(b.trace.header) });
const divergence = (a: Traced, b: Traced, map = byCode(a, b)) =>
  firstDivergence(a.trace, b.trace, (side, place) => map.nameOf(side, place));

/** Counts down, multiplies in a function, loads from DDR. */
const program = (count: number, extra = "", inFunction = ""): string => `
        .text
_start: li      s0, ${count}
        li      s1, 0x80000000
loop:   call    work
${extra}        addi    s0, s0, -1
        bnez    s0, loop
${EXIT}
work:   lw      t0, 0(s1)
        mul     t1, t0, s0
${inFunction}        addi    t1, t1, 1
        ret
`;

/** The plain walk that pieces and hashes save: index of the first instruction whose line (in a's names) or mnemonic differs. */
function plainDivergence(a: Traced, b: Traced): number {
  const left = [...a.trace.instructions.all()].map(({ pc }) => pc);
  const right = [...b.trace.instructions.all()].map(({ pc }) => pc);
  const at = left.findIndex((pc, i) => pc !== right[i]);
  return at < 0 && right.length > left.length ? left.length : at;
}

describe("lines of two texts", () => {
  test("keep their partners when others come and go", () => {
    expect([...alignLines(["a", "b", "c", "d"], ["a", "x", "c", "c2", "d"])]).toEqual([0, -1, 2, 4]);
    expect([...alignLines([], ["a"])]).toEqual([]);
    expect([...alignLines(["a", "a", "a"], ["a", "a"])]).toEqual([0, 1, -1]);
  });

  test("partners are equal, in order, and all of a common text is found", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 30 });
    fc.assert(
      fc.property(lines, lines, fc.array(fc.nat(29), { maxLength: 5 }), (a, b, cuts) => {
        let last = -1;
        alignLines(a, b).forEach((partner, i) => {
          if (partner < 0) return;
          expect(b[partner]).toBe(a[i]);
          expect(partner).toBeGreaterThan(last);
          last = partner;
        });
        // Lines that are only taken away leave all others with a partner.
        const unique = a.map((line, i) => `${line}${i}`);
        const left = unique.filter((_, i) => !cuts.includes(i));
        expect([...alignLines(left, unique)].every((partner, i) => unique[partner] === left[i])).toBe(true);
      }),
    );
  });
});

describe("two runs", () => {
  const fast = traced(program(50));
  const slow = traced(program(50), { ddr: { latencyCycles: 300 } });

  test("profile and trace of a run say the same; every table sums to the difference", () => {
    for (const [a, b] of [
      [measuresOfProfile(fast.profile, "a"), measuresOfProfile(slow.profile, "b")],
      [measuresOfTrace(fast.trace, "a"), measuresOfTrace(slow.trace, "b")],
      [measuresOfTrace(fast.trace, "a"), measuresOfProfile(slow.profile, "b")],
    ] as const) {
      const { tables, cu } = compareRuns(a, b, byText(fast, slow));
      const delta = slow.profile.cycles - fast.profile.cycles;
      expect(delta).toBeGreaterThan(0);
      for (const { rows } of tables) expect(rows.reduce((sum, row) => sum + row.delta, 0)).toBeCloseTo(delta, 6);
      expect(cu[0]).toMatchObject({ id: "ddr", a: fast.profile.total.cu.ddr, b: slow.profile.total.cu.ddr });
    }
    const same = compareRuns(
      measuresOfTrace(fast.trace, "a"),
      measuresOfProfile(fast.profile, "b"),
      byText(fast, fast),
    );
    for (const { rows } of same.tables) expect(rows.filter((row) => row.delta !== 0)).toEqual([]);
    expect(same.timeRatio).toBe(1);
  });

  test("what got slower is told with its cause, line and function", () => {
    const a = measuresOfProfile(fast.profile, "a");
    const reasons = reasonsOf(compareRuns(a, measuresOfProfile(slow.profile, "b"), byText(fast, slow)));
    const loads = slow.profile.total.cu.ddr - fast.profile.total.cu.ddr;
    expect(reasons[0]).toMatch(/^b is slower than a by \d+\.\d %: [\d,]+ -> [\d,]+ cycles$/);
    expect(reasons).toContainEqual(expect.stringContaining(`function work: +${loads.toLocaleString("en-US")} cycles`));
    expect(reasons).toContainEqual(expect.stringMatching(/^line test\.nnasm:\d+: \+[\d,]+ cycles \(DDR \+[\d,]+\)$/));
  });

  test("a line that has moved is compared with itself; new ones and old ones have no partner", () => {
    const longer = traced(program(50, "        xori    t3, t3, 1\n"));
    for (const map of [byText(fast, longer), byCode(fast, longer)]) {
      const { tables } = compareRuns(measuresOfTrace(fast.trace, "a"), measuresOfTrace(longer.trace, "b"), map);
      const rows = tables.find(({ id }) => id === "lines")!.rows;
      const load = rows.find((row) => row.a?.place?.line === 12)!;
      expect(load).toMatchObject({ b: { place: { line: 13 } }, delta: 0 });
      expect(rows.filter((row) => !row.a || !row.b)).toEqual([
        expect.objectContaining({ name: "test.nnasm:6", b: expect.objectContaining({ count: 50 }), delta: 50 }),
      ]);
    }
  });

  test("what a filter has left out is a row, so that the table still sums up", () => {
    const part = traced(program(50), {}, { cycles: [0, 200] });
    const { tables, cu } = compareRuns(
      measuresOfTrace(part.trace, "a"),
      measuresOfTrace(slow.trace, "b"),
      byCode(part, slow),
    );
    expect(cu.find(({ id }) => id === "untraced")!.a).toBeGreaterThan(0);
    for (const { rows } of tables) {
      expect(rows.reduce((sum, row) => sum + row.delta, 0)).toBe(slow.profile.cycles - fast.profile.cycles);
    }
  });
});

describe("the first instruction that differs", () => {
  const base = traced(program(50));

  test("is none for the same path, whatever it took", () => {
    const slow = traced(program(50), { ddr: { latencyCycles: 77 }, clockMHz: 100 } as ConfigOverrides);
    expect(divergence(base, slow)).toEqual({ kind: "same", compared: base.trace.end.retired });
  });

  test("is where the number of rounds ends, as a plain walk finds it", () => {
    for (const count of [1, 2, 49, 51]) {
      const other = traced(program(count));
      const found = divergence(base, other, byText(other, other));
      const rounds = Math.min(count, 50);
      expect(found).toMatchObject({
        kind: "differs",
        last: { a: { text: expect.stringMatching(/^bne/) }, b: { text: expect.stringMatching(/^bne/) } },
      });
      // Every round has the call (two words or one) and what follows; the paths part behind the branch of the last common one.
      const plain = plainDivergence(base, other);
      if (found.kind !== "differs") throw new Error("no difference");
      expect([found.compared, found.a!.index, found.b!.index]).toEqual([plain, plain, plain]);
      expect(rounds).toBeGreaterThan(0);
    }
  });

  test("is the new instruction when the source has one more, not the first whose address moved", () => {
    const longer = traced(program(50, "", "        xori    t3, t3, 1\n"));
    for (const map of [byText(base, longer), byCode(base, longer)]) {
      const found = divergence(base, longer, map);
      expect(found).toMatchObject({
        kind: "differs",
        a: { text: expect.stringMatching(/^addi/), place: { line: 14 } },
        b: { text: expect.stringMatching(/^xori/), place: { line: 14 }, function: expect.stringMatching(/^work\+/) },
        last: { a: { text: expect.stringMatching(/^mul /) } },
      });
    }
  });

  test("in filtered traces only what both hold is compared; without instructions nobody knows", () => {
    const part = traced(program(50), {}, { cycles: [300, 900] });
    const found = divergence(part, base);
    expect(found).toMatchObject({ kind: "same", compared: part.trace.instructions.count });
    const none = traced(program(50), {}, { instructions: false });
    expect(divergence(base, none)).toMatchObject({ kind: "unknown", reason: "the second trace has no instructions" });
    const late = traced(program(50), {}, { cycles: [900, 1000] });
    const early = traced(program(50), {}, { cycles: [0, 100] });
    expect(divergence(early, late)).toMatchObject({ kind: "unknown" });
  });

  test("pieces from a random place on are compared like single instructions", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), (first, second) => {
        const [a, b] = [traced(program(first)), traced(program(second))];
        const found = divergence(a, b, byText(a, a));
        const plain = plainDivergence(a, b);
        expect(found.kind).toBe(first === second ? "same" : "differs");
        if (found.kind === "differs") expect(found.compared).toBe(plain);
      }),
      { numRuns: 20 },
    );
  });
});

test("the Pareto front is what no other point beats", () => {
  expect(paretoFront([])).toEqual([]);
  expect(
    paretoFront([
      [1, 5],
      [2, 2],
      [2, 3],
      [5, 1],
      [5, 1],
      [6, 6],
    ]),
  ).toEqual([0, 1, 3, 4]);
  const points = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(points, (costs) => {
      const front = new Set(paretoFront(costs));
      // Everything outside is beaten by something on the front; nothing on it beats another.
      costs.forEach((own, i) => {
        const beaten = [...front].some(
          (j) => costs[j]![0] <= own[0] && costs[j]![1] <= own[1] && costs[j]!.some((c, k) => c < own[k]!),
        );
        expect(beaten).toBe(!front.has(i));
      });
    }),
  );
});
