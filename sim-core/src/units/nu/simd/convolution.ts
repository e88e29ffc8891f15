/**
 * Convolutions by the kernels: the input is widened to int16 into a padded plane, so that every window is a row of a
 * matrix without being copied; weights are arranged in panels; then the matrix product and the output stage take turns on
 * stripes of the output that stay in the cache. Nothing is written before all operands are read.
 */
import { DTYPE, extent, type Memories } from "../../../machine/index.ts";
import type { NuWork } from "../work.ts";
import type { Kernels } from "./kernels.ts";
import { applyMask, copyBytes, fitsInt16, widenPlanes } from "./operands.ts";
import { denseSums, type Layout, paddedChannels, Results, sumBytes, tableBytes } from "./results.ts";
import { type Pass, type Plane, segmentsOf, type Tap, windowsOf } from "./windows.ts";

/** Sums that are worked on before they leave. */
const STRIPE_BYTES = 256 * 1024;
/** Rows of a tile of the matrix product. */
const TILE_ROWS = 4;

/** Takes the sums of `count` pixels from pixel `first` on, at an address of the kernels' memory. */
type TakeSums = (at: number, first: number, count: number) => void;

interface Regions {
  readonly raw: number;
  readonly plane: number;
  readonly dense: number;
  readonly panels: number;
  readonly distances: number;
  readonly rows: number;
  readonly sums: number;
  readonly table: number;
  readonly staged: number;
}

/** What is known of an operation before its data are. */
interface Plan {
  readonly work: NuWork;
  readonly layout: Layout;
  readonly passes: readonly Pass[];
  readonly taps: number;
  readonly plane: Plane;
  readonly planeBytes: number;
  /** Pixels of a stripe. */
  readonly stripe: number;
  readonly regions: Regions;
}

/** Address of the dense weights of output `o`; groups are filled up to whole eights. */
function weightRow({ work, layout, taps, regions }: Plan, o: number): number {
  const place = Math.floor(o / layout.channels) * paddedChannels(layout) + (o % layout.channels);
  return regions.dense + place * taps * work.second!.c * 2;
}

/** @returns undefined when the operation is nothing for the kernels */
function planOf(work: NuWork, kernels: Kernels): Plan | undefined {
  const { input, out, groups, kh, kw } = work;
  const weights = work.second!;
  if (!fitsInt16(input) || !fitsInt16(weights)) return undefined;
  const depthwise = work.kind === "dwconv";
  const layout: Layout = depthwise ? { groups: 1, channels: out.c } : { groups, channels: out.c / groups };
  const { plane, passes } = windowsOf(work);
  const taps = kh * kw;
  const planeBytes = plane.height * plane.width * input.c * 2;
  const pixels = out.n * out.h * out.w;
  // Phases of a transposed convolution write all over the output.
  const whole = passes.length > 1;
  const stripe = whole ? pixels : Math.min(pixels, Math.max(TILE_ROWS, Math.floor(STRIPE_BYTES / sumBytes(layout))));
  const padded = paddedChannels(layout);
  const denseBytes = (depthwise ? 1 : layout.groups * padded) * taps * weights.c * 2;
  const regions = kernels.reserve({
    raw: Math.max(extent(input).bytes, extent(weights).bytes),
    plane: input.n * planeBytes,
    dense: denseBytes,
    // Segments of the product are filled up to pairs of values, depthwise taps to pairs of taps.
    panels: depthwise ? (taps + 1) * padded * 2 : 2 * denseBytes,
    distances: (taps + 1) * 4,
    rows: (stripe + TILE_ROWS) * 8,
    sums: (stripe + 1) * sumBytes(layout),
    table: tableBytes(layout),
    staged: stripe * out.c * 4,
  });
  return regions && { work, layout, passes, taps, plane, planeBytes, stripe, regions };
}

