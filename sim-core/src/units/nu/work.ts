/**
 * What the neural unit is asked to do: descriptors and sticky state, checked against each other when the operation
 * is issued (machine manual, "Neural unit"). Only forms that the unit really executes pass.
 */
import type { MachineConfig } from "../../config/index.ts";
import { ENUMS } from "../../isa/enums.ts";
import {
  checkDescriptor,
  DTYPE,
  dtypeName,
  elementBytes,
  extent,
  FLAG_PER_TENSOR_TABLE,
  hex,
  LAYOUT,
  layoutName,
  MachineFault,
  type Memories,
  shapeText,
  type Tensor,
  tensorMemory,
} from "../../machine/index.ts";

export type NuKind = "conv" | "dwconv" | "pwconv" | "fc" | "maxpool" | "avgpool" | "gavgpool" | "add";

/** Bytes of one entry of a requantisation table: int32 bias, int32 M, int32 s, int32 zero. */
export const TABLE_ENTRY_BYTES = 16;

export interface NuWork {
  readonly kind: NuKind;
  readonly out: Tensor;
  readonly input: Tensor;
  /** Weights, or the second input of an addition. */
  readonly second: Tensor | undefined;
  readonly kh: number;
  readonly kw: number;
  readonly strideH: number;
  readonly strideW: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly dilationH: number;
  readonly dilationW: number;
  /** Bounds of the output in stored values. */
  readonly lo: number;
  readonly hi: number;
  /** Whether average pools count padded places. */
  readonly countPadding: boolean;
}

const F = ENUMS.nufield;
const BYTE_RANGE: Readonly<Record<number, readonly [number, number]>> = {
  [DTYPE.int8]: [-128, 127],
  [DTYPE.uint8]: [0, 255],
};

function checkFeatureMap(t: Tensor, role: string, memories: Memories): void {
  checkDescriptor(t, role);
  if (!(t.dtype in BYTE_RANGE)) {
    throw new MachineFault("type", t.base, `${role}: the neural unit takes int8 and uint8, not ${dtypeName(t.dtype)}`);
  }
  if (t.layout !== LAYOUT.nhwc) {
    throw new MachineFault("type", t.base, `${role}: the layout must be nhwc, it is ${layoutName(t.layout)}`);
  }
  if (t.c > 1 && t.sc !== 1) {
    throw new MachineFault("type", t.base, `${role}: channels must be contiguous, their stride is ${t.sc} bytes`);
  }
  if (tensorMemory(t, memories) !== "dm") {
    const { address, bytes } = extent(t);
    throw new MachineFault(
      "tensorMemory",
      t.base,
      `${role}: ${shapeText(t)} at ${hex(address)}, ${bytes} bytes, doesn't lie within the data memory`,
      "feature maps must be in DM; load them with dma.ld first",
    );
  }
}

function checkWeights(t: Tensor, config: MachineConfig, memories: Memories): void {
  checkDescriptor(t, "weights");
  if (!(t.dtype in BYTE_RANGE)) {
    throw new MachineFault("type", t.base, `weights: the neural unit takes int8 and uint8, not ${dtypeName(t.dtype)}`);
  }
  if (t.layout !== LAYOUT.blocked) {
    throw new MachineFault(
      "type",
      t.base,
      `weights: the layout must be blocked, it is ${layoutName(t.layout)}`,
      "declare the tensor in WM with layout=blocked and fill it with dma.ldw",
    );
  }
  if (t.cip !== config.nu.cip || t.cop !== config.nu.cop) {
    throw new MachineFault(
      "type",
      t.base,
      `weights: blocked for an array of ${t.cip} x ${t.cop}, this machine has ${config.nu.cip} x ${config.nu.cop}`,
      "assemble the program for the active configuration",
    );
  }
  if (tensorMemory(t, memories) !== "wm") {
    throw new MachineFault("tensorMemory", t.base, `weights: at ${hex(t.base)}, not within the weight memory`);
  }
}

function checkTable(t: Tensor, role: string, entries: number, memories: Memories): void {
  const count = t.flags & FLAG_PER_TENSOR_TABLE ? 1 : entries;
  const bytes = count * TABLE_ENTRY_BYTES;
  const offset = memories.flatOffset(t.table, bytes);
  if (offset < memories.wmOffset || t.table % 4 !== 0) {
    throw new MachineFault(
      "tensorMemory",
      t.table,
      `${role}: the requantisation table at ${hex(t.table)}, ${count} entries, doesn't lie within the weight memory`,
      "set the tensor's table field to a 4-aligned address in WM",
    );
  }
}

function shape(out: Tensor, expected: string, actual: string): never {
  throw new MachineFault("shape", out.base, `the output's shape must be ${expected}, it is ${actual}`);
}

