/** The same quantised convolution in ONNX Runtime on one thread: what people run such layers with on this processor. */
import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor } from "onnxruntime-node";
import protobuf from "protobufjs";

const ONNX = protobuf.loadSync(fileURLToPath(new URL("../test/onnx/onnx.proto", import.meta.url)));
const MODEL = ONNX.lookupType("onnx.ModelProto");
/** TensorProto.DataType */
const FLOAT = 1;
const INT8 = 3;
/** AttributeProto.AttributeType */
const INT = 2;
const INTS = 7;
const OPSET = 13;
const IR_VERSION = 8;

export interface ConvolutionShape {
  /** Height = width of input and output, channels. */
  readonly size: number;
  readonly outSize: number;
  readonly channels: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly depthwise: boolean;
}

/** A QLinearConv without padding, its weights known when the model is loaded. */
function modelOf(
  { size, outSize, channels, outChannels, kernel, stride, depthwise }: ConvolutionShape,
  weights: Int8Array,
): Uint8Array {
  const filters = depthwise ? channels : outChannels;
  const perFilter = depthwise ? 1 : channels;
  const float = (name: string, value: number) => ({ name, dataType: FLOAT, dims: [], floatData: [value] });
  const int8 = (name: string, value: number) => ({ name, dataType: INT8, dims: [], int32Data: [value] });
  const value = (name: string, shape: number[]) => ({
    name,
    type: { tensorType: { elemType: INT8, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
  });
  const graph = {
    name: "convolution",
    node: [
      {
        opType: "QLinearConv",
        input: ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz"],
        output: ["y"],
        attribute: [
          { name: "strides", type: INTS, ints: [stride, stride] },
          { name: "group", type: INT, i: depthwise ? channels : 1 },
        ],
      },
    ],
    initializer: [
      float("xs", 0.02),
      int8("xz", 5),
      {
        name: "w",
        dataType: INT8,
        dims: [filters, perFilter, kernel, kernel],
        rawData: new Uint8Array(weights.buffer),
      },
      float("ws", 0.01),
      int8("wz", 0),
      float("ys", 0.5),
      int8("yz", -3),
    ],
    input: [value("x", [1, channels, size, size])],
    output: [value("y", [1, filters, outSize, outSize])],
  };
  const opsetImport = [{ domain: "", version: OPSET }];
  return MODEL.encode(MODEL.fromObject({ irVersion: IR_VERSION, opsetImport, graph })).finish();
}

/**
 * Seconds of the fastest of several runs.
 * @param input NCHW, weights OIHW
 */
export async function timeOnnxRuntime(
  shape: ConvolutionShape,
  input: Int8Array,
  weights: Int8Array,
  runs: number,
): Promise<number> {
  const session = await InferenceSession.create(modelOf(shape, weights), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  try {
    const x = new Tensor("int8", input, [1, shape.channels, shape.size, shape.size]);
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < runs; i++) {
      const started = performance.now();
      await session.run({ x });
      best = Math.min(best, (performance.now() - started) / 1000);
    }
    return best;
  } finally {
    await session.release();
  }
}
