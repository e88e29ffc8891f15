/**
 * Bytes over the DDR bus by time, in a fixed number of intervals: when a run grows beyond them, neighbours are joined and each
 * interval is twice as long.
 */

const INTERVALS = 512;
const FIRST_CYCLES = 16;

export interface BusHistoryState {
  readonly from: number;
  /** Length of an interval. */
  readonly cycles: number;
  /** Bytes by interval. */
  readonly reads: Float64Array;
  readonly writes: Float64Array;
}

export class BusHistory {
  private from = 0;
  private cycles = FIRST_CYCLES;
  private reads: Float64Array = new Float64Array(INTERVALS);
  private writes: Float64Array = new Float64Array(INTERVALS);
  /** What snapshots share; undefined when it has changed since. */
  private saved: BusHistoryState | undefined;

  /** Everything begins anew at `cycle`. */
  begin(cycle: number): void {
    this.saved = undefined;
    this.from = cycle;
    this.cycles = FIRST_CYCLES;
    this.reads.fill(0);
    this.writes.fill(0);
  }

  /** A burst begins at `cycle`; it counts for the interval in which it begins. */
  add(cycle: number, write: boolean, bytes: number): void {
    this.saved = undefined;
    let interval = Math.floor((cycle - this.from) / this.cycles);
    while (interval >= INTERVALS) {
      this.reads = joined(this.reads);
      this.writes = joined(this.writes);
      this.cycles *= 2;
      interval = Math.floor((cycle - this.from) / this.cycles);
    }
    const side = write ? this.writes : this.reads;
    side[interval]! += bytes;
  }

  capture(): BusHistoryState {
    this.saved ??= { from: this.from, cycles: this.cycles, reads: this.reads.slice(), writes: this.writes.slice() };
    return this.saved;
  }

  restore(state: BusHistoryState): void {
    if (state === this.saved) return;
    this.saved = state;
    this.from = state.from;
    this.cycles = state.cycles;
    this.reads = state.reads.slice();
    this.writes = state.writes.slice();
  }
}

function joined(intervals: Float64Array): Float64Array {
  const result = new Float64Array(INTERVALS);
  for (let i = 0; i < INTERVALS; i++) result[i >>> 1]! += intervals[i]!;
  return result;
}
