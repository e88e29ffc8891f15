import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DM_BASE, type MachineConfig, PRESETS, WM_BASE } from "../../config/index.ts";
import { DTYPE, LAYOUT, type Tensor } from "../../machine/index.ts";
import { tensor as makeTensor } from "../../testing/tensors.ts";
import { accessesOf, uses, widestBeat } from "../../testing/traffic.ts";
import type { Traffic } from "../dm/index.ts";
import { KnownNuWork } from "./known.ts";
import { nuTiming } from "./timing.ts";
import { nuTraffic } from "./traffic.ts";
import { blockCounts, type NuKind, type NuWork } from "./work.ts";

// Tensors of one operation lie in ranges of their own.
const IN = DM_BASE + 7;
const OUT = DM_BASE + 0x100000;
const SECOND = DM_BASE + 0x200000;

const KINDS = [
  "conv",
  "dwconv",
  "pwconv",
  "fc",
  "deconv",
  "matmul",
  "accconv",
  "accld",
  "accst",
  "maxpool",
  "gavgpool",
  "add",
] as const;

const someWork = fc
  .record({
    kind: fc.constantFrom<NuKind>(...KINDS),
    n: fc.integer({ min: 1, max: 3 }),
    h: fc.integer({ min: 1, max: 9 }),
    w: fc.integer({ min: 1, max: 9 }),
    ci: fc.integer({ min: 1, max: 40 }),
    co: fc.integer({ min: 1, max: 40 }),
    k: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 2 }),
    pad: fc.integer({ min: 0, max: 2 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    gaps: fc.tuple(fc.constant(0), fc.constantFrom(0, 0, 5), fc.constantFrom(0, 0, 16), fc.constantFrom(0, 3)),
    precision: fc.constantFrom("int8", "int4", "int16", "bit"),
    split: fc.constantFrom<NuWork["split"]>("channels", "rows", "images"),
    groups: fc.constantFrom(1, 1, 2),
  })
  .map((raw): NuWork | undefined => {
    const { kind, n, ci, gaps, groups } = raw;
    const windowed = ["conv", "dwconv", "deconv", "accconv", "maxpool"].includes(kind);
    const global = kind === "gavgpool";
    const single = kind === "fc";
    const [h, w] = single ? [1, 1] : kind === "matmul" ? [1, raw.w] : [raw.h, raw.w];
    const images = kind === "matmul" ? 1 : n;
    const [k, stride, pad, dilation] = windowed ? [raw.k, raw.stride, raw.pad, raw.dilation] : [1, 1, 0, 1];
    const span = (k - 1) * dilation + 1;
    const size = (x: number) =>
      global
        ? 1
        : kind === "deconv"
          ? (x - 1) * stride - 2 * pad + span
          : Math.floor((x + 2 * pad - span) / stride) + 1;
    const oh = size(h);
    const ow = size(w);
    if (oh < 1 || ow < 1) return undefined;
    const weighted = ["conv", "dwconv", "pwconv", "fc", "deconv", "accconv", "matmul"].includes(kind);
    const grouped = ["conv", "deconv"].includes(kind) ? groups : 1;
    const same = !weighted || kind === "dwconv";
    const precision = weighted ? (raw.precision as NuWork["precision"]) : "int8";
    const type = { int8: DTYPE.int8, int4: DTYPE.int4, int16: DTYPE.int16, bit: DTYPE.bit }[precision];
    if (grouped > 1 && type >= DTYPE.int4) return undefined;
    const cin = ci * grouped;
    const co = same ? cin : raw.co * grouped;
    const wType = precision === "int16" ? DTYPE.int8 : type;
    const outType = type >= DTYPE.int4 ? DTYPE.int8 : type;
    const blocked = (shape: readonly [number, number, number, number]): Tensor => ({
      ...makeTensor(WM_BASE, shape, wType, LAYOUT.nhwc),
      layout: LAYOUT.blocked,
      cip: 16,
      cop: 16,
    });
    const second =
      kind === "matmul"
        ? makeTensor(SECOND, [1, 1, ci, co], wType, LAYOUT.nhwc, gaps)
        : kind === "add"
          ? makeTensor(SECOND, [images, h, w, cin], type)
          : kind === "dwconv"
            ? blocked([1, k, k, cin])
            : weighted
              ? blocked([co, k, k, ci])
              : undefined;
    const out = makeTensor(OUT, [images, oh, ow, co], kind === "accld" ? DTYPE.int32 : outType, LAYOUT.nhwc, gaps);
    const input =
      kind === "accld" || kind === "accst"
        ? { ...out, base: kind === "accld" ? IN : OUT }
        : makeTensor(IN, [images, h, w, cin], type, LAYOUT.nhwc, gaps);
    return {
      kind,
      out,
      input,
      second,
      kh: global ? h : k,
      kw: global ? w : k,
      strideH: stride,
      strideW: stride,
      padTop: pad,
      padLeft: pad,
      dilationH: dilation,
      dilationW: dilation,
      lo: -128,
      hi: 127,
      countPadding: false,
      groups: grouped,
      precision,
      mask: 0,
      split: weighted && kind !== "matmul" ? raw.split : "channels",
      prefetched: false,
    };
  })
  .filter((work) => work !== undefined);

