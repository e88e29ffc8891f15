/**
 * Who gets which bank of the data memory in which cycle (docs/timing.md, T-DM-1 to T-DM-8). Units run their
 * operations' traffic as streams of beats, the control unit asks access by access. Time is decided lazily, up to the
 * cycle that somebody needs to know: stretches in which one stream is alone pass segment by segment, others cycle by
 * cycle.
 */
import { DM_BASE, type MachineConfig } from "../../config/index.ts";
import { UNITS } from "../../isa/types.ts";
import { type Gate, Stream, type StreamState } from "./stream.ts";
import type { Traffic } from "./traffic.ts";

/** Unit number of the control unit: units are numbered like in tokens, and that is also their priority. */
export const CU_UNIT = 0;
const NOBODY = -1;

/** An access of the control unit that goes on behind its first cycle and is not interrupted (T-DM-7). */
interface Claim {
  readonly cycle: number;
  readonly address: number;
  readonly bytes: number;
}

/** Hears of every cycle in which a unit waits for a bank, and in tests of every grant. */
export interface BankListener {
  lost?(cycle: number, loser: number, winner: number, bank: number): void;
  granted?(cycle: number, unit: number, bank: number): void;
}

/** What has been counted since reset. */
export interface BankCounts {
  /** Accesses of the units' operations by bank. */
  readonly accesses: Float64Array;
  /** Cycles that a unit has lost by bank. */
  readonly lost: Float64Array;
  /** Cycles lost by loser x number of units + winner. */
  readonly pairs: Float64Array;
}

export interface ArbiterState {
  readonly cycle: number;
  readonly streams: readonly StreamState[];
  readonly claims: readonly Claim[];
  readonly accesses: readonly number[];
  readonly lost: readonly number[];
  readonly pairs: readonly number[];
}

export class BankArbiter implements BankCounts {
  readonly banks: number;
  readonly bankBytes: number;
  /** False: an ideal memory, which serves everybody at once. */
  readonly enabled: boolean;
  private readonly patience: number;
  /** All accesses before this cycle are decided. */
  cycle = 0;
  /** Streams that have beats left, by priority; the control unit looks at their number before each access. */
  private streams: Stream[] = [];
  active = 0;
  private claims: Claim[] = [];
  readonly accesses: Float64Array;
  readonly lost: Float64Array;
  readonly pairs = new Float64Array(UNITS.length * UNITS.length);
  listener: BankListener | undefined;
  /** Unit that got each bank last, and in which decided cycle, counted by `stamp`. */
  private readonly owners: Int32Array;
  private readonly stamps: Int32Array;
  private stamp = 0;

  constructor(config: MachineConfig) {
    const { banks, bankBytes, conflicts, starvationCycles } = config.dm;
    this.banks = banks;
    this.bankBytes = bankBytes;
    this.enabled = conflicts;
    this.patience = starvationCycles;
    this.accesses = new Float64Array(banks);
    this.lost = new Float64Array(banks);
    this.owners = new Int32Array(banks);
    this.stamps = new Int32Array(banks);
  }

  /**
   * Begins an operation's stream in a cycle up to which everything is decided.
   * @param gates when how many beats may run; further ones come by `release`
   */
  begin(unit: number, traffic: Traffic, gates: readonly Gate[]): Stream {
    const stream = new Stream(unit, traffic, this.banks, this.bankBytes);
    for (const { openAt, beats } of gates) stream.release(openAt, beats);
    this.streams = [...this.streams, stream].sort((a, b) => a.unit - b.unit);
    this.active = this.streams.length;
    return stream;
  }

  /**
   * Begins the stream of an operation that runs beat by beat from `cycle` on.
   * @param traffic not asked for when the memory is ideal
   */
  beginAt(unit: number, cycle: number, traffic: () => Traffic | undefined): void {
    const found = this.enabled ? traffic() : undefined;
    if (found) this.begin(unit, found, [{ openAt: cycle, beats: found.beats }]);
  }

