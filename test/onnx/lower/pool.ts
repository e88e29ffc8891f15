/** Pools on the neural unit. */
import { type Context, image } from "../context.ts";
import { multiplierOf, type Quantised, type Scheme, type Stored } from "../fixed-point.ts";
import { Misfit } from "../misfit.ts";
import type { Machine } from "../program.ts";
import { setWindow, windowOf } from "./window.ts";

function requireOne(context: Context): void {
  if (context.node.outputs.length > 1)
    throw new Misfit("mode", "the places of the largest elements as a second output");
}

/** Largest elements keep scale and zero point: nothing is rounded. */
function largestElements(context: Context, mnemonic: "nu.maxpool" | "nu.gmaxpool"): void {
  requireOne(context);
  const x = context.input(0);
  const dims = image(x.shape);
  const outDims = image(context.output().shape);
  const { program } = context;
  const integers = x.type === "uint8" || x.type === "int8";
  let scheme: Scheme;
  let map: Machine;
  if (integers) {
    scheme = { dtype: x.type as Stored, scale: 1, zeroPoint: 0 };
    map = program.bring(x.data, scheme.dtype, dims, 0, "nchw");
  } else {
    const q = context.activation(x);
    scheme = q;
    map = context.bring(q, dims, "nchw");
  }
  if (mnemonic === "nu.maxpool") setWindow(context, windowOf(context, dims, outDims, context.ints("kernel_shape")!));
  else program.line("nu.reset");
  const out = context.space(scheme, outDims);
  program.issue(mnemonic, "nu", [out, map]);
  if (integers) context.result(out, { kind: "exact" }, { to: "nchw" });
  else context.real(out, scheme, 0, { to: "nchw" });
}

export const maxPool = (context: Context): void => largestElements(context, "nu.maxpool");
export const globalMaxPool = (context: Context): void => largestElements(context, "nu.gmaxpool");

/** The output of an average: at the input's scale, or requantised by a table that holds 1 / count. */
function averageOut(context: Context, q: Quantised, count: number | undefined): { out: Machine; scheme: Scheme } {
  const { program } = context;
  const dims = image(context.output().shape);
  if (count === undefined) return { out: context.space(q, dims), scheme: q };
  const scheme = context.outputScheme();
  const { m, s } = multiplierOf(q.scale / (count * scheme.scale));
  const table = program.table([[0, m, s]], "wm");
  return { out: program.space(scheme.dtype, dims, { zeroPoint: scheme.zeroPoint, table }), scheme };
}

export function averagePool(context: Context): void {
  const x = context.input(0);
  const dims = image(x.shape);
  const kernel = context.ints("kernel_shape")!;
  const window = windowOf(context, dims, image(context.output().shape), kernel);
  const q = context.activation(x);
  const padded = [...window.begin, ...window.end].some((pad) => pad > 0);
  const counts = context.int("count_include_pad", 0) === 1;
  // The recipe of 16 bits takes the table wherever all windows count alike.
  const byTable = context.bits === 16 && (counts || !padded);
  const map = context.bring(q, dims, "nchw");
  const { out, scheme } = averageOut(context, q, byTable ? window.kernel[0] * window.kernel[1] : undefined);
  setWindow(context, window);
  if (counts || byTable) context.program.field("nu.set", "pool", 1);
  context.program.issue("nu.avgpool", "nu", [out, map]);
  context.real(out, scheme, 0, { to: "nchw" });
}

export function globalAveragePool(context: Context): void {
  const x = context.input(0);
  const dims = image(x.shape);
  const q = context.activation(x);
  const map = context.bring(q, dims, "nchw");
  const { out, scheme } = averageOut(context, q, context.bits === 16 ? dims[1] * dims[2] : undefined);
  context.program.line("nu.reset");
  context.program.issue("nu.gavgpool", "nu", [out, map]);
  context.real(out, scheme, 0, { to: "nchw" });
}
