import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DM_BASE, PRESETS, WM_BASE } from "../../config/index.ts";
import { ENUMS } from "../../isa/index.ts";
import { DTYPE, FLAG_PER_TENSOR_TABLE, LAYOUT, Memories, nuResetState, type Tensor } from "../../machine/index.ts";
import { type Accumulators, executeNuWork } from "./kernels.ts";
import { nuTiming } from "./timing.ts";
import { type NuKind, prepareNuWork } from "./work.ts";

// The arithmetic of docs/machine.md once more: in BigInt, one loop per dimension, with its own packing of elements
// and its own blocked order, to compare with.

const CIP = 8;
const COP = 4;
const CONFIG = { ...PRESETS.default, nu: { ...PRESETS.default.nu, cip: CIP, cop: COP } };
const F = ENUMS.nufield;
const BITS = [8, 8, 16, 32, 4, 1];
const TABLE = WM_BASE + 65536;
const MASK = WM_BASE + 98304;

interface Case {
  kind: NuKind;
  n: number;
  h: number;
  w: number;
  groups: number;
  /** Input and output channels per group. */
  ci: number;
  co: number;
  kh: number;
  kw: number;
  sh: number;
  sw: number;
  pads: [top: number, bottom: number, left: number, right: number];
  dh: number;
  dw: number;
  outPad: number;
  act: number;
  pool: number;
  inType: number;
  weightType: number;
  outType: number;
  perTensor: boolean;
  masked: boolean;
  /** Gap between pixels in bytes: tensors need not be dense. */
  gap: number;
  seed: number;
}

const CONVOLUTIONS = ["conv", "dwconv", "pwconv", "fc", "deconv", "bconv"] as const;
const KINDS: readonly NuKind[] = [
  ...CONVOLUTIONS,
  "matmul",
  "maxpool",
  "avgpool",
  "gavgpool",
  "gmaxpool",
  "add",
  "sub",
  "mul",
];
const isOneOf = (kind: string, list: readonly string[]): boolean => list.includes(kind);

const arbitraryCase: fc.Arbitrary<Case> = fc.record({
  kind: fc.constantFrom(...KINDS),
  n: fc.integer({ min: 1, max: 2 }),
  h: fc.integer({ min: 5, max: 8 }),
  w: fc.integer({ min: 5, max: 8 }),
  groups: fc.integer({ min: 1, max: 3 }),
  ci: fc.integer({ min: 1, max: 19 }),
  co: fc.integer({ min: 1, max: 9 }),
  kh: fc.integer({ min: 1, max: 3 }),
  kw: fc.integer({ min: 1, max: 3 }),
  sh: fc.integer({ min: 1, max: 3 }),
  sw: fc.integer({ min: 1, max: 3 }),
  pads: fc.tuple(...([0, 1, 2, 3] as const).map(() => fc.integer({ min: 0, max: 2 }))) as fc.Arbitrary<Case["pads"]>,
  dh: fc.integer({ min: 1, max: 2 }),
  dw: fc.integer({ min: 1, max: 2 }),
  outPad: fc.integer({ min: 0, max: 2 }),
  act: fc.integer({ min: 0, max: 2 }),
  pool: fc.integer({ min: 0, max: 1 }),
  inType: fc.constantFrom(DTYPE.int8, DTYPE.uint8, DTYPE.int16, DTYPE.int4),
  weightType: fc.constantFrom(DTYPE.int8, DTYPE.uint8, DTYPE.int4),
  outType: fc.constantFrom(DTYPE.int8, DTYPE.uint8, DTYPE.int16, DTYPE.int32, DTYPE.int4),
  perTensor: fc.boolean(),
  masked: fc.boolean(),
  gap: fc.integer({ min: 0, max: 3 }),
  seed: fc.integer(),
});

type Random = (min: number, max: number) => number;

function generator(seed: number): Random {
  let state = seed | 1;
  return (min, max) => {
    state = Math.imul(state, 1664525) + 1013904223;
    return min + ((state >>> 8) % (max - min + 1));
  };
}

