/**
 * Operators that only move elements. Numbers travel as 32-bit patterns, whatever they mean: results are equal bit for
 * bit.
 */
import { type Context, floatBits, four, image, integersOf } from "../context.ts";
import type { OnnxTensor } from "../dataset.ts";
import type { Stored } from "../fixed-point.ts";
import { Misfit } from "../misfit.ts";
import { type Four, type Machine, product, view } from "../program.ts";

const LETTERS = ["n", "h", "w", "c"] as const;
const REAL = ["float", "double"];

interface Carried {
  readonly values: readonly number[];
  readonly dtype: Stored;
}

/** Elements as the machine carries them. Doubles must be such as single precision holds. */
function carried(tensor: OnnxTensor): Carried {
  if (!REAL.includes(tensor.type)) return { values: tensor.data, dtype: integersOf([tensor]) };
  return { values: floatBits(tensor.data), dtype: "int32" };
}

export const BITS = { kind: "bits" } as const;

export function bring(context: Context, tensor: OnnxTensor, dims: Four, from: "nhwc" | "nchw" = "nhwc"): Machine {
  const { values, dtype } = carried(tensor);
  return context.program.bring(values, dtype, dims, 0, from);
}

/** Shape without dimensions of 1 when there are more than four. */
function compact(shape: readonly number[]): Four {
  if (shape.includes(0)) throw new Misfit("empty");
  return four(shape.length > 4 ? shape.filter((size) => size !== 1) : shape);
}

function copy({ program }: Context, out: Machine, input: Machine): void {
  program.issue("vu.copy", "vu", [out, input]);
}

const withSize = (dims: Four, axis: number, size: number): Four =>
  dims.map((own, a) => (a === axis ? size : own)) as unknown as Four;

/** A range of an axis: `count` elements from `start`, `step` apart (which may be negative). */
function range(t: Machine, axis: number, start: number, count: number, step = 1): Machine {
  const strides = t.strides.map((stride, a) => (a === axis ? stride * step : stride)) as unknown as Four;
  return view(t, { dims: withSize(t.dims, axis, count), strides, offset: start * t.strides[axis]! });
}

export function identity(context: Context): void {
  const dims = compact(context.input(0).shape);
  const input = bring(context, context.input(0), dims);
  const out = context.program.space(input.dtype, dims);
  copy(context, out, input);
  context.result(out, BITS);
}

/** Dropout outside training leaves everything; its mask is 1 everywhere. */
export function dropout(context: Context): void {
  if (context.optional(2)?.data[0] === 1 && context.optional(1)?.data[0] !== 0) throw new Misfit("random");
  identity(context);
  if (context.node.outputs.length < 2) return;
  const mask = context.program.space("uint8", compact(context.output(1).shape));
  fill(context, mask, 1);
  context.result(mask, { kind: "exact" }, { output: 1 });
}

function fill({ program }: Context, t: Machine, value: number): void {
  program.fill(t, value);
}

/** Another shape over the same elements, by the instruction that gives descriptors a shape. */
export function reshape(context: Context): void {
  const input = bring(context, context.input(0), compact(context.input(0).shape));
  const out = context.program.space(input.dtype, compact(context.output().shape));
  context.program.reshaped(out, input);
  context.result(out, BITS);
}

export function transpose(context: Context): void {
  const { shape } = context.input(0);
  const order = context.ints("perm") ?? shape.map((_, axis) => shape.length - 1 - axis);
  const kept = shape.length > 4 ? order.filter((axis) => shape[axis] !== 1) : order;
  const axes = [...kept].sort((a, b) => a - b);
  if (kept.length > 4) throw new Misfit("rank", `rank ${shape.length}`);
  const extra = 4 - kept.length;
  const permutation = [
    ...Array.from({ length: extra }, (_, i) => i),
    ...kept.map((axis) => axes.indexOf(axis) + extra),
  ] as number[];
  const dims = four(axes.map((axis) => shape[axis]!));
  const { program } = context;
  const input = bring(context, context.input(0), dims);
  const out = program.space(input.dtype, permutation.map((axis) => dims[axis]!) as unknown as Four);
  program.line("vu.reset");
  program.line(`vu.perm ${permutation.map((axis) => LETTERS[axis]).join(", ")}`);
  program.issue("vu.transpose", "vu", [out, input]);
  context.result(out, BITS);
}

const axisOf = (context: Context, rank: number, otherwise = 0): number => {
  const axis = context.int("axis", otherwise);
  return (axis < 0 ? axis + rank : axis) + 4 - rank;
};

export function concat(context: Context): void {
  const inputs = context.node.inputs.map((_, i) => context.input(i));
  const axis = axisOf(context, inputs[0]!.shape.length);
  const { program } = context;
  let sum = bring(context, inputs[0]!, four(inputs[0]!.shape));
  for (const next of inputs.slice(1)) {
    const other = bring(context, next, four(next.shape));
    const out = program.space(sum.dtype, withSize(sum.dims, axis, sum.dims[axis]! + other.dims[axis]!));
    program.line("vu.reset");
    program.line(`vu.axes ${LETTERS[axis]}`);
    program.issue("vu.concat", "vu", [out, sum, other]);
    sum = out;
  }
  context.result(sum, BITS);
}

