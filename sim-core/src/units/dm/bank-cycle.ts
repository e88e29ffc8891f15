/** The banks of the data memory within one cycle: who gets which (docs/timing.md, T-DM-1 to T-DM-3, T-DM-8). */
import type { MachineConfig } from "../../config/index.ts";
import { UNITS } from "../../isa/types.ts";
import { PLAIN } from "./chunk.ts";
import type { BankListener } from "./listener.ts";
import type { Stream, StreamSums } from "./stream.ts";

/** Unit number of the control unit: units are numbered like in tokens, and that is also their priority. */
export const CU_UNIT = 0;

/** Whether all banks of a beat, as bits, are taken. */
const isTaken = (low: number, high: number, takenLow: number, takenHigh: number): boolean =>
  ((low & ~takenLow) | (high & ~takenHigh)) === 0;

export class BankCycle {
  private readonly banks: number;
  private readonly bankBytes: number;
  private readonly patience: number;
  private readonly sums: StreamSums;
  listener: BankListener | undefined;
  /** Streams that have beats left, by priority. */
  streams: readonly Stream[] = [];
  /** Banks that are taken in the cycle that is being decided, as bits: 0 to 31, and 32 to 63. */
  private takenLow = 0;
  private takenHigh = 0;
  /** No stream that waits now has waited for too long before this cycle. */
  starveAt = Number.POSITIVE_INFINITY;

  constructor({ banks, bankBytes, starvationCycles }: MachineConfig["dm"], sums: StreamSums) {
    this.banks = banks;
    this.bankBytes = bankBytes;
    this.patience = starvationCycles;
    this.sums = sums;
  }

  /** Another cycle begins, in which all banks are free. */
  clear(): void {
    this.takenLow = 0;
    this.takenHigh = 0;
  }

  /** T-DM-2, T-DM-3: grants what is free of a stream's current beat; what is not makes it lose the cycle. */
  serve(stream: Stream, cycle: number): void {
    if (!stream.listed) {
      const { chunk } = stream;
      const { kinds, low: lows, high: highs, reads, banks, starts } = chunk.opened;
      const at = stream.beat - chunk.first;
      const low = lows[at]!;
      const high = highs[at]!;
      const isFree = ((low & this.takenLow) | (high & this.takenHigh)) === 0;
      if (isFree && kinds[at] === PLAIN && !this.listener?.granted) {
        this.takenLow |= low;
        this.takenHigh |= high;
        stream.gotAt = cycle;
        stream.gotLow = low;
        stream.gotHigh = high;
        stream.pass(cycle);
        return;
      }
      if (isTaken(low, high, this.takenLow, this.takenHigh) && (reads[at]! > 0 || !stream.canCarry)) {
        // Nothing of the beat is granted: it asks again for everything.
        this.wait(stream, banks[starts[at]!]!, cycle);
        return;
      }
      stream.list();
    }
    this.serveListed(stream, cycle);
  }

  private serveListed(stream: Stream, cycle: number): void {
    const { slots, pending } = stream;
    const before = stream.must;
    const { takenLow, takenHigh } = this;
    let low = takenLow;
    let high = takenHigh;
    let open = 0;
    let must = 0;
    for (let i = 0; i < pending; i++) {
      const bank = slots[i]!;
      const bit = 1 << (bank & 31);
      if (((bank < 32 ? low : high) & bit) === 0) {
        if (bank < 32) low |= bit;
        else high |= bit;
        if (this.listener !== undefined) this.listener.granted?.(cycle, stream.unit, bank);
      } else {
        slots[open++] = bank;
        if (i < before) must = open;
      }
    }
    this.takenLow = low;
    this.takenHigh = high;
    stream.gotAt = cycle;
    stream.gotLow = low & ~takenLow;
    stream.gotHigh = high & ~takenHigh;
    if (open === 0 || (must === 0 && stream.canCarry)) stream.complete(cycle, open);
    else {
      stream.pending = open;
      stream.must = must;
      this.wait(stream, slots[0]!, cycle);
    }
  }

  /** T-DM-8: a stream loses a cycle over the first bank that it still needs. */
  private wait(stream: Stream, bank: number, cycle: number): void {
    stream.lost++;
    const starveAt = stream.wakeAt + this.patience;
    if (starveAt < this.starveAt) this.starveAt = starveAt;
    stream.lostTo[this.lose(stream.unit, bank, cycle)]!++;
  }

  /** Counts a cycle that a unit has lost over a bank; returns who had it. */
  private lose(loser: number, bank: number, cycle: number): number {
    const winner = this.ownerOf(bank, cycle);
    this.sums.lost[bank]!++;
    this.sums.pairs[loser * UNITS.length + winner]!++;
    this.listener?.lost?.(cycle, loser, winner, bank);
    return winner;
  }

  /** Who has got a bank in this cycle. */
  private ownerOf(bank: number, cycle: number): number {
    for (const { unit, gotAt, gotLow, gotHigh } of this.streams) {
      if (gotAt === cycle && (((bank < 32 ? gotLow : gotHigh) >>> (bank & 31)) & 1) !== 0) return unit;
    }
    return CU_UNIT;
  }

  /** Whether all banks of the control unit's access are free; the first that is not is why it loses the cycle. */
  free(address: number, bytes: number, cycle: number): boolean {
    for (let at = this.lineOf(address); at <= this.lineOf(address + bytes - 1); at++) {
      const bank = at & (this.banks - 1);
      if (((bank < 32 ? this.takenLow : this.takenHigh) & (1 << (bank & 31))) === 0) continue;
      this.lose(CU_UNIT, bank, cycle);
      return false;
    }
    return true;
  }

  take(address: number, bytes: number): void {
    for (let at = this.lineOf(address); at <= this.lineOf(address + bytes - 1); at++) {
      const bank = at & (this.banks - 1);
      if (bank < 32) this.takenLow |= 1 << bank;
      else this.takenHigh |= 1 << (bank & 31);
    }
  }

  private lineOf(address: number): number {
    return Math.floor(address / this.bankBytes);
  }
}
