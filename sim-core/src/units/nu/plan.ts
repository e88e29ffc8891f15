/**
 * How the array goes through an operation with weights: passes over stripes of pixels, shared out to the cores
 * (docs/timing.md, T-NU-1 to T-NU-13). Cycle counts and bank accesses both follow from this plan.
 */
import type { MachineConfig } from "../../config/index.ts";
import { DTYPE_BITS } from "../../isa/enums.ts";
import { elementBytes } from "../../machine/index.ts";
import { blockCounts, type NuWork, type Precision } from "./work.ts";

export const ceilDiv = (a: number, b: number): number => Math.ceil(a / b);

/** T-NU-10: input channels per cycle, as a multiple of CiP, and cycles per pixel, by precision. */
const PRECISION: Readonly<Record<Precision, { channels: number; cycles: number }>> = {
  int8: { channels: 1, cycles: 1 },
  int4: { channels: 2, cycles: 1 },
  bit: { channels: 8, cycles: 1 },
  int16: { channels: 1, cycles: 4 },
};

/** A block of input channels and a tap: one pass of the array over a stripe. */
export interface Pass {
  readonly ci: number;
  readonly tap: number;
  /** Input channels times output channels that the mask keeps. */
  readonly products: number;
}

/** One block of output channels, and the passes that make it. */
export interface OutputBlock {
  readonly group: number;
  readonly firstChannel: number;
  readonly channels: number;
  /** Empty when the mask leaves everything out: then one pass writes the results (T-NU-12). */
  readonly passes: readonly Pass[];
}

/** All blocks of output channels, with the passes that the mask leaves. */
function outputBlocks(work: NuWork, config: MachineConfig, mask: Uint8Array | undefined): OutputBlock[] {
  const weights = work.second!;
  const { cip, cop } = config.nu;
  const lanes = cip * PRECISION[work.precision].channels;
  const depthwise = weights.n === 1 && work.kind === "dwconv";
  const groups = work.groups;
  const channelsOut = (depthwise ? weights.c : weights.n) / groups;
  const channelsIn = depthwise ? 1 : weights.c;
  const coBlocks = ceilDiv(channelsOut, cop);
  const ciBlocks = ceilDiv(channelsIn, lanes);
  const taps = work.kh * work.kw;
  const masked = mask ? blockCounts(work, config) : undefined;
  /**
   * Input channels of a pass that the mask keeps; 0 = the pass is skipped. A pass covers several of the mask's blocks
   * where the array takes more channels than a block holds.
   */
  const keptChannels = (group: number, co: number, ci: number, tap: number): number => {
    const first = ci * lanes;
    const end = Math.min(first + lanes, channelsIn);
    if (!mask || !masked) return end - first;
    const bit = (block: number) => (mask[block >> 3]! >> (block & 7)) & 1;
    if (depthwise) return bit(co * taps + tap);
    // Blocks of a single filter hold CoP channels, others CiP.
    const width = weights.n === 1 ? cop : cip;
    const coBlock = weights.n === 1 ? 0 : Math.floor((group * channelsOut + co * cop) / cop);
    const perCo = Math.ceil(weights.c / width);
    let kept = 0;
    for (let block = Math.floor(first / width); block * width < end; block++) {
      const channels = Math.min(end, (block + 1) * width) - Math.max(first, block * width);
      if (bit((coBlock * perCo + block) * taps + tap)) kept += channels;
    }
    return kept;
  };
  const blocks: OutputBlock[] = [];
  for (let group = 0; group < groups; group++) {
    for (let co = 0; co < coBlocks; co++) {
      const channels = Math.min(cop, channelsOut - co * cop);
      const passes: Pass[] = [];
      for (let ci = 0; ci < ciBlocks; ci++) {
        for (let tap = 0; tap < taps; tap++) {
          const products = channels * keptChannels(group, co, ci, tap);
          if (products > 0) passes.push({ ci, tap, products });
        }
      }
      blocks.push({ group, firstChannel: group * channelsOut + co * cop, channels, passes });
    }
  }
  return blocks;
}

/** Passes that an output block takes. */
export const passCount = (block: OutputBlock): number => Math.max(1, block.passes.length);

const totalPasses = (blocks: readonly OutputBlock[]): number =>
  blocks.reduce((sum, block) => sum + passCount(block), 0);

