/** Cycles and MAC slots of the neural unit's operations (docs/timing.md, rules T-NU-*). */
import type { MachineConfig } from "../../config/index.ts";
import { DTYPE_BITS } from "../../isa/enums.ts";
import { elements } from "../../machine/index.ts";
import { type MacSlots, noSlots } from "../accounting.ts";
import { blockCounts, type NuWork, type Precision } from "./work.ts";

export interface NuTiming {
  /** Cycles from start to completion. */
  readonly cycles: number;
  /** Cycles of these in which the first weight block is loaded: what a prefetch can hide. */
  readonly firstLoadCycles: number;
  /** Multiply-accumulates of taps within the input. */
  readonly macs: number;
  /** Use of the array in this time; the values sum to cycles x CiP x CoP x cores. */
  readonly slots: MacSlots;
}

const ceilDiv = (a: number, b: number): number => Math.ceil(a / b);

/** T-NU-10: input channels per cycle, as a multiple of CiP, and cycles per pixel, by precision. */
const PRECISION: Readonly<Record<Precision, { channels: number; cycles: number }>> = {
  int8: { channels: 1, cycles: 1 },
  int4: { channels: 2, cycles: 1 },
  bit: { channels: 8, cycles: 1 },
  int16: { channels: 1, cycles: 4 },
};

/** For each tap of one axis: positions of the streamed side whose partner lies within the other side. */
function validPositions(
  streamed: number,
  other: number,
  k: number,
  stride: number,
  pad: number,
  dilation: number,
): number[] {
  return Array.from({ length: k }, (_, tap) => {
    let count = 0;
    for (let o = 0; o < streamed; o++) {
      const position = o * stride - pad + tap * dilation;
      if (position >= 0 && position < other) count++;
    }
    return count;
  });
}

interface Blocks {
  /** Passes of the array over a stripe, of all output blocks and of the busiest core's. */
  readonly total: number;
  readonly busiest: number;
  /** Output blocks: each ends with a pass that writes results. */
  readonly outputs: number;
  readonly busiestOutputs: number;
  /** Multiply-accumulates within the input, and with padding. */
  readonly macs: number;
  readonly taps: number;
}

/** Counts passes and products; blocks that the mask leaves out count as neither (T-NU-12). */
function countBlocks(work: NuWork, config: MachineConfig, mask: Uint8Array | undefined, cores: number): Blocks {
  const { input, out } = work;
  const weights = work.second!;
  const deconv = work.kind === "deconv";
  const [small, large] = deconv ? [input, out] : [out, input];
  const rows = validPositions(small.h, large.h, work.kh, work.strideH, work.padTop, work.dilationH);
  const columns = validPositions(small.w, large.w, work.kw, work.strideW, work.padLeft, work.dilationW);
  const pixels = small.n * small.h * small.w;
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
  const passes: number[] = [];
  let macs = 0;
  let allTaps = 0;
  for (let group = 0; group < groups; group++) {
    for (let co = 0; co < coBlocks; co++) {
      const outs = Math.min(cop, channelsOut - co * cop);
      let count = 0;
      for (let ci = 0; ci < ciBlocks; ci++) {
        for (let tap = 0; tap < taps; tap++) {
          const products = outs * keptChannels(group, co, ci, tap);
          if (products === 0) continue;
          count++;
          macs += small.n * rows[Math.floor(tap / work.kw)]! * columns[tap % work.kw]! * products;
          allTaps += pixels * products;
        }
      }
      // An output block without any weights still takes a pass that writes its results.
      passes.push(Math.max(1, count));
    }
  }
  const perCore = ceilDiv(passes.length, cores);
  let busiest = 0;
  for (let first = 0; first < passes.length; first += perCore) {
    const own = passes.slice(first, first + perCore).reduce((sum, count) => sum + count, 0);
    busiest = Math.max(busiest, own);
  }
  const total = passes.reduce((sum, count) => sum + count, 0);
  return { total, busiest, outputs: passes.length, busiestOutputs: perCore, macs, taps: allTaps };
}

