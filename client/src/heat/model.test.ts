import { buildProfile, type Profile, profileTable } from "@nnasm/sim-core/profile";
import { machineOf } from "@nnasm/sim-core/testing";
import { beforeAll, expect, test } from "vitest";
import { HEAT_METRICS, HEAT_STEPS, layerHeat, lineHeat } from "./model.ts";

let profile: Profile;
beforeAll(() => {
  const machine = machineOf(`
 nn.layer 7
 li t0, 100
again:
 addi t0, t0, -1
 bnez t0, again
 li a0, 0
 li a7, 93
 ecall
`);
  machine.run();
  profile = buildProfile(machine);
});

test("the hottest line has the highest step, and every line its share", () => {
  const [[, lines] = []] = [...lineHeat(profile, "cycles")];
  const hottest = lines!.reduce((most, one) => (one.share > most.share ? one : most));
  expect(hottest).toMatchObject({ step: HEAT_STEPS, line: 6 });
  expect(lines!.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  expect(Math.min(...lines!.map(({ step }) => step))).toBe(1);
  const { sums } = profileTable(profile, "line").find(({ place }) => place?.line === 6)!;
  expect(hottest.text).toContain(`| CU cycles | **${sums.cycles}** (`);
  expect(hottest.text).toMatch(/branch \d/);
});

test("lines without the metric have no heat", () => {
  expect(lineHeat(profile, "ddr").size).toBe(0);
  const [[, lines] = []] = [...lineHeat(profile, "cu.branch")];
  // Backward branches that are taken.
  expect(lines!.map(({ line }) => line)).toEqual([6]);
  expect(HEAT_METRICS.map(({ id }) => id)).toEqual(
    expect.arrayContaining(["idle", "ddr", "conflicts", "cu.tokenWait"]),
  );
});

test("a layer's marker says what its cycles were bound by", () => {
  const layer = profile.layers.find(({ id }) => id === 7)!;
  const [marker, ...others] = layerHeat(profile);
  expect(others).toEqual([]);
  expect(marker).toMatchObject({ line: 2, layer: "7" });
  expect(marker!.text).toContain(`${layer.cuCycles} CU cycles`);
});
