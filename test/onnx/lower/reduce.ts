/** Reductions and what is built on them: sums, norms, extremes, places of extremes. */
import { type Context, four } from "../context.ts";
import { extremes, largest, type Quantised, type Scheme, spreadScheme } from "../fixed-point.ts";
import { Misfit } from "../misfit.ts";
import { type Four, type Machine, product, view } from "../program.ts";
import { TRUTH } from "./elementwise.ts";
import { lookup16 } from "./functions.ts";

const LETTERS = ["n", "h", "w", "c"] as const;

interface Reduced {
  readonly dims: Four;
  readonly out: Four;
  /** Axes 0..3 that are reduced; empty: nothing is. */
  readonly axes: readonly number[];
  readonly count: number;
}

export function reduced(context: Context): Reduced {
  const { shape } = context.input(0);
  const dims = four(shape);
  const given = context.optional(1)?.data ?? context.ints("axes") ?? [];
  const all = given.length === 0 && context.int("noop_with_empty_axes", 0) === 0;
  const chosen = all ? shape.map((_, axis) => axis) : given.map((axis) => (axis < 0 ? axis + shape.length : axis));
  const axes = chosen.map((axis) => axis + 4 - shape.length).sort((a, b) => a - b);
  const out = dims.map((size, axis) => (axes.includes(axis) ? 1 : size)) as unknown as Four;
  return { dims, out, axes, count: product(axes.map((axis) => dims[axis]!)) };
}

export const setAxes = (axes: readonly number[]): string => `vu.axes ${axes.map((axis) => LETTERS[axis]).join("|")}`;

/** A reduction with the result requantised by a real factor. */
function reduce(context: Context, mnemonic: string, out: Machine, x: Machine, axes: readonly number[], factor: number) {
  context.program.line("vu.reset");
  context.program.line(setAxes(axes));
  context.scale(2, factor);
  context.program.issue(mnemonic, "vu", [out, x]);
}

function reduction(mnemonic: string, average = false) {
  return (context: Context): void => {
    const { dims, out: outDims, axes, count } = reduced(context);
    const x = context.input(0);
    const q = context.activation(x);
    const { program } = context;
    const input = context.bring(q, dims);
    const extreme = mnemonic === "vu.rmax" || mnemonic === "vu.rmin";
    // Extremes keep the scale: nothing is rounded.
    const scheme: Scheme = extreme ? q : context.outputScheme();
    const out = context.space(scheme, outDims);
    if (axes.length === 0) {
      program.line("vu.reset");
      context.scale(0, q.scale / scheme.scale);
      program.issue("vu.requant", "vu", [out, input]);
      context.real(out, scheme);
      return;
    }
    // vu.mean rounds to the input's LSB before its result is requantised; a sum takes 1 / count into the factor.
    const rounds = average && context.bits === 8;
    const name = average ? (rounds ? "vu.mean" : "vu.sum") : mnemonic;
    const factor = q.scale / (scheme.scale * (average && !rounds ? count : 1));
    reduce(context, name, out, input, axes, factor);
    context.real(out, scheme, rounds ? q.scale / 2 : 0);
  };
}

export const reduceSum = reduction("vu.sum");
export const reduceMean = reduction("vu.mean", true);
export const reduceMax = reduction("vu.rmax");
export const reduceMin = reduction("vu.rmin");

export function reduceL1(context: Context): void {
  const { dims, out: outDims, axes } = reduced(context);
  const q = context.activation(context.input(0));
  const scheme = context.outputScheme();
  const { program } = context;
  const magnitudes = program.space("int16", dims);
  program.line("vu.reset");
  program.issue("vu.abs", "vu", [magnitudes, context.bring(q, dims)]);
  const out = context.space(scheme, outDims);
  reduce(context, "vu.sum", out, magnitudes, axes, q.scale / scheme.scale);
  context.real(out, scheme);
}

/** Sums of squares in int32, and their scale; each square is rounded so that the sum stays within 31 bits. */
function squares(context: Context, q: Quantised, { dims, out, axes, count }: Reduced) {
  const { program } = context;
  const unit = 2 ** Math.max(0, Math.ceil(Math.log2(count)) - (context.bits === 16 ? 0 : 14));
  const square = program.space("int32", dims);
  const x = context.bring(q, dims);
  program.line("vu.reset");
  if (unit > 1) context.scale(2, 1 / unit);
  program.issue("vu.mul", "vu", [square, x, x]);
  const sums = program.space("int32", out);
  program.line("vu.reset");
  program.line(setAxes(axes));
  program.issue("vu.sum", "vu", [sums, square]);
  const scale = q.scale * q.scale * unit;
  return { sums, scale, slack: unit > 1 ? (count * scale) / 2 : 0 };
}

