/**
 * Accesses of the neural unit's operations to the data memory, beat by beat (docs/timing.md, T-DM-9): inputs as the
 * passes stream through, results a pipeline's length behind the inputs that complete them.
 */
import type { MachineConfig } from "../../config/index.ts";
import { type Lane, packed, type Rows, type Traffic, TrafficBuilder } from "../dm/index.ts";
import { bands, channelBytes, channelOffset, divided, pixelAddress, within } from "./bands.ts";
import { elementTraffic } from "./element-traffic.ts";
import { ceilDiv, matmulAsConvolution, type OutputBlock, type Pass, planWeighted, type WeightedPlan } from "./plan.ts";
import type { NuWork } from "./work.ts";

/** What one vector of all cores together takes on the port. */
interface Vector {
  /** Bytes of one core, of all that the port counts, and channels' place in a pixel. */
  readonly bytes: number;
  readonly nominal: number;
  readonly offset: number;
}

/** Vectors of a lane: bytes from one to the next, and the beats of each, whose last ones they are when `atEnd`. */
interface Vectors {
  readonly stride: number;
  readonly vector: Vector;
  readonly beats: number;
  readonly atEnd: boolean;
}

/** Where a core's vector lies. */
interface Place {
  readonly address: number;
  readonly core: number;
}

/** Streamed pixels whose results are held together, and what each tap reads for them as far as that is known. */
interface Stripe {
  readonly from: number;
  readonly to: number;
  readonly taps: TapBand[][];
}

/** Rows of a stripe in which a tap lies alike: pixels with an input, those before and behind without. */
interface TapBand {
  readonly rows: number;
  /** Bytes from a row's input to the next one's. */
  readonly stride: number;
  readonly lead: number;
  readonly pixels: number;
  readonly trail: number;
  /** Of the first row's first input; none when all is padding. */
  readonly places: readonly Place[];
}

const isShifted = (place: Place, before: Place | undefined, shift: number): boolean =>
  before !== undefined && place.core === before.core && place.address - before.address === shift;

class WeightedTraffic {
  private readonly builder = new TrafficBuilder();
  private readonly reads: Lane = this.builder.lane("read");
  private readonly writes: Lane = this.builder.lane("write");
  /** The second operand of a matrix product. */
  private readonly seconds: Lane = this.builder.lane("read");
  private readonly work: NuWork;
  private readonly plan: WeightedPlan;
  private readonly fill: number;
  private readonly isMatmul: boolean;
  private readonly cop: number;
  /** What the last vectors of a lane were; a lane's are all read or all written. */
  private readonly lastPatterns = new Map<
    Lane,
    Pick<Vector, "bytes" | "nominal"> & {
      readonly beats: number;
      readonly places: readonly Place[];
      readonly pattern: number;
    }
  >();

  constructor(work: NuWork, config: MachineConfig, plan: WeightedPlan, isMatmul: boolean) {
    this.work = work;
    this.plan = plan;
    this.fill = config.nu.pipelineStages - 1;
    this.cop = config.nu.cop;
    this.isMatmul = isMatmul;
  }

  /** @param hidden cycles of the first load that a prefetch has hidden */
  build(hidden: number): Traffic | undefined {
    const { corePixels, stripePixels, busiest, loadCycles, pixelCycles, lastPixelCycles } = this.plan;
    this.writes.idle(this.fill);
    this.reads.idle(loadCycles - hidden);
    this.writes.idle(loadCycles - hidden);
    const order = busiest.flatMap((block, index) =>
      (block.passes.length === 0 ? [undefined] : block.passes).map((pass, i, all) => ({
        block,
        index,
        pass,
        isLast: i === all.length - 1,
      })),
    );
    if (this.isMatmul) this.loadSecond(order[0]!.block, order[0]!.pass!);
    for (let from = 0; from < corePixels; from += stripePixels) {
      const to = Math.min(corePixels, from + stripePixels);
      const stripe: Stripe = { from, to, taps: [] };
      order.forEach(({ block, index, pass, isLast }, i) => {
        const beats = isLast ? lastPixelCycles : pixelCycles;
        if (pass) this.read(block, pass, stripe, beats);
        else this.reads.idle((to - from) * beats);
        if (isLast && this.plan.outputBytes > 0) this.write(index, from, to, beats);
        else this.writes.idle((to - from) * beats);
        const next = order[i + 1] ?? (to < corePixels ? order[0] : undefined);
        if (!next) return;
        const stall = Math.max(0, loadCycles - (to - from) * beats);
        this.reads.idle(stall);
        this.writes.idle(stall);
        if (this.isMatmul) {
          this.loadSecond(next.block, next.pass!);
          this.seconds.idleUntil(this.reads.beats);
        }
      });
    }
    return this.builder.build(this.reads.beats + this.fill);
  }

