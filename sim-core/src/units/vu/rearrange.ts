/** Operations that move elements: dense int32 arrays in the order n, h, w, c in and out. */
import { nearestIndex, POSITION_BITS, position } from "../sampling.ts";

/** A position's step from one element to the next. */
const ONE = 2 ** POSITION_BITS;
/** The weights of four neighbours sum to this. */
const WHOLE = ONE * ONE;

interface Size {
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly c: number;
}

/** `second` behind `first` along `axis`; the sizes of the other axes are equal. */
export function concatenate(first: Int32Array, sizes: readonly number[], second: Int32Array, axis: number): Int32Array {
  const outer = sizes.slice(0, axis).reduce((product, size) => product * size, 1);
  const firstRun = first.length / outer;
  const secondRun = second.length / outer;
  const result = new Int32Array(first.length + second.length);
  for (let i = 0; i < outer; i++) {
    const at = i * (firstRun + secondRun);
    result.set(first.subarray(i * firstRun, (i + 1) * firstRun), at);
    result.set(second.subarray(i * secondRun, (i + 1) * secondRun), at + firstRun);
  }
  return result;
}

/** Axis `a` of the result is axis `source(a)` of the values. */
export function transpose(values: Int32Array, sizes: readonly number[], source: (axis: number) => number): Int32Array {
  const steps = [sizes[1]! * sizes[2]! * sizes[3]!, sizes[2]! * sizes[3]!, sizes[3]!, 1];
  const [n, h, w, c] = [0, 1, 2, 3].map((axis) => sizes[source(axis)]!) as [number, number, number, number];
  const [sn, sh, sw, sc] = [0, 1, 2, 3].map((axis) => steps[source(axis)]!) as [number, number, number, number];
  const result = new Int32Array(values.length);
  let i = 0;
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < h; b++) {
      for (let d = 0; d < w; d++) {
        for (let e = 0; e < c; e++) result[i++] = values[a * sn + b * sh + d * sw + e * sc]!;
      }
    }
  }
  return result;
}

/** Calls `visit(first output element of the pixel, n, oh, ow)` for every output pixel. */
function forEachPixel(out: Size, visit: (at: number, n: number, oh: number, ow: number) => void): void {
  let at = 0;
  for (let n = 0; n < out.n; n++) {
    for (let h = 0; h < out.h; h++) {
      for (let w = 0; w < out.w; w++, at += out.c) visit(at, n, h, w);
    }
  }
}

export function resizeNearest(values: Int32Array, input: Size, out: Size, grid: number): Int32Array {
  const result = new Int32Array(out.n * out.h * out.w * out.c);
  forEachPixel(out, (at, n, oh, ow) => {
    const h = nearestIndex(oh, input.h, out.h, grid);
    const w = nearestIndex(ow, input.w, out.w, grid);
    const from = ((n * input.h + h) * input.w + w) * input.c;
    result.set(values.subarray(from, from + input.c), at);
  });
  return result;
}

export function resizeBilinear(values: Int32Array, input: Size, out: Size, grid: number): Int32Array {
  const result = new Int32Array(out.n * out.h * out.w * out.c);
  const pixel = (n: number, h: number, w: number) => ((n * input.h + h) * input.w + w) * input.c;
  forEachPixel(out, (at, n, oh, ow) => {
    const y = position(oh, input.h, out.h, grid);
    const x = position(ow, input.w, out.w, grid);
    const top = y >> POSITION_BITS;
    const left = x >> POSITION_BITS;
    const bottom = Math.min(top + 1, input.h - 1);
    const right = Math.min(left + 1, input.w - 1);
    const down = y & (ONE - 1);
    const across = x & (ONE - 1);
    const topLeft = pixel(n, top, left);
    const topRight = pixel(n, top, right);
    const bottomLeft = pixel(n, bottom, left);
    const bottomRight = pixel(n, bottom, right);
    const weightTopLeft = (ONE - down) * (ONE - across);
    const weightTopRight = (ONE - down) * across;
    const weightBottomLeft = down * (ONE - across);
    const weightBottomRight = down * across;
    for (let c = 0; c < out.c; c++) {
      const sum =
        values[topLeft + c]! * weightTopLeft +
        values[topRight + c]! * weightTopRight +
        values[bottomLeft + c]! * weightBottomLeft +
        values[bottomRight + c]! * weightBottomRight;
      result[at + c] = Math.floor((sum + WHOLE / 2) / WHOLE);
    }
  });
  return result;
}
