import { describe, expect, it } from "vitest";
import { buildProfile } from "../profile/index.ts";
import { checkedProfile, configWith, EXIT, machineOf, programOf } from "../testing/index.ts";
import { type Mode, Simulator } from "./simulator.ts";

const simulatorOf = (text: string, mode: Mode): Simulator => {
  const config = configWith();
  return new Simulator({ program: programOf(text, config), config, mode });
};

const OPERATIONS = `
 .section .ddr.data, "aw"
 .balign 64
far_bytes: .zero 256
 .tensor far, int8, 1, 1, 1, 256, at=far_bytes
 .tensor near, int8, 1, 1, 1, 256, in=dm
 .text
 td.ld td0, near
 td.ld td1, far
 li t0, 7
 dma.fill td1, t0, ch0
 nn.token t1, dma0
 nn.poll t2, t1
 nn.after dma1, t1, x0
 dma.ld td0, td1, ch1
 wfi
 nn.fence dma0|dma1
 la t3, near.base
 lb s1, 255(t3)
 mul s2, s1, s1
 div s3, s2, s1
 jal ra, 1f
1:`;

describe("functional mode", () => {
  it("T-FUN-1, T-FUN-2: an instruction takes one cycle, operations are complete before the next", () => {
    const machine = simulatorOf(`${OPERATIONS}${EXIT}`, "functional");
    const stop = machine.run();
    expect(stop).toMatchObject({ reason: "exit", cycle: stop.retired });
    expect(machine.state.x[7]).toBe(1);
    expect([...machine.state.x.slice(18, 20)]).toEqual([49, 7]);
    expect(machine.mode).toBe("functional");
  });

  it("T-FUN-1: traps take a cycle; counters of cycles count instructions", () => {
    const text = ` la t0, handler\n csrw mtvec, t0\n ecall\n csrr s0, mcycle\n csrr s1, minstret\n csrw mtvec, x0${EXIT}
handler: csrr t1, mepc\n addi t1, t1, 4\n csrw mepc, t1\n mret`;
    const machine = simulatorOf(text, "functional");
    const stop = machine.run();
    expect(stop.cycle).toBe(stop.retired + 1);
    expect(machine.state.x[8]).toBe(machine.state.x[9]);
  });

  it("a fault that an operation finds stops the machine behind the issue", () => {
    const text = `.section .dm.data, "aw"\nindex: .half 9, 9\n.tensor i, int16, 1, 1, 1, 2, at=index\n.tensor rows, int8, 1, 4, 1, 16, in=dm
 .tensor out, int8, 1, 2, 1, 16, in=dm\n.text\n td.ld td0, out\n td.ld td1, rows\n td.ld td2, i\nissue: dma.gather td0, td1, td2, ch0\n1: j 1b`;
    const machine = simulatorOf(text, "functional");
    expect(machine.run()).toMatchObject({ reason: "fault", fault: { unit: "dma0", message: /index 0 is 9/ } });
  });

  it("stops at any cycle and steps are the same run", () => {
    const straight = simulatorOf(`${OPERATIONS}${EXIT}`, "functional");
    const end = straight.run();
    const machine = simulatorOf(`${OPERATIONS}${EXIT}`, "functional");
    for (let cycle = 1; machine.end === undefined; cycle++) machine.run({ untilCycle: cycle });
    expect(machine.end).toEqual(end);
    const steps = simulatorOf(`${OPERATIONS}${EXIT}`, "functional");
    while (steps.step().reason === "step") expect(steps.units.idle).toBe(true);
    expect(steps.end).toEqual(end);
    expect(steps.state.capture().arrays).toEqual(straight.state.capture().arrays);
    expect(machine.state.capture().arrays).toEqual(straight.state.capture().arrays);
  });

  it("gives no times as numbers", () => {
    const machine = simulatorOf(`nop${EXIT}`, "functional");
    machine.run();
    expect(() => buildProfile(machine)).toThrow("there is no profile in functional mode");
  });
});

describe("changing the mode", () => {
  it("waits for idle units", () => {
    const machine = machineOf(`${OPERATIONS}${EXIT}`);
    machine.run({ untilCycle: 60 });
    expect(machine.units.idle).toBe(false);
    expect(() => machine.setMode("functional")).toThrow("while operations are queued or running");
    machine.run();
    expect(() => machine.setMode("functional")).toThrow("the program has ended");
  });

  it("a machine that was always in cycle mode is one that was switched there and back at reset", () => {
    const straight = machineOf(`${OPERATIONS}${EXIT}`);
    const end = straight.run();
    const machine = machineOf(`${OPERATIONS}${EXIT}`);
    machine.setMode("functional");
    machine.setMode("cycle");
    expect(machine.run()).toEqual(end);
    expect(checkedProfile(machine)).toEqual(checkedProfile(straight));
  });

  it("the profile is that of the part in cycle mode", () => {
    const body = `li s0, 100\n1: addi s0, s0, -1\n bnez s0, 1b\nregion: nn.layer 1\n${OPERATIONS}`;
    const machine = machineOf(`${body}${EXIT}`);
    machine.setMode("functional");
    machine.setBreakpoint(machine.symbol("region"));
    expect(machine.run()).toMatchObject({ reason: "breakpoint", cycle: 201 });
    machine.setMode("cycle");
    const end = machine.run();
    const alone = machineOf(`nn.layer 1\n${OPERATIONS}${EXIT}`);
    const expected = alone.run();
    const profile = checkedProfile(machine);
    expect(profile.cycles).toBe(expected.cycle);
    expect(end.cycle).toBe(201 + expected.cycle);
    expect(profile.total).toEqual(checkedProfile(alone).total);
    expect(profile.layers).toEqual(checkedProfile(alone).layers);
  });

  it("is refused by a listener's hand", () => {
    const machine = machineOf(`nn.layer 1${EXIT}`);
    const said: string[] = [];
    machine.setListener({
      layer: () => {
        for (const act of [() => machine.setMode("functional"), () => machine.snapshot()]) {
          try {
            act();
          } catch (error) {
            said.push((error as Error).message);
          }
        }
      },
    });
    machine.run();
    expect(said).toEqual([
      "the mode can't be changed while the machine runs: stop the run first",
      "a snapshot can't be taken while the machine runs: stop the run first",
    ]);
  });
});
