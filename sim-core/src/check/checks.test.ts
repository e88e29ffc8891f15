import { describe, expect, it } from "vitest";
import { EXIT, machineOf, runToEnd } from "../testing/index.ts";
import { CHECK_IDS, type CheckId, type CheckOptions, type Finding } from "./index.ts";

declare function structuredClone<T>(value: T): T;

const ALL = Object.fromEntries(CHECK_IDS.map((id) => [id, true])) as CheckOptions;

/** What the checks find; and the same run without them takes the same cycles and ends in the same memory. */
function findings(text: string, checks: CheckOptions = ALL): readonly Finding[] {
  const program = `${text}${EXIT}`;
  const machine = machineOf(program, {}, checks);
  const end = runToEnd(machine);
  if (end.reason === "fault") throw new Error(end.fault.message);
  const none = Object.fromEntries(CHECK_IDS.map((id) => [id, false])) as CheckOptions;
  const plain = machineOf(program, {}, none);
  expect(runToEnd(plain)).toEqual(end);
  expect(plain.checks.findings).toEqual([]);
  expect(machine.memories.u8.findIndex((byte, at) => byte !== plain.memories.u8[at])).toBe(-1);
  return machine.checks.findings;
}

const ids = (found: readonly Finding[]): CheckId[] => found.map(({ id }) => id);

describe("uninitialised reads", () => {
  const DATA = `
 .section .dm.data, "aw"
 .balign 16
known: .word 1, 2, 3, 4
 .bss
zeros: .space 16
 .tensor from, int8, 1, 1, 1, 16, in=dm
 .tensor to, int8, 1, 1, 1, 16, in=dm
 .tensor full, int8, 1, 1, 1, 16, at=known
 .tensor far, int8, 1, 1, 1, 16, in=ddr
 .text
 td.ld td0, from
 td.ld td1, to
 td.ld td2, full
 td.ld td3, far
 la s0, from.base
`;

  it.each([
    ["a load", " lw a0, 4(s0)", "the CU reads 0x"],
    ["an operation", " vu.neg td1, td0\n nn.fence vu", "vu.neg reads 0x"],
    ["a transfer from DDR", " dma.ld td1, td3, ch0\n nn.fence dma0", "dma.ld reads 0x8"],
  ])("%s of what nothing has written", (_, body, message) => {
    const found = findings(`${DATA}${body}`);
    expect(found).toMatchObject([{ id: "uninitialised", message: expect.stringContaining(message), count: 1 }]);
  });

  it.each([
    ["data of the source", " la s1, known\n lw a0, 0(s1)\n vu.neg td1, td2\n nn.fence vu"],
    [".bss", " la s1, zeros\n lw a0, 12(s1)"],
    ["what the CU has stored", " sw x0, 4(s0)\n lw a0, 4(s0)\n lbu a0, 7(s0)"],
    ["what an operation has written", " vu.neg td0, td2\n nn.fence vu\n vu.neg td1, td0\n nn.fence vu\n lw a0, 0(s0)"],
    ["what went to DDR and back", " dma.st td3, td2, ch0\n nn.fence dma0\n dma.ld td1, td3, ch0\n nn.fence dma0"],
  ])("not %s", (_, body) => {
    expect(findings(`${DATA}${body}`)).toEqual([]);
  });

  it("names the first byte that is missing", () => {
    const found = findings(`${DATA} sw x0, 0(s0)\n sh x0, 4(s0)\n vu.neg td1, td0\n nn.fence vu`);
    const machine = machineOf(`${DATA}${EXIT}`);
    const base = machine.program.tensors.find(({ name }) => name === "from")!.base;
    expect(found).toMatchObject([{ address: base + 6, bytes: 10 }]);
  });
});

describe("accumulators that overflow", () => {
  // 40,000 x 100 x 1,000 = 4e9 leaves int32; half of the channels do not.
  const conv = (channels: number, value: number, bias = 0) => `
 .section .dm.data, "aw"
 .balign 16
values: .rept ${channels}
 .half ${value}
 .endr
 .tensor in0, int16, 1, 1, 1, ${channels}, at=values, zp=-10000
 .section .ddr.data, "aw"
 .balign 16
table: .word ${bias}, 0x40000000, 30, 0, 0, 0x40000000, 30, 0
heavy: .rept ${channels}
 .byte 100
 .endr
 .space ${channels}
 .tensor table_far, int32, 1, 1, 1, 8, at=table
 .tensor table_near, int32, 1, 1, 1, 8, in=wm
 .tensor w, int8, 2, 1, 1, ${channels}, in=wm, layout=blocked, table=table_near.base
 .tensor w_one, int8, 2, 1, 1, ${channels}, at=heavy
 .tensor out2, int32, 1, 1, 1, 2, in=dm
 .text
 td.ld td0, table_near
 td.ld td1, table_far
 dma.ld td0, td1, ch0
 td.ld td2, w
 td.ld td3, w_one
 dma.ldw td2, td3, ch0
 nn.fence dma0
 td.ld td4, in0
 td.ld td5, out2
 nu.reset
 nu.pwconv td5, td4, td2
 nn.fence nu`;

  it("is told with the element and the sum", () => {
    const found = findings(conv(1000, 30000), { overflow: true, race: false });
    expect(found).toMatchObject([
      {
        id: "overflow",
        message:
          "nu.pwconv: the accumulator of output element [0, 0, 0, 0] is 4000000000, which wraps around to -294967296",
      },
    ]);
  });

  it("not below the limit, and the bias counts", () => {
    const most = 536; // 536 x 40,000 x 100 = 2,144,000,000 < 2^31 = 2,147,483,648
    expect(findings(conv(most, 30000), { overflow: true, race: false })).toEqual([]);
    expect(ids(findings(conv(most, 30000, 3_483_647), { overflow: true, race: false }))).toEqual([]);
    expect(ids(findings(conv(most, 30000, 3_483_648), { overflow: true, race: false }))).toEqual(["overflow"]);
  });
});

