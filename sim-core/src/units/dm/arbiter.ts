/**
 * Who gets which bank of the data memory in which cycle (docs/timing.md, T-DM-1 to T-DM-8). Units run their
 * operations' traffic as streams of beats, the control unit asks access by access. Time is decided lazily, up to the
 * cycle that somebody needs to know: stretches in which one stream is alone pass segment by segment, others cycle by
 * cycle.
 */
import { DM_BASE, type MachineConfig } from "../../config/index.ts";
import { UNITS } from "../../isa/types.ts";
import { BeatTable } from "./beats.ts";
import { PLAIN } from "./chunk.ts";
import { AccessList } from "./lane-cursor.ts";
import { freeBeats, type Gate, Stream, type StreamState, type StreamSums } from "./stream.ts";
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

/** Beats that are remembered in all, some 20 bytes each; traffic of more is worked out anew each time. */
const KEPT_BEATS = 2 ** 21;
/** Cycles in which only one stream asks, from which on it is not looked at together with the others. */
const LONELY = 8;

/** Hears of every cycle in which a unit waits for a bank, and in tests of every grant; each is decided by itself then. */
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
  /** Where streams count; read them by `accesses`, `lost`, `pairs`. */
  private readonly sums: StreamSums;
  /** Beats of traffic that has run before. */
  private tables = new WeakMap<Traffic, BeatTable>();
  private tableBeats = 0;
  private readonly room: AccessList;
  /** All accesses before this cycle are decided. */
  cycle = 0;
  /** Streams that have beats left, by priority; the control unit looks at their number before each access. */
  private streams: Stream[] = [];
  active = 0;
  private claims: Claim[] = [];
  listener: BankListener | undefined;
  /** Banks that are taken in the cycle that is being decided, as bits: 0 to 31, and 32 to 63. */
  private takenLow = 0;
  private takenHigh = 0;
  /** The streams that ask in a cycle, the first `asking` of them, and how long they do; for `passTogether`. */
  private readonly together: Stream[] = [];
  private asking = 0;
  private mostTogether = 0;
  /** No stream that waits now has waited for too long before this cycle. */
  private starveAt = Number.POSITIVE_INFINITY;

  constructor(config: MachineConfig) {
    const { banks, bankBytes, conflicts, starvationCycles } = config.dm;
    this.banks = banks;
    this.bankBytes = bankBytes;
    this.enabled = conflicts;
    this.patience = starvationCycles;
    this.room = new AccessList(bankBytes);
    this.sums = {
      accesses: new Float64Array(banks),
      lost: new Float64Array(banks),
      pairs: new Float64Array(UNITS.length * UNITS.length),
    };
  }

  get accesses(): Float64Array {
    for (const stream of this.streams) stream.settle();
    const accesses = this.sums.accesses.slice();
    for (const stream of this.streams) stream.addCurrent(accesses, 1);
    return accesses;
  }

  get lost(): Float64Array {
    return this.sums.lost;
  }

  get pairs(): Float64Array {
    return this.sums.pairs;
  }

  /**
   * Begins an operation's stream in a cycle up to which everything is decided.
   * @param gates when how many beats may run; further ones come by `release`
   */
  begin(unit: number, traffic: Traffic, gates: readonly Gate[]): Stream {
    const stream = new Stream(unit, traffic, this.tableOf(traffic), this.sums);
    const [first] = gates;
    if (gates.length === 1 && first!.beats === traffic.beats) stream.releaseAll(first!.openAt);
    else for (const { openAt, beats } of gates) stream.release(openAt, beats);
    this.streams = [...this.streams, stream].sort((a, b) => a.unit - b.unit);
    this.active = this.streams.length;
    return stream;
  }

  private tableOf(traffic: Traffic, beat = 0): BeatTable {
    const known = this.tables.get(traffic);
    if (known) return known;
    if (traffic.beats > KEPT_BEATS) return new BeatTable(traffic, this.banks, this.room, beat);
    this.tableBeats += traffic.beats;
    if (this.tableBeats > KEPT_BEATS) {
      this.tables = new WeakMap();
      this.tableBeats = traffic.beats;
    }
    const table = new BeatTable(traffic, this.banks, this.room);
    this.tables.set(traffic, table);
    return table;
  }

  /**
   * Begins the stream of an operation that runs beat by beat from `cycle` on.
   * @param traffic not asked for when the memory is ideal
   */
  beginAt(unit: number, cycle: number, traffic: () => Traffic | undefined): void {
    const found = this.enabled ? traffic() : undefined;
    if (found) this.begin(unit, found, [{ openAt: cycle, beats: found.beats }]);
  }

  /** The unit's operation is over: notes in it to whom it has lost cycles; returns how many. */
  end(unit: number, operation?: { lostTo?: readonly number[] }): number {
    const ended = this.streamOf(unit);
    if (!ended) return 0;
    ended.settle();
    ended.addCurrent(this.sums.accesses, 1);
    this.streams = this.streams.filter((stream) => stream !== ended);
    this.active = this.streams.length;
    if (operation && ended.lost > 0) operation.lostTo = ended.lostTo;
    return ended.lost;
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
    if (!this.anyAsks(cycle)) {
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

  private anyAsks(cycle: number): boolean {
    for (const stream of this.streams) if (stream.wakeAt <= cycle) return true;
    return false;
  }

  /** One stream alone up to `end`: only its own accesses can get into each other's way. */
  private runAlone(stream: Stream, end: number): void {
    let { cycle } = this;
    while (stream.wakeAt < end) {
      cycle = Math.max(stream.wakeAt, cycle);
      if (cycle >= end) break;
      if (!this.listener && stream.passAlone(cycle, end)) continue;
      this.takenLow = 0;
      this.takenHigh = 0;
      this.serve(stream, cycle++);
    }
    this.cycle = end;
  }

  /** Cycle by cycle up to `end`, as long as in every one some stream asks and not for long only one. */
  private contend(end: number): void {
    const { streams } = this;
    let { cycle } = this;
    let lonely = 0;
    this.noteStarving(cycle);
    while (cycle < end && lonely < LONELY) {
      if (cycle >= this.starveAt) {
        this.decide(cycle++, NOBODY, 0);
        this.noteStarving(cycle);
        continue;
      }
      if (!this.listener) {
        const together = this.passTogether(cycle, end);
        cycle += together;
        if (together > 0) lonely = this.asking === 1 ? lonely + together : 0;
        // What ends such a stretch early is a conflict in the cycle behind it.
        if (together === this.mostTogether) continue;
      }
      this.takenLow = 0;
      this.takenHigh = 0;
      let asking = 0;
      for (let i = 0; i < streams.length; i++) {
        const stream = streams[i]!;
        if (stream.wakeAt > cycle) continue;
        asking++;
        this.serve(stream, cycle);
      }
      if (asking === 0) break;
      cycle++;
      lonely = asking === 1 ? lonely + 1 : 0;
    }
    this.cycle = cycle;
  }

  /**
   * Passes the cycles from `cycle` on, before `end`, in which everybody who asks gets all banks of a new beat. Returns
   * how many; `mostTogether` says how many it would be without a conflict, `asking` how many streams these are.
   */
  private passTogether(cycle: number, end: number): number {
    const { streams, together } = this;
    let most = end - cycle;
    let asking = 0;
    this.mostTogether = -1;
    for (let i = 0; i < streams.length; i++) {
      const stream = streams[i]!;
      if (stream.wakeAt > cycle) most = Math.min(most, stream.wakeAt - cycle);
      else if (stream.listed) return 0;
      else {
        most = Math.min(most, stream.beatsAhead);
        together[asking++] = stream;
      }
    }
    if (asking === 0) return 0;
    const passed = freeBeats(together, asking, most);
    if (passed > 0) for (let i = 0; i < asking; i++) together[i]!.passAll(cycle, passed);
    this.asking = asking;
    this.mostTogether = most;
    return passed;
  }

  /** Sets `starveAt` from those who wait for a cycle before `cycle`. */
  private noteStarving(cycle: number): void {
    this.starveAt = Number.POSITIVE_INFINITY;
    for (const { wakeAt } of this.streams) {
      if (wakeAt < cycle) this.starveAt = Math.min(this.starveAt, wakeAt + this.patience);
    }
  }

  /**
   * Decides one cycle. Who has waited for too long comes first, then units by their number, the control unit (whose
   * request is `address` and `bytes`) before all others.
   */
  private decide(cycle: number, address: number, bytes: number): boolean {
    const { streams, patience } = this;
    this.takenLow = 0;
    this.takenHigh = 0;
    if (this.claims.length > 0 && this.claims[0]!.cycle === cycle) {
      const claim = this.claims.shift()!;
      this.take(claim.address, claim.bytes);
    }
    let starving = 0;
    for (let i = 0; i < streams.length; i++) {
      if (cycle - streams[i]!.wakeAt >= patience) {
        starving |= 1 << i;
        this.serve(streams[i]!, cycle);
      }
    }
    let granted = true;
    if (address !== NOBODY) {
      granted = starving === 0 || this.free(address, bytes, cycle);
      if (granted) this.take(address, bytes);
    }
    for (let i = 0; i < streams.length; i++) {
      if ((starving & (1 << i)) === 0 && streams[i]!.wakeAt <= cycle) this.serve(streams[i]!, cycle);
    }
    return granted;
  }

  /** T-DM-2, T-DM-3: grants what is free of a stream's current beat; what is not makes it lose the cycle. */
  private serve(stream: Stream, cycle: number): void {
    if (!stream.listed) {
      const { chunk } = stream;
      const { kinds, low: lows, high: highs } = chunk.opened;
      const at = stream.beat - chunk.first;
      const low = lows[at]!;
      const high = highs[at]!;
      const isFree = ((low & this.takenLow) | (high & this.takenHigh)) === 0;
      if (isFree && kinds[at] === PLAIN && !this.listener) {
        this.takenLow |= low;
        this.takenHigh |= high;
        stream.gotAt = cycle;
        stream.gotLow = low;
        stream.gotHigh = high;
        stream.pass(cycle);
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
      stream.lost++;
      const starveAt = stream.wakeAt + this.patience;
      if (starveAt < this.starveAt) this.starveAt = starveAt;
      stream.lostTo[this.lose(stream.unit, slots[0]!, cycle)]!++;
    }
  }

  /** Counts a cycle that a unit has lost over a bank; returns who had it. */
  private lose(loser: number, bank: number, cycle: number): number {
    const winner = this.ownerOf(bank, cycle);
    this.lost[bank]!++;
    this.pairs[loser * UNITS.length + winner]!++;
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
  private free(address: number, bytes: number, cycle: number): boolean {
    for (let at = this.lineOf(address); at <= this.lineOf(address + bytes - 1); at++) {
      const bank = at & (this.banks - 1);
      if (((bank < 32 ? this.takenLow : this.takenHigh) & (1 << (bank & 31))) === 0) continue;
      this.lose(CU_UNIT, bank, cycle);
      return false;
    }
    return true;
  }

  private take(address: number, bytes: number): void {
    for (let at = this.lineOf(address); at <= this.lineOf(address + bytes - 1); at++) {
      const bank = at & (this.banks - 1);
      if (bank < 32) this.takenLow |= 1 << bank;
      else this.takenHigh |= 1 << (bank & 31);
    }
  }

  private lineOf(address: number): number {
    return Math.floor(address / this.bankBytes);
  }

  /** Counts begin anew; no operation runs. */
  clearCounts(): void {
    this.sums.accesses.fill(0);
    this.sums.lost.fill(0);
    this.sums.pairs.fill(0);
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
    this.sums.accesses.set(state.accesses);
    this.sums.lost.set(state.lost);
    this.sums.pairs.set(state.pairs);
    this.streams = state.streams.map((stream) =>
      Stream.restore(stream, this.tableOf(stream.traffic, stream.beat), this.sums),
    );
    for (const stream of this.streams) stream.addCurrent(this.sums.accesses, -1);
    this.active = this.streams.length;
    this.claims = state.claims.slice();
  }

  /** The stream that a unit's running operation has, if any. */
  streamOf(unit: number): Stream | undefined {
    return this.streams.find((stream) => stream.unit === unit);
  }
}
