import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkedProfile, cost, EXIT, type Machine, machineOf, runToEnd } from "../testing/index.ts";

const TENSORS = `
 .section .ddr.data, "aw"
 .balign 64
source: .zero 4096
 .tensor far, int8, 1, 1, 1, 784, at=source
 .tensor far2, int8, 1, 1, 1, 784, at=source + 1024
 .tensor near, int8, 1, 1, 1, 784, in=dm
 .tensor near2, int8, 1, 1, 1, 784, in=dm
 .tensor rows, int8, 1, 4, 1, 16, at=source
 .tensor map, int8, 1, 8, 8, 16, in=dm
 .tensor pooled, int8, 1, 4, 4, 16, in=dm
 .text
`;
const SETUP = `${TENSORS}
 td.ld td0, near
 td.ld td1, far
 td.ld td2, near2
 td.ld td3, far2
 td.ld td4, map
 td.ld td5, pooled
`;
// 784 bytes are 13 bursts of 8 cycles; setup 16, latency 100.
const LOAD = 16 + 13 * 8 + 100;
// Pool 2x2 of 8x8x16: 16 pixels x 4 places, fill and drain 14.
const POOL = 16 * 4 + 14;

describe("queues, tokens, DMA and DDR (docs/timing.md)", () => {
  it("T-DMA-1, T-DMA-3, T-TOK-1: a load alone", () => {
    // issue in c, start in c+1, end in c+1+LOAD; nn.token in c+1; nn.wait is in EX until the end.
    expect(cost("dma.ld td0, td1, ch0\n nn.token t0, dma0\n nn.wait t0\n nop", SETUP)).toBe(1 + LOAD + 1 + 1);
  });

  it("T-DMA-4: a copy on chip", () => {
    const copy = 16 + 784 / 16;
    expect(cost("dma.copy td0, td2, ch0\n nn.fence dma0", SETUP)).toBe(1 + copy + 1);
  });

  it("T-DDR-1: two channels share the bus burst by burst", () => {
    // Starts in c+1 and c+2; 26 bursts back to back from c+17 on, the last one is channel 1's.
    const both = "dma.ld td0, td1, ch0\n dma.ld td2, td3, ch1\n nn.fence dma0|dma1";
    expect(cost(both, SETUP)).toBe(1 + 16 + 26 * 8 + 100 + 1);
  });

  it("T-DDR-1: the CU takes the next burst", () => {
    // The channel's first burst is granted in c+17. A load of the CU in EX in c+20 gets the bus in c+25.
    const load = "dma.ld td0, td1, ch0\n";
    const gap = " nop\n".repeat(19);
    expect(cost(`${load}${gap} lw t0, 0(s1)\n nn.fence dma0`, `${SETUP} li s1, 0x80000000\n`)).toBe(1 + LOAD + 8 + 1);
    // Without the fence the exit drains: it ends in c+1+LOAD+8 instead of c+5 (li in c, ecall in c+1, WB in c+4).
    expect(cost(`${load}${gap} lw t0, 0(s1)\n`, `${SETUP} li s1, 0x80000000\n`)).toBe(1 + LOAD + 8 - 5);
  });

  it("T-DMA-5: runs that are not contiguous pay for bursts of their own", () => {
    // Four rows of 16 bytes, 128 bytes apart: four bursts where dense rows would need one.
    const strided = `${TENSORS}
 .tensor tile, int8, 1, 4, 1, 16, in=dm
 td.ld td0, tile
 td.ld td1, rows
`;
    const transfer = "dma.ld td0, td1, ch0\n nn.fence dma0";
    expect(cost(transfer, strided)).toBe(1 + 16 + 1 * 8 + 100 + 1);
    const spread = `${strided} li t0, 128\n td.set td1, sh, t0\n`;
    expect(cost(transfer, spread)).toBe(1 + 16 + 4 * 8 + 100 + 1);
  });

  it("T-Q-1: operations of one unit run back to back", () => {
    const pool = "nu.maxpool td5, td4\n";
    const before = `${SETUP} nu.window 2, 2, 2, 2\n`;
    expect(cost(`${pool} nn.fence nu`, before)).toBe(1 + POOL + 1);
    expect(cost(`${pool}${pool}${pool} nn.fence nu`, before)).toBe(1 + 3 * POOL + 1);
  });

  it("T-Q-1, T-TOK-2: nn.after starts the unit in the cycle of the other's completion", () => {
    const before = `${SETUP} nu.window 2, 2, 2, 2\n`;
    const chain = "dma.ld td0, td1, ch0\n nn.token t0, dma0\n nn.after nu, t0, x0\n nu.maxpool td5, td4\n nn.fence nu";
    expect(cost(chain, before)).toBe(1 + LOAD + POOL + 1);
  });

  it("T-Q-2: a full queue holds the CU", () => {
    const before = `${SETUP} nu.window 2, 2, 2, 2\n`;
    const pools = (count: number) => "nu.maxpool td5, td4\n".repeat(count);
    // One entry: the first starts in c+1 and leaves the queue, the second fits, the third waits for the first's end.
    const three = machineOf(`${before}${pools(3)}${EXIT}`, { nu: { queueDepth: 1 } });
    const stop = runToEnd(three);
    expect(stop.reason).toBe("exit");
    const { cu } = checkedProfile(three).total;
    // Second: full in c+1, the start of the first in c+1 comes before the CU. Third, in EX in c+2: free in c+1+POOL.
    expect(cu.queueFull).toBe(POOL - 1);
  });

  it("an exit waits for the units and accounts the drain", () => {
    const machine = machineOf(`${SETUP} dma.ld td0, td1, ch0\n${EXIT}`);
    const stop = runToEnd(machine);
    expect(stop.reason).toBe("exit");
    expect(machine.units.idle).toBe(true);
    expect(checkedProfile(machine).total.cu.drain).toBe(LOAD - 2);
  });
});

