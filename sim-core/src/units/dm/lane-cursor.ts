/** A place in one lane of a traffic, from which its beats are read one by one. */
import { ADDRESS, BYTES, COUNT, ENDLESS, NO_PATTERN, PATTERN, type Pattern, SEGMENT, STRIDE } from "./traffic.ts";

/** Beats that are looked at together, at most. */
export const CHUNK_BEATS = 512;

/** Accesses as lines of the memory, with the number of the beat of each. */
export class AccessList {
  beats = new Int32Array(1024);
  firstLines = new Int32Array(1024);
  lastLines = new Int32Array(1024);
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

/** Where a lane stands: within a segment, and within a period of its pattern. */
export class LaneCursor {
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

  /** Another cursor at the same place. */
  copy(): LaneCursor {
    const copy = new LaneCursor(this.words, this.patterns);
    copy.segment = this.segment;
    copy.left = this.left;
    copy.address = this.address;
    copy.stride = this.stride;
    copy.bytes = this.bytes;
    copy.pattern = this.pattern;
    copy.phase = this.phase;
    return copy;
  }

  /** Counts the lines that the next `beats` beats, all in this segment and without a pattern, touch in each bank. */
  countLines(beats: number, shift: number, counts: Int32Array): void {
    const { bytes, stride } = this;
    const mask = counts.length - 1;
    let { address } = this;
    for (let beat = 0; beat < beats; beat++) {
      const last = (address + bytes - 1) >> shift;
      for (let line = address >> shift; line <= last; line++) counts[line & mask]!++;
      address += stride;
    }
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

  /** Notes the accesses of the next `beats` beats, the first of which is number 0, and passes them over. */
  collect(beats: number, list: AccessList): void {
    for (let beat = 0; beat < beats; ) {
      const { pattern } = this;
      if (pattern) {
        const end = pattern.starts[this.phase + 1]!;
        for (let piece = pattern.starts[this.phase]!; piece < end; piece++) {
          list.add(beat, this.address + pattern.offsets[piece]!, pattern.bytes[piece]!);
        }
        beat++;
        this.step();
        continue;
      }
      const count = Math.min(this.left, beats - beat);
      const { bytes, stride } = this;
      if (bytes !== 0) {
        for (let i = 0; i < count; i++) list.add(beat + i, this.address + i * stride, bytes);
      }
      beat += count;
      this.left -= count;
      if (this.left > 0) this.address += count * stride;
      else this.next();
    }
  }

  /** Goes to the next beat of a pattern. */
  private step(): void {
    if (++this.phase < this.pattern!.beats) return;
    this.phase = 0;
    if (--this.left > 0) this.address += this.stride;
    else this.next();
  }
}
