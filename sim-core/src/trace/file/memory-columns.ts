/** What happened in memory, one typed array for each property: lost cycles and use of banks, accesses of the control unit. */
import type { ByteReader } from "./bytes.ts";
import { Column } from "./column.ts";
import { CONFLICT_UNIT } from "./memory-chunks.ts";

/** Set in the first of the cycles that units lose over one bank at once. */
export const CONTESTED = CONFLICT_UNIT;

/** Cycles that units have lost over banks of the data memory, by cycle. */
export class Conflicts {
  readonly cycle = new Column(Float64Array);
  /** Bank x 64 + loser x 8 + winner, and CONTESTED; units by their numbers in the header. */
  readonly what = new Column(Uint16Array);
  lastCycle = 0;
  /** Banks that somebody has waited for in the last cycle, as bits: 0 to 31, and 32 to 63. */
  private contestedLow = 0;
  private contestedHigh = 0;

  get count(): number {
    return this.cycle.length;
  }

  bank(index: number): number {
    return (this.what.at(index) >> 6) & 63;
  }

  loser(index: number): number {
    return (this.what.at(index) >> 3) & 7;
  }

  winner(index: number): number {
    return this.what.at(index) & 7;
  }

  /** @throws RangeError for damaged bytes */
  add(reader: ByteReader): void {
    let cycle = reader.unsigned();
    while (!reader.done) {
      const value = reader.unsigned();
      cycle += Math.floor(value / CONFLICT_UNIT);
      const what = value % CONFLICT_UNIT;
      this.what.push(this.isFirst(what >> 6, cycle) ? what + CONTESTED : what);
      this.cycle.push(cycle);
    }
    this.lastCycle = Math.max(this.lastCycle, cycle);
  }

  private isFirst(bank: number, cycle: number): boolean {
    if (this.count === 0 || this.cycle.at(this.count - 1) !== cycle) {
      this.contestedLow = 0;
      this.contestedHigh = 0;
    }
    const bit = 1 << (bank & 31);
    const isKnown = ((bank < 32 ? this.contestedLow : this.contestedHigh) & bit) !== 0;
    if (bank < 32) this.contestedLow |= bit;
    else this.contestedHigh |= bit;
    return !isKnown;
  }
}

/** Accesses of operations by bank, in stretches of cycles. */
export class BankUse {
  readonly from = new Column(Float64Array);
  readonly to = new Column(Float64Array);
  /** Of stretch i and bank b at i x banks + b. */
  readonly accesses = new Column(Uint32Array);
  readonly banks: number;
  lastCycle = 0;

  constructor(banks: number) {
    this.banks = banks;
  }

  get count(): number {
    return this.from.length;
  }

  /** @throws RangeError for damaged bytes */
  add(reader: ByteReader): void {
    let cycle = reader.unsigned();
    while (!reader.done) {
      this.from.push(cycle);
      cycle += reader.unsigned();
      this.to.push(cycle);
      for (let bank = 0; bank < this.banks; bank++) this.accesses.push(reader.unsigned());
    }
    this.lastCycle = Math.max(this.lastCycle, cycle);
  }
}

/** Bytes that the control unit has read and written, by line of memory and stretch of cycles. */
export class Accesses {
  /** Stretches; the lines of stretch i begin at `firstLine` of i. */
  readonly from = new Column(Float64Array);
  readonly to = new Column(Float64Array);
  readonly firstLine = new Column(Uint32Array);
  /** Address by LINE_BYTES. */
  readonly line = new Column(Uint32Array);
  readonly reads = new Column(Uint32Array);
  readonly writes = new Column(Uint32Array);
  lastCycle = 0;

  get count(): number {
    return this.line.length;
  }

  /** Index behind the last line of a stretch. */
  endOf(stretch: number): number {
    return stretch + 1 < this.firstLine.length ? this.firstLine.at(stretch + 1) : this.line.length;
  }

  /** @throws RangeError for damaged bytes */
  add(reader: ByteReader): void {
    let cycle = 0;
    while (!reader.done) {
      cycle += reader.signed();
      this.from.push(cycle);
      cycle += reader.unsigned();
      this.to.push(cycle);
      this.firstLine.push(this.line.length);
      let line = 0;
      for (let left = reader.unsigned(); left > 0; left--) {
        const value = reader.unsigned();
        line += Math.floor(value / 4);
        this.line.push(line);
        this.reads.push((value & 1) !== 0 ? reader.unsigned() : 0);
        this.writes.push((value & 2) !== 0 ? reader.unsigned() : 0);
      }
      this.lastCycle = Math.max(this.lastCycle, cycle);
    }
  }
}
