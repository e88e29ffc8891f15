import { describe, expect, it } from "vitest";
import { EXIT, machineOf, randomProgram } from "../testing/index.ts";
import { buildProfile } from "./build.ts";

describe("calls and waits in a profile", () => {
  it("names functions, with what they call", () => {
    const machine = machineOf(`
 li s0, 3
again:
 call twice
 addi s0, s0, -1
 bnez s0, again${EXIT}
twice:
 mv s1, ra
 call leaf
 call leaf
 jr s1
leaf:
 nop
 ret
`);
    machine.run();
    const { calls, cycles } = buildProfile(machine);
    // leaf: nop, ret and its bubbles (T-CU-7) are 6 cycles. `jr s1` is no return, but `leaf` and `twice` come to an end
    // with the next call to the same place.
    const leaf = calls.find(({ name }) => name === "leaf")!;
    expect(leaf).toMatchObject({ calls: 6, cycles: 36, inclusiveCycles: 36 });
    expect(calls.reduce((sum, one) => sum + one.cycles, 0)).toBe(cycles);
    expect(calls[0]).toMatchObject({ parent: -1, inclusiveCycles: cycles });
  });

  it("says which operation ended a wait", () => {
    const machine = machineOf(`
 .tensor far, int8, 1, 1, 1, 128, in=ddr
 .tensor near, int8, 1, 1, 1, 128, in=dm
 .text
 td.ld td0, far
 td.ld td1, near
 dma.ld td1, td0, ch0
 nn.token t0, dma0
 nn.after vu, t0, x0
 vu.neg td1, td1
 nn.fence vu${EXIT}`);
    machine.run();
    const { waits, total } = buildProfile(machine);
    const pc = (instruction: number) => machine.program.entry + 4 * instruction;
    // The numbers of the event log's test: the transfer is complete in cycle 153, the VU in 168. vu.neg is issued in 23 and
    // could have started in 24; the fence is in EX in 24.
    expect(waits).toEqual([
      expect.objectContaining({ unit: "cu", cause: "tokenWait", byUnit: "vu", count: 1, cycles: total.cu.tokenWait }),
      expect.objectContaining({ unit: "vu", cause: "tokenWait", byUnit: "dma0", count: 1, cycles: 153 - 24 }),
    ]);
    expect(waits.map(({ at }) => at.address)).toEqual([pc(10), pc(9)]);
    expect(waits.map(({ by }) => by.address)).toEqual([pc(9), pc(6)]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "the CU's and the serial units' waits of random program %i are all named",
    (seed) => {
      const machine = machineOf(randomProgram(seed).text);
      machine.run();
      const { waits, total, units } = buildProfile(machine);
      const sum = (unit: string, cause: string) =>
        waits.filter((one) => one.unit === unit && one.cause === cause).reduce((all, { cycles }) => all + cycles, 0);
      expect(sum("cu", "tokenWait")).toBe(total.cu.tokenWait);
      expect(sum("cu", "queueFull")).toBe(total.cu.queueFull);
      for (const { unit, tokenWait } of units) expect([unit, sum(unit, "tokenWait")]).toEqual([unit, tokenWait]);
    },
  );
});
