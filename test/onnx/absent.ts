/** Operators that no lowering exists for, and why. */
import type { Reason } from "./misfit.ts";

const list = (reason: Reason, detail: string, names: string): [string, readonly [Reason, string]][] =>
  names.split(" ").map((name) => [name, [reason, detail]]);

export const ABSENT: ReadonlyMap<string, readonly [Reason, string]> = new Map([
  ...list("training", "", "Adagrad Adam Momentum Gradient SoftmaxCrossEntropyLoss NegativeLogLikelihoodLoss"),
  ...list("random", "", "Bernoulli RandomUniformLike"),
  ...list("recurrent", "", "LSTM GRU RNN"),
  ...list("control", "", "If Loop Scan"),
  ...list("shape", "", "NonZero Compress NonMaxSuppression Unique"),
  ...list("constant", "", "Shape Size Range EyeLike HannWindow HammingWindow BlackmanWindow MelWeightMatrix"),
  ...list("type", "text", "StringNormalizer TfIdfVectorizer"),
  ...list("type", "conversion between floating-point formats or text", "Cast CastLike"),
  ...list("float", "tests for infinities and NaN", "IsInf IsNaN"),
  ...list("float", "exponents differ from element to element", "Pow"),
  ...list("operation", "remainders", "Mod"),
  ...list("operation", "shifts that differ from element to element", "BitShift"),
  ...list("operation", "sorting", "TopK"),
  ...list("operation", "scattering", "ScatterElements ScatterND Scatter MaxUnpool"),
  ...list("operation", "gathering of single elements", "GatherElements GatherND GridSample RoiAlign ReverseSequence"),
  ...list("operation", "determinants", "Det"),
  ...list("operation", "normalisation across channels", "LRN"),
]);
