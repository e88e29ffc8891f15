/**
 * What an operation does to the data memory, beat by beat: the cycles that it would take alone, with the accesses of
 * each (docs/timing.md, T-DM-3). Lanes run side by side, one beat a cycle; a lane is a list of periodic segments, so
 * a stripe of pixels takes one entry however long it is.
 */

/** Accesses of one period of a segment, of more than one beat or more than one piece. */
export interface Pattern {
  readonly beats: number;
  /** Pieces of beat `b`: those from `starts[b]` up to `starts[b + 1]`. */
  readonly starts: Int32Array;
  /** Bytes from the period's address to each piece, and the piece's length. */
  readonly offsets: Int32Array;
  readonly bytes: Int32Array;
}

/**
 * Numbers of one segment, which is rows of periods: periods of a row, address of the first, bytes from one to the next,
 * bytes or 0, pattern or -1; rows, bytes from one to the next, and beats without an access before and behind each row's
 * periods.
 */
export const SEGMENT = 9;
export const COUNT = 0;
export const ADDRESS = 1;
export const STRIDE = 2;
/** Of a segment without pattern: each period is one beat with one access of so many bytes; 0 = no access. */
export const BYTES = 3;
export const PATTERN = 4;
export const ROWS = 5;
export const ROW_STRIDE = 6;
export const LEAD = 7;
export const TRAIL = 8;
export const NO_PATTERN = -1;
/** More beats than any operation has; a small integer, which keeps the fields' representation. */
export const ENDLESS = 0x3fffffff;

/** Immutable. Addresses are bytes from the beginning of the data memory. */
export interface Traffic {
  readonly beats: number;
  /** Lanes that read, then lanes that write. */
  readonly lanes: readonly Int32Array[];
  readonly readLanes: number;
  readonly patterns: readonly Pattern[];
}

/** Bytes of all accesses. */
export function trafficBytes({ lanes, patterns }: Traffic): number {
  const ofPattern = patterns.map(({ bytes }) => bytes.reduce((sum, length) => sum + length, 0));
  let sum = 0;
  for (const lane of lanes) {
    for (let at = 0; at < lane.length; at += SEGMENT) {
      const pattern = lane[at + PATTERN]!;
      sum += lane[at + ROWS]! * lane[at + COUNT]! * (pattern === NO_PATTERN ? lane[at + BYTES]! : ofPattern[pattern]!);
    }
  }
  return sum;
}

/** Rows of equal length, one behind the other: how many, bytes from one to the next, idle beats before and behind each. */
export interface Rows {
  readonly rows: number;
  readonly stride: number;
  readonly lead: number;
  readonly trail: number;
}

/** One contiguous access within a period. */
export interface Piece {
  readonly beat: number;
  readonly offset: number;
  readonly bytes: number;
}

const ONE_ROW: Rows = { rows: 1, stride: 0, lead: 0, trail: 0 };

/** Builds one lane; what continues the segment before joins it. */
export class Lane {
  beats = 0;
  private words = new Int32Array(16 * SEGMENT);
  private length = 0;
  private readonly patterns: readonly Pattern[];

  /** @param patterns those of the traffic that the lane belongs to */
  constructor(patterns: readonly Pattern[]) {
    this.patterns = patterns;
  }

  /** Beats without an access. */
  idle(beats: number): void {
    if (beats > 0) this.append(beats, 0, 0, 0, NO_PATTERN, 1);
  }

  /** Beats with one access each. */
  accesses(count: number, address: number, stride: number, bytes: number): void {
    if (count > 0) this.append(count, address, stride, bytes, NO_PATTERN, 1);
  }

  /** Periods of a pattern. */
  periods(count: number, address: number, stride: number, pattern: number): void {
    if (count <= 0) return;
    const { beats, offsets, bytes } = this.patterns[pattern]!;
    if (offsets.length === 0) this.idle(count * beats);
    else if (beats === 1 && offsets.length === 1) this.accesses(count, address + offsets[0]!, stride, bytes[0]!);
    else this.append(count, address, stride, 0, pattern, beats);
  }

  /** The same number of periods in each of several rows, of which the first begins at `address`. */
  rows(of: Rows, count: number, address: number, stride: number, pattern: number): void {
    const { rows, stride: rowStride, lead, trail } = of;
    if (rows <= 0) return;
    const { beats, offsets, bytes } = this.patterns[pattern]!;
    if (count <= 0 || offsets.length === 0) this.idle(rows * (lead + Math.max(0, count) * beats + trail));
    else if (lead === 0 && trail === 0 && rowStride === count * stride) {
      this.periods(rows * count, address, stride, pattern);
    } else if (lead === 0 && trail === 0 && count === 1) {
      this.periods(rows, address, rowStride, pattern);
    } else if (rows === 1) {
      this.idle(lead);
      this.periods(count, address, stride, pattern);
      this.idle(trail);
    } else {
      this.beats += rows * (lead + count * beats + trail);
      const isSimple = beats === 1 && offsets.length === 1;
      if (isSimple) this.segment(count, address + offsets[0]!, stride, bytes[0]!, NO_PATTERN, of);
      else this.segment(count, address, stride, 0, pattern, of);
    }
  }

  /** Idle beats up to `beats` in all. */
  idleUntil(beats: number): void {
    this.idle(beats - this.beats);
  }

  finish(): Int32Array {
    return this.words.slice(0, this.length);
  }

