import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DM_BASE, PRESETS, WM_BASE } from "../../config/index.ts";
import { ENUMS } from "../../isa/index.ts";
import {
  blockedBytes,
  DTYPE,
  FLAG_PER_TENSOR_TABLE,
  LAYOUT,
  Memories,
  nuResetState,
  type Tensor,
} from "../../machine/index.ts";
import { executeDmaWork, prepareDmaWork } from "../dma/index.ts";
import { executeNuWork } from "./kernels.ts";
import { type NuKind, prepareNuWork } from "./work.ts";

// The arithmetic of docs/machine.md once more, in BigInt and with one loop per dimension, to compare with.

const CONFIG = { ...PRESETS.default, nu: { ...PRESETS.default.nu, cip: 8, cop: 4 } };
const F = ENUMS.nufield;

interface Case {
  kind: NuKind;
  n: number;
  h: number;
  w: number;
  ci: number;
  co: number;
  kh: number;
  kw: number;
  sh: number;
  sw: number;
  pads: [top: number, bottom: number, left: number, right: number];
  dh: number;
  dw: number;
  act: number;
  pool: number;
  unsigned: boolean;
  perTensor: boolean;
  /** Gap between pixels in bytes: tensors need not be dense. */
  gap: number;
  seed: number;
}

const arbitraryCase: fc.Arbitrary<Case> = fc.record({
  kind: fc.constantFrom<NuKind>("conv", "dwconv", "pwconv", "fc", "maxpool", "avgpool", "gavgpool", "add"),
  n: fc.integer({ min: 1, max: 2 }),
  h: fc.integer({ min: 5, max: 9 }),
  w: fc.integer({ min: 5, max: 9 }),
  ci: fc.integer({ min: 1, max: 19 }),
  co: fc.integer({ min: 1, max: 11 }),
  kh: fc.integer({ min: 1, max: 3 }),
  kw: fc.integer({ min: 1, max: 3 }),
  sh: fc.integer({ min: 1, max: 3 }),
  sw: fc.integer({ min: 1, max: 3 }),
  pads: fc.tuple(...([0, 1, 2, 3] as const).map(() => fc.integer({ min: 0, max: 2 }))) as fc.Arbitrary<Case["pads"]>,
  dh: fc.integer({ min: 1, max: 2 }),
  dw: fc.integer({ min: 1, max: 2 }),
  act: fc.integer({ min: 0, max: 2 }),
  pool: fc.integer({ min: 0, max: 1 }),
  unsigned: fc.boolean(),
  perTensor: fc.boolean(),
  gap: fc.integer({ min: 0, max: 3 }),
  seed: fc.integer(),
});

function generator(seed: number): (min: number, max: number) => number {
  let state = seed | 1;
  return (min, max) => {
    state = Math.imul(state, 1664525) + 1013904223;
    return min + ((state >>> 8) % (max - min + 1));
  };
}

type Table = { bias: number; m: number; s: number }[];

function requantise(acc: bigint, { m, s }: { m: number; s: number }): bigint {
  const value = (acc * BigInt(m) + (1n << BigInt(s - 1))) >> BigInt(s);
  return value > 2147483647n ? 2147483647n : value < -2147483648n ? -2147483648n : value;
}

