/**
 * A unit's stream of beats on its way through the data memory: where it stands in its operation's traffic, and which
 * accesses of the current beat have not been granted. Beats without accesses are passed over when they come.
 */
import { UNITS } from "../../isa/types.ts";
import type { BeatTable } from "./beats.ts";
import { type AloneRun, type Chunk, CROWDED, IDLE } from "./chunk.ts";
import type { BankListener } from "./listener.ts";
import type { Traffic } from "./traffic.ts";

/** Beats that may run from a cycle on: all of an operation, or those of a burst. */
export interface Gate {
  readonly openAt: number;
  readonly beats: number;
}

/** Everything of a stream that changes, as plain data. */
export interface StreamState {
  readonly unit: number;
  readonly traffic: Traffic;
  readonly beat: number;
  readonly released: number;
  readonly wakeAt: number;
  readonly slots: readonly number[];
  readonly must: number;
  readonly carried: number;
  readonly gates: readonly Gate[];
  readonly nominalEnd: number;
  readonly finishedAt: number;
  readonly lateUntil: number;
  readonly leastEnd: number;
  readonly lost: number;
  readonly lostTo: readonly number[];
}

/** What all streams count together. */
export interface StreamSums {
  /** Accesses by bank, apart from those that streams still count. */
  readonly accesses: Float64Array;
  readonly lost: Float64Array;
  readonly pairs: Float64Array;
}

export class Stream {
  readonly unit: number;
  private readonly traffic: Traffic;
  private readonly table: BeatTable;
  private readonly sums: StreamSums;
  /** Where the current beat's banks are; behind the last beat that may run, still the chunk before. */
  chunk: Chunk;
  /** Beats that are over, and those that the gates so far have released. */
  beat = 0;
  private released = 0;
  /** Beats whose accesses `sums` has. */
  private counted = 0;
  /** Cycle in which the current beat first asked or will ask; infinite when there is none. */
  wakeAt = Number.POSITIVE_INFINITY;
  /**
   * Whether what the current beat still needs is in `slots`. If not, it needs all its banks, and nothing is carried.
   */
  listed = false;
  /** Banks that the current beat still needs, one for each access to a bank, and how many. */
  slots = new Int32Array(8);
  pending = 0;
  /** How many of these, in front, hold the beat up: writes of the beat before, and reads; its own writes can follow. */
  must = 0;
  /** Writes of the beat before that had to wait. */
  private carried = 0;
  /** Banks granted in cycle `gotAt`, as bits. */
  gotAt = -1;
  gotLow = 0;
  gotHigh = 0;
  private gates: Gate[] = [];
  /** When the current gate's beats would be over without a conflict, and when those of the last one were over. */
  private nominalEnd = 0;
  finishedAt = 0;
  /** End of the last gate's beats that ended later than without a conflict. */
  lateUntil = 0;
  /** When all beats are over if no other unit interferes; 0 when that isn't known. */
  private leastEnd = 0;
  /** Cycles lost since the stream began, in all and by the unit that had the bank. */
  lost = 0;
  readonly lostTo: number[] = UNITS.map(() => 0);

  /** @param from beat with which it begins */
  constructor(unit: number, traffic: Traffic, table: BeatTable, sums: StreamSums, from = 0) {
    this.unit = unit;
    this.traffic = traffic;
    this.table = table;
    this.sums = sums;
    this.beat = from;
    this.counted = from;
    this.chunk = table.head;
    while (this.chunk.first + this.chunk.beats <= from) this.chunk = table.after(this.chunk);
  }

  /** Lets `beats` more beats run from a cycle on, which isn't before that of any gate so far. */
  release(openAt: number, beats: number): void {
    this.gates.push({ openAt, beats });
    if (this.beat === this.released && this.wakeAt === Number.POSITIVE_INFINITY) this.load(this.finishedAt);
  }

  /** Lets all beats run from a cycle on. */
  releaseAll(openAt: number): void {
    const { aloneCycles } = this.table;
    if (aloneCycles > 0) this.leastEnd = openAt + aloneCycles;
    this.release(openAt, this.traffic.beats);
  }

  /** True while beats are left that may run. */
  get running(): boolean {
    return this.wakeAt !== Number.POSITIVE_INFINITY;
  }

  /**
   * Earliest cycle in which all released beats are over; exact when no beat with an access is left, and when no other
   * unit gets into the way.
   * @param now cycle up to which accesses are decided
   */
  earliestEnd(now: number): number {
    if (!this.running) return this.finishedAt;
    let end = Math.max(this.leastEnd, this.openEnd(now));
    for (const gate of this.gates) end = Math.max(end, gate.openAt) + gate.beats;
    return end;
  }

