/**
 * What the neural unit is asked to do: descriptors and sticky state, checked against each other when the operation
 * is issued (machine manual, "Neural unit"). Only forms that the unit really executes pass.
 */
import type { MachineConfig } from "../../config/index.ts";
import { type Activation, ENUMS, enumNameOf } from "../../isa/enums.ts";
import { type AddressSpace, DTYPE, elements, MachineFault, shapeText, type Tensor } from "../../machine/index.ts";
import { checkMap, checkPrecision, checkTable, checkWeights, expectOut, outputBounds } from "./tensors.ts";

export const NU_KINDS = [
  "conv",
  "dwconv",
  "pwconv",
  "fc",
  "matmul",
  "deconv",
  "bconv",
  "accz",
  "accld",
  "accconv",
  "accst",
  "maxpool",
  "avgpool",
  "gavgpool",
  "gmaxpool",
  "add",
  "sub",
  "mul",
] as const;
export type NuKind = (typeof NU_KINDS)[number];

/** Precision of the array: int4 and bit multiply the input channels per cycle, int16 the cycles per pixel. */
export type Precision = "int8" | "int4" | "int16" | "bit";

export interface NuWork {
  readonly kind: NuKind;
  readonly out: Tensor;
  readonly input: Tensor;
  /** Weights, or the second input. */
  readonly second: Tensor | undefined;
  readonly kh: number;
  readonly kw: number;
  readonly strideH: number;
  readonly strideW: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly dilationH: number;
  readonly dilationW: number;
  readonly groups: number;
  /** Bounds of the output in stored values. */
  readonly lo: number;
  readonly hi: number;
  /** Whether average pools count padded places. */
  readonly countPadding: boolean;
  readonly precision: Precision;
  /** Address of the sparsity mask, 0 = none. */
  readonly mask: number;
  readonly split: "channels" | "rows" | "images";
  /** Whether nu.prefetch declared these weights. */
  readonly prefetched: boolean;
}

const F = ENUMS.nufield;
const BYTES = [DTYPE.int8, DTYPE.uint8] as const;
const MAPS = [...BYTES, DTYPE.int16, DTYPE.int4] as const;
const ELEMENTWISE = [...BYTES, DTYPE.int16] as const;

const WINDOWED: readonly NuKind[] = ["conv", "dwconv", "deconv", "bconv", "accconv", "maxpool", "avgpool"];
const GROUPED: readonly NuKind[] = ["conv", "deconv", "accconv"];

function precisionOf(input: Tensor, weights: Tensor): Precision {
  if (input.dtype === DTYPE.bit) return "bit";
  if (input.dtype === DTYPE.int16) return "int16";
  return input.dtype === DTYPE.int4 && weights.dtype === DTYPE.int4 ? "int4" : "int8";
}

/** Places that a window of the axis takes. */
const outSize = (size: number, pads: number, kernel: number, dilation: number, stride: number): number =>
  Math.floor((size + pads - ((kernel - 1) * dilation + 1)) / stride) + 1;

interface Window {
  readonly nu: Int32Array;
  readonly work: NuWork;
}

function windowOutput({ nu, work }: Window): [h: number, w: number] {
  const { input } = work;
  const h = outSize(input.h, nu[F.padt]! + nu[F.padb]!, work.kh, work.dilationH, work.strideH);
  const w = outSize(input.w, nu[F.padl]! + nu[F.padr]!, work.kw, work.dilationW, work.strideW);
  if (h < 1 || w < 1) {
    throw new MachineFault("shape", input.base, `the window ${work.kh}x${work.kw} is larger than the padded input`);
  }
  return [h, w];
}

/** A transposed convolution's output; the output padding of less than a stride follows from the descriptor. */
function deconvOutput({ nu, work }: Window): [h: number, w: number] {
  const { input, out } = work;
  const size = (count: number, stride: number, pads: number, kernel: number, dilation: number, actual: number) => {
    const least = (count - 1) * stride - pads + (kernel - 1) * dilation + 1;
    return actual >= least && actual < least + stride ? actual : least;
  };
  return [
    size(input.h, work.strideH, nu[F.padt]! + nu[F.padb]!, work.kh, work.dilationH, out.h),
    size(input.w, work.strideW, nu[F.padl]! + nu[F.padr]!, work.kw, work.dilationW, out.w),
  ];
}

/** A pool over nothing but padding has no value. */
function checkWindowsTouchInput(work: NuWork): void {
  const { input, out } = work;
  const touches = (size: number, outs: number, stride: number, pad: number, kernel: number, dilation: number) =>
    pad <= (kernel - 1) * dilation && (outs - 1) * stride - pad < size;
  const rows = touches(input.h, out.h, work.strideH, work.padTop, work.kh, work.dilationH);
  const columns = touches(input.w, out.w, work.strideW, work.padLeft, work.kw, work.dilationW);
  if (!rows || !columns) {
    throw new MachineFault("shape", input.base, "a window of the pool lies in the padding alone", "use less padding");
  }
}

