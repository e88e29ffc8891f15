/**
 * Three spatial dimensions: the machine has two, so that an output's slices are made one by one. Convolutions add the
 * slices of their kernel up in the accumulators; pools take the slices of their window one after the other.
 */
import type { Context } from "../context.ts";
import type { OnnxTensor } from "../dataset.ts";
import { multiplierOf } from "../fixed-point.ts";
import { Misfit } from "../misfit.ts";
import { BYTES, type Four, type Machine, view } from "../program.ts";
import { blocked, channelEntries } from "./conv.ts";
import { setWindow, type Window } from "./window.ts";

interface Volume {
  /** Depths of input, kernel and output. */
  readonly depth: number;
  readonly kernelDepth: number;
  readonly outDepth: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
  /** The window of a slice. */
  readonly window: Window;
}

export const isVolume = (context: Context): boolean => context.input(0).shape.length === 5;

function volumeOf(context: Context, x: OnnxTensor, kernel: readonly number[]): Volume {
  if (context.text("auto_pad", "NOTSET") !== "NOTSET")
    throw new Misfit("mode", "automatic padding of three dimensions");
  const three = (list: readonly number[] | undefined, otherwise: number) =>
    list && list.length > 0 ? list : [otherwise, otherwise, otherwise];
  const strides = three(context.ints("strides"), 1);
  const dilations = three(context.ints("dilations"), 1);
  const pads = context.ints("pads") ?? [0, 0, 0, 0, 0, 0];
  const pair = (list: readonly number[]): [number, number] => [list[1]!, list[2]!];
  return {
    depth: x.shape[2]!,
    kernelDepth: kernel[0]!,
    outDepth: context.output().shape[2]!,
    stride: strides[0]!,
    dilation: dilations[0]!,
    pad: pads[0]!,
    window: {
      kernel: pair(kernel),
      strides: pair(strides),
      dilations: pair(dilations),
      begin: pair(pads.slice(0, 3)),
      end: pair(pads.slice(3)),
    },
  };
}

/** A map (N, C, D, H, W) is brought as N x D x (H W) x C; a slice of it is an ordinary feature map. */
const folded = (shape: readonly number[]): Four => [shape[0]!, shape[2]!, shape[3]! * shape[4]!, shape[1]!];

function sliceOf(t: Machine, shape: readonly number[], at: number): Machine {
  const [n, c, , h, w] = shape as [number, number, number, number, number];
  const size = BYTES[t.dtype];
  return view(t, {
    dims: [n, h, w, c],
    strides: [t.strides[0], w * c * size, c * size, size],
    offset: at * t.strides[1],
  });
}

/** Slices of the input that one slice of the output needs, and which of the kernel's they meet. */
function meeting({ depth, kernelDepth, stride, dilation, pad }: Volume, out: number): { at: number; tap: number }[] {
  const taps = Array.from({ length: kernelDepth }, (_, tap) => ({ at: out * stride - pad + tap * dilation, tap }));
  return taps.filter(({ at }) => at >= 0 && at < depth);
}

export function conv3d(context: Context): void {
  const [x, w] = [context.input(0), context.input(1)];
  const volume = volumeOf(context, x, w.shape.slice(2));
  const q = context.activation(x);
  const { values, scales } = context.channelWeights(w, 0);
  const scheme = context.outputScheme();
  const sums = scales.map((scale) => scale * q.scale);
  const entries = channelEntries(context, context.optional(2), sums, scheme);
  const { program } = context;
  const input = context.bring(q, folded(x.shape), "nchw");
  const [co, ci, depth, kh, kw] = w.shape as [number, number, number, number, number];
  const plane = kh * kw;
  const kernels = Array.from({ length: depth }, (_, tap) => {
    const slice = Array.from({ length: co * ci }, (_, filter) => {
      const start = (filter * depth + tap) * plane;
      return values.slice(start, start + plane);
    });
    return blocked(context, slice.flat(), "int8", [co, kh, kw, ci], { entries });
  });
  const { shape } = context.output();
  const out = context.space(scheme, folded(shape));
  setWindow(context, volume.window);
  const groups = context.int("group", 1);
  if (groups > 1) program.field("nu.set", "groups", groups);
  for (let at = 0; at < volume.outDepth; at++) {
    const target = sliceOf(out, shape, at);
    program.issue("nu.accz", "nu", [target]);
    for (const { at: from, tap } of meeting(volume, at)) {
      program.issue("nu.accconv", "nu", [target, sliceOf(input, x.shape, from), kernels[tap]!]);
    }
    program.issue("nu.accst", "nu", [target, kernels[0]!]);
  }
  context.real(out, scheme, 0, { to: "nchw" });
}

