import { describe, expect, it } from "vitest";
import { ENUMS } from "../../isa/index.ts";
import { XU_REGISTERS } from "../../machine/index.ts";
import { checkedProfile, cost, EXIT, machineOf, runToEnd } from "../../testing/index.ts";
import { ACCELERATORS } from "./accelerators/index.ts";

const TENSORS = `
 .section .dm.data, "aw"
 .balign 4
wave: .half 100, 0, 100, 0, 100, 0, 100, 0, 100, 0, 100, 0, 100, 0, 100, 0
dots: .byte 0, 100, 50, 200
 .tensor signal, int16, 1, 1, 8, 2, at=wave
 .tensor lines, int16, 1, 1, 8, 2, in=dm
 .tensor batch, int16, 1, 3, 64, 2, in=dm
 .tensor batch2, int16, 1, 3, 64, 2, in=dm
 .tensor image, uint8, 1, 2, 2, 1, at=dots
 .tensor double, uint8, 1, 4, 4, 1, in=dm
 .tensor map, int8, 1, 4, 4, 40, in=dm
 .tensor wide, int8, 1, 8, 8, 40, in=dm
 .tensor far, int8, 1, 4, 4, 40, in=ddr
 .text
 td.ld td0, signal
 td.ld td1, lines
 td.ld td2, batch
 td.ld td3, batch2
 td.ld td4, image
 td.ld td5, double
 td.ld td6, map
 td.ld td7, wide
 td.ld td8, far
`;

/** Cycles of one operation: issue and fence take one cycle more each. */
const cycles = (run: string, before = "", overrides = {}): number =>
  cost(`${run}\n nn.fence xu`, `${TENSORS}${before}`, overrides) - 2;

describe("timing of the extension port (docs/timing.md)", () => {
  it("T-XU-1, T-XU-2: FFT", () => {
    // Setup 8, load and unload 32 bytes at 16 a cycle, three stages of four butterflies.
    expect(cycles("xu.run fft, td1, td0")).toBe(8 + 2 * 2 + 3 * 4);
    expect(cycles("xu.run fft, td3, td2")).toBe(8 + 3 * (2 * 16 + 6 * 32));
    const wide = { xu: { setupCycles: 0, bytesPerCycle: 64, butterflies: 4 } };
    expect(cycles("xu.run fft, td3, td2", "", wide)).toBe(3 * (2 * 4 + 6 * 8));
  });

  it("T-XU-3: resize", () => {
    const mode = " xu.select resize\n li t0, 1\n xu.set 0, t0\n";
    // Pixels that begin anywhere share banks with each other (T-DM-2): without that.
    const ideal = { dm: { conflicts: false } };
    expect(cycles("xu.run resize, td7, td6", "", ideal)).toBe(8 + 64 * 3);
    expect(cycles("xu.run resize, td7, td6", mode, ideal)).toBe(8 + 64 * 3 * 4);
  });

  it("T-Q-1, T-Q-2: operations queue up, each with the registers of its issue", () => {
    const machine = machineOf(
      `${TENSORS}
 xu.select resize
 li t0, 1
 xu.run resize, td7, td6
 xu.set 0, t0
 xu.run resize, td7, td6
 xu.set 0, x0
 xu.run resize, td7, td6
 nn.fence xu\n${EXIT}`,
      { xu: { queueDepth: 1 } },
    );
    expect(runToEnd(machine).reason).toBe("exit");
    const profile = checkedProfile(machine);
    const busy = 3 * 8 + 64 * 3 * (1 + 4 + 1);
    expect(profile.units.find(({ unit }) => unit === "xu")).toMatchObject({ busy });
    expect(profile.total.cu.queueFull).toBeGreaterThan(0);
  });
});

