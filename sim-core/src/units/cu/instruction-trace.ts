/**
 * What the control unit's traced loop writes: not every instruction, only where the pc or time does not simply go on. Between
 * two entries instructions follow each other in memory, one per cycle; so everything else can be worked out.
 */
import { CU_CAUSES } from "../accounting.ts";
import type { AccessCounts } from "./access-counts.ts";

/**
 * - `wait`: the next instruction gets to EX that many cycles later than it could
 * - `hold`: the instruction before keeps EX, or leaves bubbles behind it, for that many cycles
 * - `jump`: the next instruction is the one at the address
 */
export const TRACE_KIND = { none: 0, wait: 1, hold: 2, jump: 3 } as const;
export type TraceKind = (typeof TRACE_KIND)[keyof typeof TRACE_KIND];

const KIND_SHIFT = 4;
/** Bits below the count in an entry's first word. */
export const TRACE_COUNT_SHIFT = 6;
const COUNT_UNIT = 2 ** TRACE_COUNT_SHIFT;
const MAX_COUNT = 2 ** 26 - 1;
const MAX_VALUE = 2 ** 32 - 1;
const WORDS = 2 ** 14;

/** First words of entries, without the count. */
export const traceWait = (cause: number): number => (TRACE_KIND.wait << KIND_SHIFT) | cause;
export const traceHold = (cause: number): number => (TRACE_KIND.hold << KIND_SHIFT) | cause;
export const TRACE_JUMP = TRACE_KIND.jump << KIND_SHIFT;

/** Parts of an entry's first word: instructions retired since the entry before, what happened behind them, and why. */
export const traceCount = (word: number): number => Math.floor(word / COUNT_UNIT);
export const traceKind = (word: number): TraceKind => ((word >>> KIND_SHIFT) & 3) as TraceKind;
export const traceCause = (word: number): number => word & 15;

if (CU_CAUSES.length > 16) throw new Error("causes of the control unit don't fit into 4 bits of a trace's entry");

/** Where a stretch of instructions begins: the next one's address, its number, and the first cycle in which it could be in EX. */
export interface TraceStart {
  readonly cycle: number;
  readonly retired: number;
  readonly pc: number;
}

/** Who takes the entries. */
export interface InstructionTraceSink {
  /** Entries from here on follow on this place, not on what was before. */
  begin(start: TraceStart): void;
  /** Entries of two words: count, kind and cause; cycles or address. The array is used again. */
  entries(words: Uint32Array): void;
}

/** Collects entries and hands them on in large pieces. Not part of the machine's state. */
export class InstructionTrace {
  private readonly words = new Uint32Array(WORDS);
  private top = 0;
  /** Instructions retired at the last entry. */
  private retired = 0;
  private readonly sink: InstructionTraceSink;
  /** Counts loads and stores, if somebody wants to know. */
  readonly accesses: AccessCounts | undefined;

  constructor(sink: InstructionTraceSink, accesses?: AccessCounts) {
    this.sink = sink;
    this.accesses = accesses;
  }

  /** A new stretch; the old one ends where it is. */
  begin(start: TraceStart): void {
    this.flush(this.retired);
    this.accesses?.flush(Number.POSITIVE_INFINITY);
    this.retired = start.retired;
    this.sink.begin(start);
  }

  /** @param code made by traceWait or traceHold, or TRACE_JUMP; @param retired instructions retired before it */
  add(code: number, retired: number, value: number): void {
    const count = retired - this.retired;
    if (this.top === WORDS || count > MAX_COUNT || value > MAX_VALUE) {
      this.addSlowly(code, retired, value);
      return;
    }
    this.retired = retired;
    this.words[this.top] = count * COUNT_UNIT + code;
    this.words[this.top + 1] = value;
    this.top += 2;
  }

  /** Hands on everything up to the instruction with this number. */
  flush(retired: number): void {
    if (retired > this.retired) this.add(TRACE_KIND.none, retired, 0);
    this.empty();
  }

  private addSlowly(code: number, retired: number, value: number): void {
    this.empty();
    for (; retired - this.retired > MAX_COUNT; this.retired += MAX_COUNT) this.push(MAX_COUNT * COUNT_UNIT, 0);
    for (; value > MAX_VALUE; value -= MAX_VALUE) {
      this.push((retired - this.retired) * COUNT_UNIT + code, MAX_VALUE);
      this.retired = retired;
    }
    this.add(code, retired, value);
  }

  private push(first: number, second: number): void {
    if (this.top === WORDS) this.empty();
    this.words[this.top] = first;
    this.words[this.top + 1] = second;
    this.top += 2;
  }

  private empty(): void {
    if (this.top === 0) return;
    const { top } = this;
    this.top = 0;
    this.sink.entries(this.words.subarray(0, top));
  }
}