  /** The unit's operation is over; returns the cycles that it has lost. */
  end(unit: number): number {
    const lost = this.streamOf(unit)?.lost ?? 0;
    if (this.active > 0) this.streams = this.streams.filter((stream) => stream.unit !== unit);
    this.active = this.streams.length;
    return lost;
  }

  /** Earliest end of a unit's stream as far as accesses are decided; exact when it is over. 0 without a stream. */
  earliestEnd(unit: number): number {
    return this.streamOf(unit)?.earliestEnd(this.cycle) ?? 0;
  }

  /** Cycles that a unit's running operation has lost before `cycle`, up to which all events have happened. */
  lostBy(unit: number, cycle: number): number {
    this.advance(cycle);
    return this.streamOf(unit)?.lost ?? 0;
  }

  /** Decides all accesses before cycle `to`. */
  advance(to: number): void {
    while (this.cycle < to) {
      const claimAt = this.claims.length === 0 ? Number.POSITIVE_INFINITY : this.claims[0]!.cycle;
      let first = Number.POSITIVE_INFINITY;
      let second = claimAt;
      let alone: Stream | undefined;
      for (const stream of this.streams) {
        if (stream.wakeAt < first) {
          if (first < second) second = first;
          first = stream.wakeAt;
          alone = stream;
        } else if (stream.wakeAt < second) second = stream.wakeAt;
      }
      if (first >= to && claimAt >= to) this.cycle = to;
      else if (alone && Math.max(first, this.cycle) < second) this.runAlone(alone, Math.min(second, to));
      else {
        this.cycle = Math.max(this.cycle, Math.min(first, claimAt));
        if (claimAt > this.cycle) this.contend(Math.min(claimAt, to));
        else {
          this.decide(this.cycle, NOBODY, 0);
          this.cycle++;
        }
      }
    }
  }

  /**
   * An access of the control unit in `cycle`, before which everything is decided by this call; true when it is
   * granted. The banks of one access are granted together or not at all.
   */
  request(cycle: number, address: number, bytes: number): boolean {
    this.advance(cycle);
    if (this.streams.every(({ wakeAt }) => wakeAt > cycle)) {
      this.cycle = cycle + 1;
      return true;
    }
    const granted = this.decide(cycle, address - DM_BASE, bytes);
    this.cycle = cycle + 1;
    return granted;
  }

  /** T-DM-7: further cycles of an access whose first one has been granted. */
  claim(cycle: number, address: number, bytes: number): void {
    this.claims.push({ cycle, address: address - DM_BASE, bytes });
  }

  /** One stream alone up to `end`: only its own accesses can get into each other's way. */
  private runAlone(stream: Stream, end: number): void {
    while (stream.wakeAt < end) {
      const at = Math.max(stream.wakeAt, this.cycle);
      if (at >= end) break;
      this.cycle = at;
      if (at === stream.wakeAt && !this.listener && stream.passAlone(end - at, this.accesses) > 0) continue;
      this.decide(at, NOBODY, 0);
      this.cycle = at + 1;
    }
    this.cycle = end;
  }

  /** Cycle by cycle up to `end`, as long as in every one some stream asks and none has waited for too long. */
  private contend(end: number): void {
    const { streams, patience } = this;
    let { cycle } = this;
    for (; cycle < end; cycle++) {
      this.stamp = (this.stamp + 1) | 0;
      let asking = 0;
      for (let i = 0; i < streams.length; i++) {
        const waiting = cycle - streams[i]!.wakeAt;
        if (waiting < 0) continue;
        asking++;
        if (waiting >= patience) {
          asking = -1;
          break;
        }
      }
      if (asking === 0) break;
      if (asking < 0) this.decide(cycle, NOBODY, 0);
      else {
        for (let i = 0; i < streams.length; i++) {
          const stream = streams[i]!;
          if (stream.wakeAt <= cycle) this.serve(stream, cycle);
        }
      }
    }
    this.cycle = cycle;
  }

