import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DM_BASE, PRESETS, WM_BASE } from "../../../config/index.ts";
import { ENUMS } from "../../../isa/index.ts";
import {
  DTYPE,
  elements,
  extent,
  FLAG_PER_TENSOR_TABLE,
  LAYOUT,
  Memories,
  nuResetState,
  shapeText,
  type Tensor,
} from "../../../machine/index.ts";
import { scramble, tensor } from "../../../testing/tensors.ts";
import { executeNuWork } from "../kernels.ts";
import { type NuKind, type NuWork, prepareNuWork } from "../work.ts";
import { accumulate, convolve, multiplyMatrices, simdKernels } from "./index.ts";
import { KERNELS } from "./kernels.generated.ts";

// Every kernel beside the plain loops, which kernels.test.ts compares with the manual: all bytes of the memories must be
// equal afterwards.

const F = ENUMS.nufield;
const kernels = simdKernels()!;
const arrayOf = (cip: number, cop: number) => ({
  ...PRESETS.default,
  nu: { ...PRESETS.default.nu, cip, cop, accumulatorBytes: 2 ** 20 },
});
const CONFIGS = [arrayOf(16, 16), arrayOf(8, 4), arrayOf(1, 32)];
const TABLE = WM_BASE + 98304;
const MASK = WM_BASE + 65536;
const ROOM = 262144;
const OUT = DM_BASE + ROOM;

interface Setting {
  readonly work: NuWork;
  readonly mask: Uint8Array | undefined;
  readonly memories: Memories;
}

type Pads = [top: number, bottom: number, left: number, right: number];

interface Case {
  kind: NuKind;
  config: (typeof CONFIGS)[number];
  n: number;
  h: number;
  w: number;
  groups: number;
  ci: number;
  co: number;
  kernel: [number, number];
  stride: [number, number];
  dilation: [number, number];
  pads: Pads;
  types: [input: number, weights: number, out: number];
  zeroPoints: [input: number, weights: number, out: number];
  gaps: number[];
  shifts: [from: number, to: number];
  activation: number;
  perTensor: boolean;
  masked: boolean;
  /** Bytes of operands: any, or only those that make the largest sums. */
  extreme: boolean;
  seed: number;
}

const KINDS = ["conv", "dwconv", "pwconv", "fc", "deconv", "bconv", "matmul", "accconv"] as const;
const upTo = (max: number) => fc.integer({ min: 1, max });
const anyOf = (...dtypes: number[]) => fc.constantFrom(...dtypes);

const arbitraryCase: fc.Arbitrary<Omit<Case, "kind">> = fc.record({
  config: fc.constantFrom(...CONFIGS),
  n: upTo(2),
  h: upTo(9),
  w: upTo(9),
  groups: fc.constantFrom(1, 1, 2, 3),
  ci: fc.oneof(upTo(8), upTo(40)),
  co: fc.oneof(upTo(8), upTo(30)),
  kernel: fc.tuple(upTo(4), upTo(4)),
  stride: fc.tuple(upTo(3), upTo(4)),
  dilation: fc.tuple(upTo(3), upTo(2)),
  pads: fc.tuple(...([0, 1, 2, 3] as const).map(() => fc.integer({ min: 0, max: 4 }))) as fc.Arbitrary<Pads>,
  types: fc.tuple(
    anyOf(DTYPE.int8, DTYPE.int8, DTYPE.uint8, DTYPE.int16, DTYPE.int4),
    anyOf(DTYPE.int8, DTYPE.int8, DTYPE.uint8, DTYPE.int4),
    anyOf(DTYPE.int8, DTYPE.uint8, DTYPE.int16, DTYPE.int32, DTYPE.int4),
  ),
  zeroPoints: fc.tuple(
    fc.constantFrom(0, 0, 5, -128, 127, 255, 32640, -32641, 40000),
    fc.constantFrom(0, 0, -3, 255, -128),
    fc.constantFrom(0, 0, 7, -128, 2 ** 20, -(2 ** 21), 2 ** 31 - 1),
  ),
  gaps: fc.array(fc.constantFrom(0, 0, 0, 2, 6), { minLength: 6, maxLength: 6 }),
  shifts: fc.constantFrom([36, 44], [34, 62], [34, 34], [62, 62], [1, 62], [33, 36]) as fc.Arbitrary<[number, number]>,
  activation: fc.integer({ min: 0, max: 2 }),
  perTensor: fc.boolean(),
  masked: fc.boolean(),
  extreme: fc.boolean(),
  seed: fc.integer(),
});

