import { describe, expect, it } from "vitest";
import { EXIT, type Machine, machineOf, runToEnd } from "../testing/index.ts";

const MAPS = `
 .tensor a, int8, 1, 8, 8, 16, in=dm
 .tensor b, int8, 1, 4, 4, 16, in=dm
 .tensor wide, int8, 1, 8, 8, 32, in=dm
 .tensor words, int32, 1, 8, 8, 16, in=dm
 .tensor planar, int8, 1, 8, 8, 16, layout=nchw, in=dm
 .tensor outside, int8, 1, 8, 8, 16, at=0x10080000 - 64
 .tensor far, int8, 1, 8, 8, 16, in=ddr
 .tensor weights, int8, 16, 3, 3, 16, layout=blocked, in=wm, table=weights.base
 .tensor plainw, int8, 16, 3, 3, 16, in=wm
 .text
 td.ld td0, a
 td.ld td1, b
 td.ld td2, wide
 td.ld td3, words
 td.ld td4, planar
 td.ld td5, outside
 td.ld td6, far
 td.ld td7, weights
 td.ld td8, plainw
`;

function faultOf(body: string, before = MAPS): { machine: Machine; fault: string } {
  const machine = machineOf(`${before}\nhere:\n${body}\n${EXIT}`);
  const stop = runToEnd(machine);
  if (stop.reason !== "fault") return { machine, fault: JSON.stringify(stop) };
  const { kind, unit, pc, value, message, hint } = stop.fault;
  const at = pc - machine.symbol("here");
  return { machine, fault: `${kind} unit ${unit} here+${at} value ${value.toString(16)}: ${message} | ${hint ?? ""}` };
}

describe("faults are typed and precise", () => {
  it.each([
    [".word 0xffffffff", "illegalInstruction unit cu here+0 value ffffffff: 0xffffffff encodes no instruction"],
    [
      "nop\n .word 0",
      "here+4 value 0: 0x00000000 encodes no instruction of this machine | the program ran into memory",
    ],
    [
      "lw a0, 0(x0)",
      "loadAccess unit cu here+0 value 0: no memory for a load of 4 bytes at 0x00000000 | this looks like a null",
    ],
    ["li t0, 0x30000000\n lb a0, 5(t0)", "loadAccess unit cu here+4 value 30000005"],
    ["li t0, 0x10000001\n lw a0, 0(t0)", "loadMisaligned unit cu here+8 value 10000001: load of 4 bytes"],
    ["li t0, 0x10000001\n sh a0, 0(t0)", "storeMisaligned unit cu here+8"],
    ["sw a0, 0x200(x0)", "storeAccess unit cu here+0 value 200: store to the program memory"],
    ["li t0, 0x30000000\n jr t0", "value 30000000: no code memory at 0x30000000"],
    ["li t0, 0x102\n jr t0", "instructionMisaligned unit cu here+4 value 102"],
    ["csrr a0, 0x123", "illegalInstruction unit cu here+0"],
    ["csrw cycle, a0", "CSR cycle is read only"],
    ["li a7, 1000\n ecall", "environmentCall unit cu here+4 value 3e8: the host has no service number 1000"],
    ["ebreak", "breakpoint unit cu here+0"],
    ["lp.setupi L0, 2, 1f\n nop\n1:", "loopRule unit cu here+0"],
    ["lp.setupi L0, 2, 1f\n nop\n j 1f\n1:", "the last instruction of the body, jal"],
    ["nn.token a0, dma3", "illegalInstruction unit cu here+0"],
    ["li t0, 0x10000005\n nn.wait t0", "token unit cu here+8 value 10000005: token 0x10000005 (nu) was never issued"],
    ["dma.ld td0, td6, ch3", "DMA channel 3 doesn't exist, this machine has 2"],
    ["nu.maxpool td1, td0", "shape unit cu here+0 value 10000"],
    ["nu.maxpool td1, td3", "input: this operation takes int8, uint8, int16 or int4, not int32"],
    ["nu.maxpool td1, td4", "the layout must be nhwc, it is nchw"],
    [
      "nu.maxpool td1, td5",
      "tensorMemory unit cu here+0 value 1007ffc0: input: 1x8x8x16 at 0x1007ffc0, 1024 bytes, doesn't lie",
    ],
    [
      "nu.maxpool td1, td6",
      "doesn't lie within the data memory | the units work on tensors in DM; load it with dma.ld",
    ],
    ["nu.maxpool td1, td20", "the shape 0x0x0x0 has no elements | load the descriptor"],
    ["nu.conv td0, td0, td7", "the window is 1x1, the weights are 3x3 | set the window with nu.window"],
    ["nu.window 3,3,1,1\n nu.pad 1,1,1,1\n nu.conv td0, td2, td7", "the weights take 16 channels, the input has 32"],
    ["nu.window 3,3,1,1\n nu.conv td0, td0, td7", "the output's shape must be 1x6x6x16, it is 1x8x8x16"],
    ["nu.window 3,3,1,1\n nu.conv td0, td0, td8", "the layout must be blocked, it is nhwc | declare the tensor in WM"],
    ["nu.window 9,9,1,1\n nu.maxpool td1, td0", "the window 9x9 is larger than the padded input"],
    ["nu.window 2,2,2,2\n nu.pad 3,0,0,0\n nu.maxpool td1, td0", "a window of the pool lies in the padding alone"],
    ["nu.fc td1, td0, td7", "this operation takes 1x1 weights"],
    ["dma.ld td0, td1, ch0", "shape unit cu here+0"],
    ["dma.ld td0, td3, ch0", "source and destination differ in data type: int32 and int8"],
    ["dma.ld td0, td0, ch0", "lies in DM; this transfer takes DDR"],
    ["dma.ldw td7, td8, ch0", "source: 16x3x3x16 at 0x2"],
    ["li t0, 3\n td.set td0, type, t0\n li t0, 9\n td.set td0, type, t0", "descriptor unit cu here+12"],
    ["li t0, 0x00090000\n td.sliceh td1, td0, t0", "slice of axis h: 9 elements from 0, the tensor has 8"],
    ["nu.set kh, x0", "neural unit field kh = 0, it takes 1 to 65535"],
    ["wfi", '"reason":"deadlock"'],
  ])("%s", (body, expected) => {
    expect(faultOf(body).fault).toContain(expected);
  });

  it("weights blocked for another array don't run", () => {
    const machine = machineOf(
      `${MAPS} li t0, 0x00080008\n td.set td7, block, t0\n nu.window 3,3,1,1\n nu.pad 1,1,1,1\n nu.conv td0, td0, td7${EXIT}`,
    );
    expect(runToEnd(machine)).toMatchObject({ reason: "fault", fault: { kind: "type" } });
    expect(machine.cu.fault?.message).toContain("blocked for an array of 8 x 8, this machine has 16 x 16");
  });
});

