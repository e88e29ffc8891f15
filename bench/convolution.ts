/**
 * Convolutions on the simulated machine, beside the same multiply-accumulates in a bare WebAssembly SIMD matrix product; both in
 * seconds of the processor.
 */
import { Simulator } from "@nnasm/sim-core/engine";
import type { ProgramTensor } from "@nnasm/sim-core/program";
import { requantise } from "../test-fixtures/fashion-mnist/reference.ts";
import { createGemm } from "./gemm.ts";
import { measure, processorSeconds } from "./measure.ts";
import { type ConvolutionShape, timeOnnxRuntime } from "./onnx-runtime.ts";
import { assembleFile, runToExit } from "./program.ts";
import { randomInt8, randomSource } from "./random.ts";

export interface ConvolutionResult {
  readonly shape: string;
  readonly macsPerSecond: number;
  readonly gemmMacsPerSecond: number;
  /** Ours divided by the matrix product's. */
  readonly ratio: number;
  readonly onnxMacsPerSecond: number;
  readonly simulatedCyclesPerSecond: number;
}

/** Layers that fit the default machine's memories at once: the memories decide how wide they are. */
const LAYERS: readonly ConvolutionShape[] = [
  { size: 30, outSize: 28, channels: 64, outChannels: 64, kernel: 3, stride: 1, depthwise: false },
  { size: 16, outSize: 14, channels: 256, outChannels: 32, kernel: 3, stride: 1, depthwise: false },
  { size: 28, outSize: 28, channels: 256, outChannels: 256, kernel: 1, stride: 1, depthwise: false },
  { size: 57, outSize: 28, channels: 128, outChannels: 64, kernel: 3, stride: 2, depthwise: false },
  { size: 30, outSize: 28, channels: 256, outChannels: 256, kernel: 3, stride: 1, depthwise: true },
];
/** Multiply-accumulates of one run, which repeats its convolution. */
const MACS_PER_RUN = 200e6;
const ONNX_RUNS = 200;

/** A convolution as a matrix product; a depthwise one has the product of as many multiply-accumulates beside it. */
function gemmShape({ outSize, channels, outChannels, kernel }: ConvolutionShape): { m: number; n: number; k: number } {
  return { m: outSize * outSize, n: outChannels, k: kernel * kernel * channels };
}

/** Rows of the matrix product: the window of every output pixel, in the order of the weights. */
function windows(input: Int8Array, { size, outSize, channels, kernel, stride }: ConvolutionShape): Int8Array {
  const rows = new Int8Array(outSize * outSize * kernel * kernel * channels);
  let at = 0;
  for (let y = 0; y < outSize; y++) {
    for (let x = 0; x < outSize; x++) {
      for (let ky = 0; ky < kernel; ky++) {
        const from = ((y * stride + ky) * size + x * stride) * channels;
        rows.set(input.subarray(from, from + kernel * channels), at);
        at += kernel * channels;
      }
    }
  }
  return rows;
}

/** A matrix of `rows` rows with its rows as columns: OHWI weights for the product, NHWC maps as NCHW. */
function transposed(matrix: Int8Array, rows: number): Int8Array {
  const columns = matrix.length / rows;
  const result = new Int8Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = matrix[row * columns + column]!;
  }
  return result;
}

/** Bias, multiplier and shift of every output channel. */
function makeTable(seed: number, channels: number): Int32Array {
  const next = randomSource(seed);
  const entry = (): number[] => [(next() % 20001) - 10000, 0x40000000 + (next() % 0x40000000), 43 + (next() % 3), 0];
  return Int32Array.from(Array.from({ length: channels }, entry).flat());
}