  private openEnd(now: number): number {
    return Math.max(this.wakeAt, now) + (this.released - this.beat);
  }

  /**
   * Earliest cycle in which the beats of a gate are over that without a conflict would be over by `cycle`; 0 when they
   * are.
   * @param decided cycle up to which accesses are decided
   */
  lateAt(cycle: number, decided: number): number {
    if (this.running && this.nominalEnd <= cycle) return this.openEnd(decided);
    return this.finishedAt > cycle && this.lateUntil === this.finishedAt ? this.finishedAt : 0;
  }

  /** Takes up the next beat with an access, which can ask in cycle `cycle` at the earliest. */
  private load(cycle: number): void {
    let at = cycle;
    this.listed = false;
    this.pending = 0;
    this.must = 0;
    this.carried = 0;
    for (;;) {
      if (this.beat === this.released) {
        this.finishedAt = at;
        if (at > this.nominalEnd && this.released > 0) this.lateUntil = at;
        const gate = this.gates.shift();
        if (!gate) {
          this.wakeAt = Number.POSITIVE_INFINITY;
          return;
        }
        at = Math.max(at, gate.openAt);
        this.released += gate.beats;
        this.nominalEnd = gate.openAt + gate.beats;
        continue;
      }
      const chunk = this.enter();
      if (chunk.idle) {
        const idle = Math.min(chunk.first + chunk.beats, this.released) - this.beat;
        this.beat += idle;
        at += idle;
      } else if (this.beat > chunk.first && chunk.opened.kinds[this.beat - chunk.first] === IDLE) {
        this.beat++;
        at++;
      } else break;
    }
    this.wakeAt = at;
  }

  /** The chunk of the current beat; what lies behind is counted. */
  private enter(): Chunk {
    let { chunk } = this;
    while (this.beat >= chunk.first + chunk.beats) {
      this.countBeats(chunk.first + chunk.beats);
      chunk = this.table.after(chunk);
      this.chunk = chunk;
    }
    return chunk;
  }

  /** Counts the accesses of beats of the current chunk before beat `end`. */
  private countBeats(end: number): void {
    const { chunk, counted } = this;
    const { accesses } = this.sums;
    this.counted = end;
    if (chunk.idle || end === counted) return;
    if (counted === chunk.first && end === chunk.first + chunk.beats) {
      chunk.addCounts(accesses);
      return;
    }
    const { starts, banks } = chunk.opened;
    const last = starts[end - chunk.first]!;
    for (let i = starts[counted - chunk.first]!; i < last; i++) accesses[banks[i]!]!++;
  }

  /** Counts all accesses in `sums` that have been granted so far, apart from those of the current beat. */
  settle(): void {
    this.countBeats(this.beat);
  }

  /** Adds to `accesses` what `settle` leaves out, or with -1 takes it off. */
  addCurrent(accesses: Float64Array, sign: 1 | -1): void {
    if (!this.listed) return;
    const { chunk, slots, pending } = this;
    for (let i = 0; i < pending; i++) accesses[slots[i]!]! -= sign;
    if (chunk.idle) return;
    const { starts, banks } = chunk.opened;
    const at = this.beat - chunk.first;
    for (let i = starts[at]!; i < starts[at + 1]!; i++) accesses[banks[i]!]! += sign;
  }

  /** Puts what the current beat needs into `slots`, behind what is carried. */
  list(): void {
    const { chunk } = this;
    this.listed = true;
    this.pending = this.carried;
    this.must = this.carried;
    if (chunk.idle) return;
    const { starts, reads, banks } = chunk.opened;
    const at = this.beat - chunk.first;
    const first = starts[at]!;
    const count = starts[at + 1]! - first;
    if (this.pending + count > this.slots.length) {
      const longer = new Int32Array(2 * (this.pending + count));
      longer.set(this.slots);
      this.slots = longer;
    }
    const { slots } = this;
    for (let i = 0; i < count; i++) slots[this.pending + i] = banks[first + i]!;
    this.must += reads[at]!;
    this.pending += count;
  }

  /** T-DM-3: the write buffer holds one beat's writes while the next beat runs; behind the last there is none. */
  get canCarry(): boolean {
    return this.beat + 1 < this.released;
  }

  /** The current beat, which isn't listed, has got all its banks in cycle `cycle`. */
  pass(cycle: number): void {
    const { chunk } = this;
    const next = ++this.beat - chunk.first;
    // The way that is taken most often.
    if (this.beat < this.released && next < chunk.beats && chunk.opened.kinds[next] !== IDLE) this.wakeAt = cycle + 1;
    else this.load(cycle + 1);
  }

