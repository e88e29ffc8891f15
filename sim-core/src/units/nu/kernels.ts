/**
 * The arithmetic of the neural unit over the flat memories: plain reference kernels.
 * Feature maps are NHWC with byte strides and contiguous channels; weights are blocked (see blockedIndex).
 */
import {
  blockedIndex,
  DTYPE,
  divideRounded,
  FLAG_PER_TENSOR_TABLE,
  hex,
  MachineFault,
  type Memories,
  requantise,
  type Tensor,
} from "../../machine/index.ts";
import { type NuWork, TABLE_ENTRY_BYTES } from "./work.ts";

interface Requantiser {
  bias: Int32Array;
  multiplier: Int32Array;
  shift: Int32Array;
}

/**
 * Reads a requantisation table. Its content may still have been on its way when the operation was issued, so a bad
 * entry shows only here.
 * @throws MachineFault
 */
function readTable(address: number, entries: number, perTensor: boolean, memories: Memories): Requantiser {
  const at = memories.flatOffset(address, TABLE_ENTRY_BYTES) >> 2;
  const word = (entry: number, field: number) => memories.i32[at + (perTensor ? 0 : entry * 4) + field]!;
  const shift = Int32Array.from({ length: entries }, (_, i) => word(i, 2));
  const bad = shift.findIndex((s) => s < 1 || s > 62);
  if (bad >= 0) {
    throw new MachineFault(
      "type",
      address,
      `entry ${bad} of the requantisation table at ${hex(address)} has shift ${shift[bad]}, not 1..62`,
      "was the table loaded into WM before this operation started?",
    );
  }
  return {
    bias: Int32Array.from({ length: entries }, (_, i) => word(i, 0)),
    multiplier: Int32Array.from({ length: entries }, (_, i) => word(i, 1)),
    shift,
  };
}

const bytesOf = (t: Tensor, memories: Memories): Int8Array | Uint8Array =>
  t.dtype === DTYPE.uint8 ? memories.u8 : memories.i8;

const offsetOf = (t: Tensor, memories: Memories): number => memories.flatOffset(t.base, 1);

/** Calls `visit(n, oh, ow, offset of the output pixel)` for every output pixel. */
function forEachPixel(out: Tensor, base: number, visit: (n: number, h: number, w: number, at: number) => void): void {
  for (let n = 0; n < out.n; n++) {
    for (let h = 0; h < out.h; h++) {
      for (let w = 0; w < out.w; w++) visit(n, h, w, base + n * out.sn + h * out.sh + w * out.sw);
    }
  }
}

/** Calls `visit(tap, offset of the input pixel)` for every tap of the window that lies within the input. */
function forEachTap(
  work: NuWork,
  n: number,
  oh: number,
  ow: number,
  base: number,
  visit: (tap: number, at: number) => void,
): void {
  const { input } = work;
  for (let kh = 0; kh < work.kh; kh++) {
    const h = oh * work.strideH - work.padTop + kh * work.dilationH;
    if (h < 0 || h >= input.h) continue;
    for (let kw = 0; kw < work.kw; kw++) {
      const w = ow * work.strideW - work.padLeft + kw * work.dilationW;
      if (w < 0 || w >= input.w) continue;
      visit(kh * work.kw + kw, base + n * input.sn + h * input.sh + w * input.sw);
    }
  }
}

const clamp = (value: number, lo: number, hi: number): number => Math.max(lo, Math.min(hi, value));

/** Weights minus their zero point as [tap][ci][co] (depthwise: [tap][c]), so that inner loops are contiguous. */
function unblock(work: NuWork, memories: Memories): Int16Array {
  const weights = work.second!;
  const source = bytesOf(weights, memories);
  const base = offsetOf(weights, memories);
  const depthwise = work.kind === "dwconv";
  const outputs = depthwise ? 1 : weights.n;
  const result = new Int16Array(weights.h * weights.w * weights.c * outputs);
  let at = 0;
  for (let kh = 0; kh < weights.h; kh++) {
    for (let kw = 0; kw < weights.w; kw++) {
      for (let i = 0; i < weights.c; i++) {
        for (let o = 0; o < outputs; o++) {
          const index = blockedIndex(weights, weights.cip, weights.cop, o, kh, kw, i);
          result[at++] = source[base + index]! - weights.zeroPoint;
        }
      }
    }
  }
  return result;
}

