import { describe, expect, it } from "vitest";
import { checkedProfile, cost, EXIT, machineOf, runToEnd } from "../../testing/index.ts";

// setup 16; a burst of 64 bytes takes 8 cycles on the bus and 4 on chip; latency 100.
const SETUP = 16;
const BURST = 8;
const LATENCY = 100;

const TENSORS = `
 .section .ddr.data, "aw"
 .balign 64
ddr: .zero 8192
 .section .dm.index, "aw"
 .balign 4
list: .half 0, 1, 3, 1, 2
broken: .half 0, 1, 9, 1, 2
 .tensor planar, int8, 1, 8, 8, 16, layout=nchw, at=ddr
 .tensor image, int8, 1, 8, 8, 3, layout=nchw, at=ddr
 .tensor map, int8, 1, 8, 8, 16, in=dm
 .tensor rgb, int8, 1, 8, 8, 3, in=dm
 .tensor rgbplanar, int8, 1, 8, 8, 3, layout=nchw, in=dm
 .tensor farmap, int8, 1, 8, 8, 16, at=ddr
 .tensor padded, int8, 1, 10, 10, 16, in=dm
 .tensor farpadded, int8, 1, 10, 10, 16, at=ddr
 .tensor table, int8, 1, 4, 1, 40, at=ddr
 .tensor neartable, int8, 1, 4, 1, 40, in=dm
 .tensor picked, int8, 1, 5, 1, 40, in=dm
 .tensor index, int16, 1, 1, 1, 5, at=list
 .tensor badindex, int16, 1, 1, 1, 5, at=broken
 .tensor tile, uint8, 1, 1, 1, 2048, at=ddr
 .text
`;

// On chip source and destination share banks (T-DM-2); these rules are about the transfer alone.
const IDEAL = { dm: { conflicts: false } };

/** Cycles of one transfer between two tensors: issue, transfer and fence take one cycle more each. */
function cycles(transfer: string, names: readonly string[], before = ""): number {
  const loads = names.map((name, register) => ` td.ld td${register}, ${name}\n`).join("");
  return cost(`${transfer}\n nn.fence dma0`, `${TENSORS}${loads}${before}`, IDEAL) - 2;
}

describe("layout changes, padding and gathers (docs/timing.md)", () => {
  it("T-DMA-6: a layout change takes one access per row of a tile of the transposing buffer", () => {
    // 64 pixels of 16 channels: one access each, hidden behind the 16 bursts.
    expect(cycles("dma.trans td0, td1, ch0", ["map", "planar"])).toBe(SETUP + 16 * BURST + LATENCY);
    // 64 pixels of 3 channels still take 64 accesses: 22 per burst, three bursts.
    expect(cycles("dma.trans td0, td1, ch0", ["rgb", "image"])).toBe(SETUP + 3 * 22 + LATENCY);
    // Towards DDR the same tensor is read on chip, pixel by pixel.
    expect(cycles("dma.trans td0, td1, ch0", ["image", "rgb"])).toBe(SETUP + 3 * 22 + LATENCY);
    // On chip the side with more accesses counts: 64 pixels here, 3 x 8 rows there.
    expect(cycles("dma.trans td0, td1, ch0", ["rgb", "rgbplanar"])).toBe(SETUP + 64);
  });

  it("T-DMA-7: padding is made on the destination's side", () => {
    const margin = " dma.margin 1, 1, 1, 1\n";
    expect(cycles("dma.pad td0, td1, ch0", ["padded", "map"], margin)).toBe(SETUP + 1600 / 16);
    expect(cycles("dma.pad td0, td1, ch0", ["padded", "farmap"], margin)).toBe(SETUP + 16 * BURST + LATENCY);
    expect(cycles("dma.pad td0, td1, ch0", ["farpadded", "map"], margin)).toBe(SETUP + 25 * BURST + LATENCY);
  });

  it("T-DMA-8: a gather reads its indices, then one run per row", () => {
    // Rows of 40 bytes at 0, 40, 120, 40, 80 touch 1 + 2 + 2 + 2 + 1 bursts; ten bytes of indices take a cycle.
    const gather = "dma.gather td0, td1, td2, ch0";
    expect(cycles(gather, ["picked", "table", "index"])).toBe(SETUP + 1 + 8 * BURST + LATENCY);
    expect(cycles(gather, ["picked", "neartable", "index"])).toBe(SETUP + 1 + Math.ceil(200 / 16));
  });

  it("T-DMA-8: a bad index is found when the indices have been read", () => {
    const text = `${TENSORS} td.ld td0, picked\n td.ld td1, table\n td.ld td2, badindex
 nn.layer 0\nissue: dma.gather td0, td1, td2, ch0\n1: j 1b`;
    const machine = machineOf(text);
    const stop = runToEnd(machine);
    expect(stop).toMatchObject({ reason: "fault", fault: { kind: "shape", unit: "dma0", value: 0x40000001 } });
    expect(machine.cu.fault!.message).toContain("index 2 is 9, the source 1x4x1x40 has rows 0 to 3");
    expect(machine.cu.fault!.pc).toBe(machine.symbol("issue"));
    const { operation } = machine.units.halted!;
    expect(operation.endCycle - operation.startCycle).toBe(SETUP + 1);
    expect(machine.units.ddr.readBytes).toBe(0);
  });
});

