/** Sets of bytes that operations touch: strided tensors and plain ranges, with exact intersection. */
import { DTYPE_BITS } from "../isa/enums.ts";
import { elementBytes, elements, extent, LAYOUT, type Tensor } from "./descriptor.ts";

/** An axis of a strided set: `count` places, `stride` bytes apart (may be negative or 0). */
export interface Axis {
  readonly count: number;
  readonly stride: number;
}

/** A set as plain data, for snapshots. */
export interface ByteSetData {
  readonly base: number;
  readonly bytes: number;
  readonly axes: readonly Axis[];
}

/** Bytes that are touched; everything but the bounds is made when somebody first asks for it. */
export class ByteSet {
  /** Lowest address, and the one behind the highest. */
  readonly low: number;
  readonly high: number;
  private readonly base: number;
  private readonly bytes: number;
  private readonly axes: readonly Axis[];
  private cached: Float64Array | undefined;

  /** @param bytes contiguous bytes at each place of the axes */
  private constructor(base: number, bytes: number, axes: readonly Axis[]) {
    this.base = base;
    this.bytes = bytes;
    this.axes = axes.filter(({ count }) => count > 1);
    let low = base;
    let high = base + bytes;
    for (const { count, stride } of this.axes) {
      const reach = (count - 1) * stride;
      if (reach < 0) low += reach;
      else high += reach;
    }
    this.low = low;
    this.high = high;
  }

  static from({ base, bytes, axes }: ByteSetData): ByteSet {
    return new ByteSet(base, bytes, axes);
  }

  get data(): ByteSetData {
    const { base, bytes, axes } = this;
    return { base, bytes, axes };
  }

  static range(address: number, bytes: number): ByteSet {
    return new ByteSet(address, bytes, []);
  }

  /** The bytes of a tensor's elements, without the gaps of its strides. */
  static tensor(t: Tensor): ByteSet {
    if (elements(t) === 0) return ByteSet.range(t.base, 0);
    if (t.layout === LAYOUT.blocked) return ByteSet.range(t.base, extent(t).bytes);
    const packed = DTYPE_BITS[t.dtype]! < 8;
    const inner = t.layout === LAYOUT.nchw ? t.w : t.c;
    const axes: Axis[] = [
      { count: t.n, stride: t.sn },
      { count: t.h, stride: t.sh },
    ];
    const w = { count: t.w, stride: t.sw };
    const c = { count: t.c, stride: t.sc };
    axes.push(...(t.layout === LAYOUT.nchw ? [c, w] : [w, c]));
    // Below a byte the innermost axis is packed.
    if (packed) axes.pop();
    return new ByteSet(t.base, packed ? elementBytes(t.dtype, inner) : elementBytes(t.dtype, 1), axes);
  }

  /** Whether any byte of `bytes` bytes at `address` is in the set. */
  touches(address: number, bytes: number): boolean {
    const end = address + bytes;
    if (end <= this.low || address >= this.high) return false;
    const runs = this.runs();
    // The first run that ends behind the address.
    let low = 0;
    let high = runs.length >> 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (runs[2 * middle + 1]! <= address) low = middle + 1;
      else high = middle;
    }
    return low < runs.length >> 1 && runs[2 * low]! < end;
  }

  /** Calls `visit` for every contiguous run, in address order. */
  forEachRun(visit: (address: number, bytes: number) => void): void {
    const runs = this.runs();
    for (let i = 0; i < runs.length; i += 2) visit(runs[i]!, runs[i + 1]! - runs[i]!);
  }

  /** The first bytes that both sets hold, or undefined when they are disjoint. */
  intersection(other: ByteSet): { address: number; bytes: number } | undefined {
    if (other.high <= this.low || other.low >= this.high) return undefined;
    const mine = this.runs();
    const theirs = other.runs();
    for (let i = 0, k = 0; i < mine.length && k < theirs.length; ) {
      const start = Math.max(mine[i]!, theirs[k]!);
      const end = Math.min(mine[i + 1]!, theirs[k + 1]!);
      if (start < end) return { address: start, bytes: end - start };
      if (mine[i + 1]! <= theirs[k + 1]!) i += 2;
      else k += 2;
    }
    return undefined;
  }

  /** Start and end of each contiguous run, in address order, neighbours joined. */
  private runs(): Float64Array {
    this.cached ??= this.makeRuns();
    return this.cached;
  }

  /** The same set from its lowest address, with as few axes as there can be: strides are positive, the smallest first. */
  get dense(): ByteSetData {
    // A negative stride is the same set seen from its end.
    const axes = this.axes
      .filter(({ stride }) => stride !== 0)
      .map(({ count, stride }) => ({ count, stride: Math.abs(stride) }))
      .sort((a, b) => a.stride - b.stride);
    let { bytes } = this;
    while (axes.length > 0 && axes[0]!.stride <= bytes) {
      const { count, stride } = axes.shift()!;
      bytes += (count - 1) * stride;
    }
    return { base: this.low, bytes, axes };
  }

  private makeRuns(): Float64Array {
    // Joining dense axes first keeps the number of runs small.
    const { bytes, axes } = this.dense;
    let starts: number[] = [this.low];
    for (const { count, stride } of axes) {
      starts = starts.flatMap((start) => Array.from({ length: count }, (_, i) => start + i * stride));
    }
    starts.sort((a, b) => a - b);
    const runs: number[] = [];
    for (const start of starts) {
      const last = runs.length - 1;
      if (last > 0 && start <= runs[last]!) runs[last] = Math.max(runs[last]!, start + bytes);
      else runs.push(start, start + bytes);
    }
    return Float64Array.from(runs);
  }
}
