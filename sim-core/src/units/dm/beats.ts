/**
 * An operation's traffic as the banks that each of its beats needs, worked out once for each traffic, chunk by chunk, when
 * a stream gets there. Nothing here is state of the machine: it follows from the traffic.
 */
import type { MachineConfig } from "../../config/index.ts";
import { Chunk, type ChunkBanks, ChunkContent, CROWDED, IDLE, idleChunk, PLAIN } from "./chunk.ts";
import { AccessList, CHUNK_BEATS, LaneCursor } from "./lane-cursor.ts";
import { bankPeriod, Memo, Signature } from "./memo.ts";
import { ENDLESS, type Pattern, type Traffic } from "./traffic.ts";

/** Traffic of more beats isn't counted beforehand. */
const COUNTED_BEATS = 2 ** 20;
/** High bits of a chunk's beats where there are no more than 32 banks. */
const NO_HIGH = new Int32Array(CHUNK_BEATS);
/** Where a lane's segment ends nearer than that, a chunk goes on behind it. */
const SHORT_BEATS = 64;
/** Parts of a chunk, each within one segment of every lane, up to which it is compared with others. */
const COMPARED_PARTS = 8;

/** More than any address. */
const NO_BASE = 2 ** 31;

/** What tables share: what chunks were found to be, and room to find it out. */
class ChunkContents {
  readonly banks: number;
  readonly room: AccessList;
  readonly signature: Signature;
  readonly mask: number;
  /** Clears the bits of an address within its line. */
  readonly lineMask: number;
  private readonly known = new Memo<ChunkContent>(({ beats }) => 5 * beats);
  private readonly names = new WeakMap<Pattern, number>();
  private patterns = 0;

  constructor(dm: MachineConfig["dm"]) {
    this.banks = dm.banks;
    this.room = new AccessList(dm.bankBytes);
    this.signature = new Signature({ dm });
    this.mask = bankPeriod({ dm }) - 1;
    this.lineMask = -dm.bankBytes;
  }

  /** A number of its own for each pattern. */
  nameOf(pattern: Pattern): number {
    let name = this.names.get(pattern);
    if (name === undefined) {
      name = this.patterns++;
      this.names.set(pattern, name);
    }
    return name;
  }

  /** The content that `signature` describes. */
  get(make: () => ChunkContent): ChunkContent {
    return this.known.get(this.signature, make);
  }
}

/** The chunks of one traffic, in their order. */
export class BeatTable {
  readonly head: Chunk;
  private readonly traffic: Traffic;
  private readonly contents: ChunkContents;
  private readonly lanes: readonly LaneCursor[];
  /** First beat behind the chunks so far. */
  private at: number;
  private least: number | undefined;

