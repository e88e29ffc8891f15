import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MachineConfig, PRESETS } from "../../config/index.ts";
import { DTYPE, LAYOUT, type Tensor } from "../../machine/index.ts";
import { MAC_BUCKETS } from "../accounting.ts";
import { nuTiming } from "./timing.ts";
import type { NuKind, NuWork } from "./work.ts";

const CONFIG = PRESETS.default;

const tensor = (n: number, h: number, w: number, c: number, layout: number = LAYOUT.nhwc): Tensor => ({
  base: 0,
  n,
  h,
  w,
  c,
  sn: h * w * c,
  sh: w * c,
  sw: c,
  sc: 1,
  dtype: DTYPE.int8,
  layout,
  flags: 0,
  zeroPoint: 0,
  table: 0,
  cip: 16,
  cop: 16,
});

interface Shape {
  kind: NuKind;
  n?: number;
  h: number;
  w: number;
  ci: number;
  co: number;
  k?: number;
  stride?: number;
  pad?: number;
}

function work({ kind, n = 1, h, w, ci, co, k = 1, stride = 1, pad = 0 }: Shape): NuWork {
  const size = (x: number) => Math.floor((x + 2 * pad - k) / stride) + 1;
  const weights = kind === "dwconv" ? tensor(1, k, k, ci, LAYOUT.blocked) : tensor(co, k, k, ci, LAYOUT.blocked);
  const isWeighted = kind === "conv" || kind === "pwconv" || kind === "fc" || kind === "dwconv";
  return {
    kind,
    out: kind === "gavgpool" ? tensor(n, 1, 1, co) : tensor(n, size(h), size(w), co),
    input: tensor(n, h, w, ci),
    second: isWeighted ? weights : kind === "add" ? tensor(n, h, w, ci) : undefined,
    kh: kind === "gavgpool" ? h : k,
    kw: kind === "gavgpool" ? w : k,
    strideH: stride,
    strideW: stride,
    padTop: pad,
    padLeft: pad,
    dilationH: 1,
    dilationW: 1,
    lo: -128,
    hi: 127,
    countPadding: false,
    groups: 1,
    precision: "int8",
    mask: 0,
    split: "channels",
    prefetched: false,
  };
}

const cycles = (shape: Shape, config: MachineConfig = CONFIG): number => nuTiming(work(shape), config).cycles;
const withNu = (nu: Partial<MachineConfig["nu"]>): MachineConfig => ({ ...CONFIG, nu: { ...CONFIG.nu, ...nu } });