const range = (dtype: number): [number, number] => {
  const bits = BITS[dtype]!;
  if (dtype === DTYPE.uint8) return [0, 255];
  return bits === 1 ? [0, 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
};

/** Element at a bit position counted from the start of the flat memories. */
function readBits(memories: Memories, bit: number, dtype: number): number {
  const bits = BITS[dtype]!;
  let value = 0n;
  for (let i = 0; i < bits; i++) {
    const at = bit + i;
    value |= BigInt((memories.u8[at >> 3]! >> (at & 7)) & 1) << BigInt(i);
  }
  return Number(dtype === DTYPE.uint8 || bits === 1 ? value : BigInt.asIntN(bits, value));
}

function writeBits(memories: Memories, bit: number, dtype: number, value: number): void {
  for (let i = 0; i < BITS[dtype]!; i++) {
    const at = bit + i;
    const on = (BigInt(value) >> BigInt(i)) & 1n;
    memories.u8[at >> 3] = on ? memories.u8[at >> 3]! | (1 << (at & 7)) : memories.u8[at >> 3]! & ~(1 << (at & 7));
  }
}

function requantise(acc: bigint, { m, s }: { m: number; s: number }): bigint {
  const value = (acc * BigInt(m) + (1n << BigInt(s - 1))) >> BigInt(s);
  return value > 2147483647n ? 2147483647n : value < -2147483648n ? -2147483648n : value;
}

interface Setting extends Case {
  memories: Memories;
  random: Random;
  input: Tensor;
  second: Tensor | undefined;
  out: Tensor;
  nu: Int32Array;
  entries: { bias: number; m: number; s: number }[];
  windowed: boolean;
  depthwise: boolean;
  /** Stored values of inputs and weights before the operation. */
  x(t: Tensor, n: number, h: number, w: number, c: number): number;
  weight(o: number, h: number, w: number, i: number): number;
}

const pixelBit = (memories: Memories, t: Tensor, n: number, h: number, w: number, c: number): number =>
  (memories.flatOffset(t.base, 1) + n * t.sn + h * t.sh + w * t.sw) * 8 + c * BITS[t.dtype]!;

/** Index of a weight in the blocked order, by the words of the manual. */
function blockedOrder(t: Tensor, o: number, kh: number, kw: number, i: number): { index: number; block: number } {
  if (t.n === 1) {
    const block = (Math.floor(i / COP) * t.h + kh) * t.w + kw;
    return { index: block * COP + (i % COP), block };
  }
  const block = ((Math.floor(o / COP) * Math.ceil(t.c / CIP) + Math.floor(i / CIP)) * t.h + kh) * t.w + kw;
  return { index: block * CIP * COP + (o % COP) * CIP + (i % CIP), block };
}

function setting(raw: Case): Setting {
  const c: Case = { ...raw };
  const { kind } = c;
  const memories = new Memories(CONFIG);
  const random = generator(c.seed);
  const weighted = isOneOf(kind, CONVOLUTIONS);
  const windowed = isOneOf(kind, ["conv", "dwconv", "deconv", "bconv", "maxpool", "avgpool"]);
  const depthwise = kind === "dwconv";
  const elementwise = isOneOf(kind, ["add", "sub", "mul"]);
  const pooling = isOneOf(kind, ["avgpool", "gavgpool"]);
  const maximum = isOneOf(kind, ["maxpool", "gmaxpool"]);
  const global = isOneOf(kind, ["gavgpool", "gmaxpool"]);
  if (kind === "fc") Object.assign(c, { h: 1, w: 1 });
  if (kind === "matmul") Object.assign(c, { n: 1, h: 1 });
  if (!isOneOf(kind, ["conv", "deconv"])) c.groups = 1;
  if (kind === "bconv") Object.assign(c, { inType: DTYPE.bit, weightType: DTYPE.bit });
  if (kind === "bconv" && c.outType === DTYPE.int32) c.outType = DTYPE.bit;
  if ((elementwise || pooling) && c.inType === DTYPE.int4) c.inType = DTYPE.int8;
  if ((elementwise || pooling) && c.outType >= DTYPE.int32) c.outType = DTYPE.int8;
  if (maximum) c.outType = c.inType;
  if (!windowed)
    Object.assign(c, { kh: global ? c.h : 1, kw: global ? c.w : 1, sh: 1, sw: 1, dh: 1, dw: 1, pads: [0, 0, 0, 0] });
  const [top, bottom, left, right] = c.pads;
  const conv = (size: number, pads: number, k: number, d: number, s: number) =>
    Math.floor((size + pads - (k - 1) * d - 1) / s) + 1;
  const deconv = (size: number, pads: number, k: number, d: number, s: number) =>
    (size - 1) * s - pads + (k - 1) * d + 1 + Math.min(c.outPad, s - 1);
  const size = kind === "deconv" ? deconv : conv;
  const outH = global ? 1 : size(c.h, top + bottom, c.kh, c.dh, c.sh);
  const outW = global ? 1 : size(c.w, left + right, c.kw, c.dw, c.sw);
  const channelsIn = c.ci * c.groups;
  const channelsOut = (weighted && !depthwise) || kind === "matmul" ? c.co * c.groups : channelsIn;

  let dm = DM_BASE;
  const featureMap = (n: number, h: number, w: number, channels: number, dtype: number, table = 0): Tensor => {
    const stride = Math.ceil((channels * BITS[dtype]!) / 8) + c.gap;
    const [min, max] = range(dtype);
    const t: Tensor = {
      ...{ base: dm, n, h, w, c: channels, sn: h * w * stride, sh: w * stride, sw: stride },
      ...{ sc: Math.max(1, BITS[dtype]! / 8), dtype, layout: LAYOUT.nhwc, flags: 0 },
      ...{ zeroPoint: BITS[dtype] === 1 ? 0 : random(Math.max(min, -500), Math.min(max, 500)), table, cip: 0, cop: 0 },
    };
    dm += n * h * w * stride + 64;
    const at = memories.flatOffset(t.base, 1);
    for (let i = 0; i < n * h * w * stride; i++) memories.u8[at + i] = random(0, 255);
    return t;
  };

  const input = featureMap(c.n, c.h, c.w, channelsIn, c.inType);
  const withTable = weighted || elementwise || kind === "matmul" || (pooling && c.pool === 1);
  const entries = Array.from({ length: kind === "mul" || pooling ? 1 : elementwise ? 3 : channelsOut }, () => ({
    bias: elementwise || pooling ? 0 : random(-3000, 3000),
    m: random(2 ** 30, 2 ** 31 - 1),
    s: elementwise ? random(10, 40) : random(30, 45),
  }));
  entries.forEach(({ bias, m, s }, i) => {
    [bias, m, s, 0].forEach((word, k) => {
      memories.writeUnsigned(TABLE + 16 * i + 4 * k, 4, word);
    });
  });
  const out = featureMap(c.n, outH, outW, channelsOut, c.outType, withTable && !weighted ? TABLE : 0);
  let second: Tensor | undefined;
  if (elementwise) second = featureMap(c.n, c.h, c.w, channelsIn, c.inType);
  if (kind === "matmul") second = featureMap(1, 1, channelsIn, channelsOut, c.weightType);
  const nu = nuResetState();
  let weight: Setting["weight"] = () => 0;
  if (weighted) {
    const o = depthwise ? 1 : channelsOut;
    const i = depthwise ? channelsIn : c.ci;
    const [min, max] = range(c.weightType);
    const w: Tensor = {
      ...{ base: WM_BASE, n: o, h: c.kh, w: c.kw, c: i, sn: 0, sh: 0, sw: 0, sc: 1 },
      ...{ dtype: c.weightType, layout: LAYOUT.blocked, table: TABLE, cip: CIP, cop: COP },
      flags: c.perTensor ? FLAG_PER_TENSOR_TABLE : 0,
      zeroPoint: c.weightType === DTYPE.bit ? 0 : random(-3, 3),
    };
    second = w;
    const blocks = o === 1 ? Math.ceil(i / COP) : Math.ceil(o / COP) * Math.ceil(i / CIP);
    const maskBits = Array.from({ length: blocks * c.kh * c.kw }, () => (random(0, 2) > 0 ? 1 : 0));
    if (c.masked) {
      nu[F.mask] = MASK;
      maskBits.forEach((bit, at) => {
        writeBits(memories, memories.flatOffset(MASK, 1) * 8 + at, DTYPE.bit, bit);
      });
    }
    const values = new Map<string, number>();
    for (let oo = 0; oo < o; oo++)
      for (let y = 0; y < c.kh; y++)
        for (let x = 0; x < c.kw; x++)
          for (let ii = 0; ii < i; ii++) {
            const { index, block } = blockedOrder(w, oo, y, x, ii);
            const stored = random(min, max);
            writeBits(memories, memories.flatOffset(WM_BASE, 1) * 8 + index * BITS[w.dtype]!, w.dtype, stored);
            const real = w.dtype === DTYPE.bit ? stored * 2 - 1 : stored - w.zeroPoint;
            values.set(`${oo},${y},${x},${ii}`, c.masked && maskBits[block] === 0 ? 0 : real);
          }
    weight = (oo, y, x, ii) => values.get(`${oo},${y},${x},${ii}`)!;
  }
  const state: Partial<Record<keyof typeof F, number>> = {
    ...{ kh: c.kh, kw: c.kw, sh: c.sh, sw: c.sw, dh: c.dh, dw: c.dw, groups: c.groups },
    ...{ padt: top, padb: bottom, padl: left, padr: right, act: c.act, pool: c.pool, lo: -20, hi: 90 },
  };
  for (const [field, value] of Object.entries(state)) nu[F[field as keyof typeof F]] = value;
  const before = { u8: memories.u8.slice() } as unknown as Memories;
  return {
    ...c,
    ...{ memories, random, input, second, out, nu, entries, windowed, depthwise, weight },
    x: (t, n, h, w, channel) => readBits(before, pixelBit(memories, t, n, h, w, channel), t.dtype),
  };
}

/** Sum of products for one output, without bias. */
function sumAt(s: Setting, n: number, oh: number, ow: number, o: number): bigint {
  const { kind, input, kh, kw, sh, sw, dh, dw } = s;
  const [top, , left] = s.pads;
  const group = s.depthwise ? 0 : Math.floor(o / s.co);
  let acc = 0n;
  for (let y = 0; y < kh; y++) {
    for (let z = 0; z < kw; z++) {
      let h = oh * sh - top + y * dh;
      let w = ow * sw - left + z * dw;
      if (kind === "deconv") {
        h = oh + top - y * dh;
        w = ow + left - z * dw;
        if (h % sh !== 0 || w % sw !== 0) continue;
        h /= sh;
        w /= sw;
      }
      const inside = h >= 0 && w >= 0 && h < s.h && w < s.w;
      if (!inside && kind !== "bconv") continue;
      const value = (c: number) => {
        if (kind !== "bconv") return s.x(input, n, h, w, c) - input.zeroPoint;
        return inside ? s.x(input, n, h, w, c) * 2 - 1 : -1;
      };
      if (s.depthwise) acc += BigInt(value(o) * s.weight(0, y, z, o));
      else for (let i = 0; i < s.ci; i++) acc += BigInt(value(group * s.ci + i) * s.weight(o, y, z, i));
    }
  }
  return acc;
}

function expectedAt(s: Setting, n: number, oh: number, ow: number, o: number): number {
  const { kind, input, out, entries } = s;
  const [min, max] = range(out.dtype);
  const within = (v: number) => Math.max(min, Math.min(max, v));
  const lo = s.act === 1 ? within(out.zeroPoint) : s.act === 2 ? within(-20) : min;
  const hi = s.act === 2 ? within(90) : max;
  const stage = (value: bigint | number) => Math.max(lo, Math.min(hi, out.zeroPoint + Number(value)));
  const entry = (i: number) => entries[s.perTensor && isOneOf(kind, CONVOLUTIONS) ? 0 : i]!;
  const value = (t: Tensor) => BigInt(s.x(t, n, oh, ow, o) - t.zeroPoint);
  if (kind === "mul") return stage(requantise(value(input) * value(s.second!), entry(0)));
  if (kind === "add" || kind === "sub") {
    const a = requantise(value(input), entry(0));
    const b = requantise(value(s.second!), entry(1));
    return stage(requantise(BigInt.asIntN(32, kind === "add" ? a + b : a - b), entry(2)));
  }
  if (isOneOf(kind, CONVOLUTIONS) || kind === "matmul") {
    let acc = 0n;
    if (kind === "matmul") {
      const b = s.second!;
      for (let k = 0; k < input.c; k++) {
        acc += BigInt((s.x(input, 0, 0, ow, k) - input.zeroPoint) * (s.x(b, 0, 0, k, o) - b.zeroPoint));
      }
    } else acc = sumAt(s, n, oh, ow, o);
    acc = BigInt.asIntN(32, acc + BigInt(entry(o).bias));
    if (out.dtype === DTYPE.int32) return Number(acc);
    return out.dtype === DTYPE.bit ? (acc >= 0n ? 1 : 0) : stage(requantise(acc, entry(o)));
  }
  const [top, , left] = s.pads;
  let best = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let taps = 0;
  for (let y = 0; y < s.kh; y++) {
    for (let z = 0; z < s.kw; z++) {
      const h = oh * s.sh - top + y * s.dh;
      const w = ow * s.sw - left + z * s.dw;
      if (h < 0 || w < 0 || h >= s.h || w >= s.w) continue;
      taps++;
      best = Math.max(best, s.x(input, n, h, w, o));
      sum += s.x(input, n, h, w, o) - input.zeroPoint;
    }
  }
  if (isOneOf(kind, ["maxpool", "gmaxpool"])) return Math.max(lo, Math.min(hi, best));
  if (s.pool === 1) return stage(requantise(BigInt(sum), entries[0]!));
  return stage(Math.sign(sum) * Math.floor(Math.abs(sum) / taps + 0.5));
}

function compare(s: Setting): void {
  const { out, memories } = s;
  for (let n = 0; n < out.n; n++) {
    for (let h = 0; h < out.h; h++) {
      for (let w = 0; w < out.w; w++) {
        for (let c = 0; c < out.c; c++) {
          const actual = readBits(memories, pixelBit(memories, out, n, h, w, c), out.dtype);
          const expected = expectedAt(s, n, h, w, c);
          if (actual !== expected) expect.fail(`${s.kind} at ${n},${h},${w},${c}: ${actual}, expected ${expected}`);
        }
      }
    }
  }
}

/** Windows that fit, and pools that don't lie in the padding alone. */
function possible(c: Case): boolean {
  const empty = (size: number, before: number, after: number, k: number, d: number) =>
    size + before + after < (k - 1) * d + 1;
  if (empty(c.h, c.pads[0], c.pads[1], c.kh, c.dh) || empty(c.w, c.pads[2], c.pads[3], c.kw, c.dw)) return false;
  return !isOneOf(c.kind, ["maxpool", "avgpool"]) || c.pads.every((pad) => pad < Math.min(c.kh, c.kw));
}

describe("neural unit arithmetic equals a BigInt reference", () => {
  it.each(KINDS)("%s on random shapes, windows, types, groups, masks and strides", (kind) => {
    let done = 0;
    fc.assert(
      fc.property(arbitraryCase, (raw) => {
        const c = { ...raw, kind };
        fc.pre(possible(c));
        const s = setting(c);
        fc.pre(s.out.h > 0 && s.out.w > 0);
        const work = prepareNuWork(kind, s.out, s.input, s.second, s.nu, CONFIG, s.memories);
        const mask = work.mask === 0 ? undefined : s.memories.read(MASK, 4096);
        const timing = nuTiming(work, CONFIG, mask);
        const plain = { ...s, memories: new Memories(CONFIG) };
        plain.memories.u8.set(s.memories.u8);
        executeNuWork(work, s.memories, undefined, mask);
        compare(s);
        executeNuWork(work, plain.memories, undefined, mask, null);
        compare(plain);
        const sum = Object.values(timing.slots).reduce((a, b) => a + b, 0);
        expect(sum).toBe(timing.cycles * CIP * COP);
        for (const [bucket, slots] of Object.entries(timing.slots)) expect(slots, bucket).toBeGreaterThanOrEqual(0);
        done++;
      }),
      { numRuns: 40 },
    );
    expect(done).toBe(40);
  });

  it("a convolution cut in two by input channels, through the accumulators, equals the whole", () => {
    fc.assert(
      fc.property(arbitraryCase, (raw) => {
        const c: Case = { ...raw, kind: "conv", groups: 1, ci: Math.max(2, raw.ci), masked: false };
        fc.pre(possible(c));
        const s = setting(c);
        const held: Accumulators = { shape: "", values: new Int32Array() };
        const run = (kind: NuKind, input: Tensor, second: Tensor) =>
          executeNuWork(prepareNuWork(kind, s.out, input, second, s.nu, CONFIG, s.memories), s.memories, held);
        const second = s.second!;
        const half = Math.floor(c.ci / 2);
        // Two sets of weights, laid out anew behind the whole ones.
        const part = (first: number, count: number, base: number): Tensor => {
          const t = { ...second, base, c: count };
          for (let o = 0; o < t.n; o++)
            for (let y = 0; y < t.h; y++)
              for (let x = 0; x < t.w; x++)
                for (let i = 0; i < count; i++) {
                  const stored = s.weight(o, y, x, first + i) + second.zeroPoint;
                  const at = s.memories.flatOffset(base, 1) * 8 + blockedOrder(t, o, y, x, i).index * BITS[t.dtype]!;
                  writeBits(s.memories, at, t.dtype, stored);
                }
          return t;
        };
        // Slices of sub-byte channels begin at channel 0: take whole bytes only.
        fc.pre(s.input.dtype !== DTYPE.int4);
        const sized = BITS[s.input.dtype]! / 8;
        const low = { ...s.input, c: half };
        const high = { ...s.input, c: c.ci - half, base: s.input.base + half * sized };
        run("accz", s.input, second);
        run("accconv", low, part(0, half, WM_BASE + 32768));
        run("accconv", high, part(half, c.ci - half, WM_BASE + 49152));
        run("accst", s.out, second);
        compare(s);
      }),
      { numRuns: 30 },
    );
  });
});
