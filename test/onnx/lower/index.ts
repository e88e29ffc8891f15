/** How each ONNX operator becomes operations of the machine. What is missing here has a reason in `absent.ts`. */
import type { Context } from "../context.ts";
import { Misfit } from "../misfit.ts";
import * as conv from "./conv.ts";
import { dynamicQuantizeLinear } from "./dynamic.ts";
import * as einsum from "./einsum.ts";
import * as elementwise from "./elementwise.ts";
import * as fourier from "./fourier.ts";
import * as functions from "./functions.ts";
import { byTable, erf } from "./functions.ts";
import * as matmul from "./matmul.ts";
import * as moves from "./moves.ts";
import * as normalise from "./normalise.ts";
import * as pool from "./pool.ts";
import * as quantise from "./quantise.ts";
import * as reduce from "./reduce.ts";
import * as resize from "./resize.ts";
import * as volume from "./volume.ts";
import { isVolume } from "./volume.ts";

export type Lowering = (context: Context) => void;

const table = (f: (x: number) => number, smooth = true): Lowering => byTable(() => f, smooth);

const elu =
  (alpha: number, gamma = 1) =>
  (x: number) =>
    gamma * (x > 0 ? x : alpha * Math.expm1(x));

export const LOWERINGS: Readonly<Record<string, Lowering>> = {
  Conv: (context) => (isVolume(context) ? volume.conv3d(context) : conv.conv(context)),
  ConvInteger: conv.convInteger,
  QLinearConv: conv.qLinearConv,
  ConvTranspose: conv.convTranspose,
  MaxPool: (context) => (isVolume(context) ? volume.maxPool3d(context) : pool.maxPool(context)),
  AveragePool: (context) => (isVolume(context) ? volume.averagePool3d(context) : pool.averagePool(context)),
  GlobalMaxPool: pool.globalMaxPool,
  GlobalAveragePool: pool.globalAveragePool,
  MatMul: matmul.matMul,
  MatMulInteger: matmul.matMulInteger,
  QLinearMatMul: matmul.qLinearMatMul,
  Gemm: matmul.gemm,
  Add: elementwise.add,
  Sum: elementwise.add,
  Sub: elementwise.sub,
  Mul: elementwise.mul,
  Div: elementwise.div,
  Min: elementwise.min,
  Max: elementwise.max,
  Mean: elementwise.mean,
  PRelu: elementwise.pRelu,
  Equal: elementwise.equal,
  Greater: elementwise.greater,
  GreaterOrEqual: elementwise.greaterOrEqual,
  Less: elementwise.less,
  LessOrEqual: elementwise.lessOrEqual,
  And: elementwise.and,
  Or: elementwise.or,
  Xor: elementwise.xor,
  Not: elementwise.not,
  Abs: functions.abs,
  Neg: functions.neg,
  Relu: functions.relu,
  LeakyRelu: functions.leakyRelu,
  HardSwish: functions.hardSwish,
  HardSigmoid: functions.hardSigmoid,
  Sigmoid: functions.sigmoid,
  Tanh: functions.tanh,
  Exp: functions.exp,
  Reciprocal: functions.reciprocal,
  Clip: functions.clip,
  Acos: table(Math.acos),
  Acosh: table(Math.acosh),
  Asin: table(Math.asin),
  Asinh: table(Math.asinh),
  Atan: table(Math.atan),
  Atanh: table(Math.atanh),
  Cos: table(Math.cos),
  Cosh: table(Math.cosh),
  Sin: table(Math.sin),
  Sinh: table(Math.sinh),
  Tan: table(Math.tan),
  Log: table(Math.log),
  Sqrt: table(Math.sqrt),
  Erf: table(erf),
  Softplus: table((x) => Math.log1p(Math.exp(x))),
  Softsign: table((x) => x / (1 + Math.abs(x))),
  Elu: byTable((c) => elu(c.float("alpha", 1))),
  Selu: byTable((c) => elu(c.float("alpha", 1.6732631921768188), c.float("gamma", 1.0507010221481323))),
  Celu: byTable((c) => {
    const alpha = c.float("alpha", 1);
    return (x) => (x > 0 ? x : alpha * Math.expm1(x / alpha));
  }),
  Ceil: table(Math.ceil, false),
  Floor: table(Math.floor, false),
  Round: table((x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)), false),
  Sign: table(Math.sign, false),
  ThresholdedRelu: byTable((c) => {
    const alpha = c.float("alpha", 1);
    return (x) => (x > alpha ? x : 0);
  }, false),
  Shrink: byTable((c) => {
    const [lambda, bias] = [c.float("lambd", 0.5), c.float("bias", 0)];
    return (x) => (x < -lambda ? x + bias : x > lambda ? x - bias : 0);
  }, false),
  ReduceSum: reduce.reduceSum,
  ReduceMean: reduce.reduceMean,
  ReduceMax: reduce.reduceMax,
  ReduceMin: reduce.reduceMin,
  ReduceL1: reduce.reduceL1,
  ReduceL2: reduce.reduceL2,
  ReduceSumSquare: reduce.reduceSumSquare,
  ReduceLogSum: reduce.reduceLogSum,
  ReduceLogSumExp: normalise.reduceLogSumExp,
  CumSum: reduce.cumSum,
  Einsum: einsum.einsum,
  ReduceProd: reduce.reduceProd,
  ArgMax: reduce.argMax,
  ArgMin: reduce.argMin,
  Hardmax: reduce.hardmax,
  OneHot: reduce.oneHot,
  Softmax: normalise.softmax,
  LogSoftmax: normalise.logSoftmax,
  BatchNormalization: normalise.batchNormalization,
  InstanceNormalization: normalise.instanceNormalization,
  MeanVarianceNormalization: normalise.meanVarianceNormalization,
  LayerNormalization: normalise.layerNormalization,
  QuantizeLinear: quantise.quantizeLinear,
  DequantizeLinear: quantise.dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  Identity: moves.identity,
  Dropout: moves.dropout,
  Reshape: moves.reshape,
  Flatten: moves.reshape,
  Squeeze: moves.reshape,
  Unsqueeze: moves.reshape,
  Transpose: moves.transpose,
  Concat: moves.concat,
  Split: moves.split,
  Slice: moves.slice,
  Tile: moves.tile,
  Expand: moves.expand,
  Pad: moves.pad,
  Gather: moves.gather,
  DepthToSpace: moves.depthToSpace,
  SpaceToDepth: moves.spaceToDepth,
  Where: moves.where,
  Trilu: moves.trilu,
  ConstantOfShape: moves.constantOfShape,
  Upsample: resize.resizeNearest,
  Resize: (context) => {
    const mode = context.text("mode", "nearest");
    if (mode === "cubic") throw new Misfit("mode", "cubic interpolation");
    if (mode === "nearest") resize.resizeNearest(context);
    else resize.resizeLinear(context);
  },
  DFT: fourier.dft,
  STFT: fourier.stft,
};