export function reduceSumSquare(context: Context): void {
  const shapes = reduced(context);
  const q = context.activation(context.input(0));
  const scheme = context.outputScheme();
  const { sums, scale, slack } = squares(context, q, shapes);
  const out = context.space(scheme, shapes.out);
  context.program.line("vu.reset");
  context.scale(0, scale / scheme.scale);
  context.program.issue("vu.requant", "vu", [out, sums]);
  context.real(out, scheme, slack);
}

/** f of an int32 tensor by way of int16 and a table; `range` is what its real values span. */
function throughTable(
  context: Context,
  sums: { t: Machine; scale: number; slack: number },
  f: (x: number) => number,
  slope: number,
  range: readonly [number, number],
): void {
  const middle = spreadScheme(range);
  const { program } = context;
  const narrow = context.space(middle, sums.t.dims);
  program.line("vu.reset");
  context.scale(0, sums.scale / middle.scale);
  program.issue("vu.requant", "vu", [narrow, sums.t]);
  const scheme = context.outputScheme(0, 16);
  const out = context.space(scheme, sums.t.dims);
  const slack = lookup16(context, narrow, middle, f, range, out, scheme);
  context.real(out, scheme, slack + slope * (sums.slack + middle.scale / 2));
}

/** Every element is a sum over a range that begins, or ends, with the axis. */
export function cumSum(context: Context): void {
  const x = context.input(0);
  const dims = four(x.shape);
  const given = context.input(1).data[0]!;
  const axis = (given < 0 ? given + x.shape.length : given) + 4 - x.shape.length;
  const size = dims[axis]!;
  const exclusive = context.int("exclusive", 0);
  const reverse = context.int("reverse", 0) === 1;
  const q = context.activation(x);
  const scheme = context.outputScheme();
  const { program } = context;
  const input = context.bring(q, dims);
  const out = context.space(scheme, dims);
  const part = (t: Machine, start: number, count: number): Machine =>
    view(t, {
      dims: dims.map((own, a) => (a === axis ? count : own)) as unknown as Four,
      offset: start * t.strides[axis]!,
    });
  for (let at = 0; at < size; at++) {
    const count = reverse ? size - at - exclusive : at + 1 - exclusive;
    const start = reverse ? at + exclusive : 0;
    const target = part(out, at, 1);
    if (count === 0) program.fill(target, scheme.zeroPoint);
    else reduce(context, "vu.sum", target, part(input, start, count), [axis], q.scale / scheme.scale);
  }
  context.real(out, scheme);
}

/** What a reduction of dequantised inputs gives, for the ranges of intermediate values. */
function reference(context: Context, { dims, axes }: Reduced, each: (x: number) => number): number[] {
  const data = context.effective.get(context.input(0).name)!;
  const sums = new Map<number, number>();
  data.forEach((x, i) => {
    let rest = i;
    let key = 0;
    let step = 1;
    for (let axis = 3; axis >= 0; axis--) {
      const at = rest % dims[axis]!;
      rest = Math.floor(rest / dims[axis]!);
      if (axes.includes(axis)) continue;
      key += at * step;
      step *= dims[axis]!;
    }
    sums.set(key, (sums.get(key) ?? 0) + each(x));
  });
  return [...sums.values()];
}

export function reduceL2(context: Context): void {
  const shapes = reduced(context);
  const q = context.activation(context.input(0));
  const { sums, scale, slack } = squares(context, q, shapes);
  const range = extremes(reference(context, shapes, (x) => x * x));
  const slope = 0.5 / Math.sqrt(range[0]);
  throughTable(context, { t: sums, scale, slack }, (x) => Math.sqrt(Math.max(0, x)), slope, range);
}

export function reduceLogSum(context: Context): void {
  const shapes = reduced(context);
  const q = context.activation(context.input(0));
  const { program } = context;
  const sums = program.space("int32", shapes.out);
  const x = context.bring(q, shapes.dims);
  program.line("vu.reset");
  program.line(setAxes(shapes.axes));
  program.issue("vu.sum", "vu", [sums, x]);
  const range = extremes(reference(context, shapes, (value) => value));
  throughTable(context, { t: sums, scale: q.scale, slack: 0 }, Math.log, 1 / range[0], range);
}

