/** What bounds layers and runs: the class follows from the numbers that come with it, and is what the program was written for. */
import path from "node:path";
import { Simulator } from "@nnasm/sim-core/engine";
import { BOUND_SHARE, type BoundClass, boundNumbers, buildProfile, type LayerBound } from "@nnasm/sim-core/profile";
import { configWith, programOf, randomProgram } from "@nnasm/sim-core/testing";
import { describe, expect, it, test } from "vitest";
import { ROOT, scaled } from "../tools/index.ts";
import { adviseOn } from "./programs.ts";
import { SHOWS } from "./shows.ts";

/** Programs of the rules' shows, whose costliest resource is what the rule is about. */
const CLASSES: readonly (readonly [program: string, bound: BoundClass])[] = [
  ["explicit-padding/good", "mac"],
  ["head-of-line/good", "nonMac"],
  ["port-width/bad", "port"],
  ["accumulator-reloads/bad", "weights"],
  ["bank-conflicts/bad", "bank"],
  ["function-table/bad", "vu"],
  ["ddr-bound/bad", "ddr"],
  ["small-transfers/bad", "latency"],
  ["divide/bad", "cu"],
  ["separate-activation/bad", "sync"],
];

function expectSound(bound: LayerBound): void {
  const { class: kind, share, cycles, resources } = bound;
  expect(share).toBeGreaterThanOrEqual(0);
  expect(share).toBeLessThanOrEqual(1);
  for (const [index, one] of resources.entries()) {
    expect(one.share).toBeCloseTo(Math.min(1, one.cycles / cycles), 9);
    expect(one.cycles).toBeLessThanOrEqual(resources[index - 1]?.cycles ?? Number.POSITIVE_INFINITY);
  }
  if (kind === "none") expect(cycles === 0 || resources.length === 0).toBe(true);
  else if (kind === "sync" || kind === "mixed") expect(resources[0]!.share).toBeLessThan(BOUND_SHARE);
  else {
    expect(share).toBeGreaterThanOrEqual(BOUND_SHARE);
    expect(resources.map(({ resource }) => resource)).toContain(kind);
  }
}

test.each(CLASSES)("%s is %s-bound", (program, kind) => {
  const { bound } = adviseOn(path.join(SHOWS, `${program}.nnasm`)).profile;
  expect(bound.class).toBe(kind);
  expectSound(bound);
  expect(boundNumbers(bound)).toMatch(/^of [\d,]+ cycles: .*; a resource bounds from 50 % on$/);
});

it("is told with numbers as everywhere in a profile: thousands apart, and what isn't 0 is never shown as 0", () => {
  const bound: LayerBound = {
    class: "mixed",
    share: 0.49,
    text: "mixed",
    cycles: 27_160_041,
    waitCycles: 0.25,
    resources: [
      { resource: "mac", cycles: 13_308_420.4, share: 0.49 },
      { resource: "cu", cycles: 1200, share: 0.00004 },
    ],
  };
  expect(boundNumbers(bound)).toBe(
    "of 27,160,041 cycles: MAC 13,308,420 (49 %), CU 1,200 (< 1 %), waiting 0.25 (< 1 %); a resource bounds from 50 % on",
  );
});

it("is the class of each layer of a network, also where the control unit runs ahead and waits for a queue", () => {
  const { layers } = adviseOn(path.join(ROOT, "test-fixtures/fashion-mnist/fashion.nnasm"), 400_000).profile;
  const classes = Object.fromEntries(layers.map(({ name, bound }) => [name, bound.class]));
  expect(classes).toMatchObject({
    "load weights": "ddr",
    conv1: "mac",
    pool1: "nonMac",
    pw1: "mac",
    conv2: "mac",
    add1: "nonMac",
    fc: "weights",
    classify: "cu",
  });
});

describe("random programs", () => {
  it("have classes that follow from their numbers, in every layer", () => {
    const config = configWith();
    const array = config.nu.cip * config.nu.cop * config.nu.cores;
    const seen = new Set<BoundClass>();
    for (let seed = 1; seed <= scaled(15, 1000); seed++) {
      const simulator = new Simulator({ program: programOf(randomProgram(seed).text, config), config });
      simulator.run();
      const profile = buildProfile(simulator);
      for (const { bound, slots, cuCycles } of profile.layers) {
        expectSound(bound);
        const nuTime = Object.values(slots).reduce((sum, one) => sum + one, 0) / array;
        if (nuTime === 0) expect(bound.cycles).toBe(cuCycles);
        else expect(bound.cycles).toBeGreaterThanOrEqual(nuTime);
        seen.add(bound.class);
      }
      expectSound(profile.bound);
      // A layer's resources are a part of the run's.
      for (const resource of ["mac", "vu", "ddr", "cu"] as const) {
        const of = (bound: LayerBound) => bound.resources.find((one) => one.resource === resource)?.cycles ?? 0;
        expect(profile.layers.reduce((sum, { bound }) => sum + of(bound), 0)).toBeCloseTo(of(profile.bound), 6);
      }
    }
    expect(seen.size).toBeGreaterThan(1);
  });
});
