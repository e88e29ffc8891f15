/** Operators with several inputs, element by element. */
import { type Context, integersOf } from "../context.ts";
import type { OnnxTensor } from "../dataset.ts";
import { extremes, largest, multiplierOf, type Quantised, type Scheme } from "../fixed-point.ts";
import { Misfit } from "../misfit.ts";
import type { Four, Machine } from "../program.ts";
import { type Aligned, align, repeated } from "./broadcast.ts";

const REAL = ["float", "double"];
export const isReal = ({ type }: OnnxTensor): boolean => REAL.includes(type);

/** The operator's inputs; opsets below 7 say by an attribute which axes a second input goes along. */
function operands(context: Context): OnnxTensor[] {
  const inputs = context.node.inputs.map((_, i) => context.input(i));
  const axis = context.attribute("axis")?.i;
  if (axis !== undefined && context.test.opset < 7 && inputs.length === 2) {
    const [first, second] = inputs as [OnnxTensor, OnnxTensor];
    const behind = first.shape.length - axis - second.shape.length;
    const shape = [...second.shape, ...new Array<number>(Math.max(0, behind)).fill(1)];
    context.shapes.set(second.name, shape);
    return [first, { ...second, shape }];
  }
  return inputs;
}

const shapes = (inputs: readonly OnnxTensor[], context: Context): Aligned =>
  align(
    inputs.map(({ shape }) => shape),
    context.output().shape,
  );

/** An operation on two integer tensors whose results are exact. */
function onIntegers(context: Context, mnemonic: string, inputs: readonly OnnxTensor[]): void {
  const { program } = context;
  const dtype = integersOf([...inputs, context.output()]);
  const { out, inputs: dims } = shapes(inputs, context);
  const loaded = inputs.map((tensor, i) => program.bring(tensor.data, dtype, dims[i]!));
  program.line("vu.reset");
  let sum = repeated(loaded[0]!, out);
  for (const next of loaded.slice(1)) {
    const result = program.space(dtype, out);
    program.issue(mnemonic, "vu", [result, sum, next]);
    sum = result;
  }
  if (loaded.length === 1) {
    const result = program.space(dtype, out);
    program.issue("vu.copy", "vu", [result, sum]);
    sum = result;
  }
  context.result(sum, { kind: "exact" });
}

/** A scale for intermediate int32 values that leaves sums of all inputs below 2^29. */
const middleScale = (inputs: readonly OnnxTensor[]): number =>
  Math.max(
    1e-30,
    inputs.reduce((sum, { data }) => sum + largest(data), 0),
  ) *
  2 ** -28;

/** Two inputs of one shape on the neural unit's output stage, by three table entries. */
function onNeuralUnit(context: Context, mnemonic: string, inputs: readonly OnnxTensor[], dims: Four): void {
  const { program } = context;
  const [a, b] = inputs.map((tensor) => context.activation(tensor)) as [Quantised, Quantised];
  const scheme = context.outputScheme();
  const middle = middleScale(inputs);
  const entry = (factor: number) => {
    const { m, s } = multiplierOf(factor);
    return [0, m, s] as const;
  };
  const entries =
    mnemonic === "nu.mul"
      ? [entry((a.scale * b.scale) / scheme.scale)]
      : [entry(a.scale / middle), entry(b.scale / middle), entry(middle / scheme.scale)];
  const [first, second] = [context.bring(a, dims), context.bring(b, dims)];
  const out = program.space(scheme.dtype, dims, { zeroPoint: scheme.zeroPoint, table: program.table(entries, "wm") });
  program.line("nu.reset");
  program.issue(mnemonic, "nu", [out, first, second]);
  context.real(out, scheme, 2 * middle);
}

