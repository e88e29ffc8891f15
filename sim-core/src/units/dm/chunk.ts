/**
 * A stretch of an operation's beats as banks, and what it costs when no other unit asks: then only its own accesses can
 * get into each other's way.
 */

/** Banks at most. */
const MOST_BANKS = 64;
const NONE = new Int32Array();

/** Of a beat: no access; each bank at most once; a bank several times. */
export const IDLE = 0;
export const PLAIN = 1;
export const CROWDED = 2;

/** The banks of a chunk's beats. */
export interface ChunkBanks {
  /** IDLE, PLAIN or CROWDED by beat. */
  readonly kinds: Uint8Array;
  /** Banks of beat `i`, one for each access to a bank: from `starts[i]` up to `starts[i + 1]`, those of reads first. */
  readonly starts: Int32Array;
  readonly reads: Int32Array;
  readonly banks: Uint8Array;
  /** The banks of a beat as bits: 0 to 31, and 32 to 63. */
  readonly low: Int32Array;
  readonly high: Int32Array;
}

const NO_BYTES = new Uint8Array();
const IDLE_BANKS: ChunkBanks = { kinds: NO_BYTES, banks: NO_BYTES, starts: NONE, reads: NONE, low: NONE, high: NONE };

/** What chunks have in common that need the same banks in the same order. All banks are alike: turned, it is as good. */
export class ChunkContent {
  readonly beats: number;
  readonly idle: boolean;
  /** Whether no beat is CROWDED, so that nothing is lost alone. */
  private readonly plain: boolean;
  /** Accesses of all beats by bank. */
  readonly counts: Int32Array;
  /** What it costs alone, by what is carried into it. */
  private readonly runs: AloneRun[] = [];
  private banks: ChunkBanks | undefined;
  private readonly lookUp: (() => ChunkBanks) | undefined;
  /** Line, as a bank, that stays the same distance from all others when it is turned. */
  private readonly line: number;
  /** The same with each bank so much further, and what this one was turned from, by how much. */
  private readonly turns: ChunkContent[] = [];
  private origin: ChunkContent | undefined;
  private by = 0;

  /** @param lookUp gives the banks when they are asked for; undefined when all beats are idle */
  constructor(beats: number, plain: boolean, counts: Int32Array, line: number, lookUp?: () => ChunkBanks) {
    this.beats = beats;
    this.idle = lookUp === undefined;
    this.plain = plain;
    this.counts = counts;
    this.line = line;
    this.lookUp = lookUp;
  }

  /** The same for chunks that are described from another line. */
  turnedTo(line: number): ChunkContent {
    const banks = this.counts.length;
    const by = (line - this.line) & (banks - 1);
    if (by === 0) return this;
    let turned = this.turns[by];
    if (turned) return turned;
    const counts = turnedCounts(this.counts, by, banks);
    turned = new ChunkContent(this.beats, this.plain, counts, line, () => turnedBanks(this.opened, by, banks));
    turned.origin = this;
    turned.by = by;
    this.turns[by] = turned;
    return turned;
  }

  /** The banks of beats that are not idle. */
  get opened(): ChunkBanks {
    this.banks ??= this.lookUp!();
    return this.banks;
  }

  /**
   * What happens from the chunk's first beat to the first one behind it when no other unit asks.
   * @param carried banks of writes before it that are still to be granted, the first `count`
   * @param isLast whether its last beat's writes must be granted, too
   */
  alone(carried: Int32Array, count: number, isLast: boolean): AloneRun {
    for (const run of this.runs) {
      if (run.isLast !== isLast || run.carriedIn.length !== count) continue;
      let i = 0;
      while (i < count && run.carriedIn[i] === carried[i]) i++;
      if (i === count) return run;
    }
    const run = this.runAlone(count === 0 ? NONE : carried.slice(0, count), isLast);
    this.runs.push(run);
    return run;
  }

  private runAlone(carriedIn: Int32Array, isLast: boolean): AloneRun {
    const { origin, by } = this;
    if (carriedIn.length > 0 || !this.plain) {
      if (!origin) return runChunkAlone(this, carriedIn, isLast);
      const turn = (list: Int32Array, how: number) => list.map((bank) => (bank + how) & (this.counts.length - 1));
      const run = origin.alone(turn(carriedIn, -by), carriedIn.length, isLast);
      const lostAt = run.lostAt && turnedCounts(run.lostAt, by, this.counts.length);
      return { ...run, carriedIn, carriedOut: turn(run.carriedOut, by), lostAt };
    }
    return { carriedIn, carriedOut: NONE, isLast, cycles: this.beats, lost: 0, lostAt: undefined };
  }
}

