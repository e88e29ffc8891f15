/**
 * Integer reference of the fixture's network, written independently of the simulator and of train/integer.py.
 *
 * Tensors are flat arrays in NHWC order with n = 1, so element (y, x, c) is at (y * w + x) * c_count + c.
 * A quantised value q stands for the real number scale * (q - zeroPoint).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Height, width (pixels) and channels of one image's tensor. */
export interface Shape {
  readonly h: number;
  readonly w: number;
  readonly c: number;
}

/** One 16-byte table entry: int32 bias, multiplier M in [2^30, 2^31), shift s in 1..62, zero. */
export interface TableEntry {
  readonly bias: number;
  readonly m: number;
  readonly s: number;
}

/** Kernel size, stride and top/left padding, in pixels. Bottom and right padding follow from the output's size. */
export interface Window {
  readonly kh: number;
  readonly kw: number;
  readonly strideH: number;
  readonly strideW: number;
  readonly padTop: number;
  readonly padLeft: number;
}

/** What the output stage adds and clamps to. A ReLU is lo = zeroPoint. */
export interface OutputStage {
  readonly zeroPoint: number;
  readonly lo: number;
  readonly hi: number;
}

/**
 * floor((acc * m + 2^(s-1)) / 2^s), the 64-bit (acc * M + 2^(s-1)) >> s, without BigInt.
 *
 * The product of up to 62 bits is kept as hi * 2^15 + lo with 0 <= lo < 2^15, so every step stays below 2^53.
 * Exact for each int32 acc while the result is below 2^53; it can only be larger for s < 9.
 */
export function requantise(acc: number, m: number, s: number): number {
  const low = acc * (m & 0x7fff);
  const carry = Math.floor(low / 0x8000);
  const hi = acc * (m >>> 15) + carry;
  const lo = low - carry * 0x8000;
  // lo is less than one unit of hi, so it can't change the floor once at least 15 bits are dropped.
  if (s >= 16) return Math.floor((hi + 2 ** (s - 16)) / 2 ** (s - 15));
  return hi * 2 ** (15 - s) + Math.floor((lo + 2 ** (s - 1)) / 2 ** s);
}

/** Requantise an accumulator, add the output's zero point and clamp. */
function finish(acc: number, entry: TableEntry, out: OutputStage): number {
  // The machine's accumulators wrap; this network never gets there, and a silent wrap here would hide a mistake.
  if (acc !== (acc | 0)) throw new RangeError(`the int32 accumulator would wrap: ${acc}`);
  return Math.min(out.hi, Math.max(out.lo, out.zeroPoint + requantise(acc, entry.m, entry.s)));
}

/** Call `visit` with the index of each pixel (not element) of the input under the window at output pixel (oy, ox). */
function forEachTap(
  shape: Shape,
  win: Window,
  oy: number,
  ox: number,
  visit: (pixel: number, ky: number, kx: number) => void,
): void {
  for (let ky = 0; ky < win.kh; ky++) {
    const y = oy * win.strideH + ky - win.padTop;
    if (y < 0 || y >= shape.h) continue;
    for (let kx = 0; kx < win.kw; kx++) {
      const x = ox * win.strideW + kx - win.padLeft;
      if (x >= 0 && x < shape.w) visit(y * shape.w + x, ky, kx);
    }
  }
}

/**
 * Convolution. `weights` are int8 in OHWI order (zero point 0), `table` has one entry per output channel.
 * Padded taps contribute real zero, which is why they are simply left out.
 */
function conv2d(
  input: Int8Array,
  shape: Shape,
  inputZeroPoint: number,
  weights: Int8Array,
  table: readonly TableEntry[],
  win: Window,
  outShape: Shape,
  out: OutputStage,
): Int8Array {
  const result = new Int8Array(outShape.h * outShape.w * outShape.c);
  const acc = new Float64Array(outShape.c); // sums of integers: exact far beyond int32
  for (let oy = 0; oy < outShape.h; oy++) {
    for (let ox = 0; ox < outShape.w; ox++) {
      for (let o = 0; o < outShape.c; o++) acc[o] = table[o]!.bias;
      forEachTap(shape, win, oy, ox, (pixel, ky, kx) => {
        for (let o = 0; o < outShape.c; o++) {
          const base = ((o * win.kh + ky) * win.kw + kx) * shape.c;
          let sum = 0;
          for (let i = 0; i < shape.c; i++) sum += (input[pixel * shape.c + i]! - inputZeroPoint) * weights[base + i]!;
          acc[o]! += sum;
        }
      });
      const at = (oy * outShape.w + ox) * outShape.c;
      for (let o = 0; o < outShape.c; o++) result[at + o] = finish(acc[o]!, table[o]!, out);
    }
  }
  return result;
}

