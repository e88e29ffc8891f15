/** From sums in the kernels' memory to the output tensor. */
import {
  DTYPE,
  elementSize,
  elements,
  FLAG_PER_TENSOR_TABLE,
  type Memories,
  type Requantiser,
  readTable,
  type Tensor,
  touchTensor,
  writeElements,
} from "../../../machine/index.ts";
import { storeSums } from "../output-stage.ts";
import type { NuWork } from "../work.ts";
import type { Kernels } from "./kernels.ts";

/** The kernel's form of a table: per 8 channels biases, multipliers, halves, factors, 8 words each. */
const WORDS_PER_BLOCK = 32;
const BYTES_PER_BLOCK = WORDS_PER_BLOCK * 4;
/** Smallest shift that the kernel takes, and the largest zero point that can't overflow its int32. */
const MIN_SHIFT = 34;
const MAX_ZERO_POINT = 2 ** 20;

/** Sums lie in groups of channels, each filled up to eights. */
export interface Layout {
  readonly groups: number;
  /** Channels of a group. */
  readonly channels: number;
}

export const paddedChannels = ({ channels }: Layout): number => Math.ceil(channels / 8) * 8;
/** Bytes of one pixel's sums. */
export const sumBytes = (layout: Layout): number => layout.groups * paddedChannels(layout) * 4;
export const tableBytes = (layout: Layout): number => (sumBytes(layout) / 32) * BYTES_PER_BLOCK;

function fillTable(table: Requantiser | undefined, layout: Layout, kernels: Kernels, at: number): void {
  const padded = paddedChannels(layout);
  const { i32 } = kernels;
  i32.fill(0, at >> 2, (at + tableBytes(layout)) >> 2);
  if (!table) return;
  for (let c = 0; c < layout.groups * layout.channels; c++) {
    const place = Math.floor(c / layout.channels) * padded + (c % layout.channels);
    const word = (at >> 2) + (place >> 3) * WORDS_PER_BLOCK + (place & 7);
    const shift = table.shift[c]!;
    i32[word] = table.bias[c]!;
    if (shift < MIN_SHIFT) continue;
    i32[word + 8] = table.multiplier[c]!;
    i32[word + 16] = 1 << (shift - 33);
    i32[word + 24] = 2 ** (64 - shift);
  }
}

/** Copies sums into a dense array in n, h, w, c order. */
export function denseSums(kernels: Kernels, at: number, layout: Layout, pixels: number): Int32Array {
  const { groups, channels } = layout;
  const padded = paddedChannels(layout);
  const dense = new Int32Array(pixels * groups * channels);
  for (let i = 0; i < pixels * groups; i++) {
    const from = (at >> 2) + i * padded;
    dense.set(kernels.i32.subarray(from, from + channels), i * channels);
  }
  return dense;
}

/** Writes dense results of consecutive pixels to the output, row by row. */
function storePixels(out: Tensor, first: number, count: number, data: Uint8Array, memories: Memories): void {
  const pixelBytes = out.c * elementSize(out.dtype);
  const base = memories.flatOffset(out.base, 1);
  for (let done = 0; done < count; ) {
    const pixel = first + done;
    const w = pixel % out.w;
    const row = Math.floor(pixel / out.w);
    const at = base + Math.floor(row / out.h) * out.sn + (row % out.h) * out.sh + w * out.sw;
    const run = out.sw === pixelBytes ? Math.min(count - done, out.w - w) : 1;
    memories.u8.set(data.subarray(done * pixelBytes, (done + run) * pixelBytes), at);
    done += run;
  }
}

/** The output stage of one operation: made before anything is written, then given the sums piece by piece. */
export class Results {
  private readonly work: NuWork;
  private readonly owner: Tensor;
  private readonly layout: Layout;
  private readonly memories: Memories;
  private readonly kernels: Kernels;
  private readonly table: number;
  private readonly staged: number;
  /** Whether the kernel requantises; the plain output stage does it where the kernel can't. */
  private readonly isRequantised: boolean;
  /** What can't be stored piece by piece: packed results, or sums for the plain output stage. */
  private readonly collected: Int32Array | undefined;

  /**
   * @param owner tensor whose requantisation table counts
   * @param table room for `tableBytes`
   * @param staged room for the results of as many pixels as `store` gets, 4 bytes each
   * @throws MachineFault for a bad table entry
   */
  constructor(
    work: NuWork,
    owner: Tensor,
    layout: Layout,
    memories: Memories,
    kernels: Kernels,
    { table, staged }: { readonly table: number; readonly staged: number },
  ) {
    this.work = work;
    this.owner = owner;
    this.layout = layout;
    this.memories = memories;
    this.kernels = kernels;
    this.table = table;
    this.staged = staged;
    const { out } = work;
    const shared = (owner.flags & FLAG_PER_TENSOR_TABLE) !== 0;
    const requantiser = owner.table === 0 ? undefined : readTable(owner.table, out.c, shared, memories);
    this.isRequantised =
      isRequantised(out.dtype) &&
      requantiser!.shift.every((shift) => shift >= MIN_SHIFT) &&
      Math.abs(out.zeroPoint) <= MAX_ZERO_POINT;
    const isStoredAtOnce = out.dtype === DTYPE.int32 || (this.isRequantised && out.dtype < DTYPE.int32);
    if (isStoredAtOnce || this.isRequantised) fillTable(requantiser, layout, kernels, table);
    if (!isStoredAtOnce) this.collected = new Int32Array(elements(out));
  }

  /** Takes the sums of `count` pixels from pixel `first` on; the last call completes the operation. */
  store(sums: number, first: number, count: number): void {
    const { work, layout, memories, kernels } = this;
    const { out } = work;
    const done = first + count === out.n * out.h * out.w;
    if (this.collected && !this.isRequantised) {
      this.collected.set(denseSums(kernels, sums, layout, count), first * out.c);
      if (done) storeSums(work, this.collected, this.owner, memories);
      return;
    }
    const size = this.collected ? 4 : elementSize(out.dtype);
    kernels.run.finish(
      sums,
      sumBytes(layout),
      count,
      layout.groups,
      layout.channels,
      this.table,
      this.isRequantised,
      out.dtype,
      out.zeroPoint,
      work.lo,
      work.hi,
      this.staged,
      layout.channels * size,
    );
    const bytes = count * out.c * size;
    if (this.collected) {
      this.collected.set(kernels.i32.subarray(this.staged >> 2, (this.staged + bytes) >> 2), first * out.c);
      if (done) writeElements(out, memories, this.collected);
      return;
    }
    storePixels(out, first, count, kernels.u8.subarray(this.staged, this.staged + bytes), memories);
    if (done) touchTensor(out, memories);
  }
}

/** Results of int32 are the sums, those of bits their signs. */
const isRequantised = (dtype: number): boolean => dtype !== DTYPE.int32 && dtype !== DTYPE.bit;
