import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PRESETS } from "../../config/index.ts";
import { Simulator } from "../../engine/index.ts";
import {
  type ConfigOverrides,
  checkedProfile,
  EXIT,
  type Machine,
  machineOf,
  programOf,
  runToEnd,
} from "../../testing/index.ts";

const TENSORS = `
 .section .ddr.data, "aw"
 .balign 64
source: .zero 8192
 .section .dm.words, "aw"
 .balign 256
words: .zero 256
 .tensor far, int8, 1, 1, 1, 4096, at=source
 .tensor near, int8, 1, 1, 1, 4096, in=dm
 .tensor a, int8, 1, 8, 8, 16, in=dm
 .tensor b, int8, 1, 8, 8, 16, in=dm
 .tensor pooled, int8, 1, 4, 4, 16, in=dm
 .tensor line, int8, 1, 1, 64, 1, in=dm
 .tensor sums, int8, 1, 1, 64, 1, in=dm
 .text
 td.ld td0, near
 td.ld td1, far
 td.ld td2, a
 td.ld td3, b
 td.ld td4, pooled
 td.ld td5, line
 td.ld td6, sums
 nu.window 2, 2, 2, 2
`;

const machine = (body: string, overrides: ConfigOverrides = {}): Machine =>
  machineOf(`${TENSORS}${body}${EXIT}`, overrides);

function finished(body: string, overrides: ConfigOverrides = {}) {
  const found = machine(body, overrides);
  const stop = runToEnd(found);
  expect(stop).toMatchObject({ reason: "exit" });
  return { machine: found, cycle: stop.cycle, profile: checkedProfile(found) };
}

/** Everybody at the same time: loads and stores of the CU, descriptors, both channels, NU, VU, XU. */
const CROWD = `
 li s0, 3
 la s1, words
1:
 dma.ld td0, td1, ch0
 nu.maxpool td4, td2
 vu.abs td3, td2
 dma.copy td3, td2, ch1
 nu.maxpool td4, td3
 lw t0, 0(s1)
 sw t0, 4(s1)
 lw t1, 8(s1)
 sh t1, 16(s1)
 td.ld td5, line
 lbu t2, 33(s1)
 sb t2, 47(s1)
 td.st td5, (s1)
 dma.st td1, td0, ch0
 vu.relu td2, td3
 nn.token t3, vu
 nn.wait t3, x0
 lw t4, 60(s1)
 addi s0, s0, -1
 bnez s0, 1b
`;

const everything = (found: Machine): unknown => ({
  x: [...found.state.x],
  position: found.position,
  profile: checkedProfile(found),
  words: [...found.memories.read(found.symbol("words"), 64)],
});