const EXTREMES = [0x80, 0x7f, 0xff, 0x00];

const NOISE = new Memories(PRESETS.default);
scramble(NOISE, DM_BASE, NOISE.dmBytes, 1);
scramble(NOISE, WM_BASE, NOISE.wmBytes, 2);

function fillOperands(memories: Memories, c: Case): void {
  // Other bytes at the same places for every seed.
  const shift = (c.seed >>> 0) % 65521;
  memories.u8.set(NOISE.u8.subarray(memories.dmOffset + shift), memories.dmOffset);
  memories.u8.set(NOISE.u8.subarray(memories.dmOffset, memories.dmOffset + shift), memories.u8.length - shift);
  if (!c.extreme) return;
  for (const [from, bytes] of [[memories.dmOffset, 262144] as const, [memories.wmOffset, 65536] as const]) {
    const first = memories.u8[from]! & 3;
    memories.u8.fill(EXTREMES[first]!, from, from + bytes);
    // A few others among them; the high byte of an int16 decides.
    for (let at = from + first; at < from + bytes; at += 37) memories.u8[at] = EXTREMES[at & 3]!;
  }
}

function fillTable(memories: Memories, entries: number, [from, to]: readonly [number, number], seed: number): void {
  const words = new Int32Array(4 * entries);
  for (let i = 0; i < entries; i++) {
    const mixed = Math.imul(seed + i * 7919, 0x9e3779b1);
    words[4 * i] = mixed ^ (mixed >>> 7);
    words[4 * i + 1] = i % 5 === 4 ? mixed : 2 ** 30 + (mixed >>> 2);
    words[4 * i + 2] = from + ((mixed >>> 9) % (to - from + 1));
  }
  memories.write(TABLE, new Uint8Array(words.buffer));
}