  /** Rows, columns and images of one core's streamed pixels, and the place of core `k`'s first one. */
  private get share(): { rows: number; cores: number; ofCore: (core: number) => [image: number, row: number] } {
    const { split } = this.work;
    const { active, share } = this.plan;
    const stream = this.work.kind === "deconv" ? this.work.input : this.work.out;
    if (split === "rows") return { rows: share, cores: active, ofCore: (core) => [0, core * share] };
    if (split === "images") return { rows: stream.h, cores: active, ofCore: (core) => [core * share, 0] };
    return { rows: stream.h, cores: 1, ofCore: () => [0, 0] };
  }

  private read(block: OutputBlock, { ci, tap }: Pass, stripe: Stripe, beats: number): void {
    const { work, plan, reads } = this;
    const { input, kind } = work;
    const strideW = kind === "deconv" ? 1 : work.strideW;
    const perGroup = input.c / work.groups;
    const first = kind === "dwconv" ? block.firstChannel : block.group * perGroup + ci * plan.lanes;
    const end = kind === "dwconv" ? input.c : (block.group + 1) * perGroup;
    const vector: Vector = {
      offset: channelOffset(input, first),
      bytes: channelBytes(input, Math.min(plan.lanes, end - first)),
      nominal: Math.ceil(plan.inputBytes),
    };
    stripe.taps[tap] ??= this.tapBands(tap, stripe);
    const vectors = { stride: strideW * input.sw, vector, beats, atEnd: false };
    for (const { rows, stride, lead, pixels, trail, places } of stripe.taps[tap]) {
      if (places.length === 0) reads.idle(rows * (lead + pixels + trail) * beats);
      else this.vectors(reads, { rows, stride, lead: lead * beats, trail: trail * beats }, pixels, places, vectors);
    }
  }

  /** What a tap reads of a stripe's rows, whatever the channels. */
  private tapBands(tap: number, { from, to }: Stripe): TapBand[] {
    const { work } = this;
    const { input } = work;
    const deconv = work.kind === "deconv";
    const stream = deconv ? input : work.out;
    const shiftH = deconv ? 0 : Math.floor(tap / work.kw) * work.dilationH - work.padTop;
    const shiftW = deconv ? 0 : (tap % work.kw) * work.dilationW - work.padLeft;
    const [strideH, strideW] = deconv ? [1, 1] : [work.strideH, work.strideW];
    const { rows, cores, ofCore } = this.share;
    /** The streamed rows of each core whose inputs are no padding. */
    const inside: [first: number, end: number][] = [];
    for (let core = 0; core < cores; core++) {
      const [, firstRow] = ofCore(core);
      const [first, end] = within(firstRow, Math.min(stream.h, firstRow + rows), strideH, shiftH, input.h);
      inside.push([first - firstRow, end - firstRow]);
    }
    const found: TapBand[] = [];
    for (const whole of bands(rows, stream.w, from, to)) {
      const [lo, hi] = within(whole.first, whole.end, strideW, shiftW, input.w);
      for (const band of divided(whole, inside)) {
        const places: Place[] = [];
        for (let core = 0; core < cores && lo < hi; core++) {
          const [firstImage, firstRow] = ofCore(core);
          const image = firstImage + band.image;
          if (band.row < inside[core]![0] || band.row >= inside[core]![1] || image >= stream.n) continue;
          const h = (firstRow + band.row) * strideH + shiftH;
          places.push({ core, address: pixelAddress(input, image, h, lo * strideW + shiftW) });
        }
        const [lead, trail] = [lo - band.first, band.end - hi];
        found.push({ rows: band.rows, stride: strideH * input.sh, lead, pixels: hi - lo, trail, places });
      }
    }
    return found;
  }