const someConfig = fc
  .record({
    preset: fc.constantFrom(...Object.values(PRESETS)),
    cores: fc.constantFrom(1, 1, 2, 3),
    ports: fc.constantFrom(1, 1, 2, 4),
    bankBytes: fc.constantFrom(4, 8, 16),
    accumulatorBytes: fc.constantFrom(4096, 32768),
    weightBytesPerCycle: fc.constantFrom(1, 32),
  })
  .map(
    ({ preset, bankBytes, ...nu }): MachineConfig => ({
      ...preset,
      dm: { ...preset.dm, bankBytes },
      nu: { ...preset.nu, ...nu },
    }),
  );

/** Bytes of each element's place, as often as `visit` names it. */
function count(
  t: Tensor,
  visit: (use: (n: number, h: number, w: number, c0: number, c1: number) => void) => void,
): number[] {
  const counts = uses(undefined, t);
  const bits = [8, 8, 16, 32, 4, 1][t.dtype]!;
  visit((n, h, w, c0, c1) => {
    const pixel = n * t.sn + h * t.sh + w * t.sw;
    for (let at = Math.floor((c0 * bits) / 8); at < Math.ceil((c1 * bits) / 8); at++) counts[pixel + at]!++;
  });
  return counts;
}

/** How often an operation reads each byte of its input, from its definition. */
function expectedReads(work: NuWork, config: MachineConfig): number[] {
  const { input, out, kind, groups } = work;
  const { cip, cop } = config.nu;
  const lanes = cip * { int8: 1, int16: 1, int4: 2, bit: 8 }[work.precision];
  const blocks = (channels: number, size: number) =>
    Array.from(
      { length: Math.ceil(channels / size) },
      (_, i) => [i * size, Math.min(channels, (i + 1) * size)] as const,
    );
  const perCore = kind === "matmul" ? 1 : config.nu.cores;
  return count(input, (use) => {
    const places = (each: (n: number, h: number, w: number) => void) => {
      for (let n = 0; n < out.n; n++)
        for (let h = 0; h < out.h; h++)
          for (let w = 0; w < out.w; w++) {
            for (let y = 0; y < work.kh; y++)
              for (let x = 0; x < work.kw; x++) {
                const ih = h * work.strideH - work.padTop + y * work.dilationH;
                const iw = w * work.strideW - work.padLeft + x * work.dilationW;
                if (ih >= 0 && ih < input.h && iw >= 0 && iw < input.w) each(n, ih, iw);
              }
          }
    };
    if (kind === "accld") {
      for (let n = 0; n < input.n; n++)
        for (let h = 0; h < input.h; h++) for (let w = 0; w < input.w; w++) use(n, h, w, 0, input.c);
    } else if (work.second === undefined || kind === "add" || kind === "dwconv") {
      // Cores that share out channels all take their blocks of depthwise inputs at a time: the first one's are read.
      const own = blocks(input.c, cop);
      const read = kind === "dwconv" && work.split === "channels" ? own.slice(0, Math.ceil(own.length / perCore)) : own;
      for (const [c0, c1] of read) places((n, h, w) => use(n, h, w, c0, c1));
    } else {
      const outputs = Math.ceil(out.c / groups / cop);
      const all = Array.from({ length: groups * outputs }, (_, i) => Math.floor(i / outputs));
      const own = work.split === "channels" ? all.slice(0, Math.ceil(all.length / perCore)) : all;
      for (const group of own) {
        for (const [c0, c1] of blocks(input.c / groups, lanes)) {
          const base = (group * input.c) / groups;
          if (kind === "deconv") {
            for (let tap = 0; tap < work.kh * work.kw; tap++) {
              for (let n = 0; n < input.n; n++)
                for (let h = 0; h < input.h; h++) for (let w = 0; w < input.w; w++) use(n, h, w, base + c0, base + c1);
            }
          } else places((n, h, w) => use(n, h, w, base + c0, base + c1));
        }
      }
    }
  });
}