  private append(count: number, address: number, stride: number, bytes: number, pattern: number, beats: number): void {
    this.beats += count * beats;
    const { words } = this;
    const last = this.length - SEGMENT;
    const isAlike = last >= 0 && words[last + BYTES] === bytes && words[last + PATTERN] === pattern;
    if (isAlike && words[last + ROWS] === 1) {
      const before = words[last + COUNT]!;
      const isIdle = bytes === 0 && pattern === NO_PATTERN;
      // A segment of one period takes any stride.
      const step = before === 1 ? address - words[last + ADDRESS]! : words[last + STRIDE]!;
      const continues = address === words[last + ADDRESS]! + before * step && (count === 1 || stride === step);
      if (isIdle || continues) {
        words[last + COUNT] = before + count;
        words[last + STRIDE] = isIdle ? 0 : step;
        return;
      }
    }
    this.segment(count, address, stride, bytes, pattern, ONE_ROW);
  }

  private segment(count: number, address: number, stride: number, bytes: number, pattern: number, of: Rows): void {
    const at = this.length;
    if (at === this.words.length) {
      const longer = new Int32Array(2 * at);
      longer.set(this.words);
      this.words = longer;
    }
    const { words } = this;
    words[at + COUNT] = count;
    words[at + ADDRESS] = address;
    words[at + STRIDE] = stride;
    words[at + BYTES] = bytes;
    words[at + PATTERN] = pattern;
    words[at + ROWS] = of.rows;
    words[at + ROW_STRIDE] = of.stride;
    words[at + LEAD] = of.lead;
    words[at + TRAIL] = of.trail;
    this.length = at + SEGMENT;
  }
}

export class TrafficBuilder {
  private readonly patterns: Pattern[] = [];
  /** Numbers of the patterns by a hash of what they are. */
  private readonly known = new Map<number, readonly number[]>();
  private readonly reads: Lane[] = [];
  private readonly writes: Lane[] = [];

  lane(direction: "read" | "write"): Lane {
    const lane = new Lane(this.patterns);
    (direction === "read" ? this.reads : this.writes).push(lane);
    return lane;
  }

  /** Number of the pattern of `beats` beats with these pieces, in the order of their beats. */
  pattern(beats: number, pieces: readonly Piece[]): number {
    let hash = beats;
    for (let i = 0; i < pieces.length; i++) {
      const { beat, offset, bytes } = pieces[i]!;
      hash = Math.imul(Math.imul(Math.imul(hash ^ beat, 31) ^ offset, 31) ^ bytes, 0x01000193);
    }
    const alike = this.known.get(hash) ?? [];
    const known = alike.find((number) => isPattern(this.patterns[number]!, beats, pieces));
    if (known !== undefined) return known;
    const number = this.patterns.length;
    const starts = new Int32Array(beats + 1);
    for (const piece of pieces) starts[piece.beat + 1]!++;
    for (let beat = 0; beat < beats; beat++) starts[beat + 1]! += starts[beat]!;
    const offsets = Int32Array.from(pieces, (piece) => piece.offset);
    const bytes = Int32Array.from(pieces, (piece) => piece.bytes);
    this.patterns.push({ beats, starts, offsets, bytes });
    this.known.set(hash, [...alike, number]);
    return number;
  }

  /**
   * The traffic, with all lanes as long as the longest or as `beats`; undefined when nothing of it is an access.
   */
  build(beats = 0): Traffic | undefined {
    const all = [...this.reads, ...this.writes];
    const total = all.reduce((longest, lane) => Math.max(longest, lane.beats), beats);
    for (const lane of all) lane.idleUntil(total);
    const finished = (lanes: readonly Lane[]) =>
      lanes.map((lane) => lane.finish()).filter((words) => !isIdleLane(words));
    const reads = finished(this.reads);
    const lanes = [...reads, ...finished(this.writes)];
    if (lanes.length === 0) return undefined;
    return { beats: total, lanes, readLanes: reads.length, patterns: this.patterns };
  }
}

function isPattern({ beats, starts, offsets, bytes }: Pattern, wanted: number, pieces: readonly Piece[]): boolean {
  if (beats !== wanted || offsets.length !== pieces.length) return false;
  return pieces.every(
    ({ beat, offset, bytes: length }, i) =>
      offsets[i] === offset && bytes[i] === length && starts[beat]! <= i && i < starts[beat + 1]!,
  );
}

/** Idle beats merge, so a lane without accesses is one segment or none. */
function isIdleLane(words: Int32Array): boolean {
  return words.length === 0 || (words.length === SEGMENT && words[BYTES] === 0 && words[PATTERN] === NO_PATTERN);
}

/**
 * Packs a vector that consists of parts into beats of `portBytes`: part after part, each from its own place.
 * @param parts place of each part, its bytes, and its position within the vector
 * @param lastBeats the vector's beats are the last ones of a period of so many
 */
export function packed(
  parts: readonly { offset: number; bytes: number; position: number }[],
  portBytes: number,
  vectorBytes: number,
  periodBeats: number,
  atEnd: boolean,
): Piece[] {
  const first = atEnd ? periodBeats - Math.ceil(vectorBytes / portBytes) : 0;
  const pieces: Piece[] = [];
  for (const { offset, bytes, position } of parts) {
    for (let done = 0; done < bytes; ) {
      const at = position + done;
      const run = Math.min(bytes - done, portBytes - (at % portBytes));
      const beat = Math.max(0, Math.min(periodBeats - 1, first + Math.floor(at / portBytes)));
      pieces.push({ beat, offset: offset + done, bytes: run });
      done += run;
    }
  }
  return pieces;
}