/** Numbers by bank, with each of the first `banks` so much further. */
function turnedCounts(counts: Int32Array, by: number, banks: number): Int32Array {
  const turned = new Int32Array(counts.length);
  for (let bank = 0; bank < banks; bank++) turned[(bank + by) & (banks - 1)] = counts[bank]!;
  return turned;
}

function turnedBanks(of: ChunkBanks, by: number, banks: number): ChunkBanks {
  const turned = of.banks.map((bank) => (bank + by) & (banks - 1));
  const low = new Int32Array(of.low.length);
  const high = banks > 32 ? new Int32Array(of.low.length) : of.high;
  for (let beat = 0; beat < low.length; beat++) {
    for (let i = of.starts[beat]!; i < of.starts[beat + 1]!; i++) {
      const bank = turned[i]!;
      (bank < 32 ? low : high)[beat]! |= 1 << (bank & 31);
    }
  }
  return { ...of, banks: turned, low, high };
}

/** Beats one behind the other: all idle, or not. */
export class Chunk {
  readonly first: number;
  readonly beats: number;
  readonly idle: boolean;
  readonly content: ChunkContent;
  next: Chunk | undefined;

  constructor(first: number, content: ChunkContent) {
    this.first = first;
    this.beats = content.beats;
    this.idle = content.idle;
    this.content = content;
  }

  /** The banks of a chunk that isn't idle. */
  get opened(): ChunkBanks {
    return this.content.opened;
  }
}

/** A stream's way through a chunk, from the start of its first beat to the start of the first one behind it. */
export interface AloneRun {
  /** Banks of writes from before that were still to be granted, and those that are still to be granted behind it. */
  readonly carriedIn: Int32Array;
  readonly carriedOut: Int32Array;
  /** Whether the last beat had to wait for its writes. */
  readonly isLast: boolean;
  readonly cycles: number;
  /** Cycles lost, in all and by bank. */
  readonly lost: number;
  readonly lostAt: Int32Array | undefined;
}

/** T-DM-2, T-DM-3 for one unit. */
function runChunkAlone(chunk: ChunkContent, carriedIn: Int32Array, isLast: boolean): AloneRun {
  const { beats, idle } = chunk;
  const { kinds, starts, reads, banks } = idle ? IDLE_BANKS : chunk.opened;
  /** Banks that the current beat still needs, and how many. */
  const open: number[] = [...carriedIn];
  let cycles = 0;
  let lost = 0;
  let lostAt: Int32Array | undefined;
  for (let beat = 0; beat < beats; beat++) {
    if (open.length === 0) {
      if (idle) {
        cycles += beats - beat;
        break;
      }
      if (kinds[beat] !== CROWDED) {
        cycles++;
        continue;
      }
    }
    let must = open.length;
    if (!idle) {
      must += reads[beat]!;
      for (let i = starts[beat]!; i < starts[beat + 1]!; i++) open.push(banks[i]!);
    }
    const canCarry = !isLast || beat + 1 < beats;
    for (;;) {
      cycles++;
      must = serveAlone(open, must);
      if (open.length === 0 || (must === 0 && canCarry)) break;
      lost++;
      lostAt ??= new Int32Array(MOST_BANKS);
      lostAt[open[0]!]!++;
    }
  }
  return { carriedIn, carriedOut: Int32Array.from(open), isLast, cycles, lost, lostAt };
}

/** Grants each bank once; what is left stays in its order. Returns how many of the first `must` are left. */
function serveAlone(open: number[], must: number): number {
  let low = 0;
  let high = 0;
  let left = 0;
  let mustLeft = 0;
  for (let i = 0; i < open.length; i++) {
    const bank = open[i]!;
    const bit = 1 << (bank & 31);
    if (((bank < 32 ? low : high) & bit) === 0) {
      if (bank < 32) low |= bit;
      else high |= bit;
    } else {
      open[left++] = bank;
      if (i < must) mustLeft = left;
    }
  }
  open.length = left;
  return mustLeft;
}

/** Idle beats are all alike. */
export const idleChunk = (first: number, beats: number): Chunk =>
  new Chunk(first, new ChunkContent(beats, true, NONE, 0));