describe("neural unit, one rule a test (docs/timing.md)", () => {
  it("T-NU-1, T-NU-2, T-NU-3: dense cycles, fill and drain, first load", () => {
    // 8x8 pixels, 3x3, 32 -> 32 channels: 2 x 2 x 9 x 64 = 2304; 256 bytes a block at 32: 8; 14 for the pipeline.
    expect(cycles({ kind: "conv", h: 8, w: 8, ci: 32, co: 32, k: 3, pad: 1 })).toBe(2304 + 8 + 14);
    // 1 input channel: one block of input channels, however empty.
    expect(cycles({ kind: "conv", h: 28, w: 28, ci: 1, co: 16, k: 3, pad: 1 })).toBe(9 * 784 + 8 * 0 + 8 + 14);
  });

  it("T-NU-3: a stripe shorter than a load doesn't hide it", () => {
    // Fully connected 64 -> 10: 4 blocks of one pixel; first load 8, three loads of 8 behind one-cycle stripes, last 1.
    expect(cycles({ kind: "fc", h: 1, w: 1, ci: 64, co: 10 })).toBe(8 + 3 * 8 + 1 + 14);
    const { slots } = nuTiming(work({ kind: "fc", h: 1, w: 1, ci: 64, co: 10 }), CONFIG);
    // 4 cycles stream, 29 wait for weights.
    expect(slots.weights).toBe((8 + 3 * 7) * 256);
    expect(slots.useful).toBe(640);
    expect(slots.edge).toBe(4 * 256 - 640);
  });

  it("T-NU-4: accumulators limit the stripe", () => {
    // 64 KiB / (4 x 16): 512 pixels in 32 KiB. 4 KiB hold 64 pixels: 784 pixels are 12 stripes of 64 and one of 16.
    const shape: Shape = { kind: "conv", h: 28, w: 28, ci: 1, co: 16, k: 3, pad: 1 };
    expect(cycles(shape, withNu({ accumulatorBytes: 4096 }))).toBe(9 * 784 + 8 + 14);
    // With 1 byte a cycle a load takes 256: stripes of 64 leave 192 of each open, the last one 240.
    const slow = withNu({ accumulatorBytes: 4096, weightBytesPerCycle: 1 });
    expect(cycles(shape, slow)).toBe(256 + (12 * 9 * 256 + 8 * 256 + 16) + 14);
    const { slots } = nuTiming(work(shape), slow);
    // Without the limit one stripe of 784 hides all loads but the first.
    expect(slots.weights).toBe(256 * 256);
    expect(slots.accumulators).toBe((12 * 9 * 192 + 8 * 240) * 256);
  });

  it("T-NU-5, T-NU-6: channels wider than the port", () => {
    const narrow: MachineConfig = { ...CONFIG, dm: { ...CONFIG.dm, bankBytes: 8 } };
    // 16 channels in at 8 bytes a cycle: two cycles a pixel, also in the last pass.
    expect(cycles({ kind: "pwconv", h: 10, w: 10, ci: 16, co: 16 }, narrow)).toBe(200 + 8 + 14);
    // 4 channels in: one cycle; 16 out: two in the last pass of 9.
    expect(cycles({ kind: "conv", h: 10, w: 10, ci: 4, co: 16, k: 3, pad: 1 }, narrow)).toBe(8 * 100 + 200 + 8 + 14);
  });

  it("T-NU-7: depthwise uses one row of the array", () => {
    // 9 taps x 196 pixels x 2 blocks of 16 channels, 16 bytes a block: 1 cycle.
    const shape: Shape = { kind: "dwconv", h: 14, w: 14, ci: 32, co: 32, k: 3, pad: 1 };
    expect(cycles(shape)).toBe(9 * 196 * 2 + 1 + 14);
    const { slots, macs } = nuTiming(work(shape), CONFIG);
    // Rows: 14 x 3 - 2 taps within the input, columns alike.
    expect(macs).toBe(40 * 40 * 32);
    expect(slots.padding).toBe((42 * 42 - 40 * 40) * 32);
    expect(slots.edge).toBe(9 * 196 * 2 * 256 - 9 * 196 * 32);
  });

  it("T-NU-8, T-NU-9: pools and additions", () => {
    expect(cycles({ kind: "maxpool", h: 28, w: 28, ci: 16, co: 16, k: 2, stride: 2 })).toBe(196 * 4 + 14);
    expect(cycles({ kind: "gavgpool", h: 7, w: 7, ci: 64, co: 64 })).toBe(4 * 49 + 14);
    expect(cycles({ kind: "add", h: 7, w: 7, ci: 32, co: 32 })).toBe(2 * 2 * 49 + 14);
  });

  it("slots sum to cycles x array, and no operation beats its dense ideal", () => {
    const arbitraryShape = fc.record({
      kind: fc.constantFrom<NuKind>("conv", "dwconv", "pwconv", "fc", "maxpool", "gavgpool", "add"),
      n: fc.integer({ min: 1, max: 3 }),
      h: fc.integer({ min: 3, max: 40 }),
      w: fc.integer({ min: 3, max: 40 }),
      ci: fc.integer({ min: 1, max: 80 }),
      co: fc.integer({ min: 1, max: 80 }),
      k: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 2 }),
      pad: fc.integer({ min: 0, max: 1 }),
    });
    const configs = Object.values(PRESETS);
    fc.assert(
      fc.property(arbitraryShape, fc.constantFrom(...configs), (raw, config) => {
        const kind = raw.kind;
        const windowed = kind === "conv" || kind === "dwconv" || kind === "maxpool";
        const shape = windowed ? raw : { ...raw, k: 1, stride: 1, pad: 0 };
        if (kind === "fc") Object.assign(shape, { h: 1, w: 1 });
        if (kind !== "conv" && kind !== "pwconv" && kind !== "fc") shape.co = shape.ci;
        const task = work(shape);
        const timing = nuTiming(task, config);
        const { cip, cop } = config.nu;
        const sum = MAC_BUCKETS.reduce((total, bucket) => total + timing.slots[bucket], 0);
        expect(sum).toBe(timing.cycles * cip * cop);
        for (const bucket of MAC_BUCKETS) expect(timing.slots[bucket], bucket).toBeGreaterThanOrEqual(0);
        expect(timing.slots.useful).toBe(timing.macs);
        const pixels = task.out.n * task.out.h * task.out.w;
        const blocks = Math.ceil(task.out.c / cop);
        const inner = kind === "dwconv" ? 1 : Math.ceil(task.input.c / cip);
        if (task.second && kind !== "add") {
          expect(timing.cycles).toBeGreaterThanOrEqual(blocks * inner * task.kh * task.kw * pixels);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