describe("programs that share the banks (docs/timing.md)", () => {
  it("T-DM-4: what units lose is in their column, and no formula changes", () => {
    const ideal = finished(CROWD, { dm: { conflicts: false } });
    const { profile } = finished(CROWD);
    expect(ideal.profile.dm.conflicts).toEqual([]);
    expect(ideal.profile.total.slots.bankConflict).toBe(0);
    const lost = (loser: string) =>
      profile.dm.conflicts.filter((pair) => pair.loser === loser).reduce((sum, { cycles }) => sum + cycles, 0);
    const { cip, cop } = profile.array;
    expect(profile.total.slots.bankConflict).toBe(lost("nu") * cip * cop);
    for (const bucket of ["useful", "nonMac", "fillDrain"] as const) {
      expect(profile.total.slots[bucket]).toBe(ideal.profile.total.slots[bucket]);
    }
    const busyOf = ({ units }: typeof profile) => units.map(({ unit, busy }) => [unit, busy]);
    expect(busyOf(profile)).toEqual(busyOf(ideal.profile));
    // Units behind the NU have lost something; it loses only to the CU, to itself and to who starves.
    const losers = new Set(profile.dm.conflicts.map(({ loser }) => loser));
    for (const unit of ["vu", "dma0", "dma1"] as const) expect(losers).toContain(unit);
  });

  it("a transfer with DDR makes up for lost cycles in its buffer, one on chip does not", () => {
    const load = "dma.ld td0, td1, ch0\n nn.fence dma0\n";
    const alone = finished(load).cycle;
    // VU goes through all banks meanwhile, a bank a cycle: the load meets it, and has 4 of 8 cycles to spare.
    const both = finished(`vu.abs td3, td2\n vu.abs td3, td2\n vu.abs td3, td2\n vu.abs td3, td2\n${load}`);
    const pairs = both.profile.dm.conflicts.filter(({ loser }) => loser === "dma0");
    expect(pairs.length).toBeGreaterThan(0);
    expect(both.profile.channels[0]!.cycles.bankConflict).toBe(0);
    // Four issues come before the load's; it takes no cycle longer.
    expect(both.cycle - alone).toBe(4);
    const copy = finished("vu.abs td3, td2\n vu.abs td3, td2\n dma.copy td4, td4, ch0\n dma.copy td2, td3, ch1\n");
    const lost = copy.profile.dm.conflicts.filter(({ loser }) => loser === "dma1");
    expect(copy.profile.channels[1]!.cycles.bankConflict).toBe(lost.reduce((sum, { cycles }) => sum + cycles, 0));
  });

  it("T-DM-4, T-DM-6: the CU loses to a unit that it has held up for too long, and its column says so", () => {
    // The pool reads pixels of one channel: 16 of them from one bank, cycle after cycle, and so does the CU.
    const loads = "lw t1, 0(t0)\n".repeat(40);
    const body = (bank: number) =>
      ` li t0, ${bank}\n td.ld td7, line\n add t1, t1, t1\n nu.gmaxpool td6, td5\n nop\n${loads}`;
    const text = `${TENSORS.replace(".tensor sums, int8, 1, 1, 64, 1", ".tensor sums, int8, 1, 1, 1, 1")}`;
    const run = (offset: number) => {
      const probe = machineOf(`${text}${body(0x10000000)}${EXIT}`);
      const line = new Int32Array(probe.memories.read(probe.symbol("line"), 64).buffer)[0]!;
      const found = machineOf(`${text}${body(line + offset)}${EXIT}`);
      expect(runToEnd(found)).toMatchObject({ reason: "exit" });
      return checkedProfile(found);
    };
    const same = run(0);
    // 16 pixels lie in the bank. NU has it while the CU is not there yet, then in every ninth cycle.
    const { cu } = same.total;
    expect(cu.bankConflict).toBeGreaterThan(1);
    const [nu, own] = [
      same.dm.conflicts.find(({ loser }) => loser === "nu")!,
      same.dm.conflicts.find(({ loser }) => loser === "cu")!,
    ];
    expect(own).toEqual({ loser: "cu", winner: "nu", cycles: cu.bankConflict });
    expect(nu.winner).toBe("cu");
    expect(nu.cycles).toBeGreaterThanOrEqual(8 * cu.bankConflict);
    // From the other side of the memory nobody loses anything.
    expect(run(128).dm.conflicts).toEqual([]);
  });

  it("is the same run when it is stopped at every cycle, at some, or saved and restored there", () => {
    for (const overrides of [{}, { dm: { banks: 2, bankBytes: 4 } }, { dm: { starvationCycles: 1 } }]) {
      const straight = machine(CROWD, overrides);
      const end = runToEnd(straight);
      expect(end.reason).toBe("exit");
      const expected = everything(straight);
      const each = machine(CROWD, overrides);
      for (let cycle = 1; cycle < end.cycle; cycle++) {
        expect(each.run({ untilCycle: cycle })).toMatchObject({ reason: "limit", cycle });
        if (cycle % 16 === 0) checkedProfile(each);
      }
      expect(each.run()).toEqual(end);
      expect(everything(each)).toEqual(expected);
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 1, max: end.cycle }), { minLength: 1, maxLength: 6 }), (cycles) => {
          const first = machine(CROWD, overrides);
          const saved = cycles
            .toSorted((a, b) => a - b)
            .map((cycle) => {
              first.run({ untilCycle: cycle });
              return first.snapshot();
            });
          expect(first.run()).toEqual(end);
          for (const snapshot of saved.reverse()) {
            first.restore(snapshot);
            expect(first.run()).toEqual(end);
            expect(everything(first)).toEqual(expected);
          }
        }),
        { numRuns: 4 },
      );
      const steps = machine(CROWD, overrides);
      while (steps.step().reason === "step");
      expect(everything(steps)).toEqual(expected);
    }
  });

  it("adds up on every preset, with a bank or many", () => {
    for (const config of Object.values(PRESETS)) {
      for (const banks of [1, 4, config.dm.banks]) {
        const changed = { ...config, dm: { ...config.dm, banks } };
        const simulator = new Simulator({ program: programOf(`${TENSORS}${CROWD}${EXIT}`, changed), config: changed });
        expect(simulator.run({ untilCycle: 1_000_000 })).toMatchObject({ reason: "exit" });
        const { dm } = checkedProfile(simulator);
        expect(dm.banks).toHaveLength(banks);
        expect(dm.banks.every(({ accesses }) => accesses > 0)).toBe(true);
      }
    }
  });

  it("T-DM-13: functional mode and an ideal memory know no conflicts", () => {
    const functional = machine(CROWD);
    functional.setMode("functional");
    expect(functional.run()).toMatchObject({ reason: "exit" });
    expect(functional.units.dm.lost.every((cycles) => cycles === 0)).toBe(true);
    const ideal = finished(CROWD, { dm: { conflicts: false } });
    expect(ideal.profile.dm.banks.every(({ accesses, lostCycles }) => accesses === 0 && lostCycles === 0)).toBe(true);
    const words = (found: Machine) => [...found.memories.read(found.symbol("words"), 64)];
    expect(words(functional)).toEqual(words(ideal.machine));
  });
});
