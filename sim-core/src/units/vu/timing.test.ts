import { describe, expect, it } from "vitest";
import { type MachineConfig, PRESETS } from "../../config/index.ts";
import { ENUMS } from "../../isa/index.ts";
import { DTYPE, denseStrides, LAYOUT, type Tensor, vuResetState } from "../../machine/index.ts";
import { vuCycles } from "./timing.ts";
import type { VuKind } from "./work.ts";

// The default machine: 16 lanes, a port of 16 bytes, 8 stages, so that a pass pays 7 cycles of fill and drain.
const CONFIG = PRESETS.default;
const FILL = 7;

type Shape = readonly [n: number, h: number, w: number, c: number];

const tensor = (shape: Shape, dtype: number = DTYPE.int8, more: Partial<Tensor> = {}): Tensor => ({
  ...{ base: 0, n: shape[0], h: shape[1], w: shape[2], c: shape[3], dtype, layout: LAYOUT.nhwc },
  ...denseStrides(LAYOUT.nhwc, dtype, shape),
  ...{ flags: 0, zeroPoint: 0, table: 0, cip: 0, cop: 0 },
  ...more,
});

type State = Partial<Record<keyof typeof ENUMS.vufield, number>>;

function cycles(
  kind: VuKind,
  tensors: { out: Tensor; input: Tensor; second?: Tensor },
  fields: State = {},
  config: MachineConfig = CONFIG,
): number {
  const state = vuResetState();
  for (const [field, value] of Object.entries(fields)) state[ENUMS.vufield[field as keyof State]] = value;
  return vuCycles({ kind, second: undefined, ...tensors, state }, config);
}

/** Cycles of an operation whose tensors are all alike. */
const alike = (kind: VuKind, t: Tensor, fields: State = {}, config = CONFIG): number =>
  cycles(kind, { out: t, input: t }, fields, config);

const withVu = (vu: Partial<MachineConfig["vu"]>): MachineConfig => ({ ...CONFIG, vu: { ...CONFIG.vu, ...vu } });
const C = 8;
const HW = 2 | 4;

