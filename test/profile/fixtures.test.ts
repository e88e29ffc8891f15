/** Profiles of all of the repository's programs add up to 100 % at every level, however the run ends. */
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
import { expect, test } from "vitest";
import { fixturePrograms, limitOf, nnasm } from "./programs.ts";
import { wrongSums } from "./sums.ts";

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

test.each([
  ...fixturePrograms().map((file) => [file, limitOf(file)] as const),
  // On its way: operations are running.
  ["test-fixtures/fashion-mnist/fashion.nnasm", 30_000] as const,
])("%s", async (file, limit) => {
  const profile = JSON.parse((await nnasm("profile", file, "--json", "-m", String(limit))).stdout) as Profile;
  const { cycles, total, totalSlots, layers, lines, units, channels, calls, dm } = profile;
  const root = profileTree(profile);
  expect(wrongSums(profile, root)).toEqual([]);
  expect(root.sums.cycles).toBe(cycles);
  expect(root.sums.retired).toBe(profile.retired);
  expect(root.sums.slots).toEqual(total.slots);
  expect(root.sums.cu).toEqual(total.cu);
  expect(sum(Object.values(root.sums.cu))).toBe(cycles);
  expect(sum(Object.values(root.sums.slots))).toBe(totalSlots);
  for (const level of LEVELS) {
    expect(sum(profileTable(profile, level).map(({ sums }) => sums.cycles))).toBe(cycles);
  }
  // Lists beside the tree.
  expect(sum(lines.map((line) => line.cycles))).toBe(cycles);
  expect(sum(layers.map(({ cuCycles }) => cuCycles))).toBe(cycles);
  expect(sum(layers.map((layer) => layer.cycles))).toBeCloseTo(cycles, 6);
  expect(sum(calls.map((call) => call.cycles))).toBe(cycles);
  expect(calls[0]!.inclusiveCycles).toBe(cycles);
  for (const channel of channels) expect(sum(Object.values(channel.cycles))).toBe(cycles);
  for (const { unit, ...states } of units) expect([unit, sum(Object.values(states))]).toEqual([unit, cycles]);
  expect(sum(dm.conflicts.map((pair) => pair.cycles))).toBe(sum(dm.banks.map(({ lostCycles }) => lostCycles)));
  expect(sum(profile.ddrHistory.readBytes)).toBe(total.ddrReadBytes);
  expect(sum(profile.ddrHistory.writeBytes)).toBe(total.ddrWriteBytes);
  const ofLayers = profileTable(profile, "layer").map(({ key, sums }) => [Number(key), sums.cycles, sums.macs]);
  expect(ofLayers).toEqual(layers.map(({ id, cuCycles, macs }) => [id, cuCycles, macs]));
  const regions = profileTable(profile, "region").filter(({ key }) => key === "inside");
  expect(sum(regions.map(({ sums }) => sums.cycles))).toBe(profile.regionCycles);
  // No layer is faster than the array, or than the bytes that it moves allow; other layers' transfers may bring its DDR bytes.
  for (const { layer, macsPerCycle, intensity } of rooflinePoints(profile)) {
    expect(macsPerCycle).toBeLessThanOrEqual(arrayOf(profile));
    for (const level of MEMORY_LEVELS) {
      if (level === "ddr" && layer !== WHOLE_PROGRAM) continue;
      // Declared weights load beside those of the operation before (T-NU-14), which is more than the port's share of the time.
      if (level === "wm" && file.includes("weight-prefetch")) continue;
      const roof = (intensity[level] ?? Number.POSITIVE_INFINITY) * profile.bandwidths[level];
      expect([layer, level, macsPerCycle <= roof]).toEqual([layer, level, true]);
    }
  }
});

test("percentages that the command prints add up to exactly 100", async () => {
  const { stdout } = await nnasm("profile", "test-fixtures/fashion-mnist/fashion.nnasm", "-m", "300000");
  const tables = stdout.split("\n\n").filter((table) => /^MAC slots|^Control unit/.test(table));
  expect(tables).toHaveLength(2);
  for (const table of tables) {
    const tenths = [...table.matchAll(/^ *([\d.]+) % /gm)].map(([, percent]) => Math.round(10 * Number(percent)));
    expect(tenths.pop()).toBe(1000);
    expect(sum(tenths)).toBe(1000);
  }
});
