/** Functions of one number: those that the vector unit computes, and all others by its lookup tables. */
import type { Context } from "../context.ts";
import { clamp, extremes, RANGES, type Scheme, type Stored, spreadScheme } from "../fixed-point.ts";
import { Misfit } from "../misfit.ts";
import type { Four, Machine } from "../program.ts";
import { align } from "./broadcast.ts";
import { isReal } from "./elementwise.ts";

type Real = (x: number) => number;

const dims = (context: Context): Four => align([context.input(0).shape], context.input(0).shape).out;

interface Native {
  /** Argument as the operation takes it, in fraction bits; undefined: the input at any scale. */
  readonly argumentBits?: number;
  /** Fraction bits of what the operation computes. */
  readonly resultBits?: number;
  /** Error of the operation beside the rounding of its result to an LSB. */
  readonly slack?: number;
}

/** An operation of the vector unit: argument by Q0, result by Q2. */
function native(mnemonic: string, { argumentBits, resultBits, slack = 0 }: Native = {}) {
  return (context: Context): void => {
    const q = context.activation(context.input(0));
    const scheme = context.outputScheme();
    const [x, out] = [context.bring(q, dims(context)), context.space(scheme, dims(context))];
    context.program.line("vu.reset");
    if (argumentBits !== undefined) context.scale(0, q.scale * 2 ** argumentBits);
    if (resultBits !== undefined) context.scale(2, 2 ** -resultBits / scheme.scale);
    else context.scale(2, q.scale / scheme.scale);
    context.program.issue(mnemonic, "vu", [out, x]);
    context.real(out, scheme, slack);
  };
}

export const abs = native("vu.abs");
export const neg = native("vu.neg");
export const relu = native("vu.relu");
// e^-|t| is good to 2^-19 of itself, a quarter of which reaches the result; the quotient is rounded to 20 bits.
export const sigmoid = native("vu.sigmoid", { argumentBits: 26, resultBits: 20, slack: 2 ** -20 });
// As sigmoid, but half of the error of e^-2|t| reaches the result.
export const tanh = native("vu.tanh", { argumentBits: 26, resultBits: 20, slack: 1.5 * 2 ** -20 });
// Argument and result are rounded to 16 bits; the slope is at most 3/2.
export const hardSwish = native("vu.hswish", { argumentBits: 16, resultBits: 16, slack: 1.25 * 2 ** -16 });

export function leakyRelu(context: Context): void {
  const alpha = context.float("alpha", 0.01);
  const q = context.activation(context.input(0));
  const scheme = context.outputScheme();
  const [x, out] = [context.bring(q, dims(context)), context.space(scheme, dims(context))];
  context.program.line("vu.reset");
  context.scale(0, q.scale / scheme.scale);
  context.scale(1, (alpha * q.scale) / scheme.scale);
  context.program.issue("vu.lrelu", "vu", [out, x]);
  context.real(out, scheme);
}

/** e^x = e^(x - largest x) times a constant: the input's largest stored value becomes its zero point. */
export function exp(context: Context): void {
  const q = context.activation(context.input(0));
  const scheme = context.outputScheme();
  const top = Math.max(...q.values);
  const factor = Math.exp(q.scale * (top - q.zeroPoint));
  const x = context.program.bring(q.values, q.dtype, dims(context), top);
  const out = context.space(scheme, dims(context));
  context.program.line("vu.reset");
  context.scale(0, q.scale * 2 ** 26);
  context.scale(2, (factor * 2 ** -30) / scheme.scale);
  context.program.issue("vu.exp", "vu", [out, x]);
  // The error is below 2^-19 of the value plus a unit of 2^-30; the argument is rounded to 26 bits.
  context.real(out, scheme, factor * (2 ** -19 + 2 ** -26 + 2 ** -30));
}

export function reciprocal(context: Context): void {
  const x = context.input(0);
  const q = context.activation(x, undefined, 16);
  if (q.values.includes(q.zeroPoint)) throw new Misfit("float", "an input that quantises to 0");
  const scheme = context.outputScheme();
  const out = context.space(scheme, dims(context));
  context.program.line("vu.reset");
  context.scale(2, 1 / (q.scale * 2 ** 30 * scheme.scale));
  context.program.issue("vu.recip", "vu", [out, context.bring(q, dims(context))]);
  // 2^30 / v is rounded to an integer.
  context.real(out, scheme, 1 / (q.scale * 2 ** 31));
}

/** clamp(alpha x + beta, 0, 1): a constant factor and addend, bounds as stored values. */
export function hardSigmoid(context: Context): void {
  const q = context.activation(context.input(0));
  const scheme = context.outputScheme();
  const out = context.space(scheme, dims(context));
  const { program } = context;
  program.line("vu.reset");
  context.scale(0, context.float("alpha", 0.2) * q.scale * 2 ** 20);
  program.field("vu.set", "bias", Math.round(context.float("beta", 0.5) * 2 ** 20));
  context.scale(2, 2 ** -20 / scheme.scale);
  const one = clamp(Math.round(1 / scheme.scale) + scheme.zeroPoint, RANGES[scheme.dtype]);
  program.set("vu.clamp", scheme.zeroPoint, one);
  program.issue("vu.scale", "vu", [out, context.bring(q, dims(context))]);
  context.real(out, scheme, 2 ** -20);
}

