/** A place in one lane of a traffic, from which its beats are read one by one. */
import type { Signature } from "./memo.ts";
import {
  ADDRESS,
  BYTES,
  COUNT,
  ENDLESS,
  LEAD,
  NO_PATTERN,
  PATTERN,
  type Pattern,
  ROW_STRIDE,
  ROWS,
  SEGMENT,
  STRIDE,
  TRAIL,
} from "./traffic.ts";

/** Beats that are looked at together, at most. */
export const CHUNK_BEATS = 512;

/** Accesses as lines of the memory, with the number of the beat of each. */
export class AccessList {
  beats = new Int32Array(1024);
  firstLines = new Int32Array(1024);
  lastLines = new Int32Array(1024);
  /** For each beat, banks as bits: 0 to 31, and 32 to 63. */
  readonly low = new Int32Array(CHUNK_BEATS);
  readonly high = new Int32Array(CHUNK_BEATS);
  /** For each beat, where its next bank comes. */
  readonly filled = new Int32Array(CHUNK_BEATS + 1);
  length = 0;
  readonly lineShift: number;

  /** @param lineBytes power of two */
  constructor(lineBytes: number) {
    this.lineShift = Math.log2(lineBytes);
  }

  add(beat: number, address: number, bytes: number): void {
    if (this.length === this.beats.length) this.grow();
    const { length, lineShift } = this;
    this.beats[length] = beat;
    this.firstLines[length] = address >> lineShift;
    this.lastLines[length] = (address + bytes - 1) >> lineShift;
    this.length = length + 1;
  }

  private grow(): void {
    const longer = (words: Int32Array): Int32Array<ArrayBuffer> => {
      const result = new Int32Array(2 * words.length);
      result.set(words);
      return result;
    };
    this.beats = longer(this.beats);
    this.firstLines = longer(this.firstLines);
    this.lastLines = longer(this.lastLines);
  }
}

/** Where a lane stands: within a segment, and within a row of it. */
export class LaneCursor {
  private readonly words: Int32Array;
  private readonly patterns: readonly Pattern[];
  /** What patterns are called in descriptions. */
  private readonly names: readonly number[];
  private at = 0;
  /** Rows of the segment that are left, with the current one, whose address and first idle beats come next. */
  private rows = 0;
  private rowAddress = 0;
  private rowStride = 0;
  private lead = 0;
  /** Periods of a row, and beats of one; beats of a row up to its last period's end, and in all. */
  private count = 0;
  private length = 1;
  private rowEnd = 0;
  private rowBeats = 0;
  private stride = 0;
  private bytes = 0;
  private pattern: Pattern | undefined;
  /** Beats of the current row that are over. */
  private beat = 0;
  private readonly marked = { at: 0, rows: 0, rowAddress: 0, beat: 0 };

  constructor(words: Int32Array, patterns: readonly Pattern[], names: readonly number[]) {
    this.words = words;
    this.patterns = patterns;
    this.names = names;
    this.load();
  }

  /** Notes where it stands. */
  mark(): void {
    this.marked.at = this.at;
    this.marked.rows = this.rows;
    this.marked.rowAddress = this.rowAddress;
    this.marked.beat = this.beat;
  }

  /** Another cursor where this one has been marked. */
  atMark(): LaneCursor {
    const copy = new LaneCursor(this.words, this.patterns, this.names);
    copy.at = this.marked.at;
    copy.load();
    copy.rows = this.marked.rows;
    copy.rowAddress = this.marked.rowAddress;
    copy.beat = this.marked.beat;
    copy.mark();
    return copy;
  }

  private load(): void {
    const { words, at } = this;
    this.beat = 0;
    const isBehind = at >= words.length;
    this.rows = isBehind ? 1 : words[at + ROWS]!;
    this.rowAddress = isBehind ? 0 : words[at + ADDRESS]!;
    this.rowStride = isBehind ? 0 : words[at + ROW_STRIDE]!;
    this.lead = isBehind ? 0 : words[at + LEAD]!;
    this.count = isBehind ? ENDLESS : words[at + COUNT]!;
    this.stride = isBehind ? 0 : words[at + STRIDE]!;
    this.bytes = isBehind ? 0 : words[at + BYTES]!;
    const pattern = isBehind ? NO_PATTERN : words[at + PATTERN]!;
    this.pattern = pattern === NO_PATTERN ? undefined : this.patterns[pattern];
    this.length = this.pattern ? this.pattern.beats : 1;
    this.rowEnd = this.lead + this.count * this.length;
    this.rowBeats = this.rowEnd + (isBehind ? 0 : words[at + TRAIL]!);
  }

  /** Whether nothing is accessed up to the segment's end. */
  get isIdle(): boolean {
    return this.bytes === 0 && !this.pattern;
  }

  /** Beats up to the segment's end. */
  get left(): number {
    return this.rows * this.rowBeats - this.beat;
  }