/** Pools of the window's slices, and their largest elements. */
export function maxPool3d(context: Context): void {
  const x = context.input(0);
  const volume = volumeOf(context, x, context.ints("kernel_shape")!);
  const q = context.activation(x);
  const { program } = context;
  const input = context.bring(q, folded(x.shape), "nchw");
  const { shape } = context.output();
  const out = context.space(q, folded(shape));
  setWindow(context, volume.window);
  for (let at = 0; at < volume.outDepth; at++) {
    const target = sliceOf(out, shape, at);
    for (const [i, { at: from }] of meeting(volume, at).entries()) {
      const slice = sliceOf(input, x.shape, from);
      if (i === 0) {
        program.issue("nu.maxpool", "nu", [target, slice]);
        continue;
      }
      const [n, h, width, c] = target.dims;
      const pooled = context.space(q, [n, h, width, c]);
      program.issue("nu.maxpool", "nu", [pooled, slice]);
      program.line("vu.reset");
      program.issue("vu.max", "vu", [target, target, pooled]);
    }
  }
  context.real(out, q, 0, { to: "nchw" });
}

/** Sums of the window's slices in int16 by a table that divides by nothing but the scale, added up. */
export function averagePool3d(context: Context): void {
  const x = context.input(0);
  const kernel = context.ints("kernel_shape")!;
  const volume = volumeOf(context, x, kernel);
  if (volume.pad > 0) throw new Misfit("mode", "padding of an average over three dimensions");
  const q = context.activation(x);
  const scheme = context.outputScheme();
  const { program } = context;
  const input = context.bring(q, folded(x.shape), "nchw");
  const { shape } = context.output();
  const out = context.space(scheme, folded(shape));
  // Means of a slice with 16 bits: the largest input becomes 2^14, so that two of them don't overflow.
  const reach = q.scale * 2 ** (context.bits - 1);
  const middle = (2 * reach) / 2 ** 15;
  const { m, s } = multiplierOf(q.scale / (volume.window.kernel[0] * volume.window.kernel[1] * middle));
  const table = program.table([[0, m, s]], "wm");
  setWindow(context, volume.window);
  program.field("nu.set", "pool", 1);
  const [n, c, , h, w] = shape as [number, number, number, number, number];
  for (let at = 0; at < volume.outDepth; at++) {
    const slices = meeting(volume, at);
    let sum: Machine | undefined;
    for (const [i, { at: from }] of slices.entries()) {
      const mean = program.space("int16", [n, h, w, c], { table });
      program.issue("nu.avgpool", "nu", [mean, sliceOf(input, x.shape, from)]);
      const last = i === slices.length - 1;
      if (sum || last) {
        const target: Machine = last ? sliceOf(out, shape, at) : program.space("int32", [n, h, w, c]);
        program.line("vu.reset");
        const factor = middle / (slices.length * scheme.scale);
        if (last) context.scale(sum ? 2 : 0, factor);
        if (sum) program.issue("vu.add", "vu", [target, sum, mean]);
        else program.issue("vu.requant", "vu", [target, mean]);
        sum = target;
      } else sum = mean;
    }
  }
  // Each slice's mean is rounded.
  context.real(out, scheme, middle / 2, { to: "nchw" });
}
