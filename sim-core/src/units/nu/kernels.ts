/**
 * The arithmetic of the neural unit over the flat memories. Sums of products have two implementations with the same
 * results: plain loops (convolution.ts, output-stage.ts), which say what is meant, and SIMD kernels (simd/) for speed.
 */
import {
  divideRounded,
  elementRange,
  elements,
  MachineFault,
  type Memories,
  readElements,
  readTable,
  requantise,
  requantiseAll,
  shapeText,
  type Tensor,
  writeElements,
} from "../../machine/index.ts";
import { addConvolution, addMatrixProduct } from "./convolution.ts";
import { clamp, storeSums } from "./output-stage.ts";
import { accumulate, convolve, type Kernels, multiplyMatrices, simdKernels } from "./simd/index.ts";
import type { NuWork } from "./work.ts";

/** What the accumulators hold between operations that begin with `nu.acc`. */
export interface Accumulators {
  shape: string;
  values: Int32Array;
}

/** Calls `visit(output pixel, input pixels of its window)` for every output pixel. */
function forEachWindow(work: NuWork, visit: (output: number, inputs: readonly number[]) => void): void {
  const { input, out } = work;
  const inputs: number[] = [];
  for (let n = 0; n < out.n; n++) {
    for (let oh = 0; oh < out.h; oh++) {
      for (let ow = 0; ow < out.w; ow++) {
        inputs.length = 0;
        for (let y = 0; y < work.kh; y++) {
          const h = oh * work.strideH - work.padTop + y * work.dilationH;
          if (h < 0 || h >= input.h) continue;
          for (let x = 0; x < work.kw; x++) {
            const w = ow * work.strideW - work.padLeft + x * work.dilationW;
            if (w >= 0 && w < input.w) inputs.push((n * input.h + h) * input.w + w);
          }
        }
        visit((n * out.h + oh) * out.w + ow, inputs);
      }
    }
  }
}

function maxPool(work: NuWork, memories: Memories): void {
  const { lo, hi } = work;
  const channels = work.out.c;
  const values = readElements(work.input, memories);
  const result = new Int32Array(elements(work.out)).fill(elementRange(work.input.dtype)[0]);
  forEachWindow(work, (output, inputs) => {
    const to = output * channels;
    for (const input of inputs) {
      const from = input * channels;
      for (let c = 0; c < channels; c++) if (values[from + c]! > result[to + c]!) result[to + c] = values[from + c]!;
    }
    for (let c = 0; c < channels; c++) result[to + c] = clamp(result[to + c]!, lo, hi);
  });
  writeElements(work.out, memories, result);
}

function averagePool(work: NuWork, memories: Memories): void {
  const { input, out, lo, hi } = work;
  const channels = out.c;
  const table = out.table === 0 ? undefined : readTable(out.table, 1, true, memories);
  const values = readElements(input, memories, input.zeroPoint);
  const result = new Int32Array(elements(out));
  forEachWindow(work, (output, inputs) => {
    const count = work.countPadding ? work.kh * work.kw : inputs.length;
    const to = output * channels;
    for (const pixel of inputs) {
      const from = pixel * channels;
      for (let c = 0; c < channels; c++) result[to + c] = result[to + c]! + values[from + c]!;
    }
    for (let c = 0; c < channels; c++) {
      const sum = result[to + c]!;
      const mean = table ? requantise(sum, table.multiplier[0]!, table.shift[0]!) : divideRounded(sum, count);
      result[to + c] = clamp(out.zeroPoint + mean, lo, hi);
    }
  });
  writeElements(out, memories, result);
}

/** Real values of a map, requantised; each of a narrow type's values once where a map has more elements than that. */
function requantised(t: Tensor, multiplier: number, shift: number, memories: Memories): Int32Array {
  const [min, max] = elementRange(t.dtype);
  const count = max - min + 1;
  if (elements(t) <= count) {
    const values = readElements(t, memories, t.zeroPoint);
    requantiseAll(values, multiplier, shift);
    return values;
  }
  const table = Int32Array.from({ length: count }, (_, i) => min + i - t.zeroPoint);
  requantiseAll(table, multiplier, shift);
  const values = readElements(t, memories, min);
  for (let i = 0; i < values.length; i++) values[i] = table[values[i]!]!;
  return values;
}

