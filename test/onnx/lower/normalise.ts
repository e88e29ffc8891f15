/** Softmax and normalisation. */
import { type Context, four, image } from "../context.ts";
import type { OnnxTensor } from "../dataset.ts";
import {
  activationScheme,
  extremes,
  largest,
  multiplierOf,
  type Quantised,
  type Scheme,
  spreadScheme,
  symmetricScheme,
} from "../fixed-point.ts";
import { Misfit } from "../misfit.ts";
import { type Four, type Machine, product } from "../program.ts";
import { align } from "./broadcast.ts";
import { lookup16 } from "./functions.ts";
import { reduced, setAxes } from "./reduce.ts";

const LETTERS = ["n", "h", "w", "c"] as const;

/** Shape and axis of a softmax; before opset 13 everything from the axis on belonged together. */
function alongAxis(context: Context): { dims: Four; axis: number } {
  const { shape } = context.input(0);
  if (context.test.opset < 13) {
    const axis = context.int("axis", 1);
    const start = axis < 0 ? axis + shape.length : axis;
    return { dims: [1, 1, product(shape.slice(0, start)), product(shape.slice(start))], axis: 3 };
  }
  const given = context.int("axis", -1);
  return { dims: four(shape), axis: (given < 0 ? given + shape.length : given) + 4 - shape.length };
}

export function softmax(context: Context): void {
  const { dims, axis } = alongAxis(context);
  const q = context.activation(context.input(0));
  const scheme = context.outputScheme();
  const out = context.space(scheme, dims);
  const { program } = context;
  program.line("vu.reset");
  program.line(`vu.axes ${LETTERS[axis]}`);
  // Beyond e^-16 nothing is left of 20 bits: a coarse input may keep the largest factor.
  context.scale(0, Math.min(q.scale * 2 ** 26, 2 ** 30 - 1));
  context.scale(2, 2 ** -20 / scheme.scale);
  program.issue("vu.softmax", "vu", [out, context.bring(q, dims)]);
  // Powers are good to 2^-19 of themselves, above and below the line; the quotient is rounded to 20 bits.
  // ONNX Runtime gets its arguments with the 24 bits of single precision.
  context.real(out, scheme, 2 ** -18 + 2 ** -21 + largest(context.input(0).data) * 2 ** -24);
}

interface LogSum {
  /** x - max, int32 at the input's scale. */
  readonly below: Machine;
  /** The largest elements along the axes, at the input's scale. */
  readonly top: Machine;
  /** log(sum of e^(x - max)). */
  readonly logs: Machine;
  readonly scheme: Scheme;
  /** Error of `logs`. */
  readonly slack: number;
}

/** The logarithm of a sum of powers; the largest argument is taken out, so that the sum lies in 1 .. count. */
function logSum(context: Context, q: Quantised, dims: Four, axes: readonly number[]): LogSum {
  const { program } = context;
  const one = dims.map((size, a) => (axes.includes(a) ? 1 : size)) as unknown as Four;
  const count = product(dims) / product(one);
  const x = context.bring(q, dims);
  const top = program.space("int16", one);
  program.line("vu.reset");
  program.line(setAxes(axes));
  program.issue("vu.rmax", "vu", [top, x]);
  const below = program.space("int32", dims);
  program.issue("vu.sub", "vu", [below, x, top]);
  const powers = program.space("int32", dims);
  const bits = 30 - Math.ceil(Math.log2(count)) - 1;
  context.scale(0, Math.min(q.scale * 2 ** 26, 2 ** 30 - 1));
  context.scale(2, 2 ** (bits - 30));
  program.issue("vu.exp", "vu", [powers, below]);
  const range = [1, Math.max(2, count)] as const;
  const middle = spreadScheme(range);
  const sums = context.space(middle, one);
  program.line("vu.reset");
  program.line(setAxes(axes));
  context.scale(2, 2 ** -bits / middle.scale);
  program.issue("vu.sum", "vu", [sums, powers]);
  const scheme: Scheme = symmetricScheme("int16", Math.log(range[1]));
  const logs = context.space(scheme, one);
  const slack = lookup16(context, sums, middle, Math.log, range, logs, scheme);
  // The sum is at least 1, so that its errors reach the logarithm at most as they are.
  const sumError = middle.scale / 2 + count * (2 ** -bits + 2 ** -19);
  return { below, top, logs, scheme, slack: slack + scheme.scale / 2 + sumError };
}