  /**
   * Decides one cycle. Who has waited for too long comes first, then units by their number, the control unit (whose
   * request is `address` and `bytes`) before all others.
   */
  private decide(cycle: number, address: number, bytes: number): boolean {
    const { streams, patience } = this;
    this.stamp = (this.stamp + 1) | 0;
    if (this.claims.length > 0 && this.claims[0]!.cycle === cycle) {
      const claim = this.claims.shift()!;
      this.take(claim.address, claim.bytes);
    }
    let starving = false;
    for (let i = 0; i < streams.length; i++) {
      if (cycle - streams[i]!.wakeAt >= patience) {
        starving = true;
        this.serve(streams[i]!, cycle);
      }
    }
    let granted = true;
    if (address !== NOBODY) {
      granted = !starving || this.free(address, bytes, cycle);
      if (granted) this.take(address, bytes);
    }
    for (let i = 0; i < streams.length; i++) {
      const { wakeAt } = streams[i]!;
      if (wakeAt <= cycle && cycle - wakeAt < patience) this.serve(streams[i]!, cycle);
    }
    return granted;
  }

  /** T-DM-2, T-DM-3: grants what is free of a stream's current beat; what is not makes it lose the cycle. */
  private serve(stream: Stream, cycle: number): void {
    const { slots, pending, unit } = stream;
    const { owners, stamps, stamp, accesses } = this;
    let open = 0;
    let must = 0;
    for (let i = 0; i < pending; i++) {
      const bank = slots[i]!;
      if (stamps[bank] !== stamp) {
        stamps[bank] = stamp;
        owners[bank] = unit;
        accesses[bank]!++;
        if (this.listener !== undefined) this.listener.granted?.(cycle, unit, bank);
      } else {
        slots[open++] = bank;
        if (i < stream.must) must = open;
      }
    }
    if (open === 0 || (must === 0 && stream.canCarry)) stream.complete(cycle, open);
    else {
      stream.pending = open;
      stream.must = must;
      stream.lost++;
      this.lose(unit, slots[0]!, cycle);
    }
  }

  private lose(loser: number, bank: number, cycle: number): void {
    const winner = this.owners[bank]!;
    this.lost[bank]!++;
    this.pairs[loser * UNITS.length + winner]!++;
    this.listener?.lost?.(cycle, loser, winner, bank);
  }

  /** Whether all banks of the control unit's access are free; the first that is not is why it loses the cycle. */
  private free(address: number, bytes: number, cycle: number): boolean {
    for (let at = this.lineOf(address); at <= this.lineOf(address + bytes - 1); at++) {
      const bank = at & (this.banks - 1);
      if (this.stamps[bank] !== this.stamp) continue;
      this.lose(CU_UNIT, bank, cycle);
      return false;
    }
    return true;
  }

  private take(address: number, bytes: number): void {
    for (let at = this.lineOf(address); at <= this.lineOf(address + bytes - 1); at++) {
      const bank = at & (this.banks - 1);
      this.stamps[bank] = this.stamp;
      this.owners[bank] = CU_UNIT;
    }
  }

  private lineOf(address: number): number {
    return Math.floor(address / this.bankBytes);
  }

  /** Counts begin anew. */
  clearCounts(): void {
    this.accesses.fill(0);
    this.lost.fill(0);
    this.pairs.fill(0);
  }

  capture(): ArbiterState {
    return {
      cycle: this.cycle,
      streams: this.streams.map((stream) => stream.capture()),
      claims: this.claims.slice(),
      accesses: [...this.accesses],
      lost: [...this.lost],
      pairs: [...this.pairs],
    };
  }

  /** Puts everything back; the units fetch their streams with `streamOf`. */
  restore(state: ArbiterState): void {
    this.cycle = state.cycle;
    this.streams = state.streams.map((stream) => Stream.restore(stream, this.banks, this.bankBytes));
    this.active = this.streams.length;
    this.claims = state.claims.slice();
    this.accesses.set(state.accesses);
    this.lost.set(state.lost);
    this.pairs.set(state.pairs);
  }

  /** The stream that a unit's running operation has, if any. */
  streamOf(unit: number): Stream | undefined {
    return this.streams.find((stream) => stream.unit === unit);
  }
}