export function clip(context: Context): void {
  const x = context.input(0);
  const bound = (i: number, name: string) => context.optional(i)?.data[0] ?? context.attribute(name)?.f;
  const [low, high] = [bound(1, "min"), bound(2, "max")];
  const { program } = context;
  const real = isReal(x);
  const q = real ? context.activation(x) : { dtype: x.type as Stored, scale: 1, zeroPoint: 0, values: x.data };
  if (!(q.dtype in RANGES)) throw new Misfit("type", x.type);
  const stored = (value: number) => clamp(Math.round(value / q.scale) + q.zeroPoint, RANGES[q.dtype]);
  const out = context.space(q, dims(context));
  program.line("vu.reset");
  if (low !== undefined) program.field("vu.set", "lo", stored(low));
  if (high !== undefined) program.field("vu.set", "hi", stored(high));
  program.issue("vu.clip", "vu", [out, program.bring(q.values, q.dtype, dims(context), q.zeroPoint)]);
  if (real) context.real(out, q);
  else context.result(out, { kind: "exact" });
}

/** A table for int8: 256 results, correctly rounded. What the input never is stays 0. */
function lookup8(context: Context, x: Machine, from: Scheme, f: Real, out: Machine, to: Scheme): void {
  const table = Array.from({ length: 256 }, (_, i) => {
    const y = f(Math.fround(from.scale * (i - 128 - from.zeroPoint)));
    return Number.isFinite(y) ? clamp(Math.round(y / to.scale) + to.zeroPoint, RANGES[to.dtype]) : 0;
  });
  const { program } = context;
  program.line("vu.reset");
  const label = program.listIn(table, to.dtype, "dm");
  program.line(`la a0, ${label}`);
  program.line("vu.set table, a0");
  program.issue("vu.lookup", "vu", [out, x]);
}

/**
 * A table for int16: 513 results, straight lines between them.
 * @param range real numbers that the input takes; the table is flat beyond
 * @returns what the lines and the table's rounding add to the error: the largest distance over all stored inputs
 */
export function lookup16(
  context: Context,
  x: Machine,
  from: Scheme,
  f: Real,
  range: readonly [number, number],
  out: Machine,
  to: Scheme,
): number {
  const real = (q: number) => clamp(from.scale * (q - from.zeroPoint), range);
  const point = (i: number) => f(real(i * 128 - 32768));
  const points = Array.from({ length: 513 }, (_, i) => point(i));
  const table = points.map((y) => clamp(Math.round(y / to.scale) + to.zeroPoint, RANGES.int16));
  let distance = 0;
  for (let q = -32768; q < 32768; q++) {
    const [low, rest] = [(q + 32768) >> 7, (q & 127) / 128];
    const line = points[low]! + (points[low + 1]! - points[low]!) * rest;
    distance = Math.max(distance, Math.abs(line - f(real(q))));
  }
  const { program } = context;
  program.line("vu.reset");
  const label = program.listIn(table, "int16", "dm");
  program.line(`la a0, ${label}`);
  program.line("vu.set table, a0");
  program.issue("vu.lookup", "vu", [out, x]);
  return distance + to.scale / 2;
}

/** A function by table. Functions with jumps take 256 entries, where every input has a result of its own. */
export function byTable(f: (context: Context) => Real, smooth = true) {
  return (context: Context): void => {
    const x = context.input(0);
    const g = f(context);
    const shape = dims(context);
    if (context.bits === 8) {
      const q = context.activation(x);
      const scheme = context.outputScheme();
      const out = context.space(scheme, shape);
      lookup8(context, context.bring(q, shape), q, g, out, scheme);
      context.real(out, scheme);
      return;
    }
    if (!smooth) throw new Misfit("mode", "jumps between the entries of a table for int16");
    const q = context.byScheme(x, spreadScheme(extremes(x.data)));
    const scheme = context.outputScheme();
    const out = context.space(scheme, shape);
    const inputs = q.values.map((value) => q.scale * (value - q.zeroPoint));
    const slack = lookup16(context, context.bring(q, shape), q, g, extremes(inputs), out, scheme);
    context.real(out, scheme, slack);
  };
}

/** The error function to double precision: its series, and the continued fraction of its complement. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  let value: number;
  if (a < 2.5) {
    let term = a;
    value = a;
    for (let n = 1; n < 100; n++) {
      term *= -(a * a) / n;
      value += term / (2 * n + 1);
    }
    value *= 2 / Math.sqrt(Math.PI);
  } else {
    let fraction = a;
    for (let n = 60; n > 0; n--) fraction = a + n / 2 / fraction;
    value = 1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * fraction);
  }
  return Math.sign(x) * value;
}
