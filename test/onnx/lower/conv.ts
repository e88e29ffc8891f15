/** Convolutions on the neural unit. Weights come as ONNX stores them (OIHW) and the DMA changes their layout. */
import { type Context, image } from "../context.ts";
import type { OnnxTensor } from "../dataset.ts";
import { clamp, multiplierOf, RANGES, type Scheme, type Stored } from "../fixed-point.ts";
import { Misfit } from "../misfit.ts";
import { denseStrides, type Four, type Machine, view } from "../program.ts";
import { setWindow, type Window, windowOf } from "./window.ts";

type Entry = readonly [bias: number, m: number, s: number];

/** Weights in WM, blocked: from OIHW in DDR by way of DM. */
export function blocked(
  { program }: Context,
  values: readonly number[],
  dtype: Stored,
  dims: Four,
  { zeroPoint = 0, entries }: { zeroPoint?: number; entries?: readonly Entry[] },
  source?: Machine,
): Machine {
  const near = program.space(dtype, dims, { zeroPoint });
  const far = source ?? program.input(values, dtype, dims, { layout: "nchw", zeroPoint });
  program.issue("dma.trans", "dma0", [near, far]);
  const table = entries && program.table(entries, "wm");
  const weights = program.space(dtype, dims, {
    memory: "wm",
    layout: "blocked",
    zeroPoint,
    ...(table ? { table } : {}),
  });
  program.issue("dma.ldw", "dma0", [weights, near]);
  return weights;
}

interface Geometry {
  readonly input: Four;
  readonly out: Four;
  readonly weights: Four;
  readonly window: Window;
  readonly groups: number;
  readonly depthwise: boolean;
}

function geometry(context: Context, x: OnnxTensor, w: OnnxTensor): Geometry {
  const input = image(x.shape);
  const out = image(context.output().shape);
  const [co, ci, kh, kw] = [w.shape[0]!, w.shape[1]!, ...(w.shape.length === 3 ? [1, w.shape[2]!] : w.shape.slice(2))];
  const groups = context.int("group", 1);
  const depthwise = groups > 1 && ci === 1 && co === groups;
  return {
    input,
    out,
    weights: depthwise ? [1, kh!, kw!, co!] : [co!, kh!, kw!, ci!],
    window: windowOf(context, input, out, w.shape.slice(2)),
    groups,
    depthwise,
  };
}

function issue(context: Context, g: Geometry, out: Machine, x: Machine, w: Machine): void {
  const { program } = context;
  setWindow(context, g.window);
  if (g.depthwise) program.issue("nu.dwconv", "nu", [out, x, w]);
  else {
    if (g.groups > 1) program.field("nu.set", "groups", g.groups);
    program.issue("nu.conv", "nu", [out, x, w]);
  }
}

/** Bias and factor of each channel: the bias at the scale of the sums, the factor from there to the output's scale. */
export function channelEntries(
  context: Context,
  bias: OnnxTensor | undefined,
  scales: readonly number[],
  out: Scheme,
  biasFactor = 1,
): Entry[] {
  const stored = scales.map((scale, co) => {
    const real = bias ? (bias.data[bias.data.length === 1 ? 0 : co]! * biasFactor) / scale : 0;
    return clamp(Math.round(real), RANGES.int32);
  });
  if (bias) {
    const real = stored.map((q, co) => Math.fround((q * scales[co]!) / biasFactor));
    context.effective.set(bias.name, bias.data.length === 1 ? real.slice(0, 1) : real);
  }
  return scales.map((scale, co) => {
    const { m, s } = multiplierOf(scale / out.scale);
    return [stored[co]!, m, s];
  });
}

export function conv(context: Context): void {
  const [x, w] = [context.input(0), context.input(1)];
  const g = geometry(context, x, w);
  const activations = context.activation(x);
  const { values, scales } = context.channelWeights(w, 0);
  const scheme = context.outputScheme();
  const sums = scales.map((scale) => scale * activations.scale);
  const entries = channelEntries(context, context.optional(2), sums, scheme);
  const input = context.bring(activations, g.input, "nchw");
  const weights = blocked(context, values, "int8", g.weights, { entries });
  const out = context.space(scheme, g.out);
  issue(context, g, out, input, weights);
  context.real(out, scheme, 0, { to: "nchw" });
}

/** The one number of a tensor that may be left out. */
const scalar = (tensor: OnnxTensor | undefined): number => {
  if (!tensor) return 0;
  if (tensor.data.length !== 1) throw new Misfit("mode", "zero points by channel");
  return tensor.data[0]!;
};

