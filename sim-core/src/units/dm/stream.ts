/**
 * A unit's stream of beats on its way through the data memory: where it stands in its operation's traffic, and which
 * accesses of the current beat have not been granted. Beats without accesses are passed over when they come.
 */
import { ADDRESS, BYTES, COUNT, NO_PATTERN, PATTERN, type Pattern, SEGMENT, STRIDE, type Traffic } from "./traffic.ts";

/** More beats than any operation has; a small integer, which keeps the fields' representation. */
const ENDLESS = 0x3fffffff;

/** Where a lane stands: within a segment, and within a period of its pattern. */
class LaneCursor {
  private readonly words: Int32Array;
  private readonly patterns: readonly Pattern[];
  private segment = 0;
  /** Periods of the segment that are left, with the current one, and the current one's address. */
  left: number;
  address: number;
  stride: number;
  bytes: number;
  pattern: Pattern | undefined;
  phase = 0;

  constructor(words: Int32Array, patterns: readonly Pattern[]) {
    this.words = words;
    this.patterns = patterns;
    this.left = words[COUNT]!;
    this.address = words[ADDRESS]!;
    this.stride = words[STRIDE]!;
    this.bytes = words[BYTES]!;
    this.pattern = words[PATTERN] === NO_PATTERN ? undefined : patterns[words[PATTERN]!];
  }

  /** Beats from here on without an access, as far as they are known at a glance. */
  idleBeats(): number {
    const { pattern } = this;
    if (pattern) return pattern.starts[this.phase] === pattern.starts[this.phase + 1] ? 1 : 0;
    return this.bytes === 0 ? this.left : 0;
  }

  /** Passes over beats that may lie in several segments. */
  skip(beats: number): void {
    let open = beats;
    while (open > 0) {
      const length = this.pattern ? this.pattern.beats : 1;
      if (open < this.left * length - this.phase) {
        const at = this.phase + open;
        const periods = length === 1 ? at : Math.floor(at / length);
        this.phase = at - periods * length;
        this.left -= periods;
        this.address += periods * this.stride;
        return;
      }
      open -= this.left * length - this.phase;
      this.next();
    }
  }

  private next(): void {
    this.segment += SEGMENT;
    this.phase = 0;
    const { words, segment } = this;
    if (segment >= words.length) {
      this.left = ENDLESS;
      this.bytes = 0;
      this.stride = 0;
      this.address = 0;
      this.pattern = undefined;
      return;
    }
    this.left = words[segment + COUNT]!;
    this.address = words[segment + ADDRESS]!;
    this.stride = words[segment + STRIDE]!;
    this.bytes = words[segment + BYTES]!;
    const pattern = words[segment + PATTERN]!;
    this.pattern = pattern === NO_PATTERN ? undefined : this.patterns[pattern];
  }

  /** Goes to the next beat. */
  step(): void {
    if (this.pattern) {
      if (++this.phase < this.pattern.beats) return;
      this.phase = 0;
    }
    if (--this.left > 0) this.address += this.stride;
    else this.next();
  }
}

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
  readonly lost: number;
}

export class Stream {
  readonly unit: number;
  private readonly traffic: Traffic;
  private readonly bankShift: number;
  private readonly bankMask: number;
  private readonly lanes: readonly LaneCursor[];
  /** Beats that are over, and those that the gates so far have released. */
  private beat = 0;
  private released = 0;
  /** Cycle in which the current beat first asked or will ask; infinite when there is none. */
  wakeAt = Number.POSITIVE_INFINITY;
  /** Banks that the current beat still needs, one for each access to a bank, and how many. */
  slots = new Int32Array(8);
  pending = 0;
  /** How many of these, in front, hold the beat up: writes of the beat before, and reads; its own writes can follow. */
  must = 0;
  /** Writes of the beat before that had to wait. */
  private carried = 0;
  private gates: Gate[] = [];
  /** When the current gate's beats would be over without a conflict, and when those of the last one were over. */
  private nominalEnd = 0;
  finishedAt = 0;
  /** End of the last gate's beats that ended later than without a conflict. */
  lateUntil = 0;
  /** Cycles lost since the stream began. */
  lost = 0;

  constructor(unit: number, traffic: Traffic, banks: number, bankBytes: number) {
    this.unit = unit;
    this.traffic = traffic;
    this.bankShift = Math.log2(bankBytes);
    this.bankMask = banks - 1;
    this.lanes = traffic.lanes.map((words) => new LaneCursor(words, traffic.patterns));
  }

  /** Lets `beats` more beats run from a cycle on, which isn't before that of any gate so far. */
  release(openAt: number, beats: number): void {
    this.gates.push({ openAt, beats });
    if (this.beat === this.released && this.wakeAt === Number.POSITIVE_INFINITY) this.load(this.finishedAt);
  }

  /** True while beats are left that may run. */
  get running(): boolean {
    return this.wakeAt !== Number.POSITIVE_INFINITY;
  }

