import { describe, expect, it } from "vitest";
import { EXIT, machineOf, type TracedRun, traced } from "../testing/index.ts";
import { callPaths } from "./call-paths.ts";

const tracedRun = (text: string): TracedRun => traced(machineOf(text));

describe("call paths of a trace", () => {
  it("are those that the machine counts, with calls, traps and recursion", () => {
    const { machine, trace } = tracedRun(`
 la t0, handler
 csrw mtvec, t0
 li sp, 0x10001000
 li s0, 6
loop:
 call outer
 ecall
 addi s0, s0, -1
 bnez s0, loop
 csrw mtvec, x0${EXIT}
outer:
 addi sp, sp, -16
 sw ra, 0(sp)
 call inner
 call inner
 lw ra, 0(sp)
 addi sp, sp, 16
 ret
inner:
 addi sp, sp, -16
 sw ra, 0(sp)
 andi t1, s0, 1
 beqz t1, deeper
 lw ra, 0(sp)
 addi sp, sp, 16
 ret
deeper:
 call leaf
 lw ra, 0(sp)
 addi sp, sp, 16
 ret
leaf:
 ret
 .balign 4
handler:
 csrr t2, mepc
 addi t2, t2, 4
 csrw mepc, t2
 call leaf
 mret
`);
    expect(machine.end).toMatchObject({ reason: "exit" });
    const counted = machine.state.calls.tree.nodesUntil(machine.state.cycle);
    const paths = callPaths(trace);
    const sums = paths.map(({ cycles }) => [...cycles.values()].reduce((sum, one) => sum + one, 0));
    // The cycles of a trap belong to the program for the machine, and to the handler's first instruction for the trace.
    expect(sums.reduce((sum, one) => sum + one, 0)).toBe(machine.state.cycle);
    expect(paths.map(({ parent, target, calls }) => ({ parent, target, calls }))).toEqual(
      counted.map(({ parent, target, calls }) => ({ parent, target, calls })),
    );
    const handler = machine.program.symbols.find(({ name }) => name === "handler")!.address;
    const trapped = paths.findIndex(({ target }) => target === handler);
    paths.forEach((_, node) => {
      if (node !== trapped && node !== 0) expect(sums[node]).toBe(counted[node]!.cycles);
    });
    expect(sums[0]! + sums[trapped]!).toBe(counted[0]!.cycles + counted[trapped]!.cycles);
    expect(paths.map(({ site }) => site).filter((site) => site >= 0)).toHaveLength(paths.length - 1);
  });
});