export function convInteger(context: Context): void {
  const [x, w] = [context.input(0), context.input(1)];
  const g = geometry(context, x, w);
  const zeroPoint = scalar(context.optional(2));
  const input = context.program.bring(x.data, x.type as Stored, g.input, zeroPoint, "nchw");
  const options = { zeroPoint: scalar(context.optional(3)) };
  const weights = blocked(context, w.data, w.type as Stored, g.weights, options);
  const out = context.program.space("int32", g.out);
  issue(context, g, out, input, weights);
  context.result(out, { kind: "exact" }, { to: "nchw" });
}

export function qLinearConv(context: Context): void {
  const [x, xScale, xZero, w, wScale, wZero, yScale, yZero] = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => context.input(i)) as [
    OnnxTensor,
    OnnxTensor,
    OnnxTensor,
    OnnxTensor,
    OnnxTensor,
    OnnxTensor,
    OnnxTensor,
    OnnxTensor,
  ];
  const g = geometry(context, x, w);
  const bias = context.optional(8);
  const entries = Array.from({ length: w.shape[0]! }, (_, co): Entry => {
    const scale = wScale.data[wScale.data.length === 1 ? 0 : co]!;
    const { m, s } = multiplierOf((xScale.data[0]! * scale) / yScale.data[0]!);
    return [bias?.data[co] ?? 0, m, s];
  });
  const input = context.program.bring(x.data, x.type as Stored, g.input, scalar(xZero), "nchw");
  const zeroPoint = wZero.data[0]!;
  if (wZero.data.some((zero) => zero !== zeroPoint)) throw new Misfit("mode", "weights with a zero point by channel");
  const weights = blocked(context, w.data, w.type as Stored, g.weights, { zeroPoint, entries });
  const out = context.program.space(context.output().type as Stored, g.out, { zeroPoint: scalar(yZero) });
  issue(context, g, out, input, weights);
  context.result(out, { kind: "lsb" }, { to: "nchw" });
}

/** Padding of a transposed convolution; a negative sum is output padding, which the output's size says. */
function transposedWindow(context: Context, input: Four, out: Four, kernel: readonly number[]): Window {
  const window = windowOf(context, input, out, kernel);
  if (!context.ints("output_shape") && context.text("auto_pad", "NOTSET") === "NOTSET") {
    const pads = context.ints("pads") ?? [];
    const half = pads.length / 2;
    const ends = kernel.length === 1 ? [0, pads[half] ?? 0] : [pads[half] ?? 0, pads[half + 1] ?? 0];
    return { ...window, end: [ends[0]!, ends[1]!] };
  }
  const begin: [number, number] = [0, 0];
  const end: [number, number] = [0, 0];
  const extra = context.ints("output_padding") ?? [0, 0];
  for (const axis of [0, 1] as const) {
    const reach = (window.kernel[axis] - 1) * window.dilations[axis] + 1;
    const total = window.strides[axis] * (input[axis + 1]! - 1) + extra[axis]! + reach - out[axis + 1]!;
    const lower = Math.floor(Math.max(0, total) / 2);
    const upper = Math.max(0, total) - lower;
    const first = context.text("auto_pad", "NOTSET") === "SAME_UPPER";
    begin[axis] = first ? lower : upper;
    end[axis] = first ? upper : lower;
  }
  return { ...window, begin, end };
}

export function convTranspose(context: Context): void {
  const [x, w] = [context.input(0), context.input(1)];
  if (context.int("group", 1) !== 1) throw new Misfit("mode", "groups");
  const input = image(x.shape);
  const out = image(context.output().shape);
  const activations = context.activation(x);
  const { values, scales } = context.channelWeights(w, 1);
  const scheme = context.outputScheme();
  const sums = scales.map((scale) => scale * activations.scale);
  const entries = channelEntries(context, context.optional(2), sums, scheme);
  const [ci, co, kh, kw] = [w.shape[0]!, w.shape[1]!, w.shape.length === 3 ? 1 : w.shape[2]!, w.shape.at(-1)!];
  // ONNX stores (Ci, Co, Kh, Kw): the same bytes seen with the two channel strides exchanged are (Co, Ci, Kh, Kw).
  const stored = context.program.input(values, "int8", [ci, kh, kw, co], { layout: "nchw" });
  const [sn, sh, sw, sc] = denseStrides([ci, kh, kw, co], "int8", "nchw");
  const source = view(stored, { dims: [co, kh, kw, ci], strides: [sc, sh, sw, sn] });
  const map = context.bring(activations, input, "nchw");
  const weights = blocked(context, [], "int8", [co, kh, kw, ci], { entries }, source);
  const result = context.space(scheme, out);
  setWindow(context, transposedWindow(context, input, out, w.shape.slice(2)));
  context.program.issue("nu.deconv", "nu", [result, map, weights]);
  context.real(result, scheme, 0, { to: "nchw" });
}