function unblockWeights(plan: Plan, mask: Uint8Array | undefined, memories: Memories, kernels: Kernels): void {
  const { work, layout, taps, regions } = plan;
  const w = work.second!;
  const single = w.n === 1;
  const source = copyBytes(w, memories, kernels, regions.raw);
  const outputs = single ? 1 : layout.channels;
  if (layout.channels % 8 !== 0) kernels.i16.fill(0, regions.dense >> 1, regions.panels >> 1);
  for (let o = 0; o < w.n; o += outputs) {
    const to = weightRow(plan, o);
    kernels.run.unblock(source, o, outputs, taps, w.c, w.cip, w.cop, single, w.dtype, w.zeroPoint, to);
  }
  if (mask) applyMask(w, mask, kernels, (o) => weightRow(plan, o));
}

/**
 * Fills the table of rows with `count` pixels of a pass from the `first` on, and repeats the last one up to a whole
 * tile; the sums of repeated rows go behind the stripe.
 * @returns rows
 */
function fillRows(plan: Plan, pass: Pass, first: number, count: number, kernels: Kernels, tile: number): number {
  const { work, regions, plane, planeBytes, stripe, layout } = plan;
  const { out, input } = work;
  const { i32 } = kernels;
  const { rows, columns } = pass;
  const bytes = sumBytes(layout);
  const columnBytes = columns.stride * input.c * 2;
  const rowBytes = rows.stride * plane.width * input.c * 2;
  const perImage = rows.count * columns.count;
  let n = Math.floor(first / perImage);
  let i = Math.floor((first % perImage) / columns.count);
  let j = first % columns.count;
  let at = regions.rows >> 2;
  let from = 0;
  for (let row = 0; row < count; row++) {
    const pixel = (n * out.h + rows.first + i * rows.step) * out.w + columns.first + j * columns.step;
    from = regions.plane + n * planeBytes + i * rowBytes + j * columnBytes;
    i32[at++] = from;
    i32[at++] = regions.sums + (pixel - first) * bytes;
    if (++j < columns.count) continue;
    j = 0;
    if (++i < rows.count) continue;
    i = 0;
    n++;
  }
  let total = count;
  for (; total % tile !== 0; total++) {
    i32[at++] = from;
    i32[at++] = regions.sums + stripe * bytes;
  }
  return total;
}

/** A pass of a convolution over channels: weights in panels, then products of stripes of rows. */
function preparePass(plan: Plan, pass: Pass, kernels: Kernels): (first: number, count: number) => void {
  const { work, layout, taps, regions } = plan;
  const { groups } = layout;
  const inputs = work.second!.c;
  const { starts, taps: joined } = segmentsOf(pass.taps, groups === 1);
  const length = joined * inputs;
  const pairs = (length + 1) >> 1;
  const tiles = paddedChannels(layout) / 8;
  const groupPanelBytes = tiles * starts.length * pairs * 32;
  const pixelBytes = work.input.c * 2;
  starts.forEach(({ distance }, i) => {
    kernels.i32[(regions.distances >> 2) + i] = distance * pixelBytes;
  });
  let panel = regions.panels;
  for (let group = 0; group < groups; group++) {
    for (let tile = 0; tile < tiles; tile++) {
      const rows = weightRow(plan, group * layout.channels) + tile * 8 * taps * inputs * 2;
      for (const { index } of starts) {
        kernels.run.pack(rows + index * inputs * 2, taps * inputs * 2, length, panel);
        panel += pairs * 32;
      }
    }
  }
  return (first, count) => {
    const rows = fillRows(plan, pass, first, count, kernels, TILE_ROWS);
    for (let group = 0; group < groups; group++) {
      kernels.run.multiply(
        regions.rows,
        rows,
        regions.distances,
        starts.length,
        pairs,
        regions.panels + group * groupPanelBytes,
        tiles,
        group * inputs * 2,
        group * paddedChannels(layout) * 4,
      );
    }
  };
}

