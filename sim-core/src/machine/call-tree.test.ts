import { describe, expect, it } from "vitest";
import { EXIT, machineOf } from "../testing/index.ts";
import type { CallNode } from "./call-tree.ts";

const TEXT = `
 li s0, 5
 li sp, 0x10001000
loop:
 call outer
 call inner
 addi s0, s0, -1
 bnez s0, loop
 call deep${EXIT}
outer:
 addi sp, sp, -16
 sw ra, 0(sp)
 call inner
 call inner
 lw ra, 0(sp)
 addi sp, sp, 16
 ret
inner:
 nop
 nop
 ret
deep:
 li t2, 3
again:
 addi t2, t2, -1
 beqz t2, over
 jal t0, again
over:
 ret
`;

const addressOf = (machine: ReturnType<typeof machineOf>, name: string): number =>
  machine.program.symbols.find((symbol) => symbol.name === name)!.address;

function nodesOf(machine: ReturnType<typeof machineOf>): CallNode[] {
  return machine.state.calls.tree.nodesUntil(machine.state.cycle);
}

describe("cycles by call path", () => {
  it("sum to the run's, with one node for each path", () => {
    const machine = machineOf(TEXT);
    machine.run();
    const nodes = nodesOf(machine);
    expect(nodes.reduce((sum, { cycles }) => sum + cycles, 0)).toBe(machine.state.cycle);
    const [outer, inner] = [addressOf(machine, "outer"), addressOf(machine, "inner")];
    const byOuter = nodes.findIndex(({ target }) => target === outer);
    expect(nodes[byOuter]).toMatchObject({ parent: 0, calls: 5 });
    // nop, nop, ret with its 4 bubbles (T-CU-7) are 7 cycles each time.
    expect(nodes.filter(({ target }) => target === inner)).toEqual([
      { parent: byOuter, target: inner, cycles: 10 * 7, calls: 10 },
      { parent: 0, target: inner, cycles: 5 * 7, calls: 5 },
    ]);
    // What calls its own beginning stays in one node.
    const again = addressOf(machine, "again");
    expect(nodes.filter(({ target }) => target === again)).toHaveLength(1);
  });

  it("are the same when the run is stopped and taken back, and at every cycle they sum to it", () => {
    const whole = machineOf(TEXT);
    whole.run();
    const machine = machineOf(TEXT);
    for (let cycle = 1; !machine.end; cycle += 3) {
      const snapshot = machine.snapshot();
      machine.run({ untilCycle: cycle + 40 });
      machine.restore(snapshot);
      machine.run({ untilCycle: cycle });
      const nodes = nodesOf(machine);
      expect(nodes.reduce((sum, { cycles }) => sum + cycles, 0)).toBe(machine.state.cycle);
      expect(Math.min(...nodes.map(({ cycles }) => cycles))).toBeGreaterThanOrEqual(0);
    }
    expect(machine.end).toMatchObject({ reason: "exit" });
    expect(nodesOf(machine)).toEqual(nodesOf(whole));
  });
});