const FILL = (value: number): string => ` li t0, ${value}\n dma.fill td0, t0, ch1\n nn.fence dma1\n`;
const STORE = "dma.stz td1, td0, ch0\n nn.fence dma0\n";

describe("compressed transfers (docs/timing.md)", () => {
  it("T-DMA-10: a compressed store moves what is left of the data", () => {
    // 1024 zero points make a tile of 18 bytes: one burst, held up by the 64 cycles of reading on chip.
    expect(cycles("dma.stz td1, td0, ch0", ["map", "tile"], FILL(0))).toBe(SETUP + 64 + LATENCY);
    // Without zero points it has 16 + 8 + 1024 bytes.
    expect(cycles("dma.stz td1, td0, ch0", ["map", "tile"], FILL(5))).toBe(SETUP + 17 * BURST + LATENCY);
  });

  it("T-DMA-9: a compressed load asks for the rest when the header has arrived", () => {
    const load = "dma.ldz td0, td1, ch0";
    expect(cycles(load, ["map", "tile"], `${FILL(0)} ${STORE}`)).toBe(SETUP + 64 + LATENCY);
    const header = SETUP + BURST + LATENCY;
    expect(cycles(load, ["map", "tile"], `${FILL(5)} ${STORE}`)).toBe(header + 16 * BURST + LATENCY);
  });

  it("counts the bytes of the bursts that moved, and every cycle of the channel", () => {
    const text = (value: number) =>
      `${TENSORS} td.ld td0, map\n td.ld td1, tile\n${FILL(value)} ${STORE}
 dma.ldz td0, td1, ch0\n dma.ld td0, td2, ch1\n nn.fence dma0|dma1\n${EXIT}`.replace(
        "td.ld td1, tile",
        "td.ld td1, tile\n td.ld td2, farmap",
      );
    const zeros = machineOf(text(0));
    runToEnd(zeros);
    expect(checkedProfile(zeros).total).toMatchObject({ ddrWriteBytes: 64, ddrReadBytes: 64 + 1024 });
    const others = machineOf(text(5));
    runToEnd(others);
    const profile = checkedProfile(others);
    expect(profile.total).toMatchObject({ ddrWriteBytes: 17 * 64, ddrReadBytes: 17 * 64 + 1024 });
    // Store and load: the load pays the latency twice. Both channels share the bus: somebody waits for it.
    expect(profile.channels[0]!.cycles).toMatchObject({ setup: 2 * SETUP, latency: 3 * LATENCY });
    expect(profile.channels[0]!.cycles.arbitration + profile.channels[1]!.cycles.arbitration).toBeGreaterThan(0);
  });

  it("T-DMA-9: a corrupt header is found when it has arrived, a corrupt body when all has", () => {
    const run = (offset: number, value: number) => {
      const machine = machineOf(`${TENSORS} td.ld td0, map\n td.ld td1, tile\n${FILL(5)} ${STORE}
 la t1, ddr\n li t2, ${value}\n sb t2, ${offset}(t1)\n dma.ldz td0, td1, ch0\n1: j 1b`);
      expect(runToEnd(machine)).toMatchObject({ reason: "fault", fault: { kind: "type", unit: "dma0" } });
      const { operation } = machine.units.halted!;
      return [operation.endCycle - operation.startCycle, machine.cu.fault!.message] as const;
    };
    const header = SETUP + BURST + LATENCY;
    expect(run(4, 1)).toEqual([header, expect.stringContaining("1025 elements, the destination has 1024")]);
    expect(run(16, 0)).toEqual([header + 16 * BURST + LATENCY, expect.stringContaining("corrupt")]);
  });
});