  /** `count` vectors in each row, those of the first row from `places` on. */
  private vectors(lane: Lane, rows: Rows, count: number, places: readonly Place[], vectors: Vectors): void {
    const { stride, vector, beats, atEnd } = vectors;
    const pattern = this.patternOf(lane, places, vector, beats, atEnd);
    lane.rows(rows, count, places[0]!.address + vector.offset, stride, pattern);
  }

  /** One pattern for all rows that lie alike: nearly all of an operation. */
  private patternOf(lane: Lane, places: readonly Place[], vector: Vector, beats: number, atEnd: boolean): number {
    const { bytes, nominal } = vector;
    const origin = places[0]!.address;
    const last = this.lastPatterns.get(lane);
    if (last && last.bytes === bytes && last.nominal === nominal && last.beats === beats) {
      const { places: before } = last;
      const shift = origin - before[0]!.address;
      let i = 0;
      while (i < places.length && isShifted(places[i]!, before[i], shift)) i++;
      if (i === places.length && i === before.length) return last.pattern;
    }
    const parts = places.map(({ address, core }) => ({ offset: address - origin, bytes, position: core * nominal }));
    const all = atEnd ? nominal * this.plan.active : nominal;
    const pattern = this.builder.pattern(beats, packed(parts, this.plan.portBytes, all, beats, atEnd));
    this.lastPatterns.set(lane, { bytes, nominal, beats, places, pattern });
    return pattern;
  }

  /** Results of output block `index` of each core's. */
  private write(index: number, from: number, to: number, beats: number): void {
    const { work, plan, writes } = this;
    const { out } = work;
    if (work.kind === "deconv") {
      this.writeDeconvolution(index, from, to, beats);
      return;
    }
    const { rows, cores, ofCore } = this.share;
    const vectorOf = (block: OutputBlock): Vector => ({
      offset: channelOffset(out, block.firstChannel),
      bytes: channelBytes(out, block.channels),
      nominal: Math.ceil(plan.outputBytes),
    });
    if (work.split === "channels") {
      const parts = this.blocksAt(index).map(({ block, core }) => {
        const { offset, bytes, nominal } = vectorOf(block);
        return { offset, bytes, position: core * nominal };
      });
      const all = Math.ceil(plan.outputBytes) * plan.active;
      const pattern = this.builder.pattern(beats, packed(parts, plan.portBytes, all, beats, true));
      for (const { image, row, rows: count, first, end } of bands(rows, out.w, from, to)) {
        const band = { rows: count, stride: out.sh, lead: 0, trail: 0 };
        writes.rows(band, end - first, pixelAddress(out, image, row, first), out.sw, pattern);
      }
      return;
    }
    const vectors = { stride: out.sw, vector: vectorOf(plan.blocks[index]!), beats, atEnd: true };
    const inside = Array.from({ length: cores }, (_, core): [number, number] => [0, out.h - ofCore(core)[1]]);
    for (const whole of bands(rows, out.w, from, to)) {
      for (const { image, row, rows: count, first, end } of divided(whole, inside)) {
        const places: Place[] = [];
        for (let core = 0; core < cores; core++) {
          const [firstImage, firstRow] = ofCore(core);
          if (firstRow + row >= out.h || firstImage + image >= out.n) continue;
          places.push({ core, address: pixelAddress(out, firstImage + image, firstRow + row, first) });
        }
        this.vectors(writes, { rows: count, stride: out.sh, lead: 0, trail: 0 }, end - first, places, vectors);
      }
    }
  }

  /** The output blocks that the cores work on at a time. */
  private blocksAt(index: number): { block: OutputBlock; core: number }[] {
    const { blocks, blocksPerCore, active } = this.plan;
    const found: { block: OutputBlock; core: number }[] = [];
    for (let core = 0; core < active; core++) {
      const block = blocks[core * blocksPerCore + index];
      if (block && index < blocksPerCore) found.push({ block, core });
    }
    return found;
  }

