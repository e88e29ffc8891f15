/**
 * Who gets which bank of the data memory in which cycle (docs/timing.md, T-DM-1 to T-DM-8). Units run their
 * operations' traffic as streams of beats, the control unit asks access by access. Time is decided lazily, up to the
 * cycle that somebody needs to know: stretches in which nobody is in another's way pass in one go, others cycle by cycle.
 */
import { DM_BASE, type MachineConfig } from "../../config/index.ts";
import { UNITS } from "../../isa/types.ts";
import { BankCycle } from "./bank-cycle.ts";
import { BeatTables } from "./beats.ts";
import { type BankListener, SAMPLE_CYCLES } from "./listener.ts";
import { type Gate, Stream, type StreamState, type StreamSums } from "./stream.ts";
import { Together } from "./together.ts";
import type { Traffic } from "./traffic.ts";

const NOBODY = -1;

/** An access of the control unit that goes on behind its first cycle and is not interrupted (T-DM-7). */
interface Claim {
  readonly cycle: number;
  readonly address: number;
  readonly bytes: number;
}

/** Cycles in which only one stream asks, from which on it is not looked at together with the others. */
const LONELY = 8;

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
  private readonly tables: BeatTables;
  /** All accesses before this cycle are decided. */
  cycle = 0;
  /** Streams that have beats left, by priority; the control unit looks at their number before each access. */
  private streams: readonly Stream[] = [];
  active = 0;
  private claims: Claim[] = [];
  private readonly now: BankCycle;
  private readonly together = new Together();

  constructor(config: MachineConfig) {
    const { banks, bankBytes, conflicts, starvationCycles } = config.dm;
    this.banks = banks;
    this.bankBytes = bankBytes;
    this.enabled = conflicts;
    this.patience = starvationCycles;
    this.tables = new BeatTables(config.dm);
    this.sums = {
      accesses: new Float64Array(banks),
      lost: new Float64Array(banks),
      pairs: new Float64Array(UNITS.length * UNITS.length),
    };
    this.now = new BankCycle(config.dm, this.sums);
  }

  get listener(): BankListener | undefined {
    return this.now.listener;
  }

  set listener(listener: BankListener | undefined) {
    this.now.listener = listener;
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
    const stream = new Stream(unit, traffic, this.tables.of(traffic), this.sums);
    const [first] = gates;
    if (gates.length === 1 && first!.beats === traffic.beats) stream.releaseAll(first!.openAt);
    else for (const { openAt, beats } of gates) stream.release(openAt, beats);
    this.setStreams([...this.streams, stream].sort((a, b) => a.unit - b.unit));
    if (this.active === 1) this.sample();
    return stream;
  }

  private setStreams(streams: readonly Stream[]): void {
    this.streams = streams;
    this.now.streams = streams;
    this.active = streams.length;
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
    this.setStreams(this.streams.filter((stream) => stream !== ended));
    if (this.active === 0) this.sample();
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
    if (this.listener?.used) this.advanceSampling(to);
    else this.decideBefore(to);
  }

  private advanceSampling(to: number): void {
    while (this.cycle < to) {
      const next = (Math.floor(this.cycle / SAMPLE_CYCLES) + 1) * SAMPLE_CYCLES;
      this.decideBefore(this.active === 0 ? to : Math.min(next, to));
      if (this.active > 0 && this.cycle === next) this.sample();
    }
  }

  private sample(): void {
    this.listener?.used?.(this.cycle, this.accesses);
  }

  private decideBefore(to: number): void {
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
    const { listener } = this;
    while (stream.wakeAt < end) {
      cycle = Math.max(stream.wakeAt, cycle);
      if (cycle >= end) break;
      if (!listener?.granted && stream.passAlone(cycle, end, listener)) continue;
      this.now.clear();
      this.now.serve(stream, cycle++);
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
      if (cycle >= this.now.starveAt) {
        this.decide(cycle++, NOBODY, 0);
        this.noteStarving(cycle);
        continue;
      }
      if (!this.listener?.granted) {
        const passed = this.together.pass(streams, cycle, end);
        cycle += passed;
        if (passed > 0) lonely = this.together.count === 1 ? lonely + passed : 0;
        // What ends such a stretch early is a conflict in the cycle behind it.
        if (passed === this.together.most) continue;
      }
      this.now.clear();
      let asking = 0;
      for (let i = 0; i < streams.length; i++) {
        const stream = streams[i]!;
        if (stream.wakeAt > cycle) continue;
        asking++;
        this.now.serve(stream, cycle);
      }
      if (asking === 0) break;
      cycle++;
      lonely = asking === 1 ? lonely + 1 : 0;
    }
    this.cycle = cycle;
  }

  /** Sets `starveAt` from those who wait for a cycle before `cycle`. */
  private noteStarving(cycle: number): void {
    this.now.starveAt = Number.POSITIVE_INFINITY;
    for (const { wakeAt } of this.streams) {
      if (wakeAt < cycle) this.now.starveAt = Math.min(this.now.starveAt, wakeAt + this.patience);
    }
  }

  /**
   * Decides one cycle. Who has waited for too long comes first, then units by their number, the control unit (whose
   * request is `address` and `bytes`) before all others.
   */
  private decide(cycle: number, address: number, bytes: number): boolean {
    const { streams, patience } = this;
    this.now.clear();
    if (this.claims.length > 0 && this.claims[0]!.cycle === cycle) {
      const claim = this.claims.shift()!;
      this.now.take(claim.address, claim.bytes);
    }
    let starving = 0;
    for (let i = 0; i < streams.length; i++) {
      if (cycle - streams[i]!.wakeAt >= patience) {
        starving |= 1 << i;
        this.now.serve(streams[i]!, cycle);
      }
    }
    let granted = true;
    if (address !== NOBODY) {
      granted = starving === 0 || this.now.free(address, bytes, cycle);
      if (granted) this.now.take(address, bytes);
    }
    for (let i = 0; i < streams.length; i++) {
      if ((starving & (1 << i)) === 0 && streams[i]!.wakeAt <= cycle) this.now.serve(streams[i]!, cycle);
    }
    return granted;
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
    this.setStreams(
      state.streams.map((stream) => Stream.restore(stream, this.tables.of(stream.traffic, stream.beat), this.sums)),
    );
    for (const stream of this.streams) stream.addCurrent(this.sums.accesses, -1);
    this.claims = state.claims.slice();
  }

  /** The stream that a unit's running operation has, if any. */
  streamOf(unit: number): Stream | undefined {
    return this.streams.find((stream) => stream.unit === unit);
  }
}
