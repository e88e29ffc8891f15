/** Sums of products: convolutions of all kinds and matrix products, over dense copies of their operands. */
import { blockedIndex, DTYPE, type Memories, readBlocked, readElements, type Tensor } from "../../machine/index.ts";
import type { NuWork } from "./work.ts";

/** Accumulators: int32 that wrap around, as the machine's do, or numbers that show by how much. */
export type Sums = Int32Array | Float64Array;

/** Real values of a tensor's stored ones; for bits +1 and -1. */
function realValues(t: Tensor, values: Int32Array): Int32Array {
  if (t.dtype === DTYPE.bit) for (let i = 0; i < values.length; i++) values[i] = values[i]! * 2 - 1;
  return values;
}

/** Number of the block that holds weight (o, kh, kw, i), which is its bit in a sparsity mask. */
export function maskBlockOf(w: Tensor, o: number, kh: number, kw: number, i: number): number {
  const perBlock = w.n === 1 ? w.cop : w.cip * w.cop;
  return Math.floor(blockedIndex(w, w.cip, w.cop, o, kh, kw, i) / perBlock);
}

/** True when the mask keeps the block of weight (o, kh, kw, i). */
function keeps(mask: Uint8Array, w: Tensor, o: number, kh: number, kw: number, i: number): boolean {
  const block = maskBlockOf(w, o, kh, kw, i);
  return ((mask[block >> 3]! >> (block & 7)) & 1) === 1;
}

/** Weights of a convolution in OHWI order; what the mask leaves out is 0. */
function weightValues(work: NuWork, mask: Uint8Array | undefined, memories: Memories): Int32Array {
  const w = work.second!;
  const values = realValues(w, readBlocked(w, memories, w.zeroPoint));
  if (!mask) return values;
  let at = 0;
  for (let o = 0; o < w.n; o++) {
    for (let kh = 0; kh < w.h; kh++) {
      for (let kw = 0; kw < w.w; kw++) {
        for (let i = 0; i < w.c; i++, at++) if (!keeps(mask, w, o, kh, kw, i)) values[at] = 0;
      }
    }
  }
  return values;
}

/** From OHWI to [tap][ci][co], so that the innermost loop runs over contiguous outputs. */
function transposed(values: Int32Array, w: Tensor): Int32Array {
  const taps = w.h * w.w;
  const result = new Int32Array(values.length);
  let from = 0;
  for (let o = 0; o < w.n; o++) {
    for (let tap = 0; tap < taps; tap++) {
      for (let i = 0; i < w.c; i++) result[(tap * w.c + i) * w.n + o] = values[from++]!;
    }
  }
  return result;
}

/** Calls `visit(input pixel, output pixel, tap)` for all pairs that the window connects. */
function forEachTap(work: NuWork, visit: (input: number, output: number, tap: number) => void): void {
  const { input, out, kh, kw, strideH, strideW, padTop, padLeft, dilationH, dilationW } = work;
  // A transposed convolution connects the same pairs with the parts of input and output exchanged.
  const deconv = work.kind === "deconv";
  const small = deconv ? input : out;
  const large = deconv ? out : input;
  for (let n = 0; n < out.n; n++) {
    for (let sh = 0; sh < small.h; sh++) {
      for (let sw = 0; sw < small.w; sw++) {
        const smallPixel = (n * small.h + sh) * small.w + sw;
        for (let y = 0; y < kh; y++) {
          const h = sh * strideH - padTop + y * dilationH;
          if (h < 0 || h >= large.h) continue;
          for (let x = 0; x < kw; x++) {
            const w = sw * strideW - padLeft + x * dilationW;
            if (w < 0 || w >= large.w) continue;
            const largePixel = (n * large.h + h) * large.w + w;
            if (deconv) visit(smallPixel, largePixel, y * kw + x);
            else visit(largePixel, smallPixel, y * kw + x);
          }
        }
      }
    }
  }
}

/** Calls `visit(output pixel, tap)` for the taps of all windows that lie in the padding. */
function forEachPaddedTap(work: NuWork, visit: (output: number, tap: number) => void): void {
  const { input, out } = work;
  for (let pixel = 0; pixel < out.n * out.h * out.w; pixel++) {
    const oh = Math.floor(pixel / out.w) % out.h;
    const ow = pixel % out.w;
    for (let tap = 0; tap < work.kh * work.kw; tap++) {
      const h = oh * work.strideH - work.padTop + Math.floor(tap / work.kw) * work.dilationH;
      const w = ow * work.strideW - work.padLeft + (tap % work.kw) * work.dilationW;
      if (h < 0 || h >= input.h || w < 0 || w >= input.w) visit(pixel, tap);
    }
  }
}

/**
 * Adds the products of a convolution to the sums.
 * @param sums in n, h, w, c order of the output
 * @param mask sparsity mask as latched when the operation started
 */
export function addConvolution(work: NuWork, mask: Uint8Array | undefined, sums: Sums, memories: Memories): void {
  const { input, out, groups } = work;
  const weights = work.second!;
  const values = realValues(input, readElements(input, memories, input.zeroPoint));
  const raw = weightValues(work, mask, memories);
  const channelsIn = input.c;
  const channelsOut = out.c;
  if (work.kind === "dwconv") {
    forEachTap(work, (from, to, tap) => {
      const x = from * channelsIn;
      const y = to * channelsOut;
      const w = tap * channelsIn;
      for (let c = 0; c < channelsIn; c++) sums[y + c] = sums[y + c]! + Math.imul(values[x + c]!, raw[w + c]!);
    });
    return;
  }
  const w = transposed(raw, weights);
  const groupIn = weights.c;
  const groupOut = channelsOut / groups;
  forEachTap(work, (from, to, tap) => {
    for (let g = 0; g < groups; g++) {
      const y = to * channelsOut + g * groupOut;
      for (let ci = 0; ci < groupIn; ci++) {
        const x = values[from * channelsIn + g * groupIn + ci]!;
        if (x === 0) continue;
        const row = (tap * groupIn + ci) * channelsOut + g * groupOut;
        for (let co = 0; co < groupOut; co++) sums[y + co] = sums[y + co]! + Math.imul(x, w[row + co]!);
      }
    }
  });
  if (work.kind === "bconv") addBinaryPadding(work, w, sums);
}

/** Padded taps of a binary convolution are -1. */
function addBinaryPadding(work: NuWork, w: Int32Array, sums: Sums): void {
  const channelsOut = work.out.c;
  const channelsIn = work.input.c;
  forEachPaddedTap(work, (pixel, tap) => {
    for (let ci = 0; ci < channelsIn; ci++) {
      const row = (tap * channelsIn + ci) * channelsOut;
      const y = pixel * channelsOut;
      for (let co = 0; co < channelsOut; co++) sums[y + co] = sums[y + co]! - w[row + co]!;
    }
  });
}

/** Adds the product of two matrices, rows of `input` times columns of `second`, to the sums. */
export function addMatrixProduct(work: NuWork, sums: Sums, memories: Memories): void {
  const { input } = work;
  const other = work.second!;
  const a = readElements(input, memories, input.zeroPoint);
  const b = readElements(other, memories, other.zeroPoint);
  for (let m = 0; m < input.w; m++) {
    for (let k = 0; k < input.c; k++) {
      const x = a[m * input.c + k]!;
      for (let n = 0; n < other.c; n++) {
        const at = m * other.c + n;
        sums[at] = sums[at]! + Math.imul(x, b[k * other.c + n]!);
      }
    }
  }
}