describe("traffic of the neural unit (docs/timing.md, T-DM-9)", () => {
  it("has a beat for every cycle, writes every result once and reads what the definition names", () => {
    fc.assert(
      fc.property(someWork, someConfig, (work, config) => {
        const traffic = nuTraffic(work, config);
        const port = config.dm.bankBytes * config.nu.ports;
        if (traffic) expect(traffic.beats).toBe(nuTiming(work, config).cycles);
        const writes = work.kind !== "accconv" && work.kind !== "accld";
        const written = count(work.out, (use) => {
          const { n, h, w, c } = work.out;
          for (let i = 0; i < n; i++)
            for (let y = 0; y < h; y++)
              for (let x = 0; x < w; x++) {
                const groups = work.groups;
                // Blocks of channels are written apart; below a byte two may share one, which none here do.
                if (writes) for (let g = 0; g < groups; g++) use(i, y, x, (g * c) / groups, ((g + 1) * c) / groups);
              }
        });
        expect(uses(traffic, work.out)).toEqual(written);
        if (work.kind !== "accst") expect(uses(traffic, work.input)).toEqual(expectedReads(work, config));
        expect(widestBeat(traffic, work.out)).toBeLessThanOrEqual(port);
        expect(widestBeat(traffic, work.input)).toBeLessThanOrEqual(port);
        if (work.kind === "add") expect(new Set(uses(traffic, work.second!))).toEqual(new Set([1]));
      }),
      { numRuns: 150 },
    );
  });

  it("remembered, it has the same accesses to the same banks, and the same time, whatever came before", () => {
    const shift = (t: Tensor, bytes: number): Tensor => ({ ...t, base: t.base + bytes });
    /** Operations that differ from one before in a single thing. */
    const variants = (work: NuWork, bytes: number): NuWork[] => {
      const { second, input, out } = work;
      const all = [work, { ...work, input: shift(input, bytes) }, { ...work, out: shift(out, bytes) }, work];
      if (second) all.push({ ...work, second: shift(second, bytes) });
      if (work.kind === "conv" && work.kh > 1) all.push({ ...work, padTop: work.padTop ^ 1 });
      return all;
    };
    fc.assert(
      fc.property(
        fc.array(someWork, { minLength: 1, maxLength: 4 }),
        someConfig,
        fc.nat(700),
        (works, config, bytes) => {
          const known = new KnownNuWork(config);
          const period = config.dm.banks * config.dm.bankBytes;
          const banks = (traffic: Traffic | undefined) =>
            traffic && {
              beats: traffic.beats,
              accesses: [...accessesOf(traffic)].map((access) => [access.beat, access.address % period, access.bytes]),
            };
          for (const work of works.flatMap((one) => variants(one, bytes))) {
            expect(known.timing(work, undefined)).toEqual(nuTiming(work, config));
            const hidden = Math.min(nuTiming(work, config).firstLoadCycles, bytes % 3);
            expect(banks(known.traffic(work, undefined, hidden))).toEqual(
              banks(nuTraffic(work, config, undefined, hidden)),
            );
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it("a prefetch takes its cycles from the first load", () => {
    const work = fc.sample(
      someWork.filter(({ kind }) => kind === "conv"),
      { numRuns: 20, seed: 3 },
    );
    for (const conv of work) {
      const { cycles, firstLoadCycles } = nuTiming(conv, PRESETS.default);
      expect(nuTraffic(conv, PRESETS.default, undefined, firstLoadCycles)!.beats).toBe(cycles - firstLoadCycles);
    }
  });

  it("masked blocks are not read", () => {
    const work = fc.sample(
      someWork.filter(({ kind, precision, groups }) => kind === "conv" && precision === "int8" && groups === 1),
      { numRuns: 30, seed: 5 },
    );
    for (const conv of work) {
      const { coBlocks, ciBlocks, taps } = blockCounts(conv, PRESETS.default);
      const none = new Uint8Array(Math.ceil((coBlocks * ciBlocks * taps) / 8));
      const traffic = nuTraffic(conv, PRESETS.default, none)!;
      expect(traffic.beats).toBe(nuTiming(conv, PRESETS.default, none).cycles);
      expect(new Set(uses(traffic, conv.input))).toEqual(new Set([0]));
      // The results still leave.
      expect(Math.max(...uses(traffic, conv.out))).toBe(1);
      // One block kept of all: its channels and tap alone.
      const one = none.slice();
      one[0] = 1;
      const kept = nuTraffic(conv, PRESETS.default, one)!;
      expect(kept.beats).toBe(nuTiming(conv, PRESETS.default, one).cycles);
    }
  });

  it("a matrix product reads its second operand once per stripe, a load ahead", () => {
    // 20 x 40 times 40 x 24: 3 blocks of 16 rows, 2 of 16 columns, a load of 16 beats; one stripe of 20 pixels.
    const input = makeTensor(IN, [1, 1, 20, 40], DTYPE.int8);
    const second = makeTensor(SECOND, [1, 1, 40, 24], DTYPE.int8);
    const out = makeTensor(OUT, [1, 1, 20, 24], DTYPE.int8);
    const base = fc.sample(
      someWork.filter(({ kind }) => kind === "matmul"),
      { numRuns: 1, seed: 1 },
    )[0]!;
    const matmul: NuWork = { ...base, input, second, out, precision: "int8" };
    const traffic = nuTraffic(matmul, PRESETS.default)!;
    expect(new Set(uses(traffic, second))).toEqual(new Set([1]));
    const beats = [...accessesOf(traffic)].filter(({ address }) => address >= SECOND).map(({ beat }) => beat);
    // First load in beats 0..15, then one from the beginning of each pass of 20 beats, which are 16, 36, 56, ...
    const ranges = [0, 16, 36, 56, 76, 96].map(
      (first) => beats.filter((beat) => beat >= first && beat < first + 16).length,
    );
    expect(ranges).toEqual([16, 16, 8, 16, 16, 8]);
    expect(beats.length).toBe(80);
  });
});