function checkWeightShape(work: NuWork, windowed: boolean): void {
  const { kind, input, groups } = work;
  const weights = work.second!;
  if (weights.c * groups !== input.c) {
    const grouped = groups > 1 ? ` in each of ${groups} groups` : "";
    const message = `the weights take ${weights.c} channels${grouped}, the input has ${input.c}`;
    throw new MachineFault("shape", weights.base, message);
  }
  if (groups > 1 && weights.n % groups !== 0) {
    throw new MachineFault("shape", weights.base, `${weights.n} output channels don't divide into ${groups} groups`);
  }
  if (kind === "dwconv" && weights.n !== 1) {
    throw new MachineFault(
      "shape",
      weights.base,
      `depthwise weights have shape 1xKhxKwxC, these ${shapeText(weights)}`,
    );
  }
  if (weights.h !== work.kh || weights.w !== work.kw) {
    throw new MachineFault(
      "shape",
      weights.base,
      `the window is ${work.kh}x${work.kw}, the weights are ${weights.h}x${weights.w}`,
      windowed ? "set the window with nu.window" : "this operation takes 1x1 weights",
    );
  }
  if (kind === "fc" && (input.h !== 1 || input.w !== 1)) {
    const message = `nu.fc takes a 1x1 feature map, not ${shapeText(input)}`;
    throw new MachineFault("shape", input.base, message, "flatten the input with td.flat");
  }
}

function checkConvolution(
  work: NuWork,
  asked: number,
  window: Window,
  config: MachineConfig,
  memories: AddressSpace,
): void {
  const { kind, input, out } = work;
  const weights = work.second!;
  const binary = kind === "bconv";
  checkMap(input, "input", binary ? [DTYPE.bit] : MAPS, memories);
  checkWeights(weights, binary ? [DTYPE.bit] : [...BYTES, DTYPE.int4], config, memories);
  checkPrecision(asked, work.precision, input);
  const windowed = WINDOWED.includes(kind);
  checkWeightShape(work, windowed);
  const channels = kind === "dwconv" ? weights.c : weights.n;
  const [h, w] = !windowed ? [input.h, input.w] : kind === "deconv" ? deconvOutput(window) : windowOutput(window);
  if (kind === "accconv") {
    expectOut(out, input.n, h, w, channels);
    checkCapacity(out, config);
    return;
  }
  checkMap(out, "output", [...MAPS, DTYPE.int32, ...(binary ? [DTYPE.bit] : [])], memories);
  expectOut(out, input.n, h, w, channels);
  if (needsTable(out, weights)) checkTable(weights, "weights", channels, memories);
}

/** Outputs of int32 and of single bits can do without requantisation. */
const needsTable = (out: Tensor, owner: Tensor): boolean =>
  owner.table !== 0 || (out.dtype !== DTYPE.int32 && out.dtype !== DTYPE.bit);

function checkCapacity(out: Tensor, config: MachineConfig): void {
  const bytes = elements(out) * 4;
  const has = config.nu.accumulatorBytes * config.nu.cores;
  if (bytes > has) {
    const message = `accumulators for ${shapeText(out)} take ${bytes} bytes, the machine has ${has}`;
    throw new MachineFault("shape", out.base, message, "work on fewer rows at a time (td.sliceh)");
  }
}

function checkMatmul(work: NuWork, asked: number, memories: AddressSpace): void {
  const { input, out } = work;
  const other = work.second!;
  checkMap(input, "input", MAPS, memories);
  checkMap(other, "second input", [...BYTES, DTYPE.int4], memories);
  checkMap(out, "output", [...MAPS, DTYPE.int32], memories);
  checkPrecision(asked, work.precision, input);
  for (const t of [input, other, out]) {
    if (t.n !== 1 || t.h !== 1) {
      throw new MachineFault("shape", t.base, `nu.matmul takes matrices (n = h = 1), not ${shapeText(t)}`);
    }
  }
  if (input.c !== other.w) {
    throw new MachineFault("shape", other.base, `rows of ${input.c} times columns of ${other.w} elements`);
  }
  expectOut(out, 1, 1, input.w, other.c);
  if (needsTable(out, out)) checkTable(out, "output", other.c, memories);
}

function checkElementwise(work: NuWork, memories: AddressSpace): void {
  const { kind, input, out } = work;
  const other = work.second!;
  checkMap(input, "input", ELEMENTWISE, memories);
  checkMap(other, "second input", ELEMENTWISE, memories);
  checkMap(out, "output", ELEMENTWISE, memories);
  const { n, h, w, c } = input;
  if (other.n !== n || other.h !== h || other.w !== w || other.c !== c) {
    throw new MachineFault("shape", other.base, `the inputs differ: ${shapeText(input)} and ${shapeText(other)}`);
  }
  expectOut(out, n, h, w, c);
  checkTable({ ...out, flags: 0 }, "output", kind === "mul" ? 1 : 3, memories);
}

