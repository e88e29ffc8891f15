/** Compares what the machine stored with what must come out. */
import type { Comparison } from "./context.ts";
import type { OnnxTensor } from "./dataset.ts";
import { clamp, largest, RANGES } from "./fixed-point.ts";

export interface Verdict {
  /** Largest distance that is allowed, in LSBs of the output. */
  readonly allowed: number;
  /** Largest distance from what must come out, in LSBs. */
  readonly found: number;
  /** Largest distance from the data set's results, in LSBs: the quantisation of the inputs comes on top. */
  readonly fromDataSet: number;
  /** Results that are not the exact ones. */
  readonly differing: number;
  /** The first few results that lie too far away. */
  readonly errors: readonly string[];
}

/** What single precision adds to ONNX Runtime's results: 24 bits, and up to 64 additions in a row. */
const NOISE = 2 ** -18;
const SHOWN_ERRORS = 3;

const isReal = ({ type }: OnnxTensor): boolean => type === "float" || type === "double";

/**
 * @param values stored values in ONNX's order
 * @param expected what the data set says
 * @param model what ONNX Runtime computes from the dequantised inputs, for real results
 */
export function compare(
  values: readonly number[],
  comparison: Comparison,
  expected: OnnxTensor,
  model: readonly number[] = [],
): Verdict {
  if (values.length !== expected.data.length) {
    const errors = [`${values.length} elements instead of ${expected.data.length}`];
    return { allowed: 0, found: Number.POSITIVE_INFINITY, fromDataSet: 0, differing: values.length, errors };
  }
  const errors: string[] = [];
  const fail = (i: number, text: string) => {
    if (errors.length < SHOWN_ERRORS) errors.push(`element ${i}: ${text}`);
  };
  let [found, fromDataSet, differing] = [0, 0, 0];
  if (comparison.kind !== "real") {
    const bits = comparison.kind === "bits" && isReal(expected);
    const wanted = bits ? new Int32Array(Float32Array.from(expected.data).buffer) : expected.data;
    const allowed = comparison.kind === "lsb" ? 1 : 0;
    for (const [i, q] of values.entries()) {
      const distance = Math.abs(q - wanted[i]!);
      if (distance > 0) differing++;
      found = Math.max(found, distance);
      if (!(distance <= allowed)) fail(i, `${q} instead of ${wanted[i]}`);
    }
    return { allowed, found, fromDataSet: found, differing, errors };
  }
  const { scheme, slack } = comparison;
  const { scale, zeroPoint } = scheme;
  // What the output can't hold saturates.
  const ends = RANGES[scheme.dtype].map((q) => scale * (q - zeroPoint)) as [number, number];
  const limit = scale / 2 + slack + NOISE * largest(expected.data);
  for (const [i, q] of values.entries()) {
    const real = scale * (q - zeroPoint);
    const wanted = clamp(model[i]!, ends);
    const distance = Math.abs(real - wanted);
    found = Math.max(found, distance / scale);
    fromDataSet = Math.max(fromDataSet, Math.abs(real - clamp(expected.data[i]!, ends)) / scale);
    if (!(distance <= limit)) fail(i, `${real} instead of ${wanted}, at most ${limit} away`);
  }
  return { allowed: limit / scale, found, fromDataSet, differing, errors };
}