/** a + factor b, both brought to one fine scale. */
function combine(
  context: Context,
  mnemonic: "vu.add" | "vu.sub",
  [a, aScale]: readonly [Machine, number],
  [b, bScale]: readonly [Machine, number],
  slack: number,
): void {
  const scheme = context.outputScheme();
  const out = context.space(scheme, a.dims);
  const unit = Math.max(largest(context.output().data), aScale) * 2 ** -28;
  context.program.line("vu.reset");
  context.scale(0, aScale / unit);
  context.scale(1, bScale / unit);
  context.scale(2, unit / scheme.scale);
  context.program.issue(mnemonic, "vu", [out, a, b]);
  context.real(out, scheme, slack + 2 * unit);
}

/** x - max - log(sum of e^(x - max)). */
export function logSoftmax(context: Context): void {
  const { dims, axis } = alongAxis(context);
  const q = context.activation(context.input(0), undefined, 16);
  const { below, logs, scheme, slack } = logSum(context, q, dims, [axis]);
  combine(context, "vu.sub", [below, q.scale], [logs, scheme.scale], slack);
}

/** max + log(sum of e^(x - max)). */
export function reduceLogSumExp(context: Context): void {
  const { dims, axes } = reduced(context);
  const q = context.activation(context.input(0), undefined, 16);
  const { top, logs, scheme, slack } = logSum(context, q, dims, axes);
  combine(context, "vu.add", [top, q.scale], [logs, scheme.scale], slack);
}

/** Requantisation by channel: (v + addend) * factor, as a table of the input. */
function byChannel(factors: readonly number[], addends: readonly number[]): [number, number, number][] {
  return factors.map((factor, c) => {
    const { m, s } = multiplierOf(factor);
    return [Math.round(addends[c]!), m, s];
  });
}

/** scale (x - mean) / sqrt(var + epsilon) + bias with the statistics of training: a factor and an addend by channel. */
export function batchNormalization(context: Context): void {
  if (context.int("training_mode", 0) === 1) throw new Misfit("training", "statistics of the batch as outputs");
  const x = context.input(0);
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => context.input(i).data) as [
    number[],
    number[],
    number[],
    number[],
  ];
  const epsilon = context.float("epsilon", 1e-5);
  const dims: Four =
    x.shape.length === 5 ? [x.shape[0]!, x.shape[2]!, x.shape[3]! * x.shape[4]!, x.shape[1]!] : image(spatial(x.shape));
  const q = context.activation(x);
  const scheme = context.outputScheme();
  const factors = scale.map((value, c) => value / Math.sqrt(variance[c]! + epsilon));
  const addends = factors.map((factor, c) => (bias[c]! / factor - mean[c]!) / q.scale);
  const { program } = context;
  const table = program.table(
    byChannel(
      factors.map((factor) => (factor * q.scale) / scheme.scale),
      addends,
    ),
    "dm",
  );
  const source = program.input(q.values, q.dtype, dims, { layout: "nchw", zeroPoint: q.zeroPoint });
  const input = program.space(q.dtype, dims, { zeroPoint: q.zeroPoint, table });
  program.issue("dma.trans", "dma0", [input, source]);
  const out = context.space(scheme, dims);
  program.line("vu.reset");
  program.issue("vu.requant", "vu", [out, input]);
  // The addend is rounded to the input's LSB.
  context.real(out, scheme, (largest(factors) * q.scale) / 2, { to: "nchw" });
}

const spatial = (shape: readonly number[]): number[] => (shape.length === 2 ? [...shape, 1, 1] : [...shape]);

