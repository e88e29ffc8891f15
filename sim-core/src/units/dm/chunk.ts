/**
 * A stretch of an operation's beats as banks, and what it costs when no other unit asks: then only its own accesses can
 * get into each other's way.
 */
import type { BankListener } from "./listener.ts";

/** Banks at most. */
const MOST_BANKS = 64;
const NONE = new Int32Array();
/** Nothing carried turns to nothing, whatever the number of banks. */
const NO_COUNTS = new Int32Array(MOST_BANKS);

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

/** What chunks have in common that need the same banks in the same order, or all of them the same distance further. */
export class ChunkContent {
  readonly beats: number;
  readonly idle: boolean;
  /** Line, as a bank, from which it is described. */
  readonly line: number;
  /** Accesses of all beats by bank. */
  readonly counts: Int32Array;
  /** Whether no beat is CROWDED, so that nothing is lost alone. */
  private readonly plain: boolean;
  /** What it costs alone when nothing is carried into it and nothing lost. */
  private readonly plainRun: AloneRun;
  /** What it costs alone, by what is carried into it. */
  private readonly runs: AloneRun[] = [];
  /** Banks, turned by so many. */
  private readonly turned: (ChunkBanks | undefined)[] = [];
  private readonly lookUp: (() => ChunkBanks) | undefined;

  /** @param lookUp gives the banks when they are asked for; undefined when all beats are idle */
  constructor(beats: number, plain: boolean, counts: Int32Array, line: number, lookUp?: () => ChunkBanks) {
    this.beats = beats;
    this.idle = lookUp === undefined;
    this.plain = plain;
    this.counts = counts;
    this.line = line;
    this.lookUp = lookUp;
    this.plainRun = {
      carriedIn: NONE,
      carriedOut: NONE,
      isLast: false,
      cycles: beats,
      lost: 0,
      lostAt: NONE,
      lostCycles: NONE,
      lostBanks: NONE,
    };
  }

  /** The banks of beats that are not idle, with each bank `by` further. */
  banks(by: number): ChunkBanks {
    const known = this.turned[by];
    if (known) return known;
    const found = by === 0 ? this.lookUp!() : turnedBanks(this.banks(0), by, this.counts.length);
    this.turned[by] = found;
    return found;
  }

  /**
   * What happens from its first beat to the first one behind it when no other unit asks.
   * @param carried banks of writes before it that are still to be granted, the first `count`
   * @param by how much further its banks are
   * @param isLast whether its last beat's writes must be granted, too
   */
  alone(carried: Int32Array, count: number, by: number, isLast: boolean): AloneRun {
    if (count === 0 && this.plain) return this.plainRun;
    const mask = this.counts.length - 1;
    for (const run of this.runs) {
      if (run.isLast !== isLast || run.carriedIn.length !== count) continue;
      let i = 0;
      while (i < count && run.carriedIn[i] === ((carried[i]! - by) & mask)) i++;
      if (i === count) return run;
    }
    const run = runChunkAlone(this, turnedBank(carried.slice(0, count), -by, mask), isLast);
    this.runs.push(run);
    return run;
  }
}

/** Banks, each `by` further. */
const turnedBank = (list: Int32Array, by: number, mask: number): Int32Array => list.map((bank) => (bank + by) & mask);

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
  next: Chunk | undefined;
  private readonly content: ChunkContent;
  /** How much further its banks are than those of the content. */
  private readonly by: number;
  private banks: ChunkBanks | undefined;

  /** @param line as a bank, from which the beats are described */
  constructor(first: number, content: ChunkContent, line: number) {
    this.first = first;
    this.beats = content.beats;
    this.idle = content.idle;
    this.content = content;
    this.by = content.idle ? 0 : (line - content.line) & (content.counts.length - 1);
  }

  /** The banks of a chunk that isn't idle. */
  get opened(): ChunkBanks {
    this.banks ??= this.content.banks(this.by);
    return this.banks;
  }

  /** Adds the accesses of all beats to those by bank. */
  addCounts(accesses: Float64Array): void {
    this.addTurned(accesses, this.content.counts);
  }

  private addTurned(sums: Float64Array, counts: Int32Array): void {
    const { by } = this;
    const mask = sums.length - 1;
    for (let bank = 0; bank < sums.length; bank++) sums[(bank + by) & mask]! += counts[bank]!;
  }

  /**
   * What happens from the chunk's first beat to the first one behind it when no other unit asks.
   * @param carried banks of writes before it that are still to be granted, the first `count`
   * @param isLast whether its last beat's writes must be granted, too
   */
  alone(carried: Int32Array, count: number, isLast: boolean): AloneRun {
    return this.content.alone(carried, count, this.by, isLast);
  }

  /** Banks of writes that such a run leaves to be granted. */
  carriedOut({ carriedOut }: AloneRun): Int32Array {
    return carriedOut.length === 0 ? NONE : turnedBank(carriedOut, this.by, this.content.counts.length - 1);
  }

  /** Adds the cycles that such a run loses to those by bank. */
  addLost({ lostAt }: AloneRun, lost: Float64Array): void {
    this.addTurned(lost, lostAt);
  }

  /** Tells of each cycle that such a run of a unit, which begins in cycle `at`, loses to itself. */
  tellLost({ lostCycles, lostBanks }: AloneRun, at: number, unit: number, listener: BankListener): void {
    const mask = this.content.counts.length - 1;
    for (let i = 0; i < lostCycles.length; i++) {
      listener.lost?.(at + lostCycles[i]!, unit, unit, (lostBanks[i]! + this.by) & mask);
    }
  }
}

/**
 * A stream's way through a chunk, from the start of its first beat to the start of the first one behind it. Banks are
 * those of the content.
 */
export interface AloneRun {
  /** Banks of writes from before that were still to be granted, and those that are still to be granted behind it. */
  readonly carriedIn: Int32Array;
  readonly carriedOut: Int32Array;
  /** Whether the last beat had to wait for its writes. */
  readonly isLast: boolean;
  readonly cycles: number;
  /** Cycles lost, in all and by bank. */
  readonly lost: number;
  readonly lostAt: Int32Array;
  /** When they are lost, in cycles from the run's first, and over which bank each. */
  readonly lostCycles: Int32Array;
  readonly lostBanks: Int32Array;
}

/** T-DM-2, T-DM-3 for one unit. */
function runChunkAlone(chunk: ChunkContent, carriedIn: Int32Array, isLast: boolean): AloneRun {
  const { beats, idle } = chunk;
  const { kinds, starts, reads, banks } = idle ? IDLE_BANKS : chunk.banks(0);
  /** Banks that the current beat still needs, and how many. */
  const open: number[] = [...carriedIn];
  let cycles = 0;
  let lost = 0;
  const lostAt = new Int32Array(MOST_BANKS);
  const lostCycles: number[] = [];
  const lostBanks: number[] = [];
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
      lostAt[open[0]!]!++;
      lostCycles.push(cycles - 1);
      lostBanks.push(open[0]!);
    }
  }
  return {
    carriedIn,
    carriedOut: Int32Array.from(open),
    isLast,
    cycles,
    lost,
    lostAt,
    lostCycles: Int32Array.from(lostCycles),
    lostBanks: Int32Array.from(lostBanks),
  };
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
  new Chunk(first, new ChunkContent(beats, true, NO_COUNTS, 0), 0);