describe("masked blocks", () => {
  const sparse = (second: number) => `
 .section .dm.data, "aw"
 .balign 16
values: .space 32, 1
mask_bits: .byte 1
 .tensor in0, int8, 1, 1, 1, 32, at=values
 .tensor mask_near, int8, 1, 1, 1, 1, in=wm
 .tensor mask_far, int8, 1, 1, 1, 1, at=mask_bits
weights: .space 16, 1
 .space 15
 .byte ${second}
 .space 32
 .tensor w_far, int8, 2, 1, 1, 32, at=weights
 .tensor w, int8, 2, 1, 1, 32, in=wm, layout=blocked
 .tensor out2, int32, 1, 1, 1, 2, in=dm
 .text
 td.ld td0, mask_near
 td.ld td1, mask_far
 dma.copy td0, td1, ch0
 td.ld td2, w
 td.ld td3, w_far
 dma.ldw td2, td3, ch0
 nn.fence dma0
 td.ld td4, in0
 td.ld td5, out2
 nu.reset
 la t0, mask_near.base
 nu.mask t0
 nu.pwconv td5, td4, td2
 nn.fence nu`;

  it("with something else than zero in them are told", () => {
    // Block 0 holds input channels 0 to 15 of both filters and is kept, block 1 is left out.
    expect(findings(sparse(7), { masked: true })).toMatchObject([
      { id: "masked", message: expect.stringContaining("block 1 of its weights") },
    ]);
    expect(findings(sparse(7), { masked: true })[0]!.message).toContain("element [0, 0, 0, 31] there is 7");
    expect(findings(sparse(0), { masked: true })).toEqual([]);
  });
});

describe("the stack", () => {
  const recursion = (depth: number, limit = "") => `${limit}
 .section .dm.data, "aw"
 .balign 16
table: .space 64
 .text
 li sp, 0x10000000 + 256
 li a0, ${depth}
 call down
 j done
down: addi sp, sp, -16
 sw ra, 12(sp)
 addi a0, a0, -1
 blez a0, 1f
 call down
1: lw ra, 12(sp)
 addi sp, sp, 16
 ret
done:`;

  it("that runs into data is told", () => {
    // 256 - 64 bytes are room for 12 frames.
    expect(findings(recursion(12), { stack: true })).toEqual([]);
    const found = findings(recursion(14), { stack: true });
    expect(found).toMatchObject([{ id: "stack", count: 2, address: 0x10000000 + 256 - 13 * 16 + 12 }]);
  });

  it("has the limit that the program names", () => {
    const limit = " .globl __stack_limit\n .equ __stack_limit, 0x10000000 + 128\n";
    expect(findings(recursion(8, limit), { stack: true })).toEqual([]);
    expect(ids(findings(recursion(9, limit), { stack: true }))).toEqual(["stack"]);
  });
});

describe("many findings", () => {
  it("are told up to a number of places, and the others counted", () => {
    const loads = Array.from({ length: 250 }, (_, i) => ` lb a0, ${i}(s0)`).join("\n");
    const machine = machineOf(
      ` .tensor t, int8, 1, 1, 1, 256, in=dm\n .text\n la s0, t.base\n${loads}${EXIT}`,
      {},
      ALL,
    );
    runToEnd(machine);
    expect(machine.checks.findings).toHaveLength(200);
    expect(machine.checks.omissions).toEqual([
      "uninitialised: 200 places are told; 50 happenings at others are left out",
    ]);
  });
});

describe("checks and snapshots", () => {
  it("what was found later is forgotten when the machine goes back, and found again", () => {
    const machine = machineOf(
      ` .section .dm.data, "aw"\nroom: .space 4\n .tensor t, int8, 1, 1, 1, 64, in=dm\n .text\n la s0, t.base\n li s1, 100\n1: addi s1, s1, -1\n bnez s1, 1b\n lw a0, 0(s0)${EXIT}`,
      {},
      ALL,
    );
    machine.run({ untilCycle: 50 });
    const before = machine.snapshot();
    runToEnd(machine);
    const [first] = machine.checks.findings;
    expect(first).toMatchObject({ id: "uninitialised", count: 1 });
    machine.restore(structuredClone(before));
    expect(machine.checks.findings).toEqual([]);
    runToEnd(machine);
    expect(machine.checks.findings).toEqual([first]);
  });
});
