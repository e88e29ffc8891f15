/** Between real and stored numbers: real numbers are fixed-point numbers in int32 on the machine. */
import { type Context, image } from "../context.ts";
import { clamp, largest, multiplierOf, RANGES, type Scheme, type Stored } from "../fixed-point.ts";
import { Misfit } from "../misfit.ts";
import type { Four } from "../program.ts";
import { align } from "./broadcast.ts";

/** Fraction bits that leave a list of numbers below 2^29. */
export const fractionBits = (data: readonly number[]): number =>
  Math.min(24, 28 - Math.ceil(Math.log2(largest(data) + 1)));

export const fixed = (data: readonly number[], bits: number): number[] =>
  data.map((x) => clamp(Math.round(x * 2 ** bits), RANGES.int32));

const flat = (shape: readonly number[]): Four => align([shape], shape).out;

export function quantizeLinear(context: Context): void {
  const [x, scale, zero] = [context.input(0), context.input(1), context.input(2)];
  const bits = fractionBits(x.data);
  const dtype = context.output().type as Stored;
  const { program } = context;
  const channels = scale.data.length > 1;
  const dims = channels ? image(x.shape) : flat(x.shape);
  const values = fixed(x.data, bits);
  const entries = scale.data.map((value, c): [number, number, number] => {
    const { m, s } = multiplierOf(2 ** -bits / value);
    // A zero point by channel goes into the addend.
    return [channels ? Math.round(zero.data[c]! * value * 2 ** bits) : 0, m, s];
  });
  const source = program.input(values, "int32", dims, { layout: channels ? "nchw" : "nhwc" });
  const table = program.table(entries, "dm");
  const input = program.space("int32", dims, channels ? { table } : {});
  program.issue(channels ? "dma.trans" : "dma.ld", "dma0", [input, source]);
  const out = program.space(dtype, dims, { zeroPoint: channels ? 0 : (zero.data[0] ?? 0) });
  program.line("vu.reset");
  if (!channels) program.set("vu.q0", entries[0]![1], entries[0]![2]);
  program.issue("vu.requant", "vu", [out, input]);
  context.result(out, { kind: "lsb" }, { to: channels ? "nchw" : "nhwc" });
}

export function dequantizeLinear(context: Context): void {
  const [x, scale, zero] = [context.input(0), context.input(1), context.input(2)];
  if (!(x.type in RANGES)) throw new Misfit("type", x.type);
  const bits = fractionBits(context.output().data);
  const scheme: Scheme = { dtype: "int32", scale: 2 ** -bits, zeroPoint: 0 };
  const { program } = context;
  const channels = scale.data.length > 1;
  context.isReal = true;
  if (!channels) {
    const input = program.bring(x.data, x.type as Stored, flat(x.shape), zero.data[0] ?? 0);
    const out = context.space(scheme, flat(x.shape));
    program.line("vu.reset");
    context.scale(0, scale.data[0]! * 2 ** bits);
    program.issue("vu.dequant", "vu", [out, input]);
    context.real(out, scheme);
    return;
  }
  const entries = scale.data.map((value, c): [number, number, number] => {
    const { m, s } = multiplierOf(value * 2 ** bits);
    return [-zero.data[c]!, m, s];
  });
  const dims = image(x.shape);
  const source = program.input(x.data, x.type as Stored, dims, { layout: "nchw" });
  const input = program.space(x.type as Stored, dims, { table: program.table(entries, "dm") });
  program.issue("dma.trans", "dma0", [input, source]);
  const out = context.space(scheme, dims);
  program.line("vu.reset");
  program.issue("vu.requant", "vu", [out, input]);
  context.real(out, scheme, 0, { to: "nchw" });
}
