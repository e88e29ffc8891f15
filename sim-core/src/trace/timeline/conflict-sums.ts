/** Cycles lost over banks, added up before any cycle: by unit, and by bank. */
import { CONTESTED, type Conflicts } from "../file/index.ts";
import { lastAtMost } from "./spans.ts";

/** Units that a trace can have. */
const UNITS = 8;
/** Lost cycles from one place where sums are kept to the next: what lies between is added up when it is asked for. */
const STEP = 256;

export class ConflictSums {
  /** Sums in a row: units' lost cycles, banks' lost cycles, cycles in which a bank is waited for. */
  readonly columns: number;
  readonly banks: number;
  private readonly cycles: Float64Array;
  private readonly what: Uint16Array;
  /** Rows before every STEP entries, and behind the last. */
  private readonly kept: Uint32Array;

  constructor(conflicts: Conflicts, banks: number) {
    this.banks = banks;
    this.columns = UNITS + 2 * banks;
    this.cycles = conflicts.cycle.values;
    this.what = conflicts.what.values;
    const rows = Math.ceil(this.what.length / STEP) + 1;
    this.kept = new Uint32Array(rows * this.columns);
    const row = new Float64Array(this.columns);
    for (let number = 0; number < rows; number++) {
      this.kept.set(row, number * this.columns);
      this.add(row, number * STEP, Math.min(this.what.length, (number + 1) * STEP));
    }
  }

  get count(): number {
    return this.what.length;
  }

  /** Columns of a unit's lost cycles, of those lost over a bank, and of the cycles in which somebody waits for a bank. */
  readonly ofUnit = (unit: number): number => unit;
  readonly ofBank = (bank: number): number => UNITS + bank;
  readonly ofContested = (bank: number): number => UNITS + this.banks + bank;

  /** Index of the first lost cycle that isn't before a cycle. */
  firstFrom(cycle: number): number {
    return lastAtMost(this.cycles, Math.ceil(cycle) - 1) + 1;
  }

  /** A row for each of ascending cycles, of which a part may be meant: what is lost before it. */
  before(cycles: Float64Array): Float64Array {
    const { columns } = this;
    const found = new Float64Array(cycles.length * columns);
    const row = new Float64Array(columns);
    const next = new Float64Array(columns);
    let at = 0;
    for (let i = 0; i < cycles.length; i++) {
      const cycle = cycles[i]!;
      at = this.move(row, at, this.firstFrom(Math.floor(cycle)));
      const part = cycle - Math.floor(cycle);
      if (part > 0) {
        next.set(row);
        this.move(next, at, this.firstFrom(Math.floor(cycle) + 1));
      }
      for (let column = 0; column < columns; column++) {
        const before = row[column]!;
        found[i * columns + column] = part > 0 ? before + part * (next[column]! - before) : before;
      }
    }
    return found;
  }

  /** Makes the row before entry `from` the one before entry `to`. */
  private move(row: Float64Array, from: number, to: number): number {
    let at = from;
    if (to < from || to - from > STEP) {
      const number = Math.floor(to / STEP);
      row.set(this.kept.subarray(number * this.columns, (number + 1) * this.columns));
      at = number * STEP;
    }
    this.add(row, at, to);
    return to;
  }

  private add(row: Float64Array, from: number, to: number): void {
    const { what, banks } = this;
    for (let i = from; i < to; i++) {
      const one = what[i]!;
      const bank = (one >> 6) & 63;
      row[(one >> 3) & 7]!++;
      row[UNITS + bank]!++;
      if ((one & CONTESTED) !== 0) row[UNITS + banks + bank]!++;
    }
  }
}