/** Fits a drawn case to the rules of its kind; undefined when the window is larger than the input. */
function settingOf(drawn: Case): Setting | undefined {
  const c = { ...drawn };
  const { kind, config } = c;
  const depthwise = kind === "dwconv";
  const windowed = ["conv", "dwconv", "deconv", "bconv", "accconv"].includes(kind);
  if (!["conv", "deconv", "accconv"].includes(kind)) c.groups = 1;
  if (!windowed) Object.assign(c, { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0] });
  if (kind === "fc" || kind === "matmul") c.h = 1;
  if (kind === "fc") c.w = 1;
  if (kind === "matmul") c.n = 1;
  let [inType, weightType, outType] = c.types;
  if (kind === "bconv") {
    inType = weightType = DTYPE.bit;
    c.zeroPoints = [0, 0, c.zeroPoints[2]];
    if (outType === DTYPE.int4) outType = DTYPE.bit;
  }
  if (kind === "accconv") outType = DTYPE.int32;
  const [top, bottom, left, right] = c.pads;
  const size = (input: number, pads: number, axis: 0 | 1): number => {
    const k = (c.kernel[axis] - 1) * c.dilation[axis] + 1;
    if (kind === "deconv") return (input - 1) * c.stride[axis] - pads + k + (c.seed & 1 & (c.stride[axis] - 1));
    return Math.floor((input + pads - k) / c.stride[axis]) + 1;
  };
  const outH = size(c.h, top + bottom, 0);
  const outW = size(c.w, left + right, 1);
  if (outH < 1 || outW < 1) return undefined;
  const channelsIn = c.ci * c.groups;
  const channelsOut = depthwise ? channelsIn : c.co * c.groups;
  const gaps = c.gaps.slice(0, 3).map((gap) => gap);
  const [g1 = 0, g2 = 0, g3 = 0] = gaps;
  const input: Tensor = {
    ...tensor(DM_BASE, [c.n, c.h, c.w, channelsIn], inType, LAYOUT.nhwc, [0, g1, g2, g3]),
    zeroPoint: c.zeroPoints[0],
  };
  const [g4 = 0, g5 = 0, g6 = 0] = c.gaps.slice(3);
  const out: Tensor = {
    ...tensor(OUT, [c.n, outH, outW, channelsOut], outType, LAYOUT.nhwc, [0, g4, g5, g6]),
    ...{ zeroPoint: c.zeroPoints[2], table: TABLE },
  };
  // Large strides of transposed convolutions make outputs that the memory has no room for.
  if (extent(out).bytes > ROOM) return undefined;
  const flags = c.perTensor ? FLAG_PER_TENSOR_TABLE : 0;
  const memories = new Memories(config);
  fillOperands(memories, c);
  fillTable(memories, channelsOut, c.shifts, c.seed);
  const nu = nuResetState();
  const state: Partial<Record<keyof typeof F, number>> = {
    ...{ kh: c.kernel[0], kw: c.kernel[1], sh: c.stride[0], sw: c.stride[1], dh: c.dilation[0], dw: c.dilation[1] },
    ...{ padt: top, padb: bottom, padl: left, padr: right, groups: c.groups, act: c.activation, lo: -20, hi: 90 },
  };
  for (const [field, value] of Object.entries(state)) nu[F[field as keyof typeof F]] = value;
  let second: Tensor;
  if (kind === "matmul") {
    const right = tensor(DM_BASE + 131072, [1, 1, channelsIn, channelsOut], weightType, LAYOUT.nhwc, [0, g2, 0, 0]);
    second = { ...right, zeroPoint: c.zeroPoints[1] };
  } else {
    second = {
      ...{ base: WM_BASE, n: depthwise ? 1 : channelsOut, h: c.kernel[0], w: c.kernel[1] },
      ...{ c: depthwise ? channelsIn : c.ci, sn: 0, sh: 0, sw: 0, sc: 1, dtype: weightType, layout: LAYOUT.blocked },
      ...{ flags, zeroPoint: c.zeroPoints[1], table: TABLE, cip: config.nu.cip, cop: config.nu.cop },
    };
    if (c.masked) nu[F.mask] = MASK;
  }
  const work = prepareNuWork(kind, out, input, second, nu, config, memories);
  return { work, mask: work.mask === 0 ? undefined : memories.read(MASK, 16384), memories };
}

function copyOf(memories: Memories, config: Case["config"]): Memories {
  const copy = new Memories(config);
  copy.u8.set(memories.u8);
  return copy;
}

/** Index of the first different word, -1 when all are equal. */
function firstDifference(a: Int32Array, b: Int32Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return i;
  return -1;
}