const CONV = "nu.window 3,3,1,1\n nu.pad 1,1,1,1\nissue: nu.conv td0, td0, td7\n";

describe("late faults", () => {
  it("stop at once, with the unit, the issuing instruction and the token", () => {
    // The table lies in zeroed memory: its shifts are 0.
    const { machine, fault } = faultOf(`${CONV} nop\n nop\n1: j 1b`);
    expect(fault).toContain("type unit nu here+8 value 10000001: nu.conv: entry 0 of the requantisation table");
    expect(machine.position.cycle).toBe(machine.units.nu.queue.freeSince);
  });

  it.each(["nn.token a0, nu\n nn.wait a0", "nn.fence nu", "nn.token a0, nu\n1: nn.poll a1, a0\n beqz a1, 1b"])(
    "are raised in a program with a handler at: %s",
    (use) => {
      const handler =
        "j 2f\n .balign 4\n1: csrr s1, mcause\n csrr s2, mtval\n csrr s3, mepc\n j 3f\n2: la t0, 1b\n csrw mtvec, t0\n";
      const machine = machineOf(`${MAPS}${handler}${CONV}${use}\n ebreak\n3: csrw mtvec, x0\n${EXIT}`);
      expect(runToEnd(machine).reason).toBe("exit");
      const { x } = machine.state;
      expect(x[9]).toBe(29);
      expect(x[18]! >>> 0).toBe(0x10000001);
      expect(x[19]! >>> 0).toBeGreaterThan(machine.symbol("issue"));
    },
  );
});

describe("traps", () => {
  const HANDLER = `
 j start
 .balign 4
handler:
 csrr s0, mcause
 csrr s1, mepc
 csrr s2, mtval
 csrr s3, mstatus
 addi t0, s1, 4
 csrw mepc, t0
 mret
start:
 la t0, handler
 csrw mtvec, t0
 csrsi mstatus, 8
`;

  it.each([
    ["ecall", 11, 0],
    ["ebreak", 3, -1],
    [".word 0xffffffff", 2, -1],
    ["lw a0, 1(x0)", 4, 1],
    ["sw a0, 0(x0)", 7, 0],
  ])("%s enters the handler and comes back", (instruction, cause, value) => {
    const machine = machineOf(`${HANDLER}\nhere: ${instruction}\n csrr s4, mstatus\n csrw mtvec, x0\n li a0, 3${EXIT}`);
    expect(runToEnd(machine)).toMatchObject({ reason: "exit", exitCode: 3 });
    const { x } = machine.state;
    expect(x[8]).toBe(cause);
    expect(x[9]).toBe(machine.symbol("here"));
    if (value >= 0) expect(x[18]).toBe(value);
    // In the handler MIE = 0, MPIE = 1, MPP = 3; after mret MIE = 1, MPIE = 1.
    expect(x[19]).toBe(0x1880);
    expect(x[20]).toBe(0x1888);
  });

  it("a trap on the last instruction of a hardware loop resumes the loop", () => {
    const retry = HANDLER.replace("addi t0, s1, 4", "li s5, 0x10000000\n mv t0, s1");
    const machine = machineOf(`${retry}\n li s5, 0x30000000\n lp.setupi L0, 5, 1f\n addi s6, s6, 1\n sw s6, 0(s5)\n1:
 csrw mtvec, x0\n mv a0, s6${EXIT}`);
    expect(runToEnd(machine)).toMatchObject({ reason: "exit", exitCode: 5 });
    expect(machine.state.x[8]).toBe(7);
  });
});

describe("host", () => {
  it("writes, exits with the low byte, and serves tohost", () => {
    const text = `.data\nm: .ascii "hi\\n"\n .text\n li a0, 1\n la a1, m\n li a2, 3\n li a7, 64\n ecall\n li a0, 0x105${EXIT}`;
    const machine = machineOf(text);
    expect(runToEnd(machine)).toMatchObject({ reason: "exit", exitCode: 5 });
    expect(machine.output()).toBe("hi\n");
    const tohost = machineOf(
      ".data\n .balign 4\n .globl tohost\ntohost: .word 0\n .text\n la t0, tohost\n li t1, 7\n sw t1, 0(t0)\n1: j 1b",
    );
    expect(runToEnd(tohost)).toMatchObject({ reason: "exit", exitCode: 3 });
    const device = machineOf("li t0, 0x40000000\n li t1, 65\n sb t1, 0(t0)\n li t1, 9\n sw t1, 4(t0)\n1: j 1b");
    expect(runToEnd(device)).toMatchObject({ reason: "exit", exitCode: 9 });
    expect(device.output()).toBe("A");
  });
});