/** A depthwise convolution: weights by eights of channels and pairs of taps. */
function prepareDepthwise(plan: Plan, pass: Pass, kernels: Kernels): (first: number, count: number) => void {
  const { work, layout, regions } = plan;
  const channels = layout.channels;
  const blocks = paddedChannels(layout) / 8;
  const { i16, i32 } = kernels;
  const dense = regions.dense >> 1;
  const taps: Tap[] = [...pass.taps];
  const pairs = (taps.length + 1) >> 1;
  for (let tap = 0; tap < pairs * 2; tap++) {
    i32[(regions.distances >> 2) + tap] = (taps[tap] ?? taps[0]!).distance * work.input.c * 2;
    for (let c = 0; c < blocks * 8; c++) {
      const value = tap < taps.length && c < channels ? i16[dense + tap * channels + c]! : 0;
      i16[(regions.panels >> 1) + (((c >> 3) * pairs + (tap >> 1)) * 8 + (c & 7)) * 2 + (tap & 1)] = value;
    }
  }
  return (first, count) => {
    const rows = fillRows(plan, pass, first, count, kernels, 1);
    kernels.run.depthwise(regions.rows, rows, regions.distances, pairs * 2, regions.panels, blocks);
  };
}

/** Reads all operands and gives the sums stripe by stripe. */
function run(plan: Plan, mask: Uint8Array | undefined, memories: Memories, kernels: Kernels, take: TakeSums): void {
  const { work, layout, plane, passes, regions, stripe } = plan;
  const { input, out } = work;
  // Padded taps of a binary convolution are -1.
  const padding = input.dtype === DTYPE.bit ? -1 : 0;
  unblockWeights(plan, mask, memories, kernels);
  widenPlanes(input, plane, padding, memories, kernels, regions.raw, regions.plane);
  const pixels = out.n * out.h * out.w;
  const single = passes.length === 1 ? passes[0]! : undefined;
  if (single) {
    const prepare = work.kind === "dwconv" ? prepareDepthwise : preparePass;
    const multiply = prepare(plan, single, kernels);
    for (let first = 0; first < pixels; first += stripe) {
      const count = Math.min(stripe, pixels - first);
      multiply(first, count);
      take(regions.sums, first, count);
    }
    return;
  }
  // Outputs between the taps of a sparse phase get none.
  kernels.i32.fill(0, regions.sums >> 2, (regions.sums + pixels * sumBytes(layout)) >> 2);
  for (const pass of passes) {
    const count = out.n * pass.rows.count * pass.columns.count;
    if (pass.taps.length > 0) preparePass(plan, pass, kernels)(0, count);
  }
  take(regions.sums, 0, pixels);
}

/**
 * Performs a convolution of any kind with its output stage.
 * @returns false when it is nothing for the kernels: nothing has happened then
 * @throws MachineFault for a bad entry of the requantisation table
 */
export function convolve(work: NuWork, mask: Uint8Array | undefined, memories: Memories, kernels: Kernels): boolean {
  const plan = planOf(work, kernels);
  if (!plan) return false;
  const results = new Results(work, work.second!, plan.layout, memories, kernels, plan.regions);
  run(plan, mask, memories, kernels, (at, first, count) => results.store(at, first, count));
  return true;
}

/**
 * Adds the products of a convolution to accumulators.
 * @param sums int32 in n, h, w, c order of the output, wrapping around
 * @returns false when it is nothing for the kernels: nothing has happened then
 */
export function accumulate(
  work: NuWork,
  mask: Uint8Array | undefined,
  sums: Int32Array,
  memories: Memories,
  kernels: Kernels,
): boolean {
  const plan = planOf(work, kernels);
  if (!plan) return false;
  run(plan, mask, memories, kernels, (at, first, count) => {
    const products = denseSums(kernels, at, plan.layout, count);
    const to = first * work.out.c;
    for (let i = 0; i < products.length; i++) sums[to + i] = sums[to + i]! + products[i]!;
  });
  return true;
}