interface Passes {
  readonly blocks: number;
  readonly loadCycles: number;
  /** Cycles per pixel of a pass, and of a last pass, which also writes results. */
  readonly pixelCycles: number;
  readonly lastPixelCycles: number;
  readonly lastPasses: number;
}

/** Cycles of one stripe of `pixels` pixels: blocks one behind the other, each load hidden behind the block before. */
function stripeStall(pixels: number, passes: Passes): number {
  const { blocks, loadCycles, pixelCycles, lastPixelCycles, lastPasses } = passes;
  const normals = blocks - lastPasses;
  // The final pass is a last pass and has no load behind it.
  return (
    normals * Math.max(0, loadCycles - pixels * pixelCycles) +
    (lastPasses - 1) * Math.max(0, loadCycles - pixels * lastPixelCycles)
  );
}

function weightedTiming(work: NuWork, config: MachineConfig, mask: Uint8Array | undefined): NuTiming {
  const { input, out, kind, split } = work;
  const weights = work.second!;
  const { cip, cop, cores, ports, accumulatorBytes, weightBytesPerCycle, pipelineStages } = config.nu;
  const portBytes = config.dm.bankBytes * ports;
  const { channels, cycles: arrayCycles } = PRECISION[work.precision];
  const depthwise = kind === "dwconv";
  const array = cip * cop;
  const stream = kind === "deconv" ? input : out;
  const pixels = stream.n * stream.h * stream.w;

  // T-NU-11: what each core gets, and how many have anything to do.
  const byChannels = split === "channels";
  const parts = split === "images" ? stream.n : stream.h;
  const share = ceilDiv(parts, cores);
  const counts = countBlocks(work, config, mask, byChannels ? cores : 1);
  const active = byChannels ? ceilDiv(counts.outputs, counts.busiestOutputs) : ceilDiv(parts, share);
  const corePixels = byChannels ? pixels : (pixels / parts) * share;

  const lanes = depthwise ? Math.min(cop, out.c) : Math.min(cip * channels, weights.c);
  const inputBytes = (lanes * DTYPE_BITS[input.dtype]!) / 8;
  const outputBytes = kind === "accconv" ? 0 : (Math.min(cop, out.c) * DTYPE_BITS[out.dtype]!) / 8;
  const pixelCycles = Math.max(arrayCycles, ceilDiv(inputBytes * (byChannels ? 1 : active), portBytes));
  const weightElements = depthwise ? cop : array * channels;
  const blockBytes = (weightElements * DTYPE_BITS[weights.dtype]!) / 8;
  const passes: Passes = {
    blocks: counts.busiest,
    loadCycles: ceilDiv(blockBytes * (byChannels ? active : 1), weightBytesPerCycle),
    pixelCycles,
    lastPixelCycles: Math.max(pixelCycles, ceilDiv(outputBytes * active, portBytes)),
    lastPasses: counts.busiestOutputs,
  };
  const { blocks, loadCycles, lastPixelCycles, lastPasses } = passes;

  // T-NU-4: a stripe is as many pixels as the accumulators hold for one block of output channels.
  const stripePixels = Math.max(1, Math.min(corePixels, Math.floor(accumulatorBytes / (cop * 4))));
  const fullStripes = Math.floor(corePixels / stripePixels);
  const rest = corePixels - fullStripes * stripePixels;
  const stripes = fullStripes + (rest > 0 ? 1 : 0);
  // The first load is never hidden; between stripes it is hidden like between blocks.
  const between = (stripes - 1) * Math.max(0, loadCycles - stripePixels * lastPixelCycles);
  const stalls =
    loadCycles + between + fullStripes * stripeStall(stripePixels, passes) + (rest > 0 ? stripeStall(rest, passes) : 0);
  const busy = (count: number, last: number, size: number) =>
    size * ((count - last) * pixelCycles + last * lastPixelCycles);
  const computing = busy(blocks, lastPasses, corePixels);
  const cycles = computing + stalls + pipelineStages - 1;

  const unlimited = stripeStall(corePixels, passes) + loadCycles;
  // Cycles of all cores together in which an array streams pixels.
  const allComputing = busy(counts.total, counts.outputs, pixels);
  const slotsPerMac = arrayCycles / channels;
  const slots = noSlots();
  slots.useful = counts.macs * slotsPerMac;
  slots.padding = (counts.taps - counts.macs) * slotsPerMac;
  slots.edge = pixels * counts.total * arrayCycles * array - counts.taps * slotsPerMac;
  slots.input = pixels * counts.total * (pixelCycles - arrayCycles) * array;
  slots.output = pixels * counts.outputs * (lastPixelCycles - pixelCycles) * array;
  slots.idleCores = (cores * computing - allComputing) * array;
  slots.weights = Math.min(stalls, unlimited) * array * cores;
  slots.accumulators = Math.max(0, stalls - unlimited) * array * cores;
  slots.fillDrain = (pipelineStages - 1) * array * cores;
  return { cycles, firstLoadCycles: loadCycles, macs: counts.macs, slots };
}