async function benchConvolution(layer: ConvolutionShape, seconds: number): Promise<ConvolutionResult> {
  const { size, outSize, channels, outChannels, kernel, stride, depthwise } = layer;
  const shape = gemmShape(layer);
  const perFilter = kernel * kernel * (depthwise ? 1 : channels);
  const macs = shape.m * shape.n * perFilter;
  const repeats = Math.ceil(MACS_PER_RUN / macs);
  const defines = { IN: size, OUT: outSize, CI: channels, CO: outChannels, KERNEL: kernel, STRIDE: stride };
  const { program, config } = assembleFile(
    "conv.nnasm",
    new Map(Object.entries({ ...defines, DEPTHWISE: Number(depthwise), REPEATS: repeats })),
  );
  const tensor = (name: string): ProgramTensor => {
    const found = program.tensors.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`conv.nnasm has no tensor ${name}`);
    return found;
  };
  const input = randomInt8(size * size * channels, 1);
  // OHWI; the only filter of a depthwise convolution has a channel for each output.
  const weights = randomInt8(shape.n * perFilter, 2);
  const table = makeTable(3, outChannels);
  const bytesOf = (array: Int8Array | Int32Array): Uint8Array =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const create = (): Simulator => {
    const simulator = new Simulator({ program, config });
    simulator.writeMemory(tensor("input_ddr").base, bytesOf(input));
    simulator.writeMemory(tensor("weights_ddr").base, bytesOf(weights));
    simulator.writeMemory(tensor("table_ddr").base, bytesOf(table));
    return simulator;
  };

  const gemm = await createGemm(shape);
  const rows = windows(input, layer);
  // A depthwise filter as the diagonal of a matrix.
  const dense = depthwise ? diagonal(weights, channels) : weights;
  gemm.setWeights(transposed(dense, outChannels));

  const first = create();
  const { cycle } = runToExit(first);
  const { base, zeroPoint } = tensor("output");
  checkOutput(new Int8Array(first.readMemory(base, shape.m * shape.n)!.buffer), {
    products: gemm.multiply(rows),
    weights: dense,
    table,
    inputZeroPoint: tensor("input").zeroPoint,
    outputZeroPoint: zeroPoint,
  });

  const { simulated, bare } = measure(
    {
      simulated: () => {
        const simulator = create();
        const started = processorSeconds();
        runToExit(simulator);
        return processorSeconds() - started;
      },
      bare: () => {
        const started = processorSeconds();
        gemm.multiply(rows);
        return processorSeconds() - started;
      },
    },
    seconds,
  );
  const onnxWeights = depthwise ? transposed(weights, kernel * kernel) : ohwiToOihw(weights, layer);
  const onnxSeconds = await timeOnnxRuntime(layer, transposed(input, size * size), onnxWeights, ONNX_RUNS);
  const macsPerSecond = (macs * repeats) / simulated.bestSeconds;
  const gemmMacsPerSecond = (shape.m * shape.n * shape.k) / bare.bestSeconds;
  return {
    shape: `${size}x${size}x${channels} * ${depthwise ? "depthwise " : ""}${kernel}x${kernel}/${stride} -> ${outSize}x${outSize}x${outChannels}`,
    macsPerSecond,
    gemmMacsPerSecond,
    ratio: macsPerSecond / gemmMacsPerSecond,
    onnxMacsPerSecond: macs / onnxSeconds,
    simulatedCyclesPerSecond: cycle / simulated.bestSeconds,
  };
}

/** All layers, one after the other. */
export async function benchConvolutions(seconds: number): Promise<ConvolutionResult[]> {
  const results: ConvolutionResult[] = [];
  for (const layer of LAYERS) results.push(await benchConvolution(layer, seconds));
  return results;
}

/** Depthwise weights, [tap][channel], as dense OHWI weights. */
function diagonal(weights: Int8Array, channels: number): Int8Array {
  const taps = weights.length / channels;
  const dense = new Int8Array(channels * weights.length);
  for (let channel = 0; channel < channels; channel++) {
    for (let tap = 0; tap < taps; tap++) {
      dense[(channel * taps + tap) * channels + channel] = weights[tap * channels + channel]!;
    }
  }
  return dense;
}

function ohwiToOihw(weights: Int8Array, { outChannels, kernel }: ConvolutionShape): Int8Array {
  const perFilter = weights.length / outChannels;
  const result = new Int8Array(weights.length);
  for (let o = 0; o < outChannels; o++) {
    const filter = weights.subarray(o * perFilter, (o + 1) * perFilter);
    result.set(transposed(filter, kernel * kernel), o * perFilter);
  }
  return result;
}

interface Expected {
  readonly products: Int32Array;
  readonly weights: Int8Array;
  readonly table: Int32Array;
  readonly inputZeroPoint: number;
  readonly outputZeroPoint: number;
}

/** Both sides must do the same work: the machine's output is the matrix product, requantised. */
function checkOutput(output: Int8Array, expected: Expected): void {
  const { products, weights, table, inputZeroPoint, outputZeroPoint } = expected;
  const channels = table.length / 4;
  const perFilter = weights.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    const sum = weights
      .subarray(channel * perFilter, (channel + 1) * perFilter)
      .reduce((total, weight) => total + weight, 0);
    const [bias, multiplier, shift] = table.subarray(4 * channel, 4 * channel + 3) as unknown as [
      number,
      number,
      number,
    ];
    for (let pixel = 0; pixel < output.length / channels; pixel++) {
      const at = pixel * channels + channel;
      const accumulator = bias + products[at]! - inputZeroPoint * sum;
      const value = Math.max(-128, Math.min(127, outputZeroPoint + requantise(accumulator, multiplier, shift)));
      if (output[at] !== value) {
        throw new Error(`convolution, pixel ${pixel}, channel ${channel}: ${output[at]} instead of ${value}`);
      }
    }
  }
}