export function split(context: Context): void {
  const x = context.input(0);
  const axis = axisOf(context, x.shape.length);
  const input = bring(context, x, four(x.shape));
  let start = 0;
  context.test.outputs.forEach((part, output) => {
    const out = context.program.space(input.dtype, four(part.shape));
    copy(context, out, range(input, axis, start, out.dims[axis]!));
    start += out.dims[axis]!;
    context.result(out, BITS, { output });
  });
}

export function slice(context: Context): void {
  const x = context.input(0);
  const rank = x.shape.length;
  const list = (i: number, name: string) => context.optional(i)?.data ?? context.ints(name);
  const starts = list(1, "starts")!;
  const ends = list(2, "ends")!;
  const axes = list(3, "axes") ?? starts.map((_, axis) => axis);
  const steps = list(4, "steps") ?? starts.map(() => 1);
  let input = bring(context, x, four(x.shape));
  axes.forEach((given, i) => {
    const axis = (given < 0 ? given + rank : given) + 4 - rank;
    const size = input.dims[axis]!;
    const step = steps[i]!;
    const inside = (value: number, low: number, high: number) =>
      Math.max(low, Math.min(high, value < 0 ? value + size : value));
    const start = step > 0 ? inside(starts[i]!, 0, size) : inside(starts[i]!, 0, size - 1);
    const end = step > 0 ? inside(ends[i]!, 0, size) : inside(ends[i]!, -1, size - 1);
    const count = Math.ceil((end - start) / step);
    if (count <= 0) throw new Misfit("empty");
    input = range(input, axis, start, count, step);
  });
  const out = context.program.space(input.dtype, input.dims);
  copy(context, out, input);
  context.result(out, BITS);
}

/** Runs of places at one distance. */
function runs(places: readonly number[]): { to: number; from: number; count: number; step: number }[] {
  const result: { to: number; from: number; count: number; step: number }[] = [];
  for (let at = 0; at < places.length; ) {
    const step = at + 1 < places.length ? places[at + 1]! - places[at]! : 1;
    let count = 1;
    while (at + count < places.length && places[at + count]! - places[at + count - 1]! === step) count++;
    result.push({ to: at, from: places[at]!, count, step });
    at += count;
  }
  return result;
}

/** Element `at` of an axis becomes element `places[at]` of the input, run by run. */
export function remap(context: Context, input: Machine, axis: number, places: readonly number[]): Machine {
  const same = places.length === input.dims[axis] && places.every((place, at) => place === at);
  if (same) return input;
  const out = context.program.space(input.dtype, withSize(input.dims, axis, places.length));
  for (const { to, from, count, step } of runs(places)) {
    copy(context, range(out, axis, to, count), range(input, axis, from, count, step));
  }
  return out;
}

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

export function tile(context: Context): void {
  const x = context.input(0);
  const repeats = context.input(1).data;
  let t = bring(context, x, four(x.shape));
  repeats.forEach((count, i) => {
    const axis = i + 4 - repeats.length;
    t = remap(
      context,
      t,
      axis,
      upTo(count).flatMap(() => upTo(t.dims[axis]!)),
    );
  });
  context.result(t, BITS);
}

/** Repetition by a stride of 0. */
export function expand(context: Context): void {
  const x = context.input(0);
  const dims = four(context.output().shape);
  const input = bring(context, x, four(x.shape));
  const strides = input.strides.map((stride, axis) => (input.dims[axis] === dims[axis] ? stride : 0));
  const out = context.program.space(input.dtype, dims);
  copy(context, out, view(input, { dims, strides: strides as unknown as Four }));
  context.result(out, BITS);
}

function reflected(at: number, size: number): number {
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const place = ((at % period) + period) % period;
  return place < size ? place : period - place;
}

export function pad(context: Context): void {
  const x = context.input(0);
  const rank = x.shape.length;
  const mode = context.text("mode", "constant");
  const pads = context.optional(1)?.data ?? context.ints("pads") ?? context.ints("paddings")!;
  const dims = four(x.shape);
  const before = dims.map((_, axis) => pads[axis - 4 + rank] ?? 0);
  const behind = dims.map((_, axis) => pads[axis - 4 + 2 * rank] ?? 0);
  if (mode !== "constant") {
    let t = bring(context, x, dims);
    for (const [axis, size] of dims.entries()) {
      const count = before[axis]! + size + behind[axis]!;
      const places = upTo(count).map((i) => {
        const at = i - before[axis]!;
        return mode === "edge" ? Math.max(0, Math.min(size - 1, at)) : reflected(at, size);
      });
      t = remap(context, t, axis, places);
    }
    context.result(t, BITS);
    return;
  }
  const value = context.optional(2)?.data[0] ?? context.attribute("value")?.f ?? 0;
  const stored = REAL.includes(x.type) ? floatBits([value])[0]! : value;
  if (rank !== 4 || before[0] || before[1] || behind[0] || behind[1]) throw new Misfit("mode", "padding of n or c");
  const { program } = context;
  const input = bring(context, x, image(x.shape), "nchw");
  const out = program.space(input.dtype, image(context.output().shape));
  program.line("dma.reset");
  program.line(`dma.margin ${[before[2], behind[2], before[3], behind[3]].join(", ")}`);
  program.field("dma.set", "padsel", 1);
  program.field("dma.set", "padval", stored);
  program.issue("dma.pad", "dma0", [out, input]);
  context.result(out, BITS, { to: "nchw" });
}

