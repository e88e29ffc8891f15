/** What a lowering gets and gives: the operator with its data, the program that it writes, and how results compare. */
import type { Attribute, OnnxCase, OnnxNode, OnnxTensor } from "./dataset.ts";
import {
  activationScheme,
  type Bits,
  dequantise,
  extremes,
  largest,
  multiplierOf,
  type Quantised,
  quantise,
  RANGES,
  type Scheme,
  type Stored,
  symmetricScheme,
} from "./fixed-point.ts";
import { Misfit } from "./misfit.ts";
import { type Four, type Layout, type Machine, Program } from "./program.ts";

/**
 * How a result compares.
 * - exact: stored values are the expected integers
 * - bits: stored values are the bit patterns of the expected single-precision numbers
 * - lsb: stored values are the expected integers or one beside them
 * - real: scale * (q - zeroPoint) is what ONNX Runtime computes from the dequantised inputs, to half an LSB and `slack`
 */
export type Comparison =
  | { readonly kind: "exact" | "bits" | "lsb" }
  | { readonly kind: "real"; readonly scheme: Scheme; readonly slack: number };

export interface Result {
  /** Index of the ONNX output. */
  readonly output: number;
  readonly tensor: Machine;
  readonly comparison: Comparison;
}

export class Context {
  readonly program = new Program();
  readonly results: Result[] = [];
  /** What the inputs have become by quantisation, by name. */
  readonly effective = new Map<string, readonly number[]>();
  /** Shapes that inputs of old operators have in newer ones, by name. */
  readonly shapes = new Map<string, readonly number[]>();
  readonly test: OnnxCase;
  readonly node: OnnxNode;
  readonly bits: Bits;
  /** True when a lowering looked at `bits` or asked for real arithmetic. */
  isReal = false;

  constructor(test: OnnxCase, node: OnnxNode, bits: Bits) {
    this.test = test;
    this.node = node;
    this.bits = bits;
  }

  attribute(name: string): Attribute | undefined {
    return this.node.attributes.get(name);
  }
  int(name: string, otherwise: number): number {
    return this.attribute(name)?.i ?? otherwise;
  }
  float(name: string, otherwise: number): number {
    return this.attribute(name)?.f ?? otherwise;
  }
  text(name: string, otherwise: string): string {
    return this.attribute(name)?.s ?? otherwise;
  }
  ints(name: string): readonly number[] | undefined {
    return this.attribute(name)?.ints;
  }

  /** Input number i of the operator, or undefined when it is left out. */
  optional(i: number): OnnxTensor | undefined {
    const name = this.node.inputs[i];
    if (!name) return undefined;
    const { inputs, initializers } = this.test;
    const found = [...inputs, ...initializers].find((tensor) => tensor.name === name);
    if (found) return found;
    const constant = this.test.nodes.find((node) => node.op === "Constant" && node.outputs[0] === name);
    const value = constant?.attributes.get("value")?.t;
    return value && { ...value, name };
  }

  input(i: number): OnnxTensor {
    const tensor = this.optional(i);
    if (!tensor) throw new Error(`${this.test.name}: no input ${i}`);
    return tensor;
  }

  output(i = 0): OnnxTensor {
    return this.test.outputs[i]!;
  }

  private record(tensor: OnnxTensor, q: Quantised): Quantised {
    this.isReal = true;
    requireReal(tensor);
    this.effective.set(tensor.name, dequantise(q));
    return q;
  }

  /** An input as an activation of the recipe; `range` may stretch what its scale covers. */
  activation(tensor: OnnxTensor, range = extremes(tensor.data), bits = this.bits): Quantised {
    return this.record(tensor, quantise(tensor.data, activationScheme(bits, range)));
  }

  /** An input by a scheme that the lowering has chosen. */
  byScheme(tensor: OnnxTensor, scheme: Scheme): Quantised {
    return this.record(tensor, quantise(tensor.data, scheme));
  }

  /** An input as symmetric int8 weights of one scale. */
  weights(tensor: OnnxTensor): Quantised {
    return this.record(tensor, quantise(tensor.data, symmetricScheme("int8", largest(tensor.data))));
  }

