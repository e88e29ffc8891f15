/** Profiles of the repository's programs add up to 100 % at every level. */
import {
  arrayOf,
  LEVELS,
  MEMORY_LEVELS,
  type Profile,
  profileTable,
  profileTree,
  rooflinePoints,
  WHOLE_PROGRAM,
} from "@nnasm/sim-core/profile";
import { describe, expect, test } from "vitest";
import { runNnasm } from "../tools/index.ts";
import { wrongSums } from "./sums.ts";

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe.each([
  ["the network", ["test-fixtures/fashion-mnist"]],
  ["the network, stopped on its way", ["test-fixtures/fashion-mnist", "-m", "30000"]],
  ["a loop", ["test-fixtures/samples/count.nnasm"]],
  ["a project with instructions of its own", ["test-fixtures/samples/own-instructions"]],
] as const)("%s", (_name, args) => {
  test("adds up", async () => {
    const { stdout } = await runNnasm(["profile", "--json", ...args]);
    const profile = JSON.parse(stdout) as Profile;
    const root = profileTree(profile);
    expect(wrongSums(profile, root)).toEqual([]);
    expect(root.sums.cycles).toBe(profile.cycles);
    expect(root.sums.retired).toBe(profile.retired);
    expect(root.sums.slots).toEqual(profile.total.slots);
    expect(sum(Object.values(root.sums.slots))).toBe(profile.totalSlots);
    for (const level of LEVELS) {
      expect(sum(profileTable(profile, level).map(({ sums }) => sums.cycles))).toBe(profile.cycles);
    }
    // No layer is faster than the array, or than the bytes that it moves allow; other layers' transfers may bring its DDR bytes.
    for (const { layer, macsPerCycle, intensity } of rooflinePoints(profile)) {
      expect(macsPerCycle).toBeLessThanOrEqual(arrayOf(profile));
      for (const level of MEMORY_LEVELS) {
        if (level === "ddr" && layer !== WHOLE_PROGRAM) continue;
        const roof = (intensity[level] ?? Number.POSITIVE_INFINITY) * profile.bandwidths[level];
        expect([layer, level, macsPerCycle <= roof]).toEqual([layer, level, true]);
      }
    }
    const layers = profileTable(profile, "layer").map(({ key, sums }) => [Number(key), sums.cycles, sums.macs]);
    expect(layers).toEqual(profile.layers.map(({ id, cuCycles, macs }) => [id, cuCycles, macs]));
    const regions = profileTable(profile, "region").filter(({ key }) => key === "inside");
    expect(sum(regions.map(({ sums }) => sums.cycles))).toBe(profile.regionCycles);
  });
});