/** Rows along an axis, by the DMA's gather; negative indices count from the end. */
export function gather(context: Context): void {
  const [x, indices] = [context.input(0), context.input(1)];
  const given = context.int("axis", 0);
  const axis = given < 0 ? given + x.shape.length : given;
  const size = x.shape[axis]!;
  const [outer, inner] = [product(x.shape.slice(0, axis)), product(x.shape.slice(axis + 1))];
  const { program } = context;
  const input = bring(context, x, [outer, size, 1, inner]);
  const list: Four = [1, 1, 1, indices.data.length];
  let index = program.bring(indices.data, "int32", list);
  if (indices.data.some((i) => i < 0)) {
    const negative = program.space("uint8", list);
    program.line("vu.reset");
    program.issue("vu.gt", "vu", [
      negative,
      program.bring(
        indices.data.map(() => 0),
        "int32",
        list,
      ),
      index,
    ]);
    const positive = program.space("int32", list);
    context.scale(1, size);
    program.issue("vu.add", "vu", [positive, index, negative]);
    index = positive;
  }
  const out = program.space(input.dtype, [outer, indices.data.length, 1, inner]);
  program.issue("dma.gather", "dma0", [out, input, index]);
  context.result(out, BITS);
}

/** Blocks of channels become places, or places channels: one strided copy for each place of a block. */
function blocks(toSpace: boolean) {
  return (context: Context): void => {
    const x = context.input(0);
    const size = context.int("blocksize", 1);
    const [n, c, h, w] = four((toSpace ? context.output() : x).shape);
    const input = bring(context, x, four(x.shape));
    const out = context.program.space(input.dtype, four(context.output().shape));
    const [deep, wide] = toSpace ? [input, out] : [out, input];
    const byColumn = context.text("mode", "DCR") === "DCR";
    const dims: Four = [n, c, h / size, w / size];
    const [sn, sc, sh, sw] = deep.strides;
    for (let i = 0; i < size * size; i++) {
      const [row, column] = [Math.floor(i / size), i % size];
      const place = view(wide, {
        dims,
        strides: [wide.strides[0], wide.strides[1], wide.strides[2] * size, wide.strides[3] * size],
        offset: row * wide.strides[2] + column * wide.strides[3],
      });
      const channels = byColumn
        ? view(deep, { dims, strides: [sn, sc, sh, sw], offset: i * c * sc })
        : view(deep, { dims, strides: [sn, sc * size * size, sh, sw], offset: i * sc });
      if (toSpace) copy(context, place, channels);
      else copy(context, channels, place);
    }
    context.result(out, BITS);
  };
}

export const depthToSpace = blocks(true);
export const spaceToDepth = blocks(false);

export function where(context: Context): void {
  const [mask, x, y] = [context.input(0), context.input(1), context.input(2)];
  const dims = four(context.output().shape);
  const out = bring(context, y, dims);
  const { program } = context;
  program.issue("vu.sel", "vu", [out, program.bring(mask.data, "uint8", dims), bring(context, x, dims)]);
  context.result(out, BITS);
}

/** A triangle of zeros, by selection with a mask that the shape alone determines. */
export function trilu(context: Context): void {
  const x = context.input(0);
  const dims = four(x.shape);
  const upper = context.int("upper", 1) === 1;
  const k = context.optional(1)?.data[0] ?? 0;
  const [, , rows, columns] = dims;
  const mask = Array.from({ length: product(dims) }, (_, i) => {
    const distance = (i % columns) - (Math.floor(i / columns) % rows);
    return (upper ? distance >= k : distance <= k) ? 1 : 0;
  });
  const { program } = context;
  const input = bring(context, x, dims);
  const out = program.space(input.dtype, dims);
  fill(context, out, 0);
  program.issue("vu.sel", "vu", [out, program.bring(mask, "uint8", dims), input]);
  context.result(out, BITS);
}

export function constantOfShape(context: Context): void {
  const value = context.attribute("value")?.t;
  const dims = four(context.output().shape);
  const { values, dtype } = value ? carried(value) : { values: [0], dtype: "int32" as const };
  const out = context.program.space(dtype, dims);
  fill(context, out, values[0]!);
  context.result(out, BITS);
}