  /** Symmetric int8 weights with a scale for each slice of axis 0 (or of another axis). */
  channelWeights(tensor: OnnxTensor, axis: number): { values: number[]; scales: number[] } {
    requireReal(tensor);
    this.isReal = true;
    const channels = tensor.shape[axis]!;
    const inner = tensor.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const channelOf = (i: number) => Math.floor(i / inner) % channels;
    const greatest = new Array<number>(channels).fill(0);
    tensor.data.forEach((x, i) => {
      greatest[channelOf(i)] = Math.max(greatest[channelOf(i)]!, Math.abs(x));
    });
    const scales = greatest.map((magnitude) => symmetricScheme("int8", magnitude).scale);
    const values = tensor.data.map((x, i) => Math.round(x / scales[channelOf(i)]!));
    const real = values.map((q, i) => Math.fround(q * scales[channelOf(i)]!));
    this.effective.set(tensor.name, real);
    return { values, scales };
  }

  /** The scheme of an output, from the range of what is expected. */
  outputScheme(i = 0, bits = this.bits): Scheme {
    this.isReal = true;
    requireReal(this.output(i));
    return activationScheme(bits, extremes(this.output(i).data));
  }

  /** A tensor in DM with the values of a quantised input. */
  bring(q: Quantised, dims: Four, from: Layout = "nhwc"): Machine {
    return this.program.bring(q.values, q.dtype, dims, q.zeroPoint, from);
  }

  space(scheme: Scheme, dims: Four): Machine {
    return this.program.space(scheme.dtype, dims, { zeroPoint: scheme.zeroPoint });
  }

  /** Takes a result to DDR and says how it compares. */
  result(tensor: Machine, comparison: Comparison, { to = "nhwc" as Layout, output = 0 } = {}): void {
    this.results.push({ output, tensor: this.program.take(tensor, to), comparison });
  }

  real(tensor: Machine, scheme: Scheme, slack = 0, options: { to?: Layout; output?: number } = {}): void {
    this.result(tensor, { kind: "real", scheme, slack }, options);
  }

  /** Sets the k-th requantisation of the vector unit to a real factor. */
  scale(stage: 0 | 1 | 2, factor: number): void {
    if (factor === 1) return;
    const { m, s } = multiplierOf(factor);
    this.program.set(`vu.q${stage}`, m, s);
  }
}

/** Numbers smaller than this, or larger than its inverse, are no measurements. */
const LEAST = 1e-30;

function requireReal({ type, data }: OnnxTensor): void {
  if (type !== "float" && type !== "double") throw new Misfit("type", type);
  if (!data.every(Number.isFinite)) throw new Misfit("float", "infinities or NaN");
  const reach = largest(data);
  if (reach !== 0 && (reach < LEAST || reach > 1 / LEAST)) {
    throw new Misfit("float", "numbers of memory that the data set's author left uninitialised");
  }
}

/** Four dimensions of a shape of at most four, filled up with ones in front. */
export function four(shape: readonly number[]): Four {
  const extra = Math.max(0, shape.length - 4);
  if (shape.slice(0, extra).some((size) => size !== 1)) throw new Misfit("rank", `rank ${shape.length}`);
  if (shape.includes(0)) throw new Misfit("empty");
  const kept = shape.slice(extra);
  return [...new Array<number>(4 - kept.length).fill(1), ...kept] as unknown as Four;
}

/** A feature map of ONNX (N, C, spatial) as n, h, w, c; one spatial dimension becomes w. */
export function image(shape: readonly number[]): Four {
  if (shape.includes(0)) throw new Misfit("empty");
  if (shape.length === 3) return [shape[0]!, 1, shape[2]!, shape[1]!];
  if (shape.length !== 4) throw new Misfit("rank", `rank ${shape.length}`);
  return [shape[0]!, shape[2]!, shape[3]!, shape[1]!];
}

/** Integers as the machine holds them: a type of its own, or int32 when every value fits. */
export function integersOf(tensors: readonly OnnxTensor[]): Stored {
  const { type } = tensors[0]!;
  if (type === "bool") return "uint8";
  if (type in RANGES) return type as Stored;
  const integers = ["uint16", "uint32", "uint64", "int64"];
  if (!integers.includes(type)) throw new Misfit("type", type);
  const [low, high] = RANGES.int32;
  if (!tensors.every(({ data }) => data.every((x) => x >= low && x <= high))) throw new Misfit("type", type);
  return "int32";
}

/** The bit patterns of single-precision numbers, as int32. */
export const floatBits = (data: readonly number[]): number[] =>
  Array.from(new Int32Array(Float32Array.from(data).buffer));