const BUSY = `${SETUP}
 nu.window 2, 2, 2, 2
 li s0, 6
1:
 dma.ld td0, td1, ch0
 nn.token t0, dma0
 dma.ld td2, td3, ch1
 nn.after nu, t0, x0
 nu.maxpool td5, td4
 nn.token t1, nu
 nn.poll t2, t1
 add s1, s1, t2
 wfi
 nn.wait t1, t0
 nn.fence dma0|dma1
 mul s2, s1, s0
 csrr t3, mcycle
 xor s1, s1, t3
 addi s0, s0, -1
 bnez s0, 1b
 nu.maxpool td5, td4
 mv a0, s1
`;

/** FNV-1a over the flat memories: comparing the arrays themselves element by element takes seconds. */
function memoryHash(words: Int32Array): number {
  let hash = 0x811c9dc5;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  return hash;
}

/** Registers, memory, counters and profile: everything that two equal runs share. */
function everything(machine: Machine): unknown {
  const { state, memories } = machine;
  return {
    x: [...state.x],
    pc: state.pc,
    position: machine.position,
    memory: memoryHash(memories.i32),
    profile: checkedProfile(machine),
  };
}

describe("profiled region", () => {
  it("counts the cycles from nn.prof on to off, also while it is open", () => {
    const closed = machineOf(`nop\n nn.prof on\n nop\n nop\n nn.prof off\n nop${EXIT}`);
    runToEnd(closed);
    // nn.prof on in cycle c, off in c+3.
    expect(checkedProfile(closed).regionCycles).toBe(3);
    const open = machineOf("nn.prof on\n1: j 1b");
    open.run({ untilCycle: 100 });
    // on in cycle 4
    expect(checkedProfile(open).regionCycles).toBe(96);
    expect(checkedProfile(machineOf(`nop${EXIT}`)).regionCycles).toBe(0);
  });
});

describe("stops", () => {
  it("a run that is stopped anywhere, any number of times, is the same run", () => {
    const straight = machineOf(`${BUSY}${EXIT}`, { nu: { queueDepth: 1 }, dma: { queueDepth: 1 } });
    const end = runToEnd(straight);
    expect(end.reason).toBe("exit");
    const expected = everything(straight);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: end.cycle + 5 }), { maxLength: 30 }), (cycles) => {
        const machine = machineOf(`${BUSY}${EXIT}`, { nu: { queueDepth: 1 }, dma: { queueDepth: 1 } });
        for (const cycle of cycles.toSorted((a, b) => a - b)) {
          const stop = machine.run({ untilCycle: cycle });
          if (stop.reason === "limit") expect(stop.cycle).toBe(cycle);
          checkedProfile(machine);
        }
        expect(machine.run()).toEqual(end);
        expect(everything(machine)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it("every single cycle is a place to stop", () => {
    const straight = machineOf(`${BUSY}${EXIT}`);
    const end = runToEnd(straight);
    const machine = machineOf(`${BUSY}${EXIT}`);
    for (let cycle = 1; cycle < end.cycle; cycle++) {
      expect(machine.run({ untilCycle: cycle })).toMatchObject({ reason: "limit", cycle });
    }
    expect(machine.run()).toEqual(end);
    expect(everything(machine)).toEqual(everything(straight));
  });

  it("stepping instruction by instruction is the same run", () => {
    const straight = machineOf(`${BUSY}${EXIT}`);
    const end = runToEnd(straight);
    const machine = machineOf(`${BUSY}${EXIT}`);
    let steps = 0;
    for (let stop = machine.step(); stop.reason === "step"; stop = machine.step()) steps++;
    expect(steps + 1).toBe(end.retired);
    expect(machine.end).toEqual(end);
    expect(everything(machine)).toEqual(everything(straight));
  });

  it("breakpoints stop before the instruction and cost no cycle", () => {
    const text = `li t0, 3\nhere: addi t0, t0, -1\n bnez t0, here${EXIT}`;
    const plain = runToEnd(machineOf(text));
    const machine = machineOf(text);
    machine.setBreakpoint(machine.symbol("here"));
    const hits: number[] = [];
    let stop = machine.run();
    while (stop.reason === "breakpoint") {
      expect(machine.state.pc).toBe(machine.symbol("here"));
      hits.push(machine.state.x[5]!);
      stop = machine.run();
    }
    expect(hits).toEqual([3, 2, 1]);
    expect(stop).toEqual(plain);
  });
});
