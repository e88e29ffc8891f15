import { describe, expect, it } from "vitest";
import { DM_BASE, PRESETS } from "../../config/index.ts";
import { DTYPE, type Tensor } from "../../machine/index.ts";
import { tensor } from "../../testing/tensors.ts";
import { accessesOf, uses } from "../../testing/traffic.ts";
import type { AcceleratorWork } from "./accelerator.ts";
import { FFT } from "./accelerators/fft.ts";
import { RESIZE } from "./accelerators/resize.ts";
import { PortTraffic } from "./traffic.ts";

const IN = DM_BASE;
const OUT = DM_BASE + 0x10000;
const CONFIG = PRESETS.default;
const { setupCycles } = CONFIG.xu;

const work = (input: Tensor, out: Tensor, registers: number[] = []): AcceleratorWork => ({
  out,
  input,
  second: undefined,
  scalar: 0,
  registers: Int32Array.from([...registers, 0, 0]),
});

const beatsOf = (traffic: ReturnType<PortTraffic["build"]>, t: Tensor): number[] =>
  [...accessesOf(traffic!)]
    .filter(({ address }) => address >> 16 === t.base >> 16)
    .map(({ beat }) => beat - setupCycles);

describe("traffic of the extension port (docs/timing.md, T-DM-12)", () => {
  it("FFT: transforms are loaded and unloaded one after the other", () => {
    // Two transforms of 16 points: 64 bytes at 16 a cycle, four stages of eight butterflies: 4 + 32 + 4.
    const [input, out] = [tensor(IN, [1, 2, 16, 2], DTYPE.int16), tensor(OUT, [1, 2, 16, 2], DTYPE.int16)];
    const port = new PortTraffic(CONFIG);
    FFT.traffic!(work(input, out), CONFIG, port);
    const traffic = port.build(FFT.cycles(work(input, out), CONFIG));
    expect(traffic!.beats).toBe(setupCycles + 80);
    expect(beatsOf(traffic, input)).toEqual([0, 1, 2, 3, 40, 41, 42, 43]);
    expect(beatsOf(traffic, out)).toEqual([36, 37, 38, 39, 76, 77, 78, 79]);
    for (const t of [input, out]) expect(new Set(uses(traffic, t))).toEqual(new Set([1]));
  });

  it("resize: each output pixel's inputs, and the pixel meanwhile", () => {
    // 2 x 2 pixels of 20 channels to 4 x 4, two cycles a pixel.
    const [input, out] = [tensor(IN, [1, 2, 2, 20], DTYPE.int8), tensor(OUT, [1, 4, 4, 20], DTYPE.int8)];
    for (const [mode, reads] of [
      [0, 1],
      [1, 4],
    ] as const) {
      const port = new PortTraffic(CONFIG);
      RESIZE.traffic!(work(input, out, [mode]), CONFIG, port);
      const cycles = RESIZE.cycles(work(input, out, [mode]), CONFIG);
      const traffic = port.build(cycles);
      expect(traffic!.beats).toBe(setupCycles + cycles);
      const total = uses(traffic, input).reduce((sum, count) => sum + count, 0);
      expect(total).toBe(16 * 20 * reads);
      expect(new Set(uses(traffic, out))).toEqual(new Set([1]));
      // The pixel is written with the last of its reads.
      expect(beatsOf(traffic, out).slice(0, 2)).toEqual([2 * reads - 2, 2 * reads - 1]);
    }
  });

  it("others: inputs at the beginning, the output at the end, faster where the work is short", () => {
    const t = (base: number, bytes: number) => tensor(base, [1, 1, 1, bytes], DTYPE.uint8);
    const plain = (cycles: number) => {
      const port = new PortTraffic(CONFIG);
      port.plain([t(IN, 40), t(IN + 256, 24)], t(OUT, 64), cycles);
      return port.build(cycles);
    };
    // 64 bytes in, packed: 16, 16, 8 + 8, 16.
    expect(new Set(beatsOf(plain(20), t(IN, 40)))).toEqual(new Set([0, 1, 2, 3]));
    expect(beatsOf(plain(20), t(OUT, 64))).toEqual([16, 17, 18, 19]);
    expect(new Set(beatsOf(plain(1), t(IN, 40)))).toEqual(new Set([0]));
    expect(plain(1)!.beats).toBe(setupCycles + 1);
  });
});
