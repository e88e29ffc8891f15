/** Matrix products on the neural unit: nu.matmul for two feature maps, nu.fc where the second matrix is weights. */
import type { Context } from "../context.ts";
import type { OnnxTensor } from "../dataset.ts";
import { multiplierOf, type Stored } from "../fixed-point.ts";
import { Misfit } from "../misfit.ts";
import { BYTES, type Four, type Machine, product, view } from "../program.ts";
import { channelEntries } from "./conv.ts";

/** Products of matrices that lie behind each other in three tensors. */
function products(context: Context, out: Machine, a: Machine, b: Machine, count: number): void {
  context.program.line("nu.reset");
  for (let i = 0; i < count; i++) {
    const part = (t: Machine) => view(t, { offset: i * t.dims[2] * t.dims[3] * BYTES[t.dtype] });
    context.program.issue("nu.matmul", "nu", count === 1 ? [out, a, b] : [part(out), part(a), part(b)]);
  }
}

/** Rows, columns and how many matrices there are. */
function matrix(shape: readonly number[]): { rows: number; columns: number; count: number } {
  if (shape.length < 2) throw new Misfit("mode", "vectors");
  return { rows: shape.at(-2)!, columns: shape.at(-1)!, count: product(shape.slice(0, -2)) };
}

/** Storage for several matrices: the first one's descriptor, room for all of them. */
function stack(context: Context, dtype: Stored, rows: number, columns: number, count: number, options = {}): Machine {
  const all = context.program.space(dtype, [1, count, rows, columns], options);
  return count === 1 ? all : view(all, { dims: [1, 1, rows, columns] });
}

function bringStack(context: Context, t: OnnxTensor, values: readonly number[], dtype: Stored, zeroPoint: number) {
  const { rows, columns, count } = matrix(t.shape);
  const all = context.program.bring(values, dtype, [1, count, rows, columns], zeroPoint);
  return count === 1 ? all : view(all, { dims: [1, 1, rows, columns] });
}

const whole = (t: Machine, count: number): Machine => view(t, { dims: [1, count, t.dims[2], t.dims[3]] });

export function matMulInteger(context: Context): void {
  const [a, b] = [context.input(0), context.input(1)];
  const left = bringStack(context, a, a.data, a.type as Stored, context.optional(2)?.data[0] ?? 0);
  const right = bringStack(context, b, b.data, b.type as Stored, context.optional(3)?.data[0] ?? 0);
  const { count } = matrix(a.shape);
  const out = stack(context, "int32", left.dims[2], right.dims[3], count);
  products(context, out, left, right, count);
  context.result(whole(out, count), { kind: "exact" });
}

export function qLinearMatMul(context: Context): void {
  const number = (i: number) => context.input(i).data[0]!;
  const [a, b] = [context.input(0), context.input(3)];
  const left = bringStack(context, a, a.data, a.type as Stored, number(2));
  const right = bringStack(context, b, b.data, b.type as Stored, number(5));
  const { count } = matrix(a.shape);
  const { m, s } = multiplierOf((number(1) * number(4)) / number(6));
  const table = context.program.table(
    Array.from({ length: right.dims[3] }, () => [0, m, s] as const),
    "wm",
  );
  const out = stack(context, context.output().type as Stored, left.dims[2], right.dims[3], count, {
    zeroPoint: number(7),
    table,
  });
  products(context, out, left, right, count);
  context.result(whole(out, count), { kind: "lsb" });
}

export function matMul(context: Context): void {
  const [a, b] = [context.input(0), context.input(1)];
  const { count } = matrix(a.shape);
  if (matrix(b.shape).count !== count) throw new Misfit("mode", "batches that are repeated");
  const left = context.activation(a);
  const right = context.weights(b);
  const scheme = context.outputScheme();
  const { m, s } = multiplierOf((left.scale * right.scale) / scheme.scale);
  const [x, w] = [
    bringStack(context, a, left.values, left.dtype, left.zeroPoint),
    bringStack(context, b, right.values, right.dtype, 0),
  ];
  const table = context.program.table(
    Array.from({ length: w.dims[3] }, () => [0, m, s] as const),
    "wm",
  );
  const out = stack(context, scheme.dtype, x.dims[2], w.dims[3], count, { zeroPoint: scheme.zeroPoint, table });
  products(context, out, x, w, count);
  context.real(whole(out, count), scheme);
}

/** A matrix with rows and columns exchanged by the vector unit. */
function transposed({ program }: Context, t: Machine): Machine {
  const [, , rows, columns] = t.dims;
  const out = program.space(t.dtype, [1, 1, columns, rows], { zeroPoint: t.zeroPoint });
  program.line("vu.reset");
  program.line("vu.perm n, h, c, w");
  program.issue("vu.transpose", "vu", [out, t]);
  return out;
}

/** y = alpha A B + beta C, with A or B transposed. */
export function gemm(context: Context): void {
  const [a, b, c] = [context.input(0), context.input(1), context.optional(2)];
  const alpha = context.float("alpha", 1);
  const beta = context.float("beta", 1);
  const left = context.activation(a);
  const right = context.weights(b);
  const scheme = context.outputScheme();
  const sum = alpha * left.scale * right.scale;
  const [rows, columns] = context.output().shape as [number, number];
  const matrixBias = c !== undefined && c.data.length === rows * columns && rows > 1;
  const entries = channelEntries(context, matrixBias ? undefined : c, new Array(columns).fill(sum), scheme, beta);
  let x = context.program.bring(left.values, left.dtype, [1, 1, a.shape[0]!, a.shape[1]!], left.zeroPoint);
  if (context.int("transA", 0) === 1) x = transposed(context, x);
  const { program } = context;
  const isWeights = context.int("transB", 0) === 1 && !matrixBias;
  const table = program.table(entries, "wm");
  const options = { zeroPoint: scheme.zeroPoint };
  if (isWeights) {
    // Rows of the transposed matrix are the filters of a fully connected layer, each row of A an image.
    const filters: Four = [columns, 1, 1, b.shape[1]!];
    const near = program.bring(right.values, "int8", filters);
    const weights = program.space("int8", filters, { memory: "wm", layout: "blocked", table });
    program.issue("dma.ldw", "dma0", [weights, near]);
    const images = view(x, { dims: [x.dims[2], 1, 1, x.dims[3]], strides: [x.strides[2], 0, 0, x.strides[3]] });
    const out = program.space(scheme.dtype, [rows, 1, 1, columns], options);
    program.line("nu.reset");
    program.issue("nu.fc", "nu", [out, images, weights]);
    context.real(out, scheme);
    return;
  }
  let w = program.bring(right.values, "int8", [1, 1, b.shape[0]!, b.shape[1]!]);
  if (context.int("transB", 0) === 1) w = transposed(context, w);
  if (!matrixBias) {
    const out = program.space(scheme.dtype, [1, 1, rows, columns], { ...options, table });
    products(context, out, x, w, 1);
    context.real(out, scheme);
    return;
  }
  const sums = program.space("int32", [1, 1, rows, columns]);
  products(context, sums, x, w, 1);
  const addend = context.activation(c, undefined, 16);
  const second = context.bring(addend, [1, 1, rows, columns]);
  const out = program.space(scheme.dtype, [1, 1, rows, columns], options);
  program.line("vu.reset");
  context.scale(1, (addend.scale * beta) / sum);
  context.scale(2, sum / scheme.scale);
  program.issue("vu.add", "vu", [out, sums, second]);
  // The matrix C is rounded to the scale of the sums on its way.
  context.real(out, scheme, Math.abs(sum) / 2);
}