export interface WeightedPlan {
  readonly blocks: readonly OutputBlock[];
  /** The output blocks of the core with the most to do, and how many a core has at most. */
  readonly busiest: readonly OutputBlock[];
  readonly blocksPerCore: number;
  /** Cores that have anything to do, and rows or images that each gets (T-NU-11). */
  readonly active: number;
  readonly share: number;
  /** Streamed pixels in all, of one core, and of one stripe (T-NU-4). */
  readonly pixels: number;
  readonly corePixels: number;
  readonly stripePixels: number;
  /** Input channels that the array takes, as a multiple of CiP, and its cycles a pixel. */
  readonly channels: number;
  readonly arrayCycles: number;
  /** Input channels of a pass. */
  readonly lanes: number;
  /** Bytes that one core reads and writes for a pixel. */
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly portBytes: number;
  /** Results that one streamed pixel takes along, and the cycles of one on the port. */
  readonly resultsPerPixel: number;
  readonly resultCycles: number;
  readonly loadCycles: number;
  /** Cycles per pixel of a pass, and of a last pass, which also writes results. */
  readonly pixelCycles: number;
  readonly lastPixelCycles: number;
}

export function planWeighted(work: NuWork, config: MachineConfig, mask: Uint8Array | undefined): WeightedPlan {
  const { input, out, kind, split } = work;
  const weights = work.second!;
  const { cip, cop, cores, ports, accumulatorBytes, weightBytesPerCycle } = config.nu;
  const portBytes = config.dm.bankBytes * ports;
  const { channels, cycles: arrayCycles } = PRECISION[work.precision];
  const depthwise = kind === "dwconv";
  const stream = kind === "deconv" ? input : out;
  const pixels = stream.n * stream.h * stream.w;

  // T-NU-11: what each core gets, and how many have anything to do.
  const byChannels = split === "channels";
  const parts = split === "images" ? stream.n : stream.h;
  const share = ceilDiv(parts, cores);
  const blocks = outputBlocks(work, config, mask);
  const blocksPerCore = byChannels ? ceilDiv(blocks.length, cores) : blocks.length;
  const active = byChannels ? ceilDiv(blocks.length, blocksPerCore) : ceilDiv(parts, share);
  const corePixels = byChannels ? pixels : (pixels / parts) * share;

  const lanes = depthwise ? Math.min(cop, out.c) : Math.min(cip * channels, weights.c);
  const inputBytes = elementBytes(input.dtype, lanes);
  const outputBytes = kind === "accconv" ? 0 : elementBytes(out.dtype, Math.min(cop, out.c));
  const pixelCycles = Math.max(arrayCycles, ceilDiv(inputBytes * (byChannels ? 1 : active), portBytes));
  const outParts = split === "images" ? out.n : out.h;
  const results = (out.n * out.h * out.w) / outParts;
  const resultsPerPixel = ceilDiv(results * (byChannels ? outParts : ceilDiv(outParts, active)), corePixels);
  const resultCycles = ceilDiv(outputBytes * active, portBytes);
  const lastPixelCycles = Math.max(pixelCycles, resultsPerPixel * resultCycles);
  const cyclesPerPixel = (own: readonly OutputBlock[]) =>
    totalPasses(own) * pixelCycles + own.length * (lastPixelCycles - pixelCycles);
  let busiest: readonly OutputBlock[] = [];
  for (let first = 0; first < blocks.length; first += blocksPerCore) {
    const own = blocks.slice(first, first + blocksPerCore);
    if (cyclesPerPixel(own) > cyclesPerPixel(busiest)) busiest = own;
  }
  const weightElements = depthwise ? cop : cip * cop * channels;
  const blockBytes = (weightElements * DTYPE_BITS[weights.dtype]!) / 8;
  return {
    blocks,
    busiest,
    blocksPerCore,
    active,
    share,
    pixels,
    corePixels,
    stripePixels: Math.max(1, Math.min(corePixels, Math.floor(accumulatorBytes / (cop * 4)))),
    channels,
    arrayCycles,
    lanes: depthwise ? cop : cip * channels,
    inputBytes,
    outputBytes,
    portBytes,
    resultsPerPixel,
    resultCycles,
    loadCycles: ceilDiv(blockBytes * (byChannels ? active : 1), weightBytesPerCycle),
    pixelCycles,
    lastPixelCycles,
  };
}

/** T-NU-13: a matrix product is a pointwise convolution on one core whose weights come through the port. */
export function matmulAsConvolution(work: NuWork, config: MachineConfig): { work: NuWork; config: MachineConfig } {
  const { input, out } = work;
  const weights = { ...work.second!, n: out.c, h: 1, w: 1, c: input.c };
  const nu = { ...config.nu, cores: 1, weightBytesPerCycle: config.dm.bankBytes * config.nu.ports };
  return {
    work: { ...work, kind: "pwconv", second: weights, split: "channels", prefetched: false },
    config: { ...config, nu },
  };
}