/** Products one after the other along the reduced axes, each step requantised to int16. */
export function reduceProd(context: Context): void {
  const { dims, axes, count } = reduced(context);
  const { program } = context;
  const q = context.activation(context.input(0));
  const all = axes.filter((axis) => dims[axis]! > 1).length > 1;
  // A product over everything runs along one axis of the flat tensor.
  const shape: Four = all ? [1, 1, 1, product(dims)] : dims;
  if (all && count !== product(dims)) throw new Misfit("mode", "products along several axes");
  const axis = all ? 3 : axes.find((a) => dims[a]! > 1)!;
  const input = context.bring(q, shape);
  const part = (i: number): Machine =>
    view(input, {
      dims: shape.map((size, a) => (a === axis ? 1 : size)) as unknown as Four,
      offset: i * input.strides[axis]!,
    });
  const magnitude = largest(context.effective.get(context.input(0).name)!);
  let result = part(0);
  let scale = q.scale;
  let reach = magnitude;
  let error = 0;
  const scheme = context.outputScheme();
  for (let i = 1; i < shape[axis]!; i++) {
    const last = i === shape[axis]! - 1;
    reach *= magnitude;
    const next = last ? scheme : { dtype: "int16" as const, scale: reach / 32767, zeroPoint: 0 };
    const out = context.space(next, part(0).dims);
    program.line("vu.reset");
    context.scale(2, (scale * q.scale) / next.scale);
    program.issue("vu.mul", "vu", [out, result, part(i)]);
    error = error * magnitude + (last ? 0 : next.scale / 2);
    scale = next.scale;
    result = out;
  }
  context.real(result, scheme, error);
}

/** Places of extremes: the smallest of x is the largest of -x, the last of equals the first of the axis backwards. */
function place(negate: boolean) {
  return (context: Context): void => {
    const { shape } = context.input(0);
    const dims = four(shape);
    const given = context.int("axis", 0);
    const axis = (given < 0 ? given + shape.length : given) + 4 - shape.length;
    const size = dims[axis]!;
    const { program } = context;
    let x = context.bring(context.activation(context.input(0)), dims);
    if (negate) {
      const negative = program.space("int16", dims);
      program.line("vu.reset");
      program.issue("vu.neg", "vu", [negative, x]);
      x = negative;
    }
    const backwards = context.int("select_last_index", 0) === 1;
    if (backwards) {
      const strides = x.strides.map((stride, a) => (a === axis ? -stride : stride)) as unknown as Four;
      x = view(x, { strides, offset: (size - 1) * x.strides[axis]! });
    }
    const outDims = dims.map((length, a) => (a === axis ? 1 : length)) as unknown as Four;
    let out = program.space("int32", outDims);
    program.line("vu.reset");
    program.line(setAxes([axis]));
    program.issue("vu.argmax", "vu", [out, x]);
    if (backwards) {
      const forwards = program.space("int32", outDims, { zeroPoint: size - 1 });
      program.line("vu.reset");
      program.issue("vu.neg", "vu", [forwards, out]);
      out = forwards;
    }
    context.result(out, { kind: "exact" });
  };
}

export const argMax = place(false);
export const argMin = place(true);

/** 0, 1, 2 ... along one axis. */
const counting = (dims: Four, axis: number, from = 0): number[] => {
  const inner = product(dims.slice(axis + 1));
  return Array.from({ length: product(dims) }, (_, i) => from + (Math.floor(i / inner) % dims[axis]!));
};

export function hardmax(context: Context): void {
  const { shape } = context.input(0);
  const dims = four(shape);
  const given = context.int("axis", -1);
  const axis = (given < 0 ? given + shape.length : given) + 4 - shape.length;
  const { program } = context;
  const x = context.bring(context.activation(context.input(0)), dims);
  const places = program.space("int32", dims.map((size, a) => (a === axis ? 1 : size)) as unknown as Four);
  program.line("vu.reset");
  program.line(setAxes([axis]));
  program.issue("vu.argmax", "vu", [places, x]);
  const out = program.space("uint8", dims);
  program.issue("vu.eq", "vu", [out, program.bring(counting(dims, axis), "int32", dims), places]);
  context.real(out, TRUTH);
}

/** Counting tensors compared with the indices, from 0 and from -depth. */
export function oneHot(context: Context): void {
  const [indices, values] = [context.input(0), context.input(2)];
  const { shape } = context.output();
  const dims = four(shape);
  const given = context.int("axis", -1);
  const axis = (given < 0 ? given + shape.length : given) + 4 - shape.length;
  const { program } = context;
  const wide = dims.map((size, a) => (a === axis ? 1 : size)) as unknown as Four;
  const index = program.bring(indices.data, "int32", wide);
  const hits = [0, -dims[axis]!].map((from) => {
    const hit = program.space("uint8", dims);
    program.line("vu.reset");
    program.issue("vu.eq", "vu", [hit, program.bring(counting(dims, axis, from), "int32", dims), index]);
    return hit;
  });
  const hit = program.space("uint8", dims);
  program.issue("vu.max", "vu", [hit, ...hits]);
  const [off, on] = values.data as [number, number];
  const table = program.listIn([off, ...new Array<number>(255).fill(on)], "int32", "dm");
  program.line(`la a0, ${table}`);
  program.line("vu.set table, a0");
  const out = program.space("int32", dims);
  program.issue("vu.lookup", "vu", [out, hit]);
  context.result(out, { kind: "exact" });
}
