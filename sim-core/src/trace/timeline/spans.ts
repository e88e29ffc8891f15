/** Sorted spans that don't overlap: what any stretch of them holds is found in logarithmic time, so that every zoom is exact. */

/** Index of the last of ascending values that is at most `wanted`; -1 when there is none. */
export function lastAtMost(values: Float64Array, wanted: number): number {
  let low = -1;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (values[middle]! <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What spans add up to: `before[i]` is the sum of all spans before span i, and the last value that of all. */
export type Sums = Float64Array;

/** A sum at a position between two spans' beginnings. */
function summedUp(sums: Sums, position: number): number {
  const span = Math.floor(position);
  const part = position - span;
  const before = sums[span]!;
  return part > 0 ? before + part * (sums[span + 1]! - before) : before;
}

export class Spans {
  /** In cycles, ascending. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Busy cycles. */
  readonly busy: Sums;

  /** @param ends of the spans, none behind the next one's start */
  constructor(starts: Float64Array, ends: Float64Array) {
    this.starts = starts;
    this.ends = ends;
    this.busy = this.sums((span) => ends[span]! - starts[span]!);
  }

  get count(): number {
    return this.starts.length;
  }

  sums(weight: (span: number) => number): Sums {
    const sums = new Float64Array(this.count + 1);
    for (let span = 0; span < this.count; span++) sums[span + 1] = sums[span]! + weight(span);
    return sums;
  }

  /** Index of the last span that begins at or before a cycle; -1 when there is none. */
  at(cycle: number): number {
    return lastAtMost(this.starts, cycle);
  }

  /** Index of the span in which a cycle lies; -1 when there is none. */
  covering(cycle: number): number {
    const span = this.at(cycle);
    return span >= 0 && cycle < this.ends[span]! ? span : -1;
  }

  /** Index of the first span that ends behind a cycle; `count` when there is none. */
  firstBehind(cycle: number): number {
    const span = this.at(cycle);
    return span >= 0 && this.ends[span]! > cycle ? span : span + 1;
  }

  /** What is summed up before a cycle; within a span it grows evenly. */
  before(sums: Sums, cycle: number): number {
    return summedUp(sums, this.position(cycle));
  }

  /** Where cycles lie, for several sums: spans and the parts of them that are over, as one number. */
  positions(cycles: Float64Array): Float64Array {
    return cycles.map((cycle) => this.position(cycle));
  }

  private position(cycle: number): number {
    const span = this.at(cycle);
    if (span < 0) return 0;
    const start = this.starts[span]!;
    const length = this.ends[span]! - start;
    return span + (length > 0 ? Math.min(1, (cycle - start) / length) : 1);
  }

  /** Per stretch between neighbouring cycles: what is summed up in it by its cycles, as values of 0 to 1 for busy cycles. */
  shares(sums: Sums, cycles: Float64Array): Float32Array {
    return this.sharesAt(sums, cycles, this.positions(cycles));
  }

  /** The same where the cycles' positions are known. */
  sharesAt(sums: Sums, cycles: Float64Array, positions: Float64Array): Float32Array {
    const shares = new Float32Array(cycles.length - 1);
    let before = summedUp(sums, positions[0]!);
    for (let i = 0; i < shares.length; i++) {
      const behind = summedUp(sums, positions[i + 1]!);
      shares[i] = (behind - before) / (cycles[i + 1]! - cycles[i]!);
      before = behind;
    }
    return shares;
  }

  /**
   * Spans that can be seen as such in stretches between cycles: all when they are few, else those that are two stretches
   * wide or more. A span as wide as that covers a border, so only the borders are looked at.
   */
  wide(cycles: Float64Array): Uint32Array {
    const [from, to] = [cycles[0]!, cycles[cycles.length - 1]!];
    const first = this.firstBehind(from);
    const behind = this.at(to) + 1;
    if (behind - first <= cycles.length / 2)
      return Uint32Array.from({ length: Math.max(0, behind - first) }, (_, i) => first + i);
    const least = (2 * (to - from)) / (cycles.length - 1);
    const found: number[] = [];
    for (const cycle of cycles) {
      const span = this.covering(cycle);
      if (span < 0 || span === found.at(-1) || this.ends[span]! - this.starts[span]! < least) continue;
      found.push(span);
    }
    return Uint32Array.from(found);
  }
}
