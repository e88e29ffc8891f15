import { describe, expect, it } from "vitest";
import { EXIT, machineOf, randomProgram } from "../testing/index.ts";
import { MAC_BUCKETS } from "../units/index.ts";
import { buildProfile } from "./build.ts";
import { METRICS } from "./metrics.ts";
import { LEVELS, type ProfileNode, profileTable, profileTree } from "./tree.ts";

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Every node's sums are those of its children, for all metrics that can be added up. */
function checkSums(node: ProfileNode): number {
  if (node.children.length === 0) return 1;
  for (const { id, additive, value } of METRICS) {
    if (!additive) continue;
    const parts = sum(node.children.map((child) => value(child.sums, 1)));
    expect([node.name, id, parts]).toEqual([node.name, id, value(node.sums, 1)]);
  }
  return 1 + sum(node.children.map(checkSums));
}

const REGION_AND_LAYERS = `
 .layer 3, first
 nop
 nn.prof on
 nop
 nop
 nn.layer 3
 call work
 nn.layer 4
 call work
 nn.prof off
 nn.layer 0
 nop${EXIT}
work:
 li t0, 5
again:
 addi t0, t0, -1
 bnez t0, again
 ret
`;

describe("parts of a profile", () => {
  it("belong to the layer and the region that their instruction ran in", () => {
    const machine = machineOf(REGION_AND_LAYERS.replace(" .layer 3, first\n", ""));
    machine.run();
    const profile = buildProfile(machine);
    const regions = profileTable(profile, "region");
    expect(regions.map(({ key, sums }) => [key, sums.cycles])).toEqual([
      ["outside", profile.cycles - profile.regionCycles],
      ["inside", profile.regionCycles],
    ]);
    const layers = profileTable(profile, "layer");
    expect(layers.map(({ key, sums }) => [Number(key), sums.cycles])).toEqual(
      profile.layers.map(({ id, cuCycles }) => [id, cuCycles]),
    );
    const work = profileTable(profile, "function").find(({ name }) => name === "work")!;
    // Both calls take the same time; li, 5 times two instructions with 4 taken branches, ret.
    expect(work.sums.retired).toBe(2 * (1 + 10 + 1));
    const byLayer = profileTree(profile, ["layer", "function"]).children.map(
      (layer) => layer.children.find(({ name }) => name === "work")?.sums.cycles,
    );
    expect(byLayer).toEqual([undefined, work.sums.cycles / 2, work.sums.cycles / 2]);
  });

  it.each([1, 2, 3, 4])("of random program %i add up to 100 percent at every level, at any stop", (seed) => {
    const machine = machineOf(randomProgram(seed).text);
    for (const until of [50, 333, 1000, undefined]) {
      machine.run(until === undefined ? {} : { untilCycle: until });
      const profile = buildProfile(machine);
      const root = profileTree(profile);
      expect(checkSums(root)).toBeGreaterThan(5);
      expect(root.sums.cycles).toBe(profile.cycles);
      expect(root.sums.retired).toBe(profile.retired);
      expect(sum(MAC_BUCKETS.map((bucket) => root.sums.slots[bucket]))).toBe(profile.totalSlots);
      expect(root.sums.cu).toEqual(profile.total.cu);
      expect(root.sums.ddrReadBytes).toBe(profile.total.ddrReadBytes);
      expect(root.sums.lostCycles).toBe(sum(profile.dm.operations.map(({ cycles }) => cycles)));
      for (const level of LEVELS) {
        expect([level, sum(profileTable(profile, level).map(({ sums }) => sums.cycles))]).toEqual([
          level,
          profile.cycles,
        ]);
      }
      expect(profileTable(profile, "line").map(({ sums }) => sums.cycles)).toEqual(
        profile.lines.map(({ cycles }) => cycles),
      );
    }
  });

  it("are the same after going back in time", () => {
    const machine = machineOf(REGION_AND_LAYERS.replace(" .layer 3, first\n", ""));
    machine.run({ untilCycle: 40 });
    const then = machine.snapshot();
    machine.run();
    const first = buildProfile(machine);
    machine.restore(then);
    expect(profileTree(buildProfile(machine)).sums.cycles).toBe(machine.state.cycle);
    machine.run();
    expect(buildProfile(machine)).toEqual(first);
  });

  it("of a program with very many layers are complete", () => {
    const markers = Array.from({ length: 300 }, (_, layer) => ` nn.layer ${layer + 1}\n nop`).join("\n");
    const machine = machineOf(` li s0, 2\nagain:\n${markers}\n addi s0, s0, -1\n bnez s0, again${EXIT}`);
    machine.run();
    const layers = profileTable(buildProfile(machine), "layer");
    expect(layers).toHaveLength(301);
    expect(layers.slice(1, 300).map(({ sums }) => [sums.retired, sums.cycles])).toEqual(Array(299).fill([4, 4]));
  });
});

describe("bytes over the DDR bus by time", () => {
  it("are those of the profile, however long the run", () => {
    const machine = machineOf(`
 .tensor far, int8, 1, 1, 1, 4096, in=ddr
 .tensor near, int8, 1, 1, 1, 4096, in=dm
 .text
 td.ld td0, far
 td.ld td1, near
 li s0, 30
again:
 dma.ld td1, td0, ch0
 nn.fence dma0
 addi s0, s0, -1
 bnez s0, again${EXIT}`);
    machine.run();
    const { ddrHistory, total, cycles } = buildProfile(machine);
    expect(sum(ddrHistory.readBytes)).toBe(total.ddrReadBytes);
    expect(total.ddrReadBytes).toBe(30 * 4096);
    expect(ddrHistory.intervalCycles * ddrHistory.readBytes.length).toBeGreaterThanOrEqual(cycles);
    expect(ddrHistory.readBytes.length).toBeLessThanOrEqual(512);
  });
});