/** Sums, extremes and means of any number of inputs. @param divisor of the result */
function chain(context: Context, mnemonic: string, inputs: readonly OnnxTensor[], divisor: number): void {
  const { program } = context;
  const { out: dims, inputs: each } = shapes(inputs, context);
  const quantised = inputs.map((tensor) => context.activation(tensor));
  const scheme = context.outputScheme();
  const middle = middleScale(inputs);
  const loaded = quantised.map((q, i) => context.bring(q, each[i]!));
  let sum = repeated(loaded[0]!, dims);
  let scale = quantised[0]!.scale;
  for (let i = 1; i < loaded.length; i++) {
    const last = i === loaded.length - 1;
    const result = last ? context.space(scheme, dims) : program.space("int32", dims);
    program.line("vu.reset");
    context.scale(0, scale / middle);
    context.scale(1, quantised[i]!.scale / middle);
    if (last) context.scale(2, middle / (divisor * scheme.scale));
    program.issue(mnemonic, "vu", [result, sum, loaded[i]!]);
    sum = result;
    scale = middle;
  }
  if (loaded.length === 1) {
    sum = context.space(scheme, dims);
    program.line("vu.reset");
    context.scale(0, quantised[0]!.scale / scheme.scale);
    program.issue("vu.requant", "vu", [sum, repeated(loaded[0]!, dims)]);
  }
  context.real(sum, scheme, inputs.length * middle);
}

function arithmetic(name: "add" | "sub" | "min" | "max", divisor = 1) {
  return (context: Context): void => {
    const inputs = operands(context);
    if (!inputs.every(isReal)) {
      onIntegers(context, `vu.${name}`, inputs);
      return;
    }
    const { out, inputs: each } = shapes(inputs, context);
    const alike = each.length === 2 && each.every((dims) => dims.every((size, axis) => size === out[axis]));
    const onArray = (name === "add" || name === "sub") && alike && context.bits === 8;
    if (onArray) onNeuralUnit(context, `nu.${name}`, inputs, out);
    else chain(context, `vu.${name}`, inputs, divisor);
  };
}

export const add = arithmetic("add");
export const sub = arithmetic("sub");
export const min = arithmetic("min");
export const max = arithmetic("max");
export const mean = (context: Context): void => chain(context, "vu.add", operands(context), context.node.inputs.length);

export function mul(context: Context): void {
  const inputs = operands(context);
  if (!inputs.every(isReal)) {
    onIntegers(context, "vu.mul", inputs);
    return;
  }
  const { out: dims, inputs: each } = shapes(inputs, context);
  if (context.bits === 8 && each.every((own) => own.every((size, axis) => size === dims[axis]))) {
    onNeuralUnit(context, "nu.mul", inputs, dims);
    return;
  }
  const [a, b] = inputs.map((tensor) => context.activation(tensor)) as [Quantised, Quantised];
  const scheme = context.outputScheme();
  const [first, second] = [context.bring(a, each[0]!), context.bring(b, each[1]!)];
  const out = context.space(scheme, dims);
  context.program.line("vu.reset");
  context.scale(2, (a.scale * b.scale) / scheme.scale);
  context.program.issue("vu.mul", "vu", [out, repeated(first, dims), second]);
  context.real(out, scheme);
}

/** a / b as a times the reciprocal of b. */
export function div(context: Context): void {
  const [x, y] = operands(context) as [OnnxTensor, OnnxTensor];
  if (!isReal(x)) throw new Misfit("operation", "division of integers");
  const { out: dims, inputs: each } = shapes([x, y], context);
  const a = context.activation(x);
  const b = context.activation(y, undefined, 16);
  const scheme = context.outputScheme();
  const least = Math.min(...b.values.map((q) => Math.abs(q - b.zeroPoint)));
  if (least === 0) throw new Misfit("float", "a divisor that quantises to 0");
  // 2^30 / v, brought to at most 2^15 so that products with 16 bits stay within int32.
  const { program } = context;
  const inverse = program.space("int32", each[1]!);
  program.line("vu.reset");
  const fit = (2 ** 15 * least) / 2 ** 30;
  context.scale(2, fit);
  program.issue("vu.recip", "vu", [inverse, context.bring(b, each[1]!)]);
  const inverseScale = 1 / (2 ** 30 * b.scale * fit);
  const out = context.space(scheme, dims);
  program.line("vu.reset");
  context.scale(2, (a.scale * inverseScale) / scheme.scale);
  program.issue("vu.mul", "vu", [out, repeated(context.bring(a, each[0]!), dims), inverse]);
  // The reciprocal is rounded twice: to an integer, then by the factor `fit`.
  context.real(out, scheme, largest(x.data) * inverseScale);
}

