/** Cycles and MAC slots of the neural unit's operations (docs/timing.md, rules T-NU-1 to T-NU-9). */
import type { MachineConfig } from "../../config/index.ts";
import { DTYPE_BITS } from "../../isa/enums.ts";
import { type MacSlots, noSlots } from "../accounting.ts";
import type { NuWork } from "./work.ts";

export interface NuTiming {
  /** Cycles from start to completion. */
  readonly cycles: number;
  /** Multiply-accumulates of taps within the input. */
  readonly macs: number;
  /** Use of the array in this time; the values sum to cycles x CiP x CoP. */
  readonly slots: MacSlots;
}

/** Taps that lie within the input, over all output positions of one axis. */
function validTaps(outSize: number, inSize: number, k: number, stride: number, pad: number, dilation: number): number {
  let taps = 0;
  for (let o = 0; o < outSize; o++) {
    for (let tap = 0; tap < k; tap++) {
      const position = o * stride - pad + tap * dilation;
      if (position >= 0 && position < inSize) taps++;
    }
  }
  return taps;
}

const ceilDiv = (a: number, b: number): number => Math.ceil(a / b);

interface Passes {
  /** Weight blocks per stripe and what loading one takes (T-NU-3). */
  readonly blocks: number;
  readonly loadCycles: number;
  /** Cycles per pixel of a pass (T-NU-5) and of a last pass, which also writes results (T-NU-6). */
  readonly pixelCycles: number;
  readonly lastPixelCycles: number;
  /** Passes of every stripe that are the last of their output block. */
  readonly lastPasses: number;
}

/** Cycles of one stripe of `pixels` pixels: blocks one behind the other, each load hidden behind the block before. */
function stripeCycles(pixels: number, passes: Passes): { total: number; stall: number } {
  const { blocks, loadCycles, pixelCycles, lastPixelCycles, lastPasses } = passes;
  const normal = pixels * pixelCycles;
  const last = pixels * lastPixelCycles;
  const normals = blocks - lastPasses;
  const work = normals * normal + lastPasses * last;
  // The final pass is a last pass and has no load behind it.
  const covered = normals * Math.max(normal, loadCycles) + (lastPasses - 1) * Math.max(last, loadCycles) + last;
  return { total: covered, stall: covered - work };
}

function weightedTiming(work: NuWork, config: MachineConfig): NuTiming {
  const { input, out } = work;
  const weights = work.second!;
  const { cip, cop, accumulatorBytes, weightBytesPerCycle, pipelineStages } = config.nu;
  const portBytes = config.dm.bankBytes;
  const depthwise = work.kind === "dwconv";
  const array = cip * cop;
  const bytesIn = DTYPE_BITS[input.dtype]! / 8;
  const bytesOut = DTYPE_BITS[out.dtype]! / 8;
  const taps = work.kh * work.kw;
  const ciBlocks = depthwise ? 1 : ceilDiv(input.c, cip);
  const coBlocks = ceilDiv(out.c, cop);
  const pixels = out.n * out.h * out.w;
  const inputBytes = (depthwise ? Math.min(cop, out.c) : Math.min(cip, input.c)) * bytesIn;
  const pixelCycles = ceilDiv(inputBytes, portBytes);
  const blockBytes = (depthwise ? cop : array) * (DTYPE_BITS[weights.dtype]! / 8);
  const passes: Passes = {
    blocks: coBlocks * ciBlocks * taps,
    loadCycles: ceilDiv(blockBytes, weightBytesPerCycle),
    pixelCycles,
    lastPixelCycles: Math.max(pixelCycles, ceilDiv(Math.min(cop, out.c) * bytesOut, portBytes)),
    lastPasses: coBlocks,
  };
  // T-NU-4: a stripe is as many pixels as the accumulators hold for one block of output channels.
  const stripePixels = Math.max(1, Math.min(pixels, Math.floor(accumulatorBytes / (cop * 4))));
  const fullStripes = Math.floor(pixels / stripePixels);
  const rest = pixels - fullStripes * stripePixels;
  const full = stripeCycles(stripePixels, passes);
  const partial = rest > 0 ? stripeCycles(rest, passes) : { total: 0, stall: 0 };
  const stripes = fullStripes + (rest > 0 ? 1 : 0);
  // The first load is never hidden; between stripes it is hidden like between blocks.
  const between = (stripes - 1) * Math.max(0, passes.loadCycles - stripePixels * passes.lastPixelCycles);
  const stalls = passes.loadCycles + between + fullStripes * full.stall + partial.stall;
  const stream = fullStripes * full.total + partial.total + passes.loadCycles + between;
  const cycles = stream + pipelineStages - 1;

  const unlimited = stripeCycles(pixels, passes).stall + passes.loadCycles;
  const dense = pixels * passes.blocks;
  const rowsValid = validTaps(out.h, input.h, work.kh, work.strideH, work.padTop, work.dilationH);
  const columnsValid = validTaps(out.w, input.w, work.kw, work.strideW, work.padLeft, work.dilationW);
  const perTap = depthwise ? out.c : input.c * out.c;
  const macs = out.n * rowsValid * columnsValid * perTap;
  const allTaps = pixels * taps * perTap;
  const slots = noSlots();
  slots.useful = macs;
  slots.padding = allTaps - macs;
  slots.edge = dense * array - allTaps;
  slots.input = pixels * passes.blocks * (pixelCycles - 1) * array;
  slots.output = pixels * passes.lastPasses * (passes.lastPixelCycles - pixelCycles) * array;
  slots.weights = Math.min(stalls, unlimited) * array;
  slots.accumulators = Math.max(0, stalls - unlimited) * array;
  slots.fillDrain = (pipelineStages - 1) * array;
  return { cycles, macs, slots };
}

/** Pools and additions: the array idles while the output stage works on CoP channels per cycle (T-NU-8, T-NU-9). */
function elementTiming(work: NuWork, config: MachineConfig): NuTiming {
  const { input, out } = work;
  const { cip, cop, pipelineStages } = config.nu;
  const groups = ceilDiv(out.c, cop);
  const bytes = Math.min(cop, out.c) * (DTYPE_BITS[input.dtype]! / 8);
  const readsPerOutput = work.kind === "add" ? 2 : work.kh * work.kw;
  const stream = groups * out.n * out.h * out.w * readsPerOutput * ceilDiv(bytes, config.dm.bankBytes);
  const slots = noSlots();
  slots.nonMac = stream * cip * cop;
  slots.fillDrain = (pipelineStages - 1) * cip * cop;
  return { cycles: stream + pipelineStages - 1, macs: 0, slots };
}

/** Time and slots of an operation when no other unit competes with it. */
export function nuTiming(work: NuWork, config: MachineConfig): NuTiming {
  switch (work.kind) {
    case "conv":
    case "dwconv":
    case "pwconv":
    case "fc":
      return weightedTiming(work, config);
    default:
      return elementTiming(work, config);
  }
}