function expectOut(out: Tensor, n: number, h: number, w: number, c: number): void {
  if (out.n !== n || out.h !== h || out.w !== w || out.c !== c) shape(out, `${n}x${h}x${w}x${c}`, shapeText(out));
}

/** Range of the output by activation; `zero` is the stored value of real 0. */
function bounds(nu: Int32Array, out: Tensor): { lo: number; hi: number } {
  const [min, max] = BYTE_RANGE[out.dtype]!;
  switch (nu[F.act]) {
    case ENUMS.activation.relu:
      return { lo: Math.max(min, Math.min(max, out.zeroPoint)), hi: max };
    case ENUMS.activation.clamp:
      return { lo: Math.max(min, Math.min(max, nu[F.lo]!)), hi: Math.max(min, Math.min(max, nu[F.hi]!)) };
    default:
      return { lo: min, hi: max };
  }
}

const outSize = (size: number, pads: number, kernel: number, dilation: number, stride: number): number =>
  Math.floor((size + pads - ((kernel - 1) * dilation + 1)) / stride) + 1;

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
  memories: Memories,
): NuWork {
  checkFeatureMap(input, "input", memories);
  checkFeatureMap(out, "output", memories);
  const windowed = kind === "conv" || kind === "dwconv" || kind === "maxpool" || kind === "avgpool";
  const work: NuWork = {
    kind,
    out,
    input,
    second,
    kh: windowed ? nu[F.kh]! : kind === "gavgpool" ? input.h : 1,
    kw: windowed ? nu[F.kw]! : kind === "gavgpool" ? input.w : 1,
    strideH: windowed ? nu[F.sh]! : 1,
    strideW: windowed ? nu[F.sw]! : 1,
    padTop: windowed ? nu[F.padt]! : 0,
    padLeft: windowed ? nu[F.padl]! : 0,
    dilationH: windowed ? nu[F.dh]! : 1,
    dilationW: windowed ? nu[F.dw]! : 1,
    ...bounds(nu, out),
    countPadding: nu[F.pool] === 1,
  };
  const outH = windowed ? outSize(input.h, nu[F.padt]! + nu[F.padb]!, work.kh, work.dilationH, work.strideH) : input.h;
  const outW = windowed ? outSize(input.w, nu[F.padl]! + nu[F.padr]!, work.kw, work.dilationW, work.strideW) : input.w;
  if (outH < 1 || outW < 1) {
    throw new MachineFault("shape", input.base, `the window ${work.kh}x${work.kw} is larger than the padded input`);
  }
  switch (kind) {
    case "conv":
    case "pwconv":
    case "fc":
    case "dwconv": {
      const weights = second!;
      checkWeights(weights, config, memories);
      const channels = kind === "dwconv" ? weights.c : weights.n;
      if (weights.c !== input.c) {
        throw new MachineFault(
          "shape",
          weights.base,
          `the weights take ${weights.c} channels, the input has ${input.c}`,
        );
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
        throw new MachineFault(
          "shape",
          input.base,
          `nu.fc takes a 1x1 feature map, not ${shapeText(input)}`,
          "flatten the input with td.flat",
        );
      }
      expectOut(out, input.n, outH, outW, channels);
      checkTable(weights, "weights", channels, memories);
      break;
    }
    case "maxpool":
      checkWindowsTouchInput(work);
      expectOut(out, input.n, outH, outW, input.c);
      break;
    case "avgpool":
      checkWindowsTouchInput(work);
      expectOut(out, input.n, outH, outW, input.c);
      if (out.table !== 0) {
        if (!work.countPadding) {
          throw new MachineFault("type", out.table, "an average pool with a table needs the sticky field pool = 1");
        }
        checkTable(out, "output", 1, memories);
      }
      break;
    case "gavgpool":
      expectOut(out, input.n, 1, 1, input.c);
      if (out.table !== 0) checkTable(out, "output", 1, memories);
      break;
    case "add": {
      checkFeatureMap(second!, "second input", memories);
      const { n, h, w, c } = input;
      const other = second!;
      if (other.n !== n || other.h !== h || other.w !== w || other.c !== c) {
        throw new MachineFault("shape", other.base, `the inputs differ: ${shapeText(input)} and ${shapeText(other)}`);
      }
      expectOut(out, n, h, w, c);
      checkTable({ ...out, flags: 0 }, "output", 3, memories);
      break;
    }
  }
  if (elementBytes(out.dtype, out.c) > out.sw && out.w > 1) {
    throw new MachineFault("type", out.base, `output: the pixel stride of ${out.sw} bytes is shorter than a pixel`);
  }
  return work;
}