function weighted(work: NuWork, memories: Memories): void {
  const { input, out } = work;
  const weights = unblock(work, memories);
  const perTensor = (work.second!.flags & FLAG_PER_TENSOR_TABLE) !== 0;
  const table = readTable(work.second!.table, out.c, perTensor, memories);
  const source = bytesOf(input, memories);
  const target = bytesOf(out, memories);
  const inputBase = offsetOf(input, memories);
  const depthwise = work.kind === "dwconv";
  const channelsIn = input.c;
  const channelsOut = out.c;
  const zero = input.zeroPoint;
  const acc = new Int32Array(channelsOut);
  forEachPixel(out, offsetOf(out, memories), (n, oh, ow, at) => {
    acc.set(table.bias);
    forEachTap(work, n, oh, ow, inputBase, (tap, pixel) => {
      if (depthwise) {
        const w = tap * channelsIn;
        for (let c = 0; c < channelsIn; c++) {
          acc[c] = acc[c]! + Math.imul(source[pixel + c]! - zero, weights[w + c]!);
        }
        return;
      }
      for (let ci = 0; ci < channelsIn; ci++) {
        const x = source[pixel + ci]! - zero;
        if (x === 0) continue;
        const w = (tap * channelsIn + ci) * channelsOut;
        for (let co = 0; co < channelsOut; co++) acc[co] = acc[co]! + Math.imul(x, weights[w + co]!);
      }
    });
    for (let c = 0; c < channelsOut; c++) {
      const value = out.zeroPoint + requantise(acc[c]!, table.multiplier[c]!, table.shift[c]!);
      target[at + c] = clamp(value, work.lo, work.hi);
    }
  });
}

function maxPool(work: NuWork, memories: Memories): void {
  const source = bytesOf(work.input, memories);
  const target = bytesOf(work.out, memories);
  const inputBase = offsetOf(work.input, memories);
  const channels = work.out.c;
  const best = new Int32Array(channels);
  forEachPixel(work.out, offsetOf(work.out, memories), (n, oh, ow, at) => {
    best.fill(-32768);
    forEachTap(work, n, oh, ow, inputBase, (_, pixel) => {
      for (let c = 0; c < channels; c++) if (source[pixel + c]! > best[c]!) best[c] = source[pixel + c]!;
    });
    for (let c = 0; c < channels; c++) target[at + c] = clamp(best[c]!, work.lo, work.hi);
  });
}

function averagePool(work: NuWork, memories: Memories): void {
  const { input, out } = work;
  const source = bytesOf(input, memories);
  const target = bytesOf(out, memories);
  const inputBase = offsetOf(input, memories);
  const table = out.table === 0 ? undefined : readTable(out.table, 1, true, memories);
  const sum = new Int32Array(out.c);
  forEachPixel(out, offsetOf(out, memories), (n, oh, ow, at) => {
    sum.fill(0);
    let taps = 0;
    forEachTap(work, n, oh, ow, inputBase, (_, pixel) => {
      taps++;
      for (let c = 0; c < out.c; c++) sum[c] = sum[c]! + source[pixel + c]! - input.zeroPoint;
    });
    const count = work.countPadding ? work.kh * work.kw : Math.max(1, taps);
    for (let c = 0; c < out.c; c++) {
      const mean = table ? requantise(sum[c]!, table.multiplier[0]!, table.shift[0]!) : divideRounded(sum[c]!, count);
      target[at + c] = clamp(out.zeroPoint + mean, work.lo, work.hi);
    }
  });
}

function add(work: NuWork, memories: Memories): void {
  const { input, out } = work;
  const second = work.second!;
  const table = readTable(out.table, 3, false, memories);
  const a = bytesOf(input, memories);
  const b = bytesOf(second, memories);
  const target = bytesOf(out, memories);
  const aBase = offsetOf(input, memories);
  const bBase = offsetOf(second, memories);
  const [ma, mb, mo] = table.multiplier;
  const [sa, sb, so] = table.shift;
  forEachPixel(out, offsetOf(out, memories), (n, h, w, at) => {
    const aAt = aBase + n * input.sn + h * input.sh + w * input.sw;
    const bAt = bBase + n * second.sn + h * second.sh + w * second.sw;
    for (let c = 0; c < out.c; c++) {
      const left = requantise(a[aAt + c]! - input.zeroPoint, ma!, sa!);
      const right = requantise(b[bAt + c]! - second.zeroPoint, mb!, sb!);
      const value = out.zeroPoint + requantise((left + right) | 0, mo!, so!);
      target[at + c] = clamp(value, work.lo, work.hi);
    }
  });
}

/** Performs all memory effects of an operation. */
export function executeNuWork(work: NuWork, memories: Memories): void {
  switch (work.kind) {
    case "conv":
    case "dwconv":
    case "pwconv":
    case "fc":
      weighted(work, memories);
      break;
    case "maxpool":
      maxPool(work, memories);
      break;
    case "avgpool":
    case "gavgpool":
      averagePool(work, memories);
      break;
    case "add":
      add(work, memories);
      break;
  }
}