/** Sums and differences of equal maps, requantised by three entries of the output's table. */
function add(work: NuWork, memories: Memories): Int32Array {
  const { multiplier, shift } = readTable(work.out.table, 3, false, memories);
  const a = requantised(work.input, multiplier[0]!, shift[0]!, memories);
  const b = requantised(work.second!, multiplier[1]!, shift[1]!, memories);
  const sign = work.kind === "sub" ? -1 : 1;
  for (let i = 0; i < a.length; i++) a[i] = a[i]! + sign * b[i]!;
  requantiseAll(a, multiplier[2]!, shift[2]!);
  return a;
}

/** Products of equal maps, requantised by one entry. */
function multiply(work: NuWork, memories: Memories): Int32Array {
  const { input, out } = work;
  const second = work.second!;
  const { multiplier, shift } = readTable(out.table, 1, false, memories);
  const a = readElements(input, memories, input.zeroPoint);
  const b = readElements(second, memories, second.zeroPoint);
  for (let i = 0; i < a.length; i++) a[i] = Math.imul(a[i]!, b[i]!);
  requantiseAll(a, multiplier[0]!, shift[0]!);
  return a;
}

function elementwise(work: NuWork, memories: Memories): void {
  const { out, lo, hi } = work;
  const values = work.kind === "mul" ? multiply(work, memories) : add(work, memories);
  for (let i = 0; i < values.length; i++) values[i] = clamp(out.zeroPoint + values[i]!, lo, hi);
  writeElements(out, memories, values);
}

/** The accumulators, or a late fault when they don't hold the shape that the operation expects. */
function accumulatorsFor(out: Tensor, held: Accumulators): Int32Array {
  if (held.shape === shapeText(out)) return held.values;
  const what = held.shape === "" ? "hold nothing" : `hold ${held.shape}`;
  throw new MachineFault(
    "shape",
    out.base,
    `the accumulators ${what}, the operation takes ${shapeText(out)}`,
    "begin with nu.accz or nu.accld; operations without acc in their name leave the accumulators undefined",
  );
}

/**
 * Performs all memory effects of an operation.
 * @param mask sparsity mask as latched when the operation started
 * @param kernels null: plain loops for everything
 * @throws MachineFault for what only shows now: bad table entries, accumulators of another shape
 */
export function executeNuWork(
  work: NuWork,
  memories: Memories,
  held: Accumulators = { shape: "", values: new Int32Array() },
  mask?: Uint8Array,
  kernels: Kernels | null = simdKernels(),
): void {
  const { kind, out } = work;
  if (!kind.startsWith("acc")) {
    held.shape = "";
    held.values = new Int32Array();
  }
  switch (kind) {
    case "conv":
    case "dwconv":
    case "pwconv":
    case "fc":
    case "deconv":
    case "bconv": {
      if (kernels && convolve(work, mask, memories, kernels)) break;
      const sums = new Int32Array(elements(out));
      addConvolution(work, mask, sums, memories);
      storeSums(work, sums, work.second!, memories);
      break;
    }
    case "matmul": {
      if (kernels && multiplyMatrices(work, memories, kernels)) break;
      const sums = new Int32Array(elements(out));
      addMatrixProduct(work, sums, memories);
      storeSums(work, sums, out, memories);
      break;
    }
    case "accz":
      held.shape = shapeText(out);
      held.values = new Int32Array(elements(out));
      break;
    case "accld":
      held.shape = shapeText(work.input);
      held.values = readElements(work.input, memories);
      break;
    case "accconv": {
      const sums = accumulatorsFor(out, held);
      if (kernels && accumulate(work, mask, sums, memories, kernels)) break;
      addConvolution(work, mask, sums, memories);
      break;
    }
    case "accst":
      storeSums(work, accumulatorsFor(out, held).slice(), work.second!, memories);
      break;
    case "maxpool":
    case "gmaxpool":
      maxPool(work, memories);
      break;
    case "avgpool":
    case "gavgpool":
      averagePool(work, memories);
      break;
    case "add":
    case "sub":
    case "mul":
      elementwise(work, memories);
      break;
  }
}
