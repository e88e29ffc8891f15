import { describe, expect, it, vi } from "vitest";
import { cost, EXIT, machineOf, runToEnd } from "../../testing/index.ts";

// The list is replaced before anything reads it, so the accelerators are brought in by the replacement itself.
vi.mock("./accelerators/index.ts", async (original) => {
  const { ACCELERATORS } = await original<typeof import("./accelerators/index.ts")>();
  const { SHIFTED, XOR } = await import("../../testing/accelerators.ts");
  return { ACCELERATORS: [...ACCELERATORS, XOR, SHIFTED] };
});

const DATA = `
 .section .dm.data, "aw"
first: .byte 1, 2, 3, 255
other: .byte 3, 3, 99, 15
 .tensor a, uint8, 1, 1, 1, 4, at=first
 .tensor b, uint8, 1, 1, 1, 4, at=other
 .text
 td.ld td0, a
 td.ld td1, b
`;

describe("accelerators of one's own", () => {
  it("xu.run2 gives two tensors, xu.runx a number as it was at the issue", () => {
    const machine = machineOf(`${DATA}
 xu.run2 own2, td0, td0, td1
 li a0, 10
 xu.runx own3, td0, td0, a0
 li a0, 99
 nn.fence xu
 xu.select 31
 xu.get s0, 0
 li t0, 31
 xu.ident s1, t0\n${EXIT}`);
    expect(runToEnd(machine).reason).toBe("exit");
    expect([...machine.memories.read(machine.symbol("first"), 4)]).toEqual([9, 8, 103, 247]);
    expect([machine.state.x[8], machine.state.x[9]]).toEqual([-3, 0x31444441]);
  });

  it("T-XU-1: setup, and at least one cycle of work", () => {
    const ideal = { dm: { conflicts: false } };
    expect(cost("xu.run2 own2, td0, td0, td1\n nn.fence xu", DATA, ideal) - 2).toBe(8 + 4);
    // Its only cycle reads and writes one bank, which takes a second one (T-DM-2).
    expect(cost("xu.runx own3, td0, td0, x0\n nn.fence xu", DATA) - 2).toBe(8 + 1 + 1);
    expect(cost("xu.runx own3, td0, td0, x0\n nn.fence xu", DATA, ideal) - 2).toBe(8 + 1);
  });

  it("what an accelerator finds in the data halts the port", () => {
    const machine = machineOf(`${DATA}\nissue: xu.runx own3, td1, td1, x0\n1: j 1b`);
    expect(runToEnd(machine)).toMatchObject({ reason: "fault", fault: { unit: "xu", value: 0x30000001 } });
    expect(machine.cu.fault!.message).toBe("xu.runx: 99 is not allowed");
    expect(machine.cu.fault!.pc).toBe(machine.symbol("issue"));
    expect([...machine.memories.read(machine.symbol("other"), 4)]).toEqual([3, 3, 99, 15]);
  });
});
