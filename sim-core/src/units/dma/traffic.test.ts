import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DDR_BASE, DM_BASE, type MachineConfig, PRESETS, WM_BASE } from "../../config/index.ts";
import { DTYPE, dmaResetState, LAYOUT, Memories, type Tensor } from "../../machine/index.ts";
import { type Shape, tensor } from "../../testing/tensors.ts";
import { accessesOf, uses, widestBeat } from "../../testing/traffic.ts";
import { latchDmaWork } from "./latch.ts";
import { prepareDmaWork } from "./prepare.ts";
import { denseBytes } from "./runs.ts";
import { dmaTraffic, onChipSetup } from "./traffic.ts";
import type { DmaKind } from "./work.ts";

const NEAR = DM_BASE + 4;
const OTHER = DM_BASE + 0x40000;
const FAR = DDR_BASE + 4096;

const configWith = (dma: Partial<MachineConfig["dma"]>): MachineConfig => ({
  ...PRESETS.default,
  dma: { ...PRESETS.default.dma, ...dma },
});

/** A transfer's traffic and plan. */
function plan(kind: DmaKind, out: Tensor, input: Tensor | undefined, config: MachineConfig, index?: Tensor) {
  const memories = new Memories(config);
  const state = dmaResetState();
  const work = prepareDmaWork(kind, out, input, 0, config, memories, { state, ...(index ? { index } : {}) });
  const latched = latchDmaWork(work, memories, config);
  return { traffic: dmaTraffic(work, latched, config), plan: latched.plan };
}

const someShape: fc.Arbitrary<Shape> = fc.tuple(
  fc.integer({ min: 1, max: 2 }),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 40 }),
);
const someGaps = fc.tuple(...[0, 1, 2, 3].map(() => fc.constantFrom(0, 0, 1, 3)));
const someConfig = fc
  .record({ bytesPerCycle: fc.constantFrom(1, 8, 16, 64), setupCycles: fc.constantFrom(0, 1, 16) })
  .map(configWith);

/** Every byte of every element once. */
const once = (t: Tensor): number => denseBytes(t);

describe("traffic of transfers (docs/timing.md, T-DM-11)", () => {
  it("moves every byte once, as many a beat as the channel does, in as many beats as the plan has cycles", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<DmaKind>("ld", "st", "copy", "fill", "trans", "pad"),
        someShape,
        fc.constantFrom(DTYPE.int8, DTYPE.int16, DTYPE.int32),
        fc.tuple(someGaps, someGaps),
        someConfig,
        (kind, shape, type, [gaps, outGaps], config) => {
          const layout = kind === "trans" ? LAYOUT.nchw : LAYOUT.nhwc;
          const input =
            kind === "fill" ? undefined : tensor(kind === "ld" ? FAR : NEAR, shape, type, LAYOUT.nhwc, gaps);
          const out = tensor(kind === "st" ? FAR : OTHER, shape, type, layout, outGaps);
          const { traffic, plan: found } = plan(kind, out, input, config);
          const far = kind === "ld" || kind === "st";
          expect(traffic!.beats).toBe((far ? 0 : onChipSetup(config)) + found.localCycles);
          const sum = (t: Tensor) => uses(traffic, t).reduce((total, count) => total + count, 0);
          const { bytesPerCycle } = config.dma;
          for (const t of [out, input]) {
            if (!t || t.base >= DDR_BASE) continue;
            expect(sum(t)).toBe(once(t));
            expect(Math.max(...uses(traffic, t))).toBe(1);
            expect(widestBeat(traffic, t)).toBeLessThanOrEqual(Math.max(4, bytesPerCycle));
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it("on chip reading runs one cycle ahead, and writing ends with the transfer", () => {
    // 64 bytes at 16 a cycle behind a setup of 16: reads in beats 15..18, writes in 16..19.
    const [input, out] = [tensor(NEAR, [1, 1, 1, 64], DTYPE.int8), tensor(OTHER, [1, 1, 1, 64], DTYPE.int8)];
    const beats = (traffic: ReturnType<typeof dmaTraffic>, base: number) =>
      [...accessesOf(traffic!)].filter(({ address }) => address >> 16 === base >> 16).map(({ beat }) => beat);
    const copy = plan("copy", out, input, PRESETS.default).traffic!;
    expect(beats(copy, NEAR)).toEqual([15, 16, 17, 18]);
    expect(beats(copy, OTHER)).toEqual([16, 17, 18, 19]);
    // Weights go to WM: only the reads are seen here. From WM to DDR there is nothing.
    expect(beats(plan("copy", { ...out, base: WM_BASE }, input, PRESETS.default).traffic, NEAR)).toEqual([
      15, 16, 17, 18,
    ]);
    expect(plan("st", { ...out, base: FAR }, { ...input, base: WM_BASE }, PRESETS.default).traffic).toBeUndefined();
  });

  it("a gather reads its indices first, then its rows", () => {
    // All indices are 0: five int16 in one beat, then row 0 of 40 bytes five times: 200 bytes, 13 beats.
    const source = tensor(NEAR, [1, 4, 1, 40], DTYPE.int8);
    const index = tensor(DM_BASE + 0x30000, [1, 1, 1, 5], DTYPE.int16);
    const { traffic } = plan("gather", tensor(OTHER, [1, 5, 1, 40], DTYPE.int8), source, PRESETS.default, index);
    expect(traffic!.beats).toBe(16 + 1 + 13);
    expect(new Set(uses(traffic, index))).toEqual(new Set([1]));
    const row = uses(traffic, source);
    expect([new Set(row.slice(0, 40)), new Set(row.slice(40))]).toEqual([new Set([5]), new Set([0])]);
  });
});