function checkCase(c: Case): void {
  const random = generator(c.seed);
  const memories = new Memories(CONFIG);
  const isWeighted = ["conv", "dwconv", "pwconv", "fc"].includes(c.kind);
  const windowed = ["conv", "dwconv", "maxpool", "avgpool"].includes(c.kind);
  const depthwise = c.kind === "dwconv";
  if (c.kind === "fc") Object.assign(c, { h: 1, w: 1 });
  const [kh, kw] = windowed ? [c.kh, c.kw] : c.kind === "gavgpool" ? [c.h, c.w] : [1, 1];
  const [sh, sw, dh, dw] = windowed ? [c.sh, c.sw, c.dh, c.dw] : [1, 1, 1, 1];
  const [top, bottom, left, right] = windowed ? c.pads : [0, 0, 0, 0];
  const outH = c.kind === "gavgpool" ? 1 : Math.floor((c.h + top + bottom - (kh - 1) * dh - 1) / sh) + 1;
  const outW = c.kind === "gavgpool" ? 1 : Math.floor((c.w + left + right - (kw - 1) * dw - 1) / sw) + 1;
  const co = isWeighted && !depthwise ? c.co : c.ci;

  let dm = DM_BASE;
  const featureMap = (h: number, w: number, channels: number, table = 0): Tensor => {
    const stride = channels + c.gap;
    const map: Tensor = {
      base: dm,
      n: c.n,
      h,
      w,
      c: channels,
      sn: h * w * stride,
      sh: w * stride,
      sw: stride,
      sc: 1,
      dtype: c.unsigned ? DTYPE.uint8 : DTYPE.int8,
      layout: LAYOUT.nhwc,
      flags: 0,
      zeroPoint: c.unsigned ? random(0, 255) : random(-128, 127),
      table,
      cip: 0,
      cop: 0,
    };
    dm += c.n * h * w * stride + 64;
    return map;
  };
  const bytes = c.unsigned ? memories.u8 : memories.i8;
  const at = (t: Tensor, n: number, h: number, w: number, i: number) =>
    memories.flatOffset(t.base, 1) + n * t.sn + h * t.sh + w * t.sw + i;
  const randomise = (t: Tensor) => {
    for (let i = 0; i < t.n * t.sn; i++) memories.u8[memories.flatOffset(t.base, 1) + i] = random(0, 255);
  };

  const tableAddress = WM_BASE + 65536;
  const isAdd = c.kind === "add";
  const pooling = c.kind === "avgpool" || c.kind === "gavgpool";
  const withTable = isWeighted || isAdd || (pooling && c.pool === 1);
  const entries: Table = Array.from({ length: isAdd ? 3 : co }, () => ({
    bias: isAdd || pooling ? 0 : random(-3000, 3000),
    m: random(2 ** 30, 2 ** 31 - 1),
    s: isAdd ? random(10, 40) : random(30, 42),
  }));
  const perTensor = c.perTensor && isWeighted;
  const entry = (i: number) => entries[perTensor || pooling ? 0 : i]!;
  entries.forEach(({ bias, m, s }, i) => {
    [bias, m, s, 0].forEach((word, k) => {
      memories.writeUnsigned(tableAddress + 16 * i + 4 * k, 4, word);
    });
  });

  const input = featureMap(c.h, c.w, c.ci);
  const input2 = featureMap(c.h, c.w, c.ci);
  randomise(input);
  randomise(input2);
  const out = featureMap(outH, outW, co, withTable && !isWeighted ? tableAddress : 0);
  let second: Tensor | undefined = isAdd ? input2 : undefined;
  let weight = (_o: number, _h: number, _w: number, _i: number): number => 0;
  if (isWeighted) {
    const [o, i] = depthwise ? [1, c.ci] : [co, c.ci];
    const values = Int8Array.from({ length: o * kh * kw * i }, () => random(-128, 127));
    const source: Tensor = {
      ...input,
      base: dm,
      n: o,
      h: kh,
      w: kw,
      c: i,
      sn: kh * kw * i,
      sh: kw * i,
      sw: i,
      dtype: DTYPE.int8,
      zeroPoint: random(-3, 3),
    };
    memories.write(source.base, new Uint8Array(values.buffer));
    second = {
      ...source,
      base: WM_BASE,
      layout: LAYOUT.blocked,
      table: tableAddress,
      flags: perTensor ? FLAG_PER_TENSOR_TABLE : 0,
      cip: CONFIG.nu.cip,
      cop: CONFIG.nu.cop,
    };
    expect(blockedBytes(second, 8, 4)).toBeLessThan(65536);
    executeDmaWork(prepareDmaWork("ldw", second, source, 0, CONFIG, memories), memories);
    weight = (ow, hw, ww, iw) => values[((ow * kh + hw) * kw + ww) * i + iw]! - source.zeroPoint;
  }

  const nu = nuResetState();
  const state: Partial<Record<keyof typeof F, number>> = {
    ...{ kh, kw, sh, sw, padt: top, padb: bottom, padl: left, padr: right, dh, dw },
    ...{ act: c.act, pool: c.pool, lo: -20, hi: 90 },
  };
  for (const [field, value] of Object.entries(state)) nu[F[field as keyof typeof F]] = value;
  const [min, max] = c.unsigned ? [0, 255] : [-128, 127];
  const lo = c.act === 1 ? out.zeroPoint : c.act === 2 ? Math.max(min, -20) : min;
  const hi = c.act === 2 ? 90 : max;

  const before = memories.u8.slice();
  executeNuWork(prepareNuWork(c.kind, out, input, second, nu, CONFIG, memories), memories);

  const value = (n: number, oh: number, ow: number, o: number): number => {
    let acc = BigInt(isWeighted ? entry(o).bias : 0);
    let best = -1000;
    let taps = 0;
    const x = (t: Tensor, h: number, w: number, i: number) =>
      (c.unsigned ? before : new Int8Array(before.buffer))[at(t, n, h, w, i)]!;
    if (isAdd) {
      const a = requantise(BigInt(x(input, oh, ow, o) - input.zeroPoint), entry(0));
      const b = requantise(BigInt(x(input2, oh, ow, o) - input2.zeroPoint), entry(1));
      return Number(requantise(BigInt.asIntN(32, a + b), entry(2)));
    }
    for (let y = 0; y < kh; y++) {
      for (let z = 0; z < kw; z++) {
        const h = oh * sh - top + y * dh;
        const w = ow * sw - left + z * dw;
        if (h < 0 || w < 0 || h >= c.h || w >= c.w) continue;
        taps++;
        if (c.kind === "maxpool") best = Math.max(best, x(input, h, w, o));
        else if (pooling) acc += BigInt(x(input, h, w, o) - input.zeroPoint);
        else if (depthwise) acc += BigInt((x(input, h, w, o) - input.zeroPoint) * weight(0, y, z, o));
        else for (let i = 0; i < c.ci; i++) acc += BigInt((x(input, h, w, i) - input.zeroPoint) * weight(o, y, z, i));
      }
    }
    if (c.kind === "maxpool") return best - out.zeroPoint;
    if (withTable) return Number(requantise(BigInt.asIntN(32, acc), entry(o)));
    const count = c.pool === 1 ? kh * kw : Math.max(1, taps);
    const magnitude = Math.floor(Math.abs(Number(acc)) / count + 0.5);
    return acc < 0n ? -magnitude : magnitude;
  };
  for (let n = 0; n < c.n; n++) {
    for (let oh = 0; oh < outH; oh++) {
      for (let ow = 0; ow < outW; ow++) {
        for (let o = 0; o < co; o++) {
          const expected = Math.max(lo, Math.min(hi, out.zeroPoint + value(n, oh, ow, o)));
          expect(bytes[at(out, n, oh, ow, o)], `${c.kind} at ${n},${oh},${ow},${o}`).toBe(expected);
        }
      }
    }
  }
}

describe("neural unit arithmetic equals a BigInt reference", () => {
  it("on random shapes, windows, types and strides", () => {
    fc.assert(
      fc.property(arbitraryCase, (c) => {
        const emptyWindow = (size: number, before: number, after: number, k: number, d: number) =>
          size + before + after < (k - 1) * d + 1;
        fc.pre(
          !emptyWindow(c.h, c.pads[0], c.pads[1], c.kh, c.dh) && !emptyWindow(c.w, c.pads[2], c.pads[3], c.kw, c.dw),
        );
        // A pool's window that lies in the padding alone is a fault.
        fc.pre(!["maxpool", "avgpool"].includes(c.kind) || c.pads.every((pad) => pad < Math.min(c.kh, c.kw)));
        checkCase(c);
      }),
      { numRuns: 400 },
    );
  });
});
