/**
 * An operation's traffic as the banks that each of its beats needs, worked out once for each traffic, chunk by chunk, when
 * a stream gets there. Nothing here is state of the machine: it follows from the traffic.
 */
import type { MachineConfig } from "../../config/index.ts";
import { Chunk, type ChunkBanks, CROWDED, IDLE, idleChunk, PLAIN } from "./chunk.ts";
import { AccessList, CHUNK_BEATS, LaneCursor } from "./lane-cursor.ts";
import { ENDLESS, type Traffic } from "./traffic.ts";

/** Traffic of more beats isn't counted beforehand. */
const COUNTED_BEATS = 2 ** 20;
/** High bits of a chunk's beats where there are no more than 32 banks. */
const NO_HIGH = new Int32Array(CHUNK_BEATS);

/** The chunks of one traffic, in their order. */
export class BeatTable {
  readonly head: Chunk;
  private readonly traffic: Traffic;
  private readonly banks: number;
  private readonly room: AccessList;
  private lanes: readonly LaneCursor[];
  /** First beat behind the chunks so far. */
  private at: number;
  private least: number | undefined;

  /**
   * @param room to collect accesses in, which tables share
   * @param from beat with which the first chunk begins
   */
  constructor(traffic: Traffic, banks: number, room: AccessList, from = 0) {
    this.traffic = traffic;
    this.banks = banks;
    this.room = room;
    this.lanes = traffic.lanes.map((words) => new LaneCursor(words, traffic.patterns));
    for (const lane of this.lanes) lane.skip(from);
    this.at = from;
    this.head = this.build();
  }

  after(chunk: Chunk): Chunk {
    chunk.next ??= this.build();
    return chunk.next;
  }

  /** Cycles of the whole traffic when no other unit asks; no contention makes them fewer. 0 when nobody has counted. */
  get aloneCycles(): number {
    if (this.traffic.beats > COUNTED_BEATS) return 0;
    this.least ??= this.countAlone();
    return this.least;
  }

  private countAlone(): number {
    const { beats } = this.traffic;
    let cycles = 0;
    let carried: Int32Array = new Int32Array();
    for (let chunk = this.head; ; chunk = this.after(chunk)) {
      const isLast = chunk.first + chunk.beats >= beats;
      if (chunk.idle && carried.length === 0) cycles += Math.min(chunk.beats, beats - chunk.first);
      else {
        const run = chunk.alone(carried, carried.length, isLast);
        cycles += run.cycles;
        carried = run.carriedOut;
      }
      if (isLast) return cycles;
    }
  }

  private idleBeats(): number {
    let idle = Number.POSITIVE_INFINITY;
    for (const lane of this.lanes) idle = Math.min(idle, lane.idleBeats());
    return idle;
  }

  private build(): Chunk {
    const first = this.at;
    const end = this.traffic.beats;
    if (first >= end) return idleChunk(first, ENDLESS);
    while (this.at < end) {
      const idle = this.idleBeats();
      if (idle === 0) break;
      for (const lane of this.lanes) lane.skip(idle);
      this.at += idle;
    }
    return this.at > first ? idleChunk(first, this.at - first) : this.busyChunk();
  }

  private busyChunk(): Chunk {
    const first = this.at;
    const beats = Math.min(CHUNK_BEATS, this.traffic.beats - first);
    this.at += beats;
    const before = this.lanes.map((lane) => lane.copy());
    const counts = new Int32Array(this.banks);
    if (this.countPlain(beats, counts)) {
      return new Chunk(first, beats, true, counts, () => this.lookUp(before, beats, new Int32Array(this.banks)));
    }
    this.lanes = before;
    counts.fill(0);
    const banks = this.lookUp(before, beats, counts);
    return new Chunk(first, beats, false, counts, () => banks);
  }

  /** Passes over beats of which each has an access in one lane at most; false when they are others. */
  private countPlain(beats: number, counts: Int32Array): boolean {
    const { lanes } = this;
    const { lineShift } = this.room;
    for (let left = beats; left > 0; ) {
      let busy: LaneCursor | undefined;
      let alike = left;
      for (const lane of lanes) {
        if (lane.pattern || (busy && lane.bytes !== 0)) return false;
        if (lane.bytes !== 0) busy = lane;
        if (lane.left < alike) alike = lane.left;
      }
      if (busy) {
        // An access may touch more lines than there are banks.
        if ((busy.bytes - 1) >> lineShift >= this.banks - 1) return false;
        busy.countLines(alike, lineShift, counts);
      }
      for (const lane of lanes) lane.skip(alike);
      left -= alike;
    }
    return true;
  }