describe("programs", () => {
  it("FFT and resize, ordered with the DMA by tokens", () => {
    const machine = machineOf(`${TENSORS}
 dma.copy td1, td0, ch0
 nn.token t0, dma0
 nn.after xu, t0, x0
 xu.run fft, td1, td1
 nn.token t1, xu
 nn.after dma0, t1, x0
 dma.copy td0, td1, ch0
 xu.select resize
 li t2, 1
 xu.set 0, t2
 xu.set 1, t2
 xu.run resize, td5, td4
 nn.token t3, xu
 nn.wait t3, x0
 nn.poll s0, t3
 xu.selected s1
 xu.get s2, 1
 xu.reset
 xu.selected s3
 xu.select 1
 xu.get s4, 1
 li t4, 1
 xu.ident s5, t4
 li t4, 7
 xu.ident s6, t4
 nn.fence xu|dma0\n${EXIT}`);
    expect(runToEnd(machine).reason).toBe("exit");
    const { x, memories } = { x: machine.state.x, memories: machine.memories };
    expect([...new Int16Array(memories.read(machine.symbol("wave"), 32).buffer)]).toEqual([100, ...Array(15).fill(0)]);
    const words = new Int32Array(memories.read(machine.symbol("double"), 64).buffer);
    // Centers: positions 0, 0.25, 0.75, 1 along both axes.
    expect([...memories.read(words[0]! >>> 0, 16)]).toEqual([
      0, 25, 75, 100, 13, 41, 97, 125, 38, 72, 141, 175, 50, 88, 163, 200,
    ]);
    expect([x[8], x[9], x[18], x[19], x[20]]).toEqual([1, 1, 1, 0, 0]);
    expect([x[21], x[22]]).toEqual([0x315a5352, 0]);
  });

  it.each([
    ["xu.run 5, td1, td0", "illegalInstruction: the extension port has no accelerator 5"],
    ["xu.run2 fft, td1, td0, td0", "illegalInstruction: the accelerator fft is run by xu.run, not by xu.run2"],
    ["xu.runx resize, td1, td0, a0", "illegalInstruction: the accelerator resize is run by xu.run, not by xu.runx"],
    ["xu.select 9", "illegalInstruction: the extension port has no accelerator 9"],
    ["xu.get a0, 2", "illegalInstruction: the accelerator fft has no register 2"],
    ["li t0, 2\n xu.set 1, t0", "illegalInstruction: register halve of the accelerator fft = 2, it takes 0 to 1"],
    ["xu.run fft, td6, td0", "type: output: the accelerator takes int16, not int8"],
    ["li t0, 12\n td.set td0, w, t0\n xu.run fft, td1, td0", "shape: input: 1x1x12x2, but w must be a power of two"],
    ["xu.run fft, td3, td0", "shape: the output must be 1x1x8x2, it is 1x3x64x2"],
    ["li t0, 1\n td.zp td0, t0\n xu.run fft, td1, td0", "type: input: the zero point must be 0"],
    ["xu.run resize, td5, td6", "type: input and output differ in data type: int8 and uint8"],
    ["xu.run resize, td7, td0", "type: input: the accelerator takes int8 or uint8, not int16"],
    ["xu.run resize, td7, td8", "tensorMemory: input: 1x4x4x40"],
    ["td.type td6, int8, nchw\n xu.run resize, td7, td6", "type: input: the layout must be nhwc, it is nchw"],
    ["li t0, 39\n td.set td6, c, t0\n xu.run resize, td7, td6", "shape: input and output differ in n or c"],
    ["xu.run resize, td7, td20", "shape: input: the shape 0x0x0x0 has no elements"],
  ])("%s", (body, expected) => {
    const machine = machineOf(`${TENSORS}\n${body}\n${EXIT}`);
    expect(runToEnd(machine).reason).toBe("fault");
    expect(`${machine.cu.fault!.kind}: ${machine.cu.fault!.message}`).toContain(expected);
  });
});

describe("the list of accelerators", () => {
  it("agrees with the names that the assembler knows, and each entry is complete", () => {
    const named = Object.entries(ENUMS.accelerator).filter(([name]) => !name.startsWith("own"));
    expect(ACCELERATORS.map(({ name, number }) => [name, number])).toEqual(named);
    for (const { ident, registers, number } of ACCELERATORS) {
      expect(ident).toMatch(/^[ -~]{4}$/);
      expect(number).toBeLessThan(32);
      expect(registers.length).toBeLessThanOrEqual(XU_REGISTERS);
      for (const { reset, min, max } of registers) expect(min <= reset && reset <= max).toBe(true);
    }
  });
});