/** Deviation of a list of numbers, epsilon below the root. */
const deviation = (data: readonly number[], epsilon: number): number => {
  const mean = data.reduce((a, b) => a + b, 0) / data.length;
  return Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length + epsilon);
};

/** Error of vu.norm in units of the deviation: mean to 1/32 LSB, deviation to a unit of 2^-12 LSB, result to 20 bits. */
const normError = (sigma: number, scale: number, reach: number): number => {
  const inLsb = sigma / scale;
  return 1 / (32 * inLsb) + reach / (4096 * inLsb) + 2 ** -20;
};

/** Largest epsilon that vu.norm takes, in squared LSBs of the input. */
const MAX_EPSILON = 127;

/** An input of eight bits for vu.norm, coarse enough for epsilon. */
function normInput(context: Context, x: OnnxTensor, epsilon: number): Quantised {
  const [least, greatest] = extremes(x.data);
  const factor = Math.max(1, (255 * Math.sqrt(epsilon / MAX_EPSILON)) / (Math.max(0, greatest) - Math.min(0, least)));
  return context.activation(x, [least * factor, greatest * factor], 8);
}

/** epsilon as vu.norm takes it: below the root, for squares of the input's LSB, 24 fraction bits. */
function setEpsilon(context: Context, epsilon: number, scale: number): void {
  context.program.field("vu.set", "eps", Math.round((epsilon / scale ** 2) * 2 ** 24));
}

/** Normalisation of each channel of each image over its places, then a factor and an addend by channel. */
export function instanceNormalization(context: Context): void {
  const [x, scale, bias] = [context.input(0), context.input(1), context.input(2)];
  const dims = image(x.shape);
  const epsilon = context.float("epsilon", 1e-5);
  const q = normInput(context, x, epsilon);
  const scheme = context.outputScheme();
  const { program } = context;
  const factors = scale.data.map((value) => (value * 2 ** -20) / scheme.scale);
  const addends = scale.data.map((value, c) => (bias.data[c]! / value) * 2 ** 20);
  const table = program.table(byChannel(factors, addends), "dm");
  const input = context.bring(q, dims, "nchw");
  const normal = program.space("int32", dims, { table });
  program.line("vu.reset");
  program.line("vu.axes h|w");
  setEpsilon(context, epsilon, q.scale);
  program.issue("vu.norm", "vu", [normal, input]);
  const out = context.space(scheme, dims);
  program.line("vu.reset");
  program.issue("vu.requant", "vu", [out, normal]);
  const area = dims[1] * dims[2];
  const real = context.effective.get(x.name)!;
  const sigmas = Array.from({ length: real.length / area }, (_, i) =>
    deviation(real.slice(i * area, (i + 1) * area), epsilon),
  );
  const error = normError(Math.min(...sigmas), q.scale, Math.sqrt(area));
  context.real(out, scheme, largest(scale.data) * error, { to: "nchw" });
}

/** Normalisation of each channel over all images and places. */
export function meanVarianceNormalization(context: Context): void {
  const x = context.input(0);
  const dims = image(x.shape);
  const q = context.activation(x, undefined, 8);
  const scheme = context.outputScheme();
  const out = context.space(scheme, dims);
  const { program } = context;
  program.line("vu.reset");
  program.line("vu.axes n|h|w");
  context.scale(2, 2 ** -20 / scheme.scale);
  program.issue("vu.norm", "vu", [out, context.bring(q, dims, "nchw")]);
  const real = context.effective.get(x.name)!;
  const [, h, w, c] = dims;
  const channels = Array.from({ length: c }, (_, k) => real.filter((_, i) => Math.floor(i / (h * w)) % c === k));
  const sigma = Math.min(...channels.map((values) => deviation(values, 0)));
  // ONNX adds 10^-9 to the deviation, which single precision doesn't see here.
  context.real(out, scheme, normError(sigma, q.scale, Math.sqrt(product(dims) / c)), { to: "nchw" });
}