/** Depthwise convolution with multiplier 1. `weights` are int8 in (1, kh, kw, c) order, one table entry per channel. */
function depthwise(
  input: Int8Array,
  shape: Shape,
  inputZeroPoint: number,
  weights: Int8Array,
  table: readonly TableEntry[],
  win: Window,
  outShape: Shape,
  out: OutputStage,
): Int8Array {
  const result = new Int8Array(outShape.h * outShape.w * outShape.c);
  for (let oy = 0; oy < outShape.h; oy++) {
    for (let ox = 0; ox < outShape.w; ox++) {
      for (let c = 0; c < outShape.c; c++) {
        let acc = table[c]!.bias;
        forEachTap(shape, win, oy, ox, (pixel, ky, kx) => {
          const weight = weights[(ky * win.kw + kx) * shape.c + c]!;
          acc += (input[pixel * shape.c + c]! - inputZeroPoint) * weight;
        });
        result[(oy * outShape.w + ox) * outShape.c + c] = finish(acc, table[c]!, out);
      }
    }
  }
  return result;
}

/** Maximum per channel; input and output have the same scale and zero point. */
export function maxPool(input: Int8Array, shape: Shape, win: Window, outShape: Shape): Int8Array {
  const result = new Int8Array(outShape.h * outShape.w * outShape.c);
  for (let oy = 0; oy < outShape.h; oy++) {
    for (let ox = 0; ox < outShape.w; ox++) {
      for (let c = 0; c < outShape.c; c++) {
        let largest = -128;
        forEachTap(shape, win, oy, ox, (pixel) => {
          largest = Math.max(largest, input[pixel * shape.c + c]!);
        });
        result[(oy * outShape.w + ox) * outShape.c + c] = largest;
      }
    }
  }
  return result;
}

/** Elementwise sum. `table` has three entries: a and b (to a common unit with 20 fraction bits), then the sum. */
export function add(
  a: Int8Array,
  aZeroPoint: number,
  b: Int8Array,
  bZeroPoint: number,
  table: readonly TableEntry[],
  out: OutputStage,
): Int8Array {
  const [forA, forB, forSum] = table;
  if (a.length !== b.length || !forA || !forB || !forSum) throw new RangeError("add: two equal shapes, three entries");
  return a.map((value, i) => {
    const left = requantise(value - aZeroPoint, forA.m, forA.s);
    const right = requantise(b[i]! - bZeroPoint, forB.m, forB.s);
    return finish(left + right, forSum, out);
  });
}

/** Mean over all pixels of each channel; the division by h * w is part of the entry's multiplier. Result: c values. */
export function globalAveragePool(
  input: Int8Array,
  shape: Shape,
  inputZeroPoint: number,
  entry: TableEntry,
  out: OutputStage,
): Int8Array {
  return new Int8Array(shape.c).map((_, c) => {
    let acc = 0;
    for (let pixel = 0; pixel < shape.h * shape.w; pixel++) acc += input[pixel * shape.c + c]! - inputZeroPoint;
    return finish(acc, entry, out);
  });
}

/** Matrix times vector. `weights` are int8 (outputs, inputs), `table` has one entry per output. */
function fullyConnected(
  input: Int8Array,
  inputZeroPoint: number,
  weights: Int8Array,
  table: readonly TableEntry[],
  out: OutputStage,
): Int8Array {
  return Int8Array.from(table, (entry, o) => {
    let acc = entry.bias;
    for (let i = 0; i < input.length; i++) acc += (input[i]! - inputZeroPoint) * weights[o * input.length + i]!;
    return finish(acc, entry, out);
  });
}

export type Op = "conv2d" | "depthwise" | "maxPool" | "add" | "globalAveragePool" | "fullyConnected";
type Dims = readonly [n: number, h: number, w: number, c: number];

/** A layer as model.json states it. Arrays over inputs are in the order of `inputs`. */
export interface LayerInfo {
  readonly name: string;
  readonly op: Op;
  readonly inputs: readonly string[];
  readonly inputShapes: readonly Dims[];
  readonly outputShape: Dims;
  readonly kernel: readonly [h: number, w: number];
  readonly stride: readonly [h: number, w: number];
  readonly pad: { readonly top: number; readonly left: number; readonly bottom: number; readonly right: number };
  readonly activation: "relu" | "none";
  readonly inputScales: readonly number[];
  readonly inputZeroPoints: readonly number[];
  readonly outputScale: number;
  readonly outputZeroPoint: number;
  readonly clamp: { readonly lo: number; readonly hi: number };
  readonly weights?: { readonly file: string; readonly shape: Dims; readonly scales: readonly number[] };
  readonly table?: { readonly file: string; readonly entries: number };
  readonly onnx: { readonly file: string; readonly inputs: readonly string[]; readonly output: string };
}