/** Real values that int16 can't hold are left to the plain loops. */
function fits({ dtype, zeroPoint }: Tensor): boolean {
  const bits = [8, 8, 16, 32, 4, 1][dtype]!;
  const [min, max] = dtype === DTYPE.uint8 ? [0, 255] : bits === 1 ? [0, 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  return min! - zeroPoint >= -(2 ** 15) && max! - zeroPoint < 2 ** 15;
}

it("browsers compile the kernels at once on any thread: modules up to 4 KB", () => {
  expect(KERNELS.length).toBeLessThan(4096);
});

describe("kernels equal the plain loops", () => {
  it.each(KINDS)("%s on random shapes, windows, types, zero points, tables, masks and strides", (kind) => {
    let taken = 0;
    fc.assert(
      fc.property(arbitraryCase, (drawn) => {
        const setting = settingOf({ ...drawn, kind });
        fc.pre(setting !== undefined);
        const { work, mask, memories } = setting!;
        const plain = copyOf(memories, drawn.config);
        const expectTaken = fits(work.input) && fits(work.second!);
        if (kind === "accconv") {
          const sums = Int32Array.from({ length: elements(work.out) }, (_, i) => Math.imul(i, 0x9e3779b1));
          const held = { shape: shapeText(work.out), values: sums.slice() };
          executeNuWork(work, plain, held, mask, null);
          expect(accumulate(work, mask, sums, memories, kernels)).toBe(expectTaken);
          if (expectTaken) expect(firstDifference(sums, held.values)).toBe(-1);
        } else {
          executeNuWork(work, plain, undefined, mask, null);
          const done =
            kind === "matmul" ? multiplyMatrices(work, memories, kernels) : convolve(work, mask, memories, kernels);
          expect(done).toBe(expectTaken);
        }
        if (!expectTaken) return;
        taken++;
        expect(firstDifference(memories.i32, plain.i32)).toBe(-1);
        const { address, bytes } = extent(work.out);
        if (kind !== "accconv") expect(memories.dirty[memories.flatOffset(address, bytes) >>> 12]).toBe(1);
      }),
      { numRuns: 40 },
    );
    expect(taken).toBeGreaterThan(10);
  });

  const COMMON: Case = {
    ...{ kind: "conv", config: CONFIGS[0]!, n: 1, h: 20, w: 20, groups: 1, ci: 5, co: 16, kernel: [3, 3] },
    ...{ stride: [1, 1], dilation: [1, 1], pads: [1, 1, 1, 1], types: [DTYPE.int8, DTYPE.int8, DTYPE.int8] },
    ...{ zeroPoints: [3, -2, 1], gaps: [], shifts: [36, 44], activation: 0, perTensor: false, masked: false },
    ...{ extreme: false, seed: 7 },
  };

  it.each<[string, Partial<Case>]>([
    ["an output of several stripes", { h: 45, w: 47, co: 50, ci: 3, n: 2 }],
    ["several stripes of groups", { h: 37, w: 41, co: 19, ci: 3, groups: 3 }],
    ["several stripes of channels", { kind: "dwconv", h: 39, w: 41, ci: 67 }],
    ["a transposed convolution of many pixels", { kind: "deconv", h: 29, w: 31, co: 17, stride: [2, 3] }],
    ["an input as large as the window", { h: 7, w: 7, kernel: [7, 7], pads: [0, 0, 0, 0], ci: 33 }],
  ])("%s", (_, differences) => {
    const drawn = { ...COMMON, ...differences };
    const { work, mask, memories } = settingOf(drawn)!;
    const plain = copyOf(memories, drawn.config);
    executeNuWork(work, plain, undefined, mask, null);
    expect(convolve(work, mask, memories, kernels)).toBe(true);
    expect(firstDifference(memories.i32, plain.i32)).toBe(-1);
  });

  it("sums wrap", () => {
    const types: Case["types"] = [DTYPE.int16, DTYPE.int8, DTYPE.int32];
    const { work, memories } = settingOf({ ...COMMON, h: 5, w: 5, ci: 300, types, zeroPoints: [0, -2, 1] })!;
    memories.u8.fill(0x80, memories.dmOffset, memories.dmOffset + 65536);
    memories.u8.fill(0x80, memories.wmOffset, memories.wmOffset + 65536);
    expect(convolve(work, undefined, memories, kernels)).toBe(true);
    // Pixel (2, 2), channel 0: all nine taps lie within the input, whose elements are 0x8080.
    const bias = BigInt(memories.readUnsigned(TABLE, 4));
    const sum = 300n * 9n * -32640n * (-128n + 2n) + bias;
    expect(sum).toBeGreaterThan(2n ** 32n);
    expect(memories.readUnsigned(OUT + (2 * 5 + 2) * 16 * 4, 4)).toBe(Number(BigInt.asUintN(32, sum)));
  });

  it("an output that overlaps the input sees the input as it was", () => {
    const { work, memories } = settingOf({ ...COMMON, h: 60, w: 60, ci: 16, kernel: [1, 1], pads: [0, 0, 0, 0] })!;
    const inPlace = { ...work, out: { ...work.out, base: work.input.base + 16 * 61 } };
    const plain = copyOf(memories, COMMON.config);
    executeNuWork(inPlace, plain, undefined, undefined, null);
    expect(convolve(inPlace, undefined, memories, kernels)).toBe(true);
    expect(firstDifference(memories.i32, plain.i32)).toBe(-1);
  });

  it("a bad table entry faults before anything is written", () => {
    const { work, memories } = settingOf(COMMON)!;
    memories.writeUnsigned(TABLE + 16 * 3 + 8, 4, 63);
    const before = copyOf(memories, COMMON.config);
    expect(() => convolve(work, undefined, memories, kernels)).toThrow("entry 3 of the requantisation table");
    expect(firstDifference(memories.i32, before.i32)).toBe(-1);
  });
});