/** Normalisation along the last axes with a factor and an addend for each place; mean and 1 / deviation beside it. */
export function layerNormalization(context: Context): void {
  const [x, w, b] = [context.input(0), context.input(1), context.input(2)];
  const given = context.int("axis", -1);
  const start = given < 0 ? given + x.shape.length : given;
  const [rows, size] = [product(x.shape.slice(0, start)), product(x.shape.slice(start))];
  const epsilon = context.float("epsilon", 1e-5);
  const dims: Four = [1, 1, rows, size];
  const q = normInput(context, x, epsilon);
  const [factor, addend] = [context.activation(w, undefined, 16), context.activation(b, undefined, 16)];
  const { program } = context;
  const input = context.bring(q, dims);
  const real = context.effective.get(x.name)!;
  const sigmas = Array.from({ length: rows }, (_, i) => deviation(real.slice(i * size, (i + 1) * size), epsilon));
  const sigma = Math.min(...sigmas);
  const reach = Math.sqrt(size);
  const normal = symmetricScheme("int16", reach);
  const [flat, one] = [align([w.shape], w.shape), [1, 1, rows, 1] as const];
  const weights: Four = [1, 1, 1, product(flat.out)];
  const normalised = context.space(normal, dims);
  program.line("vu.reset");
  setEpsilon(context, epsilon, q.scale);
  context.scale(2, 2 ** -20 / normal.scale);
  program.issue("vu.norm", "vu", [normalised, input]);
  const scaled = program.space("int32", dims);
  program.line("vu.reset");
  program.issue("vu.mul", "vu", [scaled, normalised, context.bring(factor, weights)]);
  const scheme = context.outputScheme();
  const out = context.space(scheme, dims);
  const unit = (reach * largest(w.data) + largest(b.data)) * 2 ** -28;
  context.scale(0, (normal.scale * factor.scale) / unit);
  context.scale(1, addend.scale / unit);
  context.scale(2, unit / scheme.scale);
  program.issue("vu.add", "vu", [out, scaled, context.bring(addend, weights)]);
  const error = normError(sigma, q.scale, reach) + normal.scale / 2;
  context.real(out, scheme, error * largest(w.data) + 2 * unit);
  // The mean by a sum whose factor holds 1 / N.
  const meanScheme = activationScheme(context.bits, extremes(context.output(1).data));
  const mean = context.space(meanScheme, one);
  program.line("vu.reset");
  context.scale(2, q.scale / (size * meanScheme.scale));
  program.issue("vu.sum", "vu", [mean, input]);
  context.real(mean, meanScheme, 0, { output: 1 });
  // 1 / deviation: the mean in sixteenths, squares of the distances, their mean, the root's reciprocal.
  const sixteenths = program.space("int16", one);
  program.line("vu.reset");
  context.scale(2, 16 / size);
  program.issue("vu.sum", "vu", [sixteenths, input]);
  const distances = program.space("int16", dims);
  program.line("vu.reset");
  context.scale(0, 16);
  program.issue("vu.sub", "vu", [distances, input, sixteenths]);
  const squares = program.space("int32", dims);
  program.line("vu.reset");
  program.issue("vu.mul", "vu", [squares, distances, distances]);
  const variance = program.space("int32", one, { zeroPoint: Math.round((epsilon / q.scale ** 2) * 256) });
  context.scale(2, 1 / size);
  program.issue("vu.sum", "vu", [variance, squares]);
  const inverse = activationScheme(context.bits, extremes(context.output(2).data));
  const inverses = context.space(inverse, one);
  program.line("vu.reset");
  program.field("vu.set", "frac", 36);
  context.scale(2, 2 ** -36 / ((q.scale / 16) * inverse.scale));
  const plain = { ...variance, zeroPoint: 0, declared: variance };
  program.issue("vu.rsqrt", "vu", [inverses, plain]);
  // The variance is good to a square of the mean's 1/32 LSB, half a unit of 1/256, and half a unit of epsilon.
  const relative = ((1 / 32) ** 2 + 1 / 256) / (2 * (sigma / q.scale) ** 2);
  context.real(inverses, inverse, (relative + 2 ** -16) / sigma, { output: 2 });
}
