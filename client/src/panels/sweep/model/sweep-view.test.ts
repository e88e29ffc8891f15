import { type MeasuredPoint, measuredPoint, type Sweep, sweepProblem, sweepSteps } from "@nnasm/sim-core/compare";
import { buildProfile } from "@nnasm/sim-core/profile";
import { EXIT, machineOf } from "@nnasm/sim-core/testing";
import { expect, test } from "vitest";
import { curvesOf, filtered, frontOf, marksUpTo, measured, metricOf, ticks } from "./sweep-view.ts";

/** Loads from DDR on machines with different buses and memories. */
function point(bytesPerCycle: number, latencyCycles: number): MeasuredPoint {
  const machine = machineOf(` li t0, 0x80000000\n lw t1, 0(t0)\n lw t2, 64(t0)${EXIT}`, {
    ddr: { bytesPerCycle, latencyCycles },
  });
  machine.run();
  return measuredPoint(buildProfile(machine), machine.config, 0, new Map());
}

const axes = [
  { key: "ddr.bytesPerCycle", values: ["16", "4"] },
  { key: "ddr.latencyCycles", values: ["10", "200", "100"] },
];
const points = axes[0]!.values.flatMap((bus) =>
  axes[1]!.values.map((latency) => ({
    settings: { "ddr.bytesPerCycle": bus, "ddr.latencyCycles": latency },
    ...(bus === "4" && latency === "200"
      ? { ok: false as const, error: "it doesn't fit" }
      : point(Number(bus), Number(latency))),
  })),
);
const sweep: Sweep = { file: "p.nnasm", axes, points, steps: sweepSteps(axes, points) };
const cycles = metricOf("cycles");

test("curves run over the rising values of an axis, one for each value of the others; impossible points are gaps", () => {
  const { values, curves } = curvesOf(sweep, "ddr.latencyCycles", cycles);
  expect(values).toEqual(["10", "100", "200"]);
  expect(curves.map(({ name, points: own }) => [name, own.map(({ position }) => position)])).toEqual([
    ["ddr.bytesPerCycle=16", [0, 1, 2]],
    ["ddr.bytesPerCycle=4", [0, 1]],
  ]);
  for (const { points: own } of curves) {
    expect(own.map(({ value }) => value)).toEqual(own.map(({ value }) => value).toSorted((a, b) => a - b));
    for (const { index, value } of own) expect(points[index]).toMatchObject({ ok: true, cycles: value });
  }
});

test("the front is what no other point beats: the fastest of each bus", () => {
  expect([...frontOf(sweep, metricOf("bandwidth"), cycles)]).toEqual([0, 3]);
  // More of a gain is better: the largest share of the fastest machine.
  expect(frontOf(sweep, metricOf("macUse"), cycles).has(0)).toBe(true);
  expect(measured(sweep)).toHaveLength(5);
});

test("a filter takes words of settings, bounds and errors", () => {
  expect([...filtered(sweep, "bytesPerCycle=4 impossible")]).toEqual([4]);
  expect([...filtered(sweep, "Latencycycles=10 ")]).toEqual([0, 2, 3, 5]);
  expect(filtered(sweep, "")).toHaveProperty("size", 6);
  expect(filtered(sweep, "nothing has this")).toHaveProperty("size", 0);
});

test("marks of an axis are round", () => {
  expect(ticks(0, 103)).toEqual([0, 50, 100]);
  expect(ticks(0, 1)).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]);
  expect(ticks(7, 7)).toEqual([7]);
  expect(marksUpTo(12_496)).toEqual([0, 5000, 10_000, 15_000]);
  expect(marksUpTo(10)).toEqual([0, 2, 4, 6, 8, 10]);
  expect(marksUpTo(0)).toEqual([0, 1]);
});

test("what is no sweep is named", () => {
  expect(sweepProblem(JSON.parse(JSON.stringify(sweep)))).toBeUndefined();
  expect(sweepProblem([1])).toBe('it has no "points"');
  expect(sweepProblem({ points: [] })).toMatch(/older version/);
  expect(sweepProblem({ ...sweep, points: [points[0], { ok: true }] })).toBe("its point 2 has no settings or result");
});