/** T-NU-13: a matrix product reads its second operand through the port instead of the weight memory. */
function matmulTiming(work: NuWork, config: MachineConfig): NuTiming {
  const { input, out } = work;
  const weights = { ...work.second!, n: out.c, h: 1, w: 1, c: input.c };
  const { ports } = config.nu;
  const nu = { ...config.nu, cores: 1, weightBytesPerCycle: config.dm.bankBytes * ports };
  const asConvolution: NuWork = { ...work, kind: "pwconv", second: weights, split: "channels", prefetched: false };
  return onOneCore(weightedTiming(asConvolution, { ...config, nu }, undefined), config);
}

/** Pools, additions and the like: the arrays idle while the output stage works on CoP channels (T-NU-8, T-NU-9). */
function elementTiming(work: NuWork, config: MachineConfig): NuTiming {
  const { kind, input, out } = work;
  const { cip, cop, ports, pipelineStages } = config.nu;
  const portBytes = config.dm.bankBytes * ports;
  const array = cip * cop;
  let stream: number;
  if (kind === "accz") stream = ceilDiv(out.c, cop) * out.n * out.h * out.w;
  else if (kind === "accld") stream = ceilDiv(elements(input) * 4, portBytes);
  else if (kind === "accst") {
    const bytes = (Math.min(cop, out.c) * DTYPE_BITS[out.dtype]!) / 8;
    stream = ceilDiv(out.c, cop) * out.n * out.h * out.w * ceilDiv(bytes, portBytes);
  } else {
    const bytes = (Math.min(cop, out.c) * DTYPE_BITS[input.dtype]!) / 8;
    const reads = kind === "add" || kind === "sub" || kind === "mul" ? 2 : work.kh * work.kw;
    stream = ceilDiv(out.c, cop) * out.n * out.h * out.w * reads * ceilDiv(bytes, portBytes);
  }
  const slots = noSlots();
  slots.nonMac = stream * array;
  slots.fillDrain = (pipelineStages - 1) * array;
  return onOneCore({ cycles: stream + pipelineStages - 1, firstLoadCycles: 0, macs: 0, slots }, config);
}

/** Slots of an operation that only the first core works on. */
function onOneCore(timing: NuTiming, config: MachineConfig): NuTiming {
  const { cip, cop, cores } = config.nu;
  const idleCores = timing.slots.idleCores + timing.cycles * cip * cop * (cores - 1);
  return { ...timing, slots: { ...timing.slots, idleCores } };
}

/**
 * Time and slots of an operation when no other unit competes with it.
 * @param mask sparsity mask as latched when the operation starts
 */
export function nuTiming(work: NuWork, config: MachineConfig, mask?: Uint8Array): NuTiming {
  switch (work.kind) {
    case "conv":
    case "dwconv":
    case "pwconv":
    case "fc":
    case "deconv":
    case "bconv":
    case "accconv":
      return weightedTiming(work, config, mask);
    case "matmul":
      return matmulTiming(work, config);
    default:
      return elementTiming(work, config);
  }
}
