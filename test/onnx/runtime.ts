/** ONNX Runtime as a second opinion: what an operator makes of the numbers that the machine's inputs stand for. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { type ElementType, type OnnxNode, type OnnxTensor, writeModel } from "./dataset.ts";

const ARRAYS: Partial<Record<ElementType, (data: readonly number[]) => Tensor["data"]>> = {
  float: (data) => Float32Array.from(data),
  double: (data) => Float64Array.from(data),
  uint8: (data) => Uint8Array.from(data),
  int8: (data) => Int8Array.from(data),
  bool: (data) => Uint8Array.from(data),
  int32: (data) => Int32Array.from(data),
  int64: (data) => BigInt64Array.from(data, BigInt),
};
const NAMES: Partial<Record<ElementType, string>> = { float: "float32", double: "float64" };

function feed({ type, shape, data }: OnnxTensor): Tensor {
  const list = ARRAYS[type];
  if (!list) throw new Error(`ONNX Runtime gets no ${type} here`);
  return new Tensor((NAMES[type] ?? type) as "float32", list(data) as Float32Array, [...shape]);
}

/** Opsets below 7 repeat inputs by attributes, which ONNX Runtime no longer knows; from 7 on shapes say it. */
const OLDEST_OPSET = 7;
/** From this opset on a Gemm may do without C. */
const OPTIONAL_BIAS_OPSET = 11;
const OLD_ATTRIBUTES = ["broadcast", "is_test", "consumed_inputs"];
const BY_SHAPE = ["Add", "Sub", "Mul", "Div", "PRelu", "Gemm"];

/** Nothing that would take longer to set up than these models take to run. */
const OPTIONS = {
  logSeverityLevel: 4,
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  enableCpuMemArena: false,
  graphOptimizationLevel: "disabled",
} as const;

/**
 * Runs one operator on these inputs.
 * @param inputs in the operator's order; those left out are undefined
 * @returns the outputs as numbers
 */
export async function runOperator(
  node: OnnxNode,
  opset: number,
  inputs: readonly (OnnxTensor | undefined)[],
  outputs: readonly OnnxTensor[],
): Promise<readonly (readonly number[])[]> {
  const present = inputs.filter((input) => input !== undefined);
  const names = inputs.map((input) => input?.name ?? "");
  const old = opset < OLDEST_OPSET;
  const dropped = (name: string) => OLD_ATTRIBUTES.includes(name) || (name === "axis" && BY_SHAPE.includes(node.op));
  const stored = old ? node.stored.filter(({ name }) => !dropped(name)) : node.stored;
  const oldest = node.op === "Gemm" && present.length === 2 ? OPTIONAL_BIAS_OPSET : OLDEST_OPSET;
  const model = writeModel({ ...node, inputs: names, stored }, Math.max(opset, oldest), present, outputs);
  const session = await InferenceSession.create(model, OPTIONS);
  try {
    const results = await session.run(Object.fromEntries(present.map((input) => [input.name, feed(input)])));
    return outputs.map(({ name }) => Array.from(results[name]!.data as ArrayLike<number | bigint>, Number));
  } finally {
    await session.release();
  }
}
