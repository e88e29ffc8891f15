/** Cycles and MAC slots of the neural unit's operations (docs/timing.md, rules T-NU-*). */
import type { MachineConfig } from "../../config/index.ts";
import { DTYPE_BITS } from "../../isa/enums.ts";
import { elements } from "../../machine/index.ts";
import { type MacSlots, noSlots } from "../accounting.ts";
import { ceilDiv, matmulAsConvolution, passCount, planWeighted, type WeightedPlan } from "./plan.ts";
import type { NuWork } from "./work.ts";

export interface NuTiming {
  /** Cycles from start to completion. */
  readonly cycles: number;
  /** Cycles of these in which the first weight block is loaded: what a prefetch can hide. */
  readonly firstLoadCycles: number;
  /** Multiply-accumulates of taps within the input. */
  readonly macs: number;
  /** Bytes that the weight memory's port delivers, whole cycles of it. */
  readonly weightBytes: number;
  /** Use of the array in this time; the values sum to cycles x CiP x CoP x cores. */
  readonly slots: MacSlots;
}

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

/** Products of all passes within the input, and with padding. */
function countProducts(work: NuWork, { blocks, pixels }: WeightedPlan): { macs: number; taps: number } {
  const deconv = work.kind === "deconv";
  const [small, large] = deconv ? [work.input, work.out] : [work.out, work.input];
  const rows = validPositions(small.h, large.h, work.kh, work.strideH, work.padTop, work.dilationH);
  const columns = validPositions(small.w, large.w, work.kw, work.strideW, work.padLeft, work.dilationW);
  let macs = 0;
  let taps = 0;
  for (const { passes } of blocks) {
    for (const { tap, products } of passes) {
      macs += small.n * rows[Math.floor(tap / work.kw)]! * columns[tap % work.kw]! * products;
      taps += pixels * products;
    }
  }
  return { macs, taps };
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
  const { cip, cop, cores, pipelineStages } = config.nu;
  const array = cip * cop;
  const plan = planWeighted(work, config, mask);
  const { pixels, corePixels, stripePixels, channels, arrayCycles } = plan;
  const { loadCycles, pixelCycles, lastPixelCycles } = plan;
  const counts = countProducts(work, plan);
  const total = plan.blocks.reduce((sum, block) => sum + passCount(block), 0);
  const passes: Passes = {
    blocks: plan.busiest.reduce((sum, block) => sum + passCount(block), 0),
    loadCycles,
    pixelCycles,
    lastPixelCycles,
    lastPasses: plan.busiest.length,
  };
  const { blocks, lastPasses } = passes;

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
  const allComputing = busy(total, plan.blocks.length, pixels);
  const slotsPerMac = arrayCycles / channels;
  const slots = noSlots();
  slots.useful = counts.macs * slotsPerMac;
  slots.padding = (counts.taps - counts.macs) * slotsPerMac;
  slots.edge = pixels * total * arrayCycles * array - counts.taps * slotsPerMac;
  slots.input = pixels * total * (pixelCycles - arrayCycles) * array;
  slots.output = pixels * plan.blocks.length * (lastPixelCycles - pixelCycles) * array;
  slots.idleCores = (cores * computing - allComputing) * array;
  slots.weights = Math.min(stalls, unlimited) * array * cores;
  slots.accumulators = Math.max(0, stalls - unlimited) * array * cores;
  slots.fillDrain = (pipelineStages - 1) * array * cores;
  const weightBytes = stripes * blocks * loadCycles * config.nu.weightBytesPerCycle;
  return { cycles, firstLoadCycles: loadCycles, macs: counts.macs, weightBytes, slots };
}

/** T-NU-13: a matrix product reads its second operand through the port instead of the weight memory. */
function matmulTiming(work: NuWork, config: MachineConfig): NuTiming {
  const single = matmulAsConvolution(work, config);
  return onOneCore({ ...weightedTiming(single.work, single.config, undefined), weightBytes: 0 }, config);
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
  return onOneCore({ cycles: stream + pipelineStages - 1, firstLoadCycles: 0, macs: 0, weightBytes: 0, slots }, config);
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
