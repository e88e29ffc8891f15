/** The arithmetic of single operations, without the machine around it: the kernels beside the plain loops. */
import { DM_BASE, type MachineConfig, PRESETS, WM_BASE } from "@nnasm/sim-core/config";
import { DTYPE_BITS, ENUMS } from "@nnasm/sim-core/isa";
import { denseStrides, LAYOUT, Memories, nuResetState, type Tensor, vuResetState } from "@nnasm/sim-core/machine";
import { executeNuWork } from "../sim-core/src/units/nu/kernels.ts";
import { type NuKind, prepareNuWork } from "../sim-core/src/units/nu/work.ts";
import { executeVuWork } from "../sim-core/src/units/vu/kernels.ts";
import { prepareVuWork, type VuKind } from "../sim-core/src/units/vu/work.ts";
import { measure } from "./measure.ts";

export interface KernelResult {
  readonly name: string;
  /** Multiply-accumulates per second; of operations that multiply nothing, elements. */
  readonly perSecond: number;
  /** The same of the plain loops, where an operation has both. */
  readonly plainPerSecond?: number;
}

const MIB = 2 ** 20;
const { default: preset } = PRESETS;
/** Memories in which every layer fits at once. */
const CONFIG: MachineConfig = {
  ...preset,
  dm: { ...preset.dm, bytes: 16 * MIB },
  wm: { bytes: 8 * MIB },
};
const INPUT = DM_BASE;
const SECOND = DM_BASE + 4 * MIB;
const OUT = DM_BASE + 8 * MIB;
const TABLE = WM_BASE + 7 * MIB;
const TABLE_ENTRIES = 4096;
const { int8, int16, int4, bit } = ENUMS.dtype;

type Shape = readonly [h: number, w: number, c: number];

interface NuCase {
  readonly name: string;
  readonly kind: NuKind;
  readonly input: Shape;
  readonly out: Shape;
  readonly kernel?: number;
  readonly stride?: number;
  readonly pad?: number;
  readonly groups?: number;
  /** Data types of input, weights and output; int8 when left out. */
  readonly types?: readonly [number, number, number];
}

const square = (size: number, channels: number): Shape => [size, size, channels];
const same = { kind: "conv", input: square(28, 64), out: square(28, 64), kernel: 3, pad: 1 } as const;

const NU_CASES: readonly NuCase[] = [
  {
    name: "conv 7x7/2 3 -> 64",
    kind: "conv",
    input: square(224, 3),
    out: square(112, 64),
    kernel: 7,
    stride: 2,
    pad: 3,
  },
  { name: "conv 3x3 128 -> 128", kind: "conv", input: square(28, 128), out: square(28, 128), kernel: 3, pad: 1 },
  { name: "conv 1x1 256 -> 64", kind: "conv", input: square(56, 256), out: square(56, 64) },
  {
    name: "conv 3x3 256, 32 groups",
    kind: "conv",
    input: square(28, 256),
    out: square(28, 256),
    kernel: 3,
    pad: 1,
    groups: 32,
  },
  { name: "depthwise 3x3 256", kind: "dwconv", input: square(28, 256), out: square(28, 256), kernel: 3, pad: 1 },
  { name: "deconv 4x4/2 64 -> 64", kind: "deconv", input: square(28, 64), out: square(58, 64), kernel: 4, stride: 2 },
  { name: "fc 2048 -> 1000", kind: "fc", input: [1, 1, 2048], out: [1, 1, 1000] },
  { name: "matmul 196x512x512", kind: "matmul", input: [1, 196, 512], out: [1, 196, 512] },
  { ...same, name: "conv 3x3 64, int16 by int8", types: [int16, int8, int16] },
  { ...same, name: "conv 3x3 64, int8 by int4", types: [int8, int4, int8] },
  { ...same, name: "conv 3x3 64, int4", types: [int4, int4, int4] },
  { ...same, name: "conv 3x3 64, bit", kind: "bconv", types: [bit, bit, bit] },
];

const VU_KINDS: readonly VuKind[] = ["add", "mul", "relu", "sigmoid", "softmax", "norm", "requant"];
const VU_SHAPE: Shape = [1, 512, 768];