/** Relations give 1 and 0; both sides get one scheme, so that equal numbers stay equal. */
function relation(mnemonic: string, swapped: boolean) {
  return (context: Context): void => {
    const inputs = operands(context) as [OnnxTensor, OnnxTensor];
    const { program } = context;
    const { out: dims, inputs: each } = shapes(inputs, context);
    const real = inputs.every(isReal);
    const range = extremes([...inputs[0].data, ...inputs[1].data]);
    const loaded = inputs.map((tensor, i) =>
      real
        ? context.bring(context.activation(tensor, range), each[i]!)
        : program.bring(tensor.data, integersOf(inputs), each[i]!),
    );
    if (swapped) loaded.reverse();
    const out = program.space("uint8", dims);
    program.line("vu.reset");
    program.issue(mnemonic, "vu", [out, repeated(loaded[0]!, dims), loaded[1]!]);
    context.result(out, real ? { kind: "real", scheme: TRUTH, slack: 0 } : { kind: "exact" });
  };
}

/** Booleans as 1 and 0. */
export const TRUTH: Scheme = { dtype: "uint8", scale: 1, zeroPoint: 0 };

export const equal = relation("vu.eq", false);
export const greater = relation("vu.gt", false);
export const greaterOrEqual = relation("vu.ge", false);
export const less = relation("vu.gt", true);
export const lessOrEqual = relation("vu.ge", true);

/** 1 - x, by a zero point of 1. */
function inverted({ program }: Context, t: Machine): Machine {
  const out = program.space("uint8", t.dims, { zeroPoint: 1 });
  program.line("vu.reset");
  program.issue("vu.neg", "vu", [out, t]);
  return out;
}

function logical(mnemonic: string, invert: boolean) {
  return (context: Context): void => {
    const inputs = operands(context);
    const { program } = context;
    const { out: dims, inputs: each } = shapes(inputs, context);
    const [first, second] = inputs.map(({ data }, i) => program.bring(data, "uint8", each[i]!)) as [Machine, Machine];
    const out = program.space("uint8", dims);
    program.line("vu.reset");
    program.issue(mnemonic, "vu", [out, repeated(first, dims), second]);
    context.result(invert ? inverted(context, out) : out, { kind: "exact" });
  };
}

export const and = logical("vu.min", false);
export const or = logical("vu.max", false);
export const xor = logical("vu.eq", true);

export function not(context: Context): void {
  const x = context.input(0);
  const { out } = align([x.shape], x.shape);
  context.result(inverted(context, context.program.bring(x.data, "uint8", out)), { kind: "exact" });
}

/** x where it is positive, else x times a slope that is a tensor of its own. */
export function pRelu(context: Context): void {
  const [x, slope] = [context.input(0), context.input(1)];
  // Before opset 7 a slope of one dimension goes along the channels.
  const channels = slope.shape.length === 1 && slope.shape[0] === x.shape[1] && context.test.opset < 7;
  const slopeShape = channels ? [...slope.shape, ...new Array<number>(x.shape.length - 2).fill(1)] : slope.shape;
  context.shapes.set(slope.name, slopeShape);
  const { out: dims, inputs: each } = align([x.shape, slopeShape], x.shape);
  const { program } = context;
  const [a, b] = [context.activation(x), context.activation(slope)];
  const scheme = context.outputScheme();
  const [values, slopes] = [context.bring(a, each[0]!), context.bring(b, each[1]!)];
  const positive = program.space("int16", dims);
  program.line("vu.reset");
  program.issue("vu.relu", "vu", [positive, values]);
  const negative = program.space("int32", dims);
  program.issue("vu.sub", "vu", [negative, values, positive]);
  const sloped = program.space("int32", dims);
  program.issue("vu.mul", "vu", [sloped, negative, slopes]);
  const middle = (largest(x.data) + largest(x.data) * largest(slope.data)) * 2 ** -28;
  const out = context.space(scheme, dims);
  context.scale(0, a.scale / middle);
  context.scale(1, (a.scale * b.scale) / middle);
  context.scale(2, middle / scheme.scale);
  program.issue("vu.add", "vu", [out, positive, sloped]);
  context.real(out, scheme, 2 * middle);
}