  /** T-DM-2: the banks of the next beats of these lanes, which move on. */
  private lookUp(lanes: readonly LaneCursor[], beats: number, counts: Int32Array): ChunkBanks {
    const { room } = this;
    const { readLanes } = this.traffic;
    room.length = 0;
    let readAccesses = 0;
    for (let i = 0; i < lanes.length; i++) {
      if (i === readLanes) readAccesses = room.length;
      lanes[i]!.collect(beats, room);
    }
    if (readLanes === lanes.length) readAccesses = room.length;
    let slots = 0;
    for (let i = 0; i < room.length; i++) slots += room.lastLines[i]! - room.firstLines[i]! + 1;
    const isWide = this.banks > 32;
    // One piece of memory is faster than many.
    const words = (isWide ? 4 : 3) * beats + 1;
    const buffer = new ArrayBuffer(4 * words + beats + slots);
    const part = (index: number, length: number) => new Int32Array(buffer, 4 * index * beats, length);
    const found: ChunkBanks = {
      low: part(0, beats),
      reads: part(1, beats),
      high: isWide ? part(2, beats) : NO_HIGH,
      starts: part(isWide ? 3 : 2, beats + 1),
      kinds: new Uint8Array(buffer, 4 * words, beats),
      banks: new Uint8Array(buffer, 4 * words + beats, slots),
    };
    const { starts, reads } = found;
    for (let i = 0; i < room.length; i++) {
      starts[room.beats[i]! + 1]! += room.lastLines[i]! - room.firstLines[i]! + 1;
    }
    for (let beat = 0; beat < beats; beat++) starts[beat + 1]! += starts[beat]!;
    room.filled.set(starts);
    this.fill(found, counts, 0, readAccesses);
    for (let beat = 0; beat < beats; beat++) reads[beat] = room.filled[beat]! - starts[beat]!;
    this.fill(found, counts, readAccesses, room.length);
    return found;
  }

  private fill({ banks, low, high, kinds }: ChunkBanks, counts: Int32Array, from: number, to: number): void {
    const { beats, firstLines, lastLines, filled } = this.room;
    const mask = this.banks - 1;
    for (let i = from; i < to; i++) {
      const beat = beats[i]!;
      const last = lastLines[i]!;
      for (let line = firstLines[i]!; line <= last; line++) {
        const bank = line & mask;
        banks[filled[beat]!++] = bank;
        counts[bank]!++;
        const bits = bank < 32 ? low : high;
        const bit = 1 << (bank & 31);
        if ((bits[beat]! & bit) !== 0) kinds[beat] = CROWDED;
        else if (kinds[beat] === IDLE) kinds[beat] = PLAIN;
        bits[beat]! |= bit;
      }
    }
  }
}

/** Beats that are remembered in all, some 20 bytes each; traffic of more is worked out anew each time. */
const KEPT_BEATS = 2 ** 21;

/** Tables of the traffic that has run, for when it runs again. */
export class BeatTables {
  private readonly banks: number;
  private readonly room: AccessList;
  private tables = new WeakMap<Traffic, BeatTable>();
  private beats = 0;

  constructor({ banks, bankBytes }: MachineConfig["dm"]) {
    this.banks = banks;
    this.room = new AccessList(bankBytes);
  }

  /** @param beat from which on the traffic is looked at */
  of(traffic: Traffic, beat = 0): BeatTable {
    const known = this.tables.get(traffic);
    if (known) return known;
    if (traffic.beats > KEPT_BEATS) return new BeatTable(traffic, this.banks, this.room, beat);
    this.beats += traffic.beats;
    if (this.beats > KEPT_BEATS) {
      this.tables = new WeakMap();
      this.beats = traffic.beats;
    }
    const table = new BeatTable(traffic, this.banks, this.room);
    this.tables.set(traffic, table);
    return table;
  }
}