  /**
   * Earliest cycle in which all released beats are over; exact when no beat with an access is left.
   * @param now cycle up to which accesses are decided
   */
  earliestEnd(now: number): number {
    if (!this.running) return this.finishedAt;
    const open = this.gates.reduce((end, gate) => Math.max(end, gate.openAt) + gate.beats, this.openEnd(now));
    return open;
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
  load(cycle: number): void {
    let at = cycle;
    const { lanes } = this;
    for (;;) {
      if (this.beat === this.released) {
        this.finishedAt = at;
        if (at > this.nominalEnd && this.released > 0) this.lateUntil = at;
        const gate = this.gates.shift();
        if (!gate) {
          this.wakeAt = Number.POSITIVE_INFINITY;
          this.pending = 0;
          return;
        }
        at = Math.max(at, gate.openAt);
        this.released += gate.beats;
        this.nominalEnd = gate.openAt + gate.beats;
        continue;
      }
      let idle = this.released - this.beat;
      for (const lane of lanes) {
        const beats = lane.idleBeats();
        if (beats < idle) idle = beats;
      }
      if (idle === 0) break;
      for (const lane of lanes) lane.skip(idle);
      this.beat += idle;
      at += idle;
    }
    this.wakeAt = at;
    this.fill();
  }

  /** Notes what the current beat needs, behind what is carried. */
  private fill(): void {
    const { lanes } = this;
    const { readLanes } = this.traffic;
    this.pending = this.carried;
    for (let i = 0; i < lanes.length; i++) {
      if (i === readLanes) this.must = this.pending;
      const lane = lanes[i]!;
      const { pattern } = lane;
      if (pattern) {
        const end = pattern.starts[lane.phase + 1]!;
        for (let piece = pattern.starts[lane.phase]!; piece < end; piece++) {
          this.need(lane.address + pattern.offsets[piece]!, pattern.bytes[piece]!);
        }
      } else if (lane.bytes !== 0) this.need(lane.address, lane.bytes);
    }
    if (readLanes === lanes.length) this.must = this.pending;
  }

  /** An access takes a slot of each bank line that it touches (T-DM-2). */
  private need(address: number, bytes: number): void {
    const last = (address + bytes - 1) >> this.bankShift;
    for (let line = address >> this.bankShift; line <= last; line++) {
      if (this.pending === this.slots.length) {
        const longer = new Int32Array(2 * this.pending);
        longer.set(this.slots);
        this.slots = longer;
      }
      this.slots[this.pending++] = line & this.bankMask;
    }
  }

  /** T-DM-3: the write buffer holds one beat's writes while the next beat runs; behind the last there is none. */
  get canCarry(): boolean {
    return this.beat + 1 < this.released;
  }

  /** The current beat is over at the end of cycle `cycle`; its writes that are still in `slots` go on to the next. */
  complete(cycle: number, carried: number): void {
    const { lanes } = this;
    for (let i = 0; i < lanes.length; i++) lanes[i]!.step();
    this.carried = carried;
    this.pending = 0;
    if (++this.beat < this.released) this.fill();
    if (this.pending > 0) this.wakeAt = cycle + 1;
    else this.load(cycle + 1);
  }

  /**
   * Beats from the current one on, at most `limit`, that are alike for one lane and idle for all others: with
   * `accesses` each counted in `counts`, they pass in as many cycles when no other unit interferes. 0 when the current
   * beat needs a bank twice.
   */
  passAlone(limit: number, counts: Float64Array): number {
    if (this.carried > 0) return 0;
    let busy: LaneCursor | undefined;
    let beats = Math.min(limit, this.released - this.beat);
    for (const lane of this.lanes) {
      if (lane.pattern) return 0;
      if (lane.bytes !== 0) {
        if (busy) return 0;
        busy = lane;
      }
      if (lane.left < beats) beats = lane.left;
    }
    if (!busy || beats === 0) return 0;
    const { bankShift, bankMask } = this;
    const { stride, bytes } = busy;
    if ((bytes - 1 + (1 << bankShift) - 1) >> bankShift > bankMask) return 0;
    let { address } = busy;
    for (let beat = 0; beat < beats; beat++) {
      const last = (address + bytes - 1) >> bankShift;
      for (let line = address >> bankShift; line <= last; line++) counts[line & bankMask]!++;
      address += stride;
    }
    for (const lane of this.lanes) lane.skip(beats);
    this.beat += beats;
    this.load(this.wakeAt + beats);
    return beats;
  }

  capture(): StreamState {
    const { unit, traffic, beat, released, wakeAt, must, carried, nominalEnd, finishedAt, lateUntil, lost } = this;
    const slots = [...this.slots.subarray(0, this.pending)];
    const gates = this.gates.slice();
    return {
      unit,
      traffic,
      beat,
      released,
      wakeAt,
      slots,
      must,
      carried,
      gates,
      nominalEnd,
      finishedAt,
      lateUntil,
      lost,
    };
  }

  static restore(state: StreamState, banks: number, bankBytes: number): Stream {
    const stream = new Stream(state.unit, state.traffic, banks, bankBytes);
    for (const lane of stream.lanes) lane.skip(state.beat);
    stream.beat = state.beat;
    stream.released = state.released;
    stream.wakeAt = state.wakeAt;
    stream.slots = new Int32Array(Math.max(8, state.slots.length));
    stream.slots.set(state.slots);
    stream.pending = state.slots.length;
    stream.must = state.must;
    stream.carried = state.carried;
    stream.gates = state.gates.slice();
    stream.nominalEnd = state.nominalEnd;
    stream.finishedAt = state.finishedAt;
    stream.lateUntil = state.lateUntil;
    stream.lost = state.lost;
    return stream;
  }
}
