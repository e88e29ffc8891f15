/** Convolutions on the simulated machine, beside the same multiply-accumulates in a bare WebAssembly SIMD matrix product. */
import { Simulator } from "@nnasm/sim-core/engine";
import type { ProgramTensor } from "@nnasm/sim-core/program";
import { requantise } from "../test-fixtures/fashion-mnist/reference.ts";
import { createGemm } from "./gemm.ts";
import { measure } from "./measure.ts";
import { assembleFile, runToExit } from "./program.ts";
import { randomInt8, randomSource } from "./random.ts";

export interface ConvolutionResult {
  readonly shape: string;
  readonly macsPerSecond: number;
  readonly gemmMacsPerSecond: number;
  /** Ours divided by the matrix product's. */
  readonly ratio: number;
  readonly simulatedCyclesPerSecond: number;
}

const SIZE = 28;
const KERNEL = 3;
const CHANNELS = 64;
const IN_SIZE = SIZE + KERNEL - 1;
const SHAPE = { m: SIZE * SIZE, n: CHANNELS, k: KERNEL * KERNEL * CHANNELS };
const MACS = SHAPE.m * SHAPE.n * SHAPE.k;
const REPEATS = 8;

/** Rows of the matrix product: the window of every output pixel, in the order of the weights. */
function windows(input: Int8Array): Int8Array {
  const rows = new Int8Array(SHAPE.m * SHAPE.k);
  let at = 0;
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      for (let ky = 0; ky < KERNEL; ky++) {
        const from = ((y + ky) * IN_SIZE + x) * CHANNELS;
        rows.set(input.subarray(from, from + KERNEL * CHANNELS), at);
        at += KERNEL * CHANNELS;
      }
    }
  }
  return rows;
}

/** OHWI weights as the columns of a matrix. */
function columns(weights: Int8Array): Int8Array {
  const matrix = new Int8Array(SHAPE.k * SHAPE.n);
  for (let column = 0; column < SHAPE.n; column++) {
    for (let row = 0; row < SHAPE.k; row++) matrix[row * SHAPE.n + column] = weights[column * SHAPE.k + row]!;
  }
  return matrix;
}

/** Bias, multiplier and shift of every output channel. */
function makeTable(seed: number): Int32Array {
  const next = randomSource(seed);
  const entry = (): number[] => [(next() % 20001) - 10000, 0x40000000 + (next() % 0x40000000), 43 + (next() % 3), 0];
  return Int32Array.from(Array.from({ length: CHANNELS }, entry).flat());
}

export async function benchConvolution(seconds: number): Promise<ConvolutionResult> {
  const { program, config } = assembleFile("conv.nnasm", new Map([["REPEATS", REPEATS]]));
  const tensor = (name: string): ProgramTensor => {
    const found = program.tensors.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`conv.nnasm has no tensor ${name}`);
    return found;
  };
  const input = randomInt8(IN_SIZE * IN_SIZE * CHANNELS, 1);
  const weights = randomInt8(SHAPE.n * SHAPE.k, 2);
  const table = makeTable(3);
  const bytesOf = (array: Int8Array | Int32Array): Uint8Array =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const create = (): Simulator => {
    const simulator = new Simulator({ program, config });
    simulator.writeMemory(tensor("input_ddr").base, bytesOf(input));
    simulator.writeMemory(tensor("weights_ddr").base, bytesOf(weights));
    simulator.writeMemory(tensor("table_ddr").base, bytesOf(table));
    return simulator;
  };

  const gemm = await createGemm(SHAPE);
  gemm.setWeights(columns(weights));
  const rows = windows(input);

  const first = create();
  const { cycle } = runToExit(first);
  const { base, zeroPoint } = tensor("output");
  checkOutput(new Int8Array(first.readMemory(base, SHAPE.m * SHAPE.n)!.buffer), {
    products: gemm.multiply(rows),
    weights,
    table,
    inputZeroPoint: tensor("input").zeroPoint,
    outputZeroPoint: zeroPoint,
  });

  const { simulated, bare } = measure(
    {
      simulated: () => {
        const simulator = create();
        const started = performance.now();
        runToExit(simulator);
        return (performance.now() - started) / 1000;
      },
      bare: () => {
        for (let i = 0; i < REPEATS; i++) gemm.multiply(rows);
        return undefined;
      },
    },
    seconds,
  );
  const macsPerSecond = (MACS * REPEATS) / simulated.bestSeconds;
  const gemmMacsPerSecond = (MACS * REPEATS) / bare.bestSeconds;
  return {
    shape: `${IN_SIZE}x${IN_SIZE}x${CHANNELS} * ${KERNEL}x${KERNEL} -> ${SIZE}x${SIZE}x${CHANNELS}`,
    macsPerSecond,
    gemmMacsPerSecond,
    ratio: macsPerSecond / gemmMacsPerSecond,
    simulatedCyclesPerSecond: cycle / simulated.bestSeconds,
  };
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
  for (let channel = 0; channel < SHAPE.n; channel++) {
    const sum = weights
      .subarray(channel * SHAPE.k, (channel + 1) * SHAPE.k)
      .reduce((total, weight) => total + weight, 0);
    const [bias, multiplier, shift] = table.subarray(4 * channel, 4 * channel + 3) as unknown as [
      number,
      number,
      number,
    ];
    for (let pixel = 0; pixel < SHAPE.m; pixel++) {
      const at = pixel * SHAPE.n + channel;
      const accumulator = bias + products[at]! - inputZeroPoint * sum;
      const value = Math.max(-128, Math.min(127, outputZeroPoint + requantise(accumulator, multiplier, shift)));
      if (output[at] !== value) {
        throw new Error(`convolution, pixel ${pixel}, channel ${channel}: ${output[at]} instead of ${value}`);
      }
    }
  }
}