describe("vector unit, one rule a test (docs/timing.md)", () => {
  it("T-VU-1: vectors within runs", () => {
    // 7 x 7 x 20 = 980 elements behind each other: 62 vectors, the last of 4 elements.
    expect(alike("abs", tensor([1, 7, 7, 20]))).toBe(62 + FILL);
    // Pixels 32 bytes apart: 49 runs of 20 elements, two vectors each.
    const apart = tensor([1, 7, 7, 20], DTYPE.int8, { sw: 32, sh: 7 * 32, sn: 49 * 32 });
    expect(alike("abs", apart)).toBe(98 + FILL);
    // One strided tensor is enough; rows that lie apart leave runs of whole rows: 7 x ceil(140 / 16) = 63.
    expect(cycles("abs", { out: apart, input: tensor([1, 7, 7, 20]) })).toBe(98 + FILL);
    expect(alike("abs", tensor([1, 7, 7, 20], DTYPE.int8, { sh: 160, sn: 1120 }))).toBe(63 + FILL);
    // Channels apart: one element a vector.
    const loose = tensor([1, 1, 1, 40], DTYPE.int8, { sc: 2 });
    expect(alike("abs", loose)).toBe(40 + FILL);
    // A size of 1 has no stride that counts.
    expect(alike("abs", tensor([1, 1, 7, 16], DTYPE.int8, { sh: 4096 }))).toBe(7 + FILL);
    // Four lanes: 245 vectors.
    expect(alike("abs", tensor([1, 7, 7, 20]), {}, withVu({ lanes: 4 }))).toBe(245 + FILL);
    // A transposition of h and w keeps runs of 20 channels: 49 x 2; one that moves the channels has single elements.
    const [input, out] = [tensor([1, 7, 7, 20]), tensor([1, 7, 7, 20])];
    expect(cycles("transpose", { out, input }, { perm: 0b11_01_10_00 })).toBe(98 + FILL);
    expect(cycles("transpose", { out: tensor([1, 20, 7, 7]), input }, { perm: 0b10_01_11_00 })).toBe(980 + FILL);
  });

  it("T-VU-2: reads of all inputs through one port, writes through another", () => {
    const t = tensor([1, 8, 8, 16]);
    // 64 vectors of 16 bytes; two inputs: two reads a vector.
    expect(alike("copy", t)).toBe(64 + FILL);
    expect(cycles("add", { out: t, input: t, second: t })).toBe(128 + FILL);
    // int32: 64 bytes a vector, four cycles on a port of 16 bytes.
    const wide = tensor([1, 8, 8, 16], DTYPE.int32);
    expect(cycles("requant", { out: t, input: wide })).toBe(256 + FILL);
    expect(cycles("dequant", { out: wide, input: t })).toBe(256 + FILL);
    expect(cycles("add", { out: wide, input: wide, second: t })).toBe(64 * 5 + FILL);
    // A second input by channel: runs of 16 channels, read every time.
    expect(cycles("mul", { out: t, input: t, second: tensor([1, 1, 1, 16]) })).toBe(128 + FILL);
    // By pixel: the 16 channels of a pixel take one element, one cycle.
    expect(cycles("mul", { out: wide, input: wide, second: tensor([1, 8, 8, 1], DTYPE.int32) })).toBe(64 * 5 + FILL);
    // One element in all is held.
    expect(cycles("mul", { out: t, input: t, second: tensor([1, 1, 1, 1]) })).toBe(64 + FILL);
  });

  it("T-VU-3: fill and drain once a pass", () => {
    const t = tensor([1, 8, 8, 16]);
    expect(alike("abs", t, {}, withVu({ pipelineStages: 1 }))).toBe(64);
    // Softmax over 64 x 16 channels: two passes read 64 vectors and fold in 4 cycles, the last divides, 4 a vector.
    expect(alike("softmax", t, { axes: C })).toBe(2 * (64 + 4) + 64 * 4 + 3 * FILL);
    expect(alike("norm", t, { axes: C })).toBe(2 * (64 + 4) + 64 * 4 + 3 * FILL);
    // Along h and w nothing is folded.
    expect(alike("softmax", t, { axes: HW })).toBe(2 * 64 + 64 * 4 + 3 * FILL);
    // 10 channels: a vector doesn't go over to the next pixel.
    expect(alike("softmax", tensor([1, 8, 8, 10]), { axes: C })).toBe(2 * (64 + 4) + 64 * 4 + 3 * FILL);
  });

  it("T-VU-4: quotients and roots take four cycles a vector", () => {
    const t = tensor([1, 8, 8, 16]);
    for (const kind of ["recip", "rsqrt", "sigmoid", "tanh"] as const) expect(alike(kind, t)).toBe(256 + FILL);
    for (const kind of ["exp", "hswish", "relu"] as const) expect(alike(kind, t)).toBe(64 + FILL);
    // A mean over 8 x 8: 64 vectors in, 1 vector out in 4 cycles.
    expect(cycles("mean", { out: tensor([1, 1, 1, 16]), input: t }, { axes: HW })).toBe(64 + 4 + FILL);
  });

  it("T-VU-5: reductions read, fold and write", () => {
    const t = tensor([1, 8, 8, 40]);
    // Channels: 64 pixels of 3 vectors, log2(16) = 4, 64 results of int32 behind each other: 4 vectors of 4 cycles.
    const sums = tensor([1, 8, 8, 1], DTYPE.int32);
    expect(cycles("sum", { out: sums, input: t }, { axes: C })).toBe(192 + 4 + 16 + FILL);
    // h and w: runs of 40 kept channels, 3 vectors a pixel; 40 results of int8: 3 vectors.
    expect(cycles("rmax", { out: tensor([1, 1, 1, 40]), input: t }, { axes: HW })).toBe(192 + 3 + FILL);
    // All axes: 2560 elements behind each other.
    expect(cycles("rmin", { out: tensor([1, 1, 1, 1]), input: t }, { axes: 15 })).toBe(160 + 4 + 1 + FILL);
    const places = tensor([1, 1, 1, 1], DTYPE.int32);
    expect(cycles("argmax", { out: places, input: tensor([1, 1, 1, 10]) }, { axes: C })).toBe(1 + 4 + 1 + FILL);
  });

  it("T-VU-6: tables come first", () => {
    const t = tensor([1, 8, 8, 16]);
    expect(alike("lookup", t)).toBe(256 / 16 + 64 + FILL);
    const halves = tensor([1, 8, 8, 16], DTYPE.int16);
    // 513 entries of 2 bytes: 65 cycles; 32 bytes a vector: 2 cycles.
    expect(alike("lookup", halves)).toBe(65 + 128 + FILL);
    // 256 entries of int16.
    expect(cycles("lookup", { out: halves, input: t })).toBe(32 + 128 + FILL);
    // 16 entries of 16 bytes, or one for all channels.
    const wide = tensor([1, 8, 8, 16], DTYPE.int32, { table: 0x10000000 });
    expect(cycles("requant", { out: t, input: wide })).toBe(16 + 256 + FILL);
    expect(cycles("requant", { out: t, input: { ...wide, flags: 1 } })).toBe(1 + 256 + FILL);
  });

  it("T-VU-7: resizing by pixels, concatenation by parts", () => {
    const input = tensor([1, 4, 4, 20]);
    const out = tensor([1, 8, 8, 20]);
    expect(cycles("nearest", { out, input })).toBe(64 * 2 + FILL);
    expect(cycles("bilinear", { out, input })).toBe(64 * 2 * 4 + FILL);
    // 8 and 24 channels to 32: 16 pixels of one vector and of two.
    const parts = { out: tensor([1, 4, 4, 32]), input: tensor([1, 4, 4, 8]), second: tensor([1, 4, 4, 24]) };
    expect(cycles("concat", parts, { axes: C })).toBe(16 + 32 + FILL);
    // Along h whole images lie behind each other: 320 elements and 320 elements.
    const rows = { out: tensor([1, 8, 4, 20]), input, second: input };
    expect(cycles("concat", rows, { axes: 2 })).toBe(20 + 20 + FILL);
  });
});