  /** Beats from here on without an access, as far as they are known at a glance. */
  idleBeats(): number {
    const { beat, lead, pattern } = this;
    if (this.isIdle) return this.left;
    if (beat < lead) return lead - beat;
    if (beat >= this.rowEnd) return this.rowBeats - beat;
    if (!pattern) return 0;
    const phase = (beat - lead) % this.length;
    return pattern.starts[phase] === pattern.starts[phase + 1] ? 1 : 0;
  }

  /** Passes over beats that may lie in several segments. */
  skip(beats: number): void {
    let open = beats;
    for (;;) {
      const { left } = this;
      if (open < left) break;
      open -= left;
      this.at += SEGMENT;
      this.load();
    }
    this.beat += open;
    if (this.beat < this.rowBeats) return;
    const rows = Math.floor(this.beat / this.rowBeats);
    this.beat -= rows * this.rowBeats;
    this.rows -= rows;
    this.rowAddress += rows * this.rowStride;
  }

  /** Whether the next `beats` beats of this segment lie within a row's periods. */
  private liesInRow(beats: number): boolean {
    return this.beat >= this.lead && this.beat + beats <= this.rowEnd;
  }

  /** Address from which the next `beats` beats of this segment are described. */
  origin(beats: number): number {
    if (!this.liesInRow(beats)) return this.rowAddress;
    return this.rowAddress + Math.floor((this.beat - this.lead) / this.length) * this.stride;
  }

  /**
   * Adds to a signature what decides which banks the next `beats` beats need, all of them in this segment.
   * @param base address that counts as 0
   * @param mask bytes after which the banks come again, minus 1
   */
  describe(beats: number, base: number, mask: number, signature: Signature): void {
    if (this.isIdle) {
      signature.one(0);
      return;
    }
    const { beat, lead, stride } = this;
    const liesInRow = this.liesInRow(beats);
    signature.one(liesInRow ? 1 : 2);
    signature.one(this.pattern ? this.names[this.words[this.at + PATTERN]!]! : NO_PATTERN);
    signature.one(this.bytes);
    signature.one(stride & mask);
    signature.one((this.origin(beats) - base) & mask);
    if (liesInRow) {
      signature.one((beat - lead) % this.length);
      return;
    }
    signature.one(this.rowStride & mask);
    signature.one(beat);
    signature.one(lead);
    signature.one(this.count);
    signature.one(this.rowBeats);
  }

  /** Whether each beat of this segment has one access at most, which comes to no bank twice. */
  isSimple(lineShift: number, banks: number): boolean {
    return !this.pattern && (this.bytes - 1) >> lineShift < banks - 1;
  }

  /**
   * Passes over the next `beats` beats, the first of which is number `first`, in a segment that is simple: counts the
   * lines that they touch in each bank, and notes these banks as bits. False when one of them was noted before.
   */
  countLines(first: number, beats: number, list: AccessList, counts: Int32Array): boolean {
    const { lineShift, low, high } = list;
    const mask = counts.length - 1;
    const { bytes, stride } = this;
    const end = first + beats;
    for (let at = first; at < end; ) {
      const idle = this.idleBeats();
      const passed = Math.min(end - at, idle > 0 ? idle : this.rowEnd - this.beat);
      const behind = at + passed;
      if (idle === 0) {
        let address = this.rowAddress + (this.beat - this.lead) * stride;
        for (let beat = at; beat < behind; beat++) {
          const last = (address + bytes - 1) >> lineShift;
          for (let line = address >> lineShift; line <= last; line++) {
            const bank = line & mask;
            const bits = bank < 32 ? low : high;
            const bit = 1 << (bank & 31);
            if ((bits[beat]! & bit) !== 0) return false;
            bits[beat]! |= bit;
            counts[bank]!++;
          }
          address += stride;
        }
      }
      this.skip(passed);
      at = behind;
    }
    return true;
  }

  /** Notes the accesses of the next `beats` beats, the first of which is number `first`, and passes them over. */
  collect(first: number, beats: number, list: AccessList): void {
    const end = first + beats;
    for (let at = first; at < end; ) {
      if (this.isIdle || this.beat < this.lead || this.beat >= this.rowEnd) {
        const idle = Math.min(end - at, this.idleBeats());
        this.skip(idle);
        at += idle;
        continue;
      }
      const count = Math.min(end - at, this.rowEnd - this.beat);
      this.collectRow(at, count, list);
      this.skip(count);
      at += count;
    }
  }

  /** Of the current row's periods. */
  private collectRow(first: number, beats: number, list: AccessList): void {
    const { bytes, stride, pattern, length } = this;
    const from = this.beat - this.lead;
    if (!pattern) {
      const address = this.rowAddress + from * stride;
      for (let i = 0; i < beats; i++) list.add(first + i, address + i * stride, bytes);
      return;
    }
    const { starts, offsets, bytes: sizes } = pattern;
    const period = Math.floor(from / length);
    let phase = from - period * length;
    let address = this.rowAddress + period * stride;
    for (let i = 0; i < beats; i++) {
      const end = starts[phase + 1]!;
      for (let piece = starts[phase]!; piece < end; piece++)
        list.add(first + i, address + offsets[piece]!, sizes[piece]!);
      if (++phase < length) continue;
      phase = 0;
      address += stride;
    }
  }
}
