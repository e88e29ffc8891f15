import { describe, expect, it } from "vitest";
import { cost, EXIT, machineOf, runToEnd } from "../../testing/index.ts";

const nops = (count: number): string => " nop\n".repeat(count);
const DATA = "\n .data\nword: .word 0x11223344, 7\n .text\n";
const S0 = `${DATA} la s0, word\n`;

describe("control unit, one rule a test (docs/timing.md)", () => {
  it("T-CU-1: first EX in cycle 4, one instruction a cycle", () => {
    // ex = 4, 5, 6; ecall in EX in cycle 6 leaves WB at the end of cycle 9.
    const machine = machineOf(`li a0, 0${EXIT}`);
    expect(runToEnd(machine)).toMatchObject({ reason: "exit", exitCode: 0, cycle: 10, retired: 3 });
  });

  it("T-CU-2: ALU results are forwarded without delay", () => {
    expect(cost("addi t0, t0, 1\n addi t1, t0, 1\n add t2, t1, t0")).toBe(3);
    expect(cost("csrrs t0, mcycle, x0\n addi t1, t0, 1")).toBe(2);
  });

  it.each([
    ["lw t0, 0(s0)", 2],
    ["lb t0, 0(s0)", 2],
    ["mul t0, s1, s1", 2],
    ["mulhu t0, s1, s1", 2],
  ])("T-CU-3, T-CU-4: hazard matrix of %s", (producer, delay) => {
    for (let gap = 0; gap <= 3; gap++) {
      // producer, gap, consumer: one cycle each, and what is left of the use delay.
      const expected = 2 + gap + Math.max(0, delay - gap);
      expect(cost(`${producer}\n${nops(gap)} addi t1, t0, 1`, S0), `gap ${gap}, rs1`).toBe(expected);
      expect(cost(`${producer}\n${nops(gap)} add t1, x0, t0`, S0), `gap ${gap}, rs2`).toBe(expected);
      expect(cost(`${producer}\n${nops(gap)} addi t1, t2, 1`, S0), `gap ${gap}, independent`).toBe(2 + gap);
      const shift = `${S0}\n li a3, 4`;
      expect(cost(`${producer}\n${nops(gap)} p.rq t1, t0, a1, a3`, shift), `gap ${gap}, rs1 of three`).toBe(expected);
      expect(cost(`${producer}\n${nops(gap)} p.rq t1, a1, t0, a3`, shift), `gap ${gap}, rs2 of three`).toBe(expected);
    }
  });

  it("T-CU-3: a later ALU result replaces a pending load of the same register", () => {
    // lw, addi t0 (overwrites), addi t1 uses the new t0: no wait for the load.
    expect(cost("lw t0, 0(s0)\n addi t0, x0, 1\n addi t1, t0, 1", S0)).toBe(3);
  });

  it("T-CU-5: a division holds EX for cu.divideCycles", () => {
    expect(cost("div t0, s0, s1\n addi t1, t0, 1")).toBe(32 + 1);
    expect(cost("remu t0, s0, s1\n addi t1, t0, 1", "", { cu: { divideCycles: 10 } })).toBe(10 + 1);
  });

  it("T-CU-6: branch prediction", () => {
    expect(cost("bne x0, x0, 1f\n1: nop"), "forward, not taken").toBe(2);
    expect(cost("beq x0, x0, 1f\n nop\n1: nop"), "forward, taken: 4 bubbles").toBe(1 + 4 + 1);
    // li; three passes of addi and bnez; two taken backward at 2 bubbles, one not taken at 4.
    expect(cost("li t0, 3\n1: addi t0, t0, -1\n bnez t0, 1b")).toBe(1 + 3 * 2 + 2 * 2 + 4);
  });

  it("T-CU-7: jumps", () => {
    expect(cost("j 1f\n nop\n1: nop"), "jal: 2 bubbles").toBe(1 + 2 + 1);
    // j over the function (1 + 2), jal (1 + 2), ret (1 + 4).
    expect(cost("j 2f\n1: ret\n2: jal ra, 1b")).toBe(3 + 3 + 5);
  });

  it("T-CU-8: fence.i, trap and mret refill the pipeline", () => {
    expect(cost("fence.i")).toBe(1 + 4);
    const handler =
      "j 2f\n .balign 4\n1: csrr t0, mepc\n addi t0, t0, 4\n csrw mepc, t0\n mret\n2: la t0, 1b\n csrw mtvec, t0\n";
    // ebreak traps: 1 + 4; csrr, addi, csrw: 3; mret: 1 + 4.
    const traps = machineOf(`${handler} ebreak\n csrw mtvec, x0\n${EXIT}`);
    const without = machineOf(`${handler} csrw mtvec, x0\n${EXIT}`);
    expect(runToEnd(traps).cycle - runToEnd(without).cycle).toBe(5 + 3 + 5);
  });

  it("T-CU-9: hardware loops cost only their setup", () => {
    expect(cost("lp.setupi L0, 5, 1f\n addi t0, t0, 1\n addi t1, t1, 1\n1:")).toBe(1 + 5 * 2);
    // Outer setup, then 3 x (inner setup, 4 x 2, one more at the end of the outer body).
    const nested = "lp.setupi L1, 3, 2f\n lp.setupi L0, 4, 1f\n nop\n nop\n1: nop\n2:";
    expect(cost(nested)).toBe(1 + 3 * (1 + 4 * 2 + 1));
    expect(cost("lp.setupi L0, 0, 1f\n nop\n nop\n1:"), "count 0 skips with 4 bubbles").toBe(1 + 4);
  });

  it("T-CU-10: PM, WM and split accesses", () => {
    expect(cost("lw t0, 0(s1)", "li s1, 0x100")).toBe(1 + 1);
    expect(cost("lw t0, 0(s1)", "li s1, 0x20000000")).toBe(1 + 4);
    expect(cost("lw t0, 1(s0)", S0, { cu: { misaligned: "split" } })).toBe(1 + 1);
  });

  it("T-CU-11: code in DDR is fetched burst by burst", () => {
    const far = '\n .section .ddr.code, "ax"\n .balign 64\nfar: nop\n nop\n jr ra\n .text\n';
    // la (2), jalr ra (1 + 4), burst 8 + latency 100 + refill 3, nop, nop, jr (1 + 4).
    expect(cost("la t0, far\n jalr ra, 0(t0)", far)).toBe(2 + 5 + (8 + 100 + 3) + 2 + 5);
  });

  it("T-CU-12: descriptor transfers", () => {
    const tensor = "\n .data\n .balign 16\nd: .zero 64\n .text\n la s0, d\n";
    expect(cost("td.ld td0, (s0)", tensor)).toBe(6);
    expect(cost("td.st td0, (s0)", tensor)).toBe(4);
  });

  it("T-CU-14: accesses to DDR hold EX until the burst has arrived", () => {
    expect(cost("lw t0, 0(s1)\n nop", "li s1, 0x80000000")).toBe(1 + 108 + 1);
    expect(cost("sw t0, 0(s1)\n nop", "li s1, 0x80000000")).toBe(1 + 108 + 1);
    expect(cost("lw t0, 0(s1)\n addi t0, t0, 1", "li s1, 0x80000000"), "use delay on top").toBe(1 + 108 + 2 + 1);
  });
});
