import { describe, expect, it } from "vitest";
import { type ConfigOverrides, checkedProfile, EXIT, type Machine, machineOf, runToEnd } from "../../testing/index.ts";

// Tables with M = 2^30, s = 30: sums pass unchanged.
const TENSORS = `
 .tensor in, int8, 1, 8, 8, 32, in=dm
 .tensor out, int8, 1, 8, 8, 32, in=dm
 .tensor weights, int8, 32, 1, 1, 32, layout=blocked, in=wm, table=table.base
 .tensor table, int32, 1, 1, 1, 128, in=wm
 .text
 li t0, table.base
 li t1, 0x40000000
 li t2, 30
 li t3, 32
1: sw t1, 4(t0)
 sw t2, 8(t0)
 addi t0, t0, 16
 addi t3, t3, -1
 bnez t3, 1b
 td.ld td0, in
 td.ld td1, out
 td.ld td2, weights
`;

function run(body: string, overrides: ConfigOverrides = {}): Machine {
  const machine = machineOf(`${TENSORS}${body}${EXIT}`, overrides);
  expect(runToEnd(machine)).toMatchObject({ reason: "exit" });
  return machine;
}

/** Cycles between the issues' first and the last completion. */
const busy = (machine: Machine): number => machine.units.nu.busyCycles;

// 2 x 2 blocks of 64 pixels, first load 8, pipeline 14.
const POINTWISE = 4 * 64 + 8 + 14;

describe("neural unit in a program", () => {
  it("T-NU-14: a declared first load is hidden while the operation waits", () => {
    const pair = (declare: string) => `nu.pwconv td1, td0, td2\n${declare} nu.pwconv td1, td0, td2\n`;
    expect(busy(run(pair("")))).toBe(2 * POINTWISE);
    expect(busy(run(pair("nu.prefetch td2\n")))).toBe(2 * POINTWISE - 8);
    // Nothing to hide behind: the unit is idle when the operation comes.
    expect(busy(run("nu.prefetch td2\n nu.pwconv td1, td0, td2"))).toBe(POINTWISE);
  });

  it("T-NU-12: masked blocks take no time, whatever they hold", () => {
    const mask = (bits: number) => `li t0, 0x20010000\n li t1, ${bits}\n sw t1, 0(t0)\n nu.mask t0\n`;
    expect(busy(run(`${mask(0b1111)} nu.pwconv td1, td0, td2`))).toBe(POINTWISE);
    expect(busy(run(`${mask(0b0111)} nu.pwconv td1, td0, td2`))).toBe(POINTWISE - 64);
    // Nothing left: each of the two output blocks takes a pass for its results.
    expect(busy(run(`${mask(0)} nu.pwconv td1, td0, td2`))).toBe(POINTWISE - 2 * 64);
  });

  it("the mask is latched at the start", () => {
    // The second operation's mask changes while it waits for the first: it counts what holds when it starts.
    const text = `li t0, 0x20010000\n li t1, 15\n sw t1, 0(t0)\n nu.mask t0
 nu.pwconv td1, td0, td2\n nu.pwconv td1, td0, td2\n li t1, 1\n sw t1, 0(t0)\n`;
    expect(busy(run(text))).toBe(POINTWISE + POINTWISE - 2 * 64);
  });

  it("T-NU-11: cores share out channels, rows or images", () => {
    const two = { nu: { cores: 2 } };
    // By channels: one output block each, two passes; input broadcast; loads of both: 16; the last pass writes the
    // results of both, 32 bytes a pixel: 2 cycles.
    expect(busy(run("nu.pwconv td1, td0, td2", two))).toBe(64 + 2 * 64 + 16 + 14);
    // By rows: 32 pixels each in 4 passes, two inputs of 16 bytes share one port: 2 cycles a pixel.
    expect(busy(run("nu.split rows\n nu.pwconv td1, td0, td2", two))).toBe(4 * 32 * 2 + 8 + 14);
    const ports = { nu: { cores: 2, ports: 2 } };
    const ideal = { ...ports, dm: { conflicts: false } };
    expect(busy(run("nu.split rows\n nu.pwconv td1, td0, td2", ideal))).toBe(4 * 32 + 8 + 14);
    // The cores' rows lie four rows of 256 bytes apart, in one bank: each pixel takes a cycle more (T-DM-2), and so do
    // the last two results, behind which no cycle follows that could take one of them along (T-DM-3).
    const shared = run("nu.split rows\n nu.pwconv td1, td0, td2", ports);
    expect(busy(shared)).toBe(4 * 32 + 8 + 14 + 4 * 32 + 1);
    const { slots } = checkedProfile(shared).total;
    expect(slots.bankConflict).toBe((4 * 32 + 1) * 512);
    expect(checkedProfile(shared).dm.conflicts).toEqual([{ loser: "nu", winner: "nu", cycles: 4 * 32 + 1 }]);
    // One image: by images the second core has nothing to do.
    const images = run("nu.split images\n nu.pwconv td1, td0, td2", two);
    expect(busy(images)).toBe(POINTWISE);
    expect(checkedProfile(images).total.slots.idleCores).toBe(4 * 64 * 256);
  });

  it("T-NU-15: accumulators", () => {
    // Clear: 2 blocks x 64 pixels. Into them: as the convolution. Store: 2 x 64 x 16 bytes through a port of 16.
    const text = "nu.accz td1\n nu.accconv td1, td0, td2\n nu.accst td1, td2";
    expect(busy(run(text))).toBe(128 + 14 + POINTWISE + 128 + 14);
  });

  it("accumulators that hold something else are a late fault", () => {
    const machine = machineOf(`${TENSORS} nu.pwconv td1, td0, td2\n nu.accst td1, td2\n nn.fence nu${EXIT}`);
    expect(runToEnd(machine)).toMatchObject({ reason: "fault", fault: { kind: "shape", unit: "nu" } });
    expect(machine.cu.fault?.message).toContain("the accumulators hold nothing");
  });

  it("nu.prec refuses another precision", () => {
    const machine = machineOf(`${TENSORS} nu.prec int4\n nu.pwconv td1, td0, td2${EXIT}`);
    expect(runToEnd(machine)).toMatchObject({ reason: "fault", fault: { kind: "type", unit: "cu" } });
    expect(machine.cu.fault?.message).toBe("nu.prec asks for int4, the tensors make it int8");
  });
});