/** How many of `images` each form of the network classifies correctly. */
export interface Accuracy {
  readonly images: number;
  readonly floatCorrect: number;
  readonly int8Correct: number;
}

/** model.json: `accuracy.testSet` is about all 10,000 test images, `accuracy.fixture` about those in images.bin. */
export interface ModelInfo {
  readonly name: string;
  readonly seed: number;
  readonly accuracy: { readonly testSet: Accuracy; readonly fixture: Accuracy };
  readonly classes: readonly string[];
  readonly input: { readonly shape: Dims; readonly scale: number; readonly zeroPoint: number };
  readonly output: string;
  readonly images: { readonly file: string; readonly labels: string; readonly count: number };
  readonly onnx: { readonly file: string; readonly inputs: readonly string[]; readonly output: string };
  readonly layers: readonly LayerInfo[];
}

/** A layer with its parameters; both are empty where the operation has none. */
export interface Layer {
  readonly info: LayerInfo;
  readonly weights: Int8Array;
  readonly table: readonly TableEntry[];
}

export interface Model {
  readonly info: ModelInfo;
  readonly layers: readonly Layer[];
}

/** Read a file of int8 values. */
export function readInt8(path: string): Int8Array {
  return new Int8Array(readFileSync(path));
}

function readTable(path: string): TableEntry[] {
  const bytes = readFileSync(path);
  return Array.from({ length: bytes.length / 16 }, (_, i) => ({
    bias: bytes.readInt32LE(i * 16),
    m: bytes.readInt32LE(i * 16 + 4),
    s: bytes.readInt32LE(i * 16 + 8),
  }));
}

/** Read model.json and all parameters from the fixture's folder. */
export function loadModel(directory: string): Model {
  const info = JSON.parse(readFileSync(join(directory, "model.json"), "utf8")) as ModelInfo;
  const layers = info.layers.map((layer) => ({
    info: layer,
    weights: layer.weights ? readInt8(join(directory, layer.weights.file)) : new Int8Array(),
    table: layer.table ? readTable(join(directory, layer.table.file)) : [],
  }));
  return { info, layers };
}

/** One layer for one image: int8 NHWC inputs, in the order of `info.inputs`, to the int8 NHWC output. */
function runLayer(layer: Layer, inputs: readonly Int8Array[]): Int8Array {
  const { info, weights, table } = layer;
  const shape = toShape(info.inputShapes[0]!);
  const outShape = toShape(info.outputShape);
  const [x, other] = inputs;
  const [zero, otherZero] = info.inputZeroPoints;
  if (!x || zero === undefined || inputs.length !== info.inputs.length) {
    throw new RangeError(`${info.name}: ${info.inputs.length} inputs expected`);
  }
  if (x.length !== shape.h * shape.w * shape.c) throw new RangeError(`${info.name}: the input's size is ${x.length}`);
  const out: OutputStage = { zeroPoint: info.outputZeroPoint, lo: info.clamp.lo, hi: info.clamp.hi };
  const win: Window = {
    kh: info.kernel[0],
    kw: info.kernel[1],
    strideH: info.stride[0],
    strideW: info.stride[1],
    padTop: info.pad.top,
    padLeft: info.pad.left,
  };
  switch (info.op) {
    case "conv2d":
      return conv2d(x, shape, zero, weights, table, win, outShape, out);
    case "depthwise":
      return depthwise(x, shape, zero, weights, table, win, outShape, out);
    case "maxPool":
      return maxPool(x, shape, win, outShape);
    case "add":
      return add(x, zero, other!, otherZero!, table, out);
    case "globalAveragePool":
      return globalAveragePool(x, shape, zero, table[0]!, out);
    case "fullyConnected":
      return fullyConnected(x, zero, weights, table, out);
  }
}

function toShape([, h, w, c]: Dims): Shape {
  return { h, w, c };
}

/** Run one image (28 * 28 int8, pixel - 128). `layers` holds each layer's output by name, `logits` the last one's. */
export function runReference(model: Model, image: Int8Array): { layers: Record<string, Int8Array>; logits: Int8Array } {
  const tensors: Record<string, Int8Array> = { input: image };
  for (const layer of model.layers) {
    const inputs = layer.info.inputs.map((name) => tensors[name]!);
    tensors[layer.info.name] = runLayer(layer, inputs);
  }
  const { input: _, ...layers } = tensors;
  return { layers, logits: layers[model.info.output]! };
}

/** Index of the largest value; the lowest index wins a tie. */
export function argmax(values: Int8Array): number {
  return values.indexOf(Math.max(...values));
}