function checkPool(work: NuWork, window: Window, memories: AddressSpace): void {
  const { kind, input, out } = work;
  const types = kind === "maxpool" || kind === "gmaxpool" ? MAPS : ELEMENTWISE;
  checkMap(input, "input", types, memories);
  checkMap(out, "output", types, memories);
  if (kind === "maxpool" || kind === "avgpool") {
    const [h, w] = windowOutput(window);
    checkWindowsTouchInput(work);
    expectOut(out, input.n, h, w, input.c);
  } else expectOut(out, input.n, 1, 1, input.c);
  if (out.table === 0 || kind === "maxpool" || kind === "gmaxpool") return;
  if (kind === "avgpool" && !work.countPadding) {
    throw new MachineFault("type", out.table, "an average pool with a table needs the sticky field pool = 1");
  }
  checkTable(out, "output", 1, memories);
}

/**
 * Checks an operation when it is issued and fixes all that it needs.
 * @param nu sticky state by ENUMS.nufield
 * @throws MachineFault for shapes, types and places that don't fit
 */
export function prepareNuWork(
  kind: NuKind,
  out: Tensor,
  input: Tensor,
  second: Tensor | undefined,
  nu: Int32Array,
  config: MachineConfig,
  memories: AddressSpace,
): NuWork {
  const windowed = WINDOWED.includes(kind);
  const global = kind === "gavgpool" || kind === "gmaxpool";
  const activation = (enumNameOf("activation", nu[F.act]!) ?? "none") as Activation;
  const work: NuWork = {
    kind,
    out,
    input,
    second,
    kh: windowed ? nu[F.kh]! : global ? input.h : 1,
    kw: windowed ? nu[F.kw]! : global ? input.w : 1,
    strideH: windowed ? nu[F.sh]! : 1,
    strideW: windowed ? nu[F.sw]! : 1,
    padTop: windowed ? nu[F.padt]! : 0,
    padLeft: windowed ? nu[F.padl]! : 0,
    dilationH: windowed ? nu[F.dh]! : 1,
    dilationW: windowed ? nu[F.dw]! : 1,
    groups: GROUPED.includes(kind) ? nu[F.groups]! : 1,
    ...outputBounds(activation, nu[F.lo]!, nu[F.hi]!, out),
    countPadding: nu[F.pool] === 1,
    precision: second ? precisionOf(input, second) : "int8",
    mask: second && kind !== "matmul" ? nu[F.mask]! >>> 0 : 0,
    split: (["channels", "rows", "images"] as const)[nu[F.split]!] ?? "channels",
    prefetched: second !== undefined && nu[F.prefetch]! >>> 0 === second.base && second.base !== 0,
  };
  const window = { nu, work };
  switch (kind) {
    case "conv":
    case "pwconv":
    case "fc":
    case "dwconv":
    case "deconv":
    case "bconv":
    case "accconv":
      checkConvolution(work, nu[F.prec]!, window, config, memories);
      if (work.mask !== 0) checkMask(work, config, memories);
      break;
    case "matmul":
      checkMatmul(work, nu[F.prec]!, memories);
      break;
    case "accz":
      checkMap(out, "output", [...MAPS, DTYPE.int32], memories);
      checkCapacity(out, config);
      break;
    case "accld":
      checkMap(input, "input", [DTYPE.int32], memories);
      checkCapacity(input, config);
      break;
    case "accst":
      checkMap(out, "output", [...MAPS, DTYPE.int32], memories);
      if (needsTable(out, second!)) checkTable(second!, "weights", out.c, memories);
      break;
    case "maxpool":
    case "avgpool":
    case "gavgpool":
    case "gmaxpool":
      checkPool(work, window, memories);
      break;
    case "add":
    case "sub":
    case "mul":
      checkElementwise(work, memories);
      break;
  }
  return work;
}

/** Weight blocks of an operation as [group][co block][ci block][tap], and how many there are of each. */
export function blockCounts(work: NuWork, config: MachineConfig) {
  const weights = work.second!;
  const { cip, cop } = config.nu;
  if (weights.n === 1) return { coBlocks: Math.ceil(weights.c / cop), ciBlocks: 1, taps: work.kh * work.kw };
  return { coBlocks: Math.ceil(weights.n / cop), ciBlocks: Math.ceil(weights.c / cip), taps: work.kh * work.kw };
}

/** Bytes of an operation's sparsity mask: a bit for each block. */
export function maskBytes(work: NuWork, config: MachineConfig): number {
  const { coBlocks, ciBlocks, taps } = blockCounts(work, config);
  return Math.ceil((coBlocks * ciBlocks * taps) / 8);
}

function checkMask(work: NuWork, config: MachineConfig, memories: AddressSpace): void {
  const bytes = maskBytes(work, config);
  if (memories.flatOffset(work.mask, bytes) < memories.wmOffset) {
    const message = `the sparsity mask at 0x${work.mask.toString(16)}, ${bytes} bytes, doesn't lie within the weight memory`;
    throw new MachineFault("tensorMemory", work.mask, message, "nu.mask with 0 switches masks off");
  }
}