  /** Beats from the current one on that may run, as far as the chunk goes. */
  get beatsAhead(): number {
    return Math.min(this.chunk.first + this.chunk.beats, this.released) - this.beat;
  }

  /** The current beat, which isn't listed, and those behind it have got all their banks from cycle `cycle` on. */
  passAll(cycle: number, beats: number): void {
    this.beat += beats;
    this.load(cycle + beats);
  }

  /** The current, listed beat is over at the end of cycle `cycle`; its writes still in `slots` go on to the next. */
  complete(cycle: number, carried: number): void {
    this.beat++;
    if (carried === 0) {
      this.load(cycle + 1);
      return;
    }
    this.carried = carried;
    this.enter();
    this.list();
    this.wakeAt = cycle + 1;
  }

  /**
   * Beats that nobody else gets into the way of, from cycle `at` on, in which the current beat asks; as many as surely
   * ask for the last time before cycle `end`. False when there is none, because the current beat must be served by itself.
   * @param listener hears of the cycles that the stream loses to itself
   */
  passAlone(at: number, end: number, listener?: BankListener): boolean {
    if (at !== this.wakeAt) return false;
    return this.passChunk(at, end, listener) || (!this.listed && this.passPlain(at, end));
  }

  private passChunk(at: number, end: number, listener?: BankListener): boolean {
    const { chunk } = this;
    const behind = chunk.first + chunk.beats;
    if (this.beat !== chunk.first || behind > this.released) return false;
    // Whatever else happens, each beat takes a cycle.
    if (at + chunk.beats > end) return false;
    const run = chunk.alone(this.slots, this.carried, behind === this.released);
    if (at + run.cycles > end) return false;
    if (run.lost > 0) {
      this.addLost(run);
      if (listener?.lost) chunk.tellLost(run, at, this.unit, listener);
    }
    this.beat = behind;
    const carriedOut = chunk.carriedOut(run);
    if (carriedOut.length === 0) {
      this.load(at + run.cycles);
      return true;
    }
    if (carriedOut.length > this.slots.length) this.slots = new Int32Array(2 * carriedOut.length);
    this.slots.set(carriedOut);
    this.carried = carriedOut.length;
    this.enter();
    this.list();
    this.wakeAt = at + run.cycles;
    return true;
  }

  /** Beats that need no bank twice take a cycle each. */
  private passPlain(at: number, end: number): boolean {
    const { first, beats } = this.chunk;
    const { kinds } = this.chunk.opened;
    const most = Math.min(beats, this.released - first, this.beat - first + (end - at));
    const from = this.beat - first;
    let i = from;
    while (i < most && kinds[i] !== CROWDED) i++;
    if (i === from) return false;
    this.beat = first + i;
    this.load(at + i - from);
    return true;
  }

  /** Cycles that it lost to itself in the current chunk. */
  private addLost(run: AloneRun): void {
    const { lost, pairs } = this.sums;
    this.chunk.addLost(run, lost);
    pairs[this.unit * UNITS.length + this.unit]! += run.lost;
    this.lost += run.lost;
    this.lostTo[this.unit]! += run.lost;
  }

  capture(): StreamState {
    if (this.running && !this.listed) this.list();
    const { unit, traffic, beat, released, wakeAt, must, carried, nominalEnd, finishedAt, lateUntil, leastEnd } = this;
    const slots = [...this.slots.subarray(0, this.pending)];
    return {
      unit,
      traffic,
      beat,
      released,
      wakeAt,
      slots,
      must,
      carried,
      gates: this.gates.slice(),
      nominalEnd,
      finishedAt,
      lateUntil,
      leastEnd,
      lost: this.lost,
      lostTo: this.lostTo.slice(),
    };
  }

  static restore(state: StreamState, table: BeatTable, sums: StreamSums): Stream {
    const stream = new Stream(state.unit, state.traffic, table, sums, state.beat);
    stream.released = state.released;
    stream.wakeAt = state.wakeAt;
    stream.listed = stream.running;
    stream.slots = new Int32Array(Math.max(8, state.slots.length));
    stream.slots.set(state.slots);
    stream.pending = state.slots.length;
    stream.must = state.must;
    stream.carried = state.carried;
    stream.gates = state.gates.slice();
    stream.nominalEnd = state.nominalEnd;
    stream.finishedAt = state.finishedAt;
    stream.lateUntil = state.lateUntil;
    stream.leastEnd = state.leastEnd;
    stream.lost = state.lost;
    state.lostTo.forEach((cycles, unit) => {
      stream.lostTo[unit] = cycles;
    });
    return stream;
  }
}