function map(base: number, [h, w, c]: Shape, dtype: number): Tensor {
  const signed = DTYPE_BITS[dtype] === 8;
  return {
    ...{ base, n: 1, h, w, c, ...denseStrides(LAYOUT.nhwc, dtype, [1, h, w, c]), dtype, layout: LAYOUT.nhwc },
    ...{ flags: 0, zeroPoint: signed ? 5 : 0, table: TABLE, cip: 0, cop: 0 },
  };
}

function weightsOf({ kind, input, out, kernel = 1, groups = 1, types = [int8, int8, int8] }: NuCase): Tensor {
  if (kind === "matmul") return map(SECOND, [1, input[2], out[2]], types[1]);
  const depthwise = kind === "dwconv";
  return {
    ...{ base: WM_BASE, n: depthwise ? 1 : out[2], h: kernel, w: kernel, c: depthwise ? input[2] : input[2] / groups },
    ...{ sn: 0, sh: 0, sw: 0, sc: 1, dtype: types[1], layout: LAYOUT.blocked, flags: 0, zeroPoint: 0, table: TABLE },
    ...{ cip: CONFIG.nu.cip, cop: CONFIG.nu.cop },
  };
}

function macsOf({ kind, input, out, kernel = 1, groups = 1 }: NuCase): number {
  const [h, w] = kind === "deconv" ? input : out;
  return h * w * out[2] * kernel ** 2 * (kind === "dwconv" ? 1 : input[2] / groups);
}

function filledMemories(): Memories {
  const memories = new Memories(CONFIG);
  for (let i = 0; i < memories.u8.length; i++) memories.u8[i] = Math.imul(i, 0x9e3779b1) >>> 24;
  const words = Int32Array.from({ length: 4 * TABLE_ENTRIES }, (_, i) => [(i >> 2) * 10, 2 ** 30 + i, 43, 0][i % 4]!);
  memories.write(TABLE, new Uint8Array(words.buffer));
  return memories;
}

function benchNu(c: NuCase, memories: Memories, seconds: number): KernelResult {
  const { kind, kernel = 1, stride = 1, pad = 0, groups = 1, types = [int8, int8, int8] } = c;
  const nu = nuResetState();
  const state = { kh: kernel, kw: kernel, sh: stride, sw: stride, padt: pad, padb: pad, padl: pad, padr: pad, groups };
  for (const [field, value] of Object.entries(state)) nu[ENUMS.nufield[field as keyof typeof state]] = value;
  const out = map(OUT, c.out, types[2]);
  const work = prepareNuWork(kind, out, map(INPUT, c.input, types[0]), weightsOf(c), nu, CONFIG, memories);
  const { fast, plain } = measure(
    {
      fast: () => {
        executeNuWork(work, memories);
        return undefined;
      },
      plain: () => {
        executeNuWork(work, memories, undefined, undefined, null);
        return undefined;
      },
    },
    seconds,
  );
  const macs = macsOf(c);
  return { name: c.name, perSecond: macs / fast.bestSeconds, plainPerSecond: macs / plain.bestSeconds };
}

function benchVu(kind: VuKind, memories: Memories, seconds: number): KernelResult {
  const state = vuResetState();
  for (const field of ["m0", "m1", "m2"] as const) state[ENUMS.vufield[field]] = 2 ** 30;
  for (const field of ["s0", "s1", "s2"] as const) state[ENUMS.vufield[field]] = 30;
  const second = kind === "add" || kind === "mul" ? { ...map(SECOND, VU_SHAPE, int8), table: 0 } : undefined;
  const [out, input] = [map(OUT, VU_SHAPE, int8), { ...map(INPUT, VU_SHAPE, int8), table: 0 }];
  const work = prepareVuWork(kind, out, input, second, state, memories);
  const run = () => {
    executeVuWork(work, memories);
    return undefined;
  };
  const { timing } = measure({ timing: run }, seconds);
  return { name: `vu.${kind} int8`, perSecond: VU_SHAPE.reduce((a, b) => a * b) / timing.bestSeconds };
}

/** @param seconds for each operation, roughly */
export function benchKernels(seconds: number): KernelResult[] {
  const memories = filledMemories();
  return [
    ...NU_CASES.map((c) => benchNu(c, memories, seconds)),
    ...VU_KINDS.map((kind) => benchVu(kind, memories, seconds)),
  ];
}