  /** @param from beat with which the first chunk begins */
  constructor(traffic: Traffic, contents: ChunkContents, from = 0) {
    this.traffic = traffic;
    this.contents = contents;
    const names = traffic.patterns.map((pattern) => contents.nameOf(pattern));
    this.lanes = traffic.lanes.map((words) => new LaneCursor(words, traffic.patterns, names));
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
        carried = chunk.carriedOut(run);
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

  /**
   * Beats up to where a lane's segment ends, so that chunks of the same rows at other addresses are alike, or further
   * over segments that are short.
   */
  private busyChunk(): Chunk {
    const { contents, lanes, at: first } = this;
    const { signature, mask } = contents;
    const most = Math.min(CHUNK_BEATS, this.traffic.beats - first);
    for (let i = 0; i < lanes.length; i++) lanes[i]!.mark();
    signature.clear();
    const parts: number[] = [];
    let base = NO_BASE;
    for (let beats = 0; beats < most; ) {
      let part = most - beats;
      for (const lane of lanes) part = Math.min(part, lane.left);
      if (part >= SHORT_BEATS && beats > 0) break;
      if (parts.length < COMPARED_PARTS) {
        signature.one(part);
        for (const lane of lanes) {
          if (base === NO_BASE && !lane.isIdle) base = lane.origin(part) & contents.lineMask;
          lane.describe(part, base, mask, signature);
        }
      }
      for (const lane of lanes) lane.skip(part);
      parts.push(part);
      beats += part;
      if (part >= SHORT_BEATS) break;
    }
    const line = base === NO_BASE ? 0 : (base & mask) >> contents.room.lineShift;
    const make = () => this.contentOf(parts, line);
    // Which lanes are read belongs to the description, too.
    signature.one(this.traffic.readLanes);
    const content = parts.length > COMPARED_PARTS ? make() : contents.get(make);
    this.at += content.beats;
    return new Chunk(first, content, line);
  }

  /**
   * What the parts are that begin where the lanes have been marked.
   * @param line what the parts' banks are described from
   */
  private contentOf(parts: readonly number[], line: number): ChunkContent {
    const { banks } = this.contents;
    const beats = parts.reduce((sum, part) => sum + part, 0);
    const lanes = this.lanes.map((lane) => lane.atMark());
    const copies = () => lanes.map((lane) => lane.atMark());
    const counts = new Int32Array(banks);
    if (this.countPlain(copies(), parts, counts)) {
      return new ChunkContent(beats, true, counts, line, () => this.lookUp(copies(), beats, new Int32Array(banks)));
    }
    counts.fill(0);
    const found = this.lookUp(lanes, beats, counts);
    return new ChunkContent(beats, !found.kinds.includes(CROWDED), counts, line, () => found);
  }

  /** Counts the accesses of beats none of which comes to a bank twice; false when they may be others. */
  private countPlain(lanes: readonly LaneCursor[], parts: readonly number[], counts: Int32Array): boolean {
    const { room, banks } = this.contents;
    room.low.fill(0);
    room.high.fill(0);
    let first = 0;
    for (const part of parts) {
      for (const lane of lanes) {
        if (lane.isIdle) lane.skip(part);
        else if (!lane.isSimple(room.lineShift, banks) || !lane.countLines(first, part, room, counts)) return false;
      }
      first += part;
    }
    return true;
  }

  /** T-DM-2: the banks of the next beats of these lanes, which move on. */
  private lookUp(lanes: readonly LaneCursor[], beats: number, counts: Int32Array): ChunkBanks {
    const { room, banks } = this.contents;
    const { readLanes } = this.traffic;
    room.length = 0;
    let readAccesses = 0;
    for (let i = 0; i < lanes.length; i++) {
      if (i === readLanes) readAccesses = room.length;
      lanes[i]!.collect(0, beats, room);
    }
    if (readLanes === lanes.length) readAccesses = room.length;
    let slots = 0;
    for (let i = 0; i < room.length; i++) slots += room.lastLines[i]! - room.firstLines[i]! + 1;
    const isWide = banks > 32;
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
    const { beats, firstLines, lastLines, filled } = this.contents.room;
    const mask = this.contents.banks - 1;
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

/** Beats of traffic whose chunks are remembered in all; a chunk has some hundreds. */
const KEPT_BEATS = 2 ** 24;

/** Tables of the traffic that has run, for when it runs again. */
export class BeatTables {
  private readonly contents: ChunkContents;
  private tables = new WeakMap<Traffic, BeatTable>();
  private beats = 0;

  constructor(dm: MachineConfig["dm"]) {
    this.contents = new ChunkContents(dm);
  }

  /** @param beat from which on the traffic is looked at */
  of(traffic: Traffic, beat = 0): BeatTable {
    const known = this.tables.get(traffic);
    if (known) return known;
    if (traffic.beats > KEPT_BEATS) return new BeatTable(traffic, this.contents, beat);
    this.beats += traffic.beats;
    if (this.beats > KEPT_BEATS) {
      this.tables = new WeakMap();
      this.beats = traffic.beats;
    }
    const table = new BeatTable(traffic, this.contents);
    this.tables.set(traffic, table);
    return table;
  }
}