describe("programs", () => {
  const PROGRAM = `
 .section .ddr.data, "aw"
 .balign 64
pixels: .byte 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
 .balign 64
packed: .zero 64
 .section .dm.index, "aw"
rows: .half 3, 0, 3
 .tensor image, uint8, 1, 2, 2, 3, layout=nchw, at=pixels
 .tensor near, uint8, 1, 2, 2, 3, in=dm
 .tensor framed, uint8, 1, 4, 3, 3, zp=9, in=dm
 .tensor rowlist, int16, 1, 1, 1, 3, at=rows
 .tensor picked, uint8, 1, 3, 3, 3, zp=9, in=dm
 .tensor tile, uint8, 1, 1, 1, 64, at=packed
 .tensor back, uint8, 1, 3, 3, 3, zp=9, in=dm
 .text
 td.ld td0, image
 td.ld td1, near
 td.ld td2, framed
 td.ld td3, rowlist
 td.ld td4, picked
 td.ld td5, tile
 td.ld td6, back
`;

  it("a chain over two channels, ordered by tokens: transpose, pad, gather, compress, decompress", () => {
    const machine = machineOf(`${PROGRAM}
 dma.trans td1, td0, ch0
 nn.token t0, dma0
 nn.after dma1, t0, x0
 dma.margin 1, 1, 0, 1
 dma.pad td2, td1, ch1
 dma.gather td4, td2, td3, ch1
 nn.token t1, dma1
 nn.after dma0, t1, x0
 dma.stz td5, td4, ch0
 dma.ldz td6, td5, ch0
 nn.token t2, dma0
 nn.wait t2, x0
 lw s0, packed
 dma.get s1, padr
 li t3, 7
 dma.set padval, t3
 li t3, 1
 dma.set padsel, t3
 dma.get s2, padval
 dma.reset
 dma.get s3, padsel
 ${EXIT}`);
    expect(runToEnd(machine).reason).toBe("exit");
    const read = (name: string, bytes: number) => {
      const words = new Int32Array(machine.memories.read(machine.symbol(name), 64).buffer);
      return [...machine.memories.read(words[0]! >>> 0, bytes)];
    };
    expect(read("near", 12)).toEqual([1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12]);
    const edge = Array<number>(9).fill(9);
    const framed = [...edge, 1, 5, 9, 2, 6, 10, 9, 9, 9, 3, 7, 11, 4, 8, 12, 9, 9, 9, ...edge];
    expect(read("framed", 36)).toEqual(framed);
    expect(read("back", 27)).toEqual(read("picked", 27));
    expect(read("picked", 27)).toEqual([...edge, ...edge, ...edge]);
    // Header, and one run of 27.
    expect(read("tile", 17)).toEqual([17, 0, 0, 0, 27, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0x80 + 26]);
    expect([machine.state.x[8], machine.state.x[9], machine.state.x[18], machine.state.x[19]]).toEqual([17, 1, 7, 0]);
  });

  it.each([
    ["li t0, 2\n dma.set padsel, t0", "DMA field padsel = 2, it takes 0 to 1"],
    ["li t0, -1\n dma.set padt, t0", "DMA field padt = -1, it takes 0 to 65535"],
    ["dma.get a0, 6", "the DMA has no state field number 6"],
    ["dma.trans td1, td0, ch3", "DMA channel 3 doesn't exist"],
    ["dma.pad td2, td1, ch0", "the padded destination's shape must be 1x2x2x3, it is 1x4x3x3"],
  ])("%s", (body, message) => {
    const machine = machineOf(`${PROGRAM}\n${body}\n${EXIT}`);
    expect(runToEnd(machine).reason).toBe("fault");
    expect(machine.cu.fault!.message).toContain(message);
  });
});