  /** Streamed pixels take their share of the output pixels along; a stripe's leave one behind the other, at its end. */
  private writeDeconvolution(index: number, from: number, to: number, beats: number): void {
    const { work, plan, writes } = this;
    const { out, split } = work;
    const parts = split === "images" ? out.n : out.h;
    const cores = split === "channels" ? 1 : plan.active;
    const share = ceilDiv(parts, cores);
    const rows = split === "rows" ? share : out.h;
    const images = split === "images" ? share : out.n;
    const all = images * rows * out.w;
    const first = Math.min(all, from * plan.resultsPerPixel);
    const end = Math.min(all, to * plan.resultsPerPixel);
    const blocks = split === "channels" ? this.blocksAt(index) : [{ block: plan.blocks[index]!, core: 0 }];
    const nominal = Math.ceil(plan.outputBytes);
    writes.idle((to - from) * beats - (end - first) * plan.resultCycles);
    const inside = Array.from({ length: cores }, (_, core): [number, number] => [
      0,
      out.h - (split === "rows" ? core * share : 0),
    ]);
    const streamed = bands(rows, out.w, first, end).flatMap((band) => divided(band, inside));
    for (const band of streamed) {
      const w0 = band.first;
      const parts: { offset: number; bytes: number; position: number }[] = [];
      for (let core = 0; core < cores; core++) {
        const n = band.image + (split === "images" ? core * share : 0);
        const h = band.row + (split === "rows" ? core * share : 0);
        if (n >= out.n || h >= out.h) continue;
        for (const { block, core: own } of blocks) {
          parts.push({
            offset: pixelAddress(out, n, h, w0) + channelOffset(out, block.firstChannel),
            bytes: channelBytes(out, block.channels),
            position: (core + own) * nominal,
          });
        }
      }
      const origin = parts[0]?.offset ?? 0;
      const shifted = parts.map((part) => ({ ...part, offset: part.offset - origin }));
      const pieces = packed(shifted, plan.portBytes, nominal * plan.active, plan.resultCycles, true);
      const pattern = this.builder.pattern(plan.resultCycles, pieces);
      writes.rows({ rows: band.rows, stride: out.sh, lead: 0, trail: 0 }, band.end - w0, origin, out.sw, pattern);
    }
  }

  /** Rows of the second operand that make a block, packed into the beats of a load. */
  private loadSecond(block: OutputBlock, { ci }: Pass): void {
    const { plan, seconds } = this;
    const second = this.work.second!;
    const first = ci * plan.lanes;
    const bytes = channelBytes(second, block.channels);
    const nominal = channelBytes(second, this.cop);
    const base = pixelAddress(second, 0, 0, first) + channelOffset(second, block.firstChannel);
    const rows = Math.min(plan.lanes, this.work.input.c - first);
    const parts = Array.from({ length: rows }, (_, row) => ({
      offset: row * second.sw,
      bytes,
      position: row * nominal,
    }));
    const pieces = packed(parts, plan.portBytes, plan.lanes * nominal, plan.loadCycles, false);
    seconds.periods(1, base, 0, this.builder.pattern(plan.loadCycles, pieces));
  }
}

/**
 * Traffic of an operation; as many beats as nuTiming has cycles. Undefined when it doesn't touch the data memory.
 * @param mask sparsity mask as latched when the operation starts
 * @param hidden cycles of the first load that a prefetch has hidden
 */
export function nuTraffic(work: NuWork, config: MachineConfig, mask?: Uint8Array, hidden = 0): Traffic | undefined {
  switch (work.kind) {
    case "conv":
    case "dwconv":
    case "pwconv":
    case "fc":
    case "deconv":
    case "bconv":
    case "accconv":
      return new WeightedTraffic(work, config, planWeighted(work, config, mask), false).build(hidden);
    case "matmul": {
      const single = matmulAsConvolution(work, config);
      const plan = planWeighted(single.work, single.config, undefined);
      // The second operand keeps its own strides: its rows are the input's channels.
      return new WeightedTraffic({ ...single.work, second: work.second }, single.config, plan, true).build(0);
    }
    default:
      return elementTraffic(work, config);
  }
}
