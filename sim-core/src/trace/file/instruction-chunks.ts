/** Entries of the control unit's trace as bytes, in chunks that can be read by themselves. */
import {
  type InstructionTraceSink,
  TRACE_COUNT_SHIFT,
  TRACE_KIND,
  type TraceStart,
  traceCount,
  traceKind,
} from "../../units/index.ts";

const CHUNK_BYTES = 2 ** 16;
/** Bytes of a chunk's beginning, or of one entry, at most. */
const MOST_BYTES = 32;

export class InstructionChunks implements InstructionTraceSink {
  /** Set when no more may be written: instructions are counted then. */
  full = false;
  dropped = 0;
  private readonly bytes = new Uint8Array(CHUNK_BYTES + 2 * MOST_BYTES);
  private length = 0;
  private readonly write: (chunk: Uint8Array) => void;
  private readonly from: number;
  private readonly to: number;
  private selected = true;
  /** The next instruction's address, number and first possible cycle in EX. */
  private pc = 0;
  private retired = 0;
  private cycle = 0;

  constructor(cycles: readonly [number, number] | undefined, write: (chunk: Uint8Array) => void) {
    this.write = write;
    [this.from, this.to] = cycles ?? [0, Number.POSITIVE_INFINITY];
  }

  begin({ cycle, retired, pc }: TraceStart): void {
    this.end();
    this.cycle = cycle;
    this.retired = retired;
    this.pc = pc;
  }

  /** Whether what follows is to be written. */
  select(selected: boolean): void {
    this.end();
    this.selected = selected;
  }

  /** Writes the chunk that has been begun; what follows begins another. */
  end(): void {
    if (this.length === 0) return;
    this.write(this.bytes.slice(0, this.length));
    this.length = 0;
  }

  entries(words: Uint32Array): void {
    for (let at = 0; at < words.length; ) {
      at = this.wants(words[at]!, words[at + 1]!) ? this.encode(words, at) : this.pass(words, at);
    }
  }

  /** True when an entry is to be written and may be: its cycles reach into those that are traced. */
  private wants(word: number, value: number): boolean {
    const kind = traceKind(word);
    const cycles = kind === TRACE_KIND.wait || kind === TRACE_KIND.hold ? value : 0;
    return this.selected && !this.full && this.cycle < this.to && this.cycle + traceCount(word) + cycles >= this.from;
  }

  /**
   * Writes entries, as many as fit into the chunk and begin before the last cycle. This runs for every jump and stall of a
   * run: numbers are written in place.
   * @returns index of the first word that it hasn't taken; at least one entry is
   */
  private encode(words: Uint32Array, first: number): number {
    const { bytes, to } = this;
    let { pc, retired, cycle } = this;
    let length = this.length;
    if (length === 0 && cycle < to) {
      length = put(bytes, length, cycle);
      length = put(bytes, length, retired);
      length = put(bytes, length, pc / 4);
    }
    let at = first;
    for (; at < words.length && length < CHUNK_BYTES && cycle < to; at += 2) {
      const word = words[at]!;
      const value = words[at + 1]!;
      const count = word >>> TRACE_COUNT_SHIFT;
      const kind = traceKind(word);
      if (word < 128) bytes[length++] = word;
      else length = put(bytes, length, word);
      cycle += count;
      retired += count;
      pc += 4 * count;
      if (kind === TRACE_KIND.jump) {
        const distance = (value - pc) / 4;
        length = put(bytes, length, distance < 0 ? -2 * distance - 1 : 2 * distance);
        pc = value;
      } else if (kind !== TRACE_KIND.none) {
        if (value < 128) bytes[length++] = value;
        else length = put(bytes, length, value);
        cycle += value;
      }
    }
    this.pc = pc;
    this.retired = retired;
    this.cycle = cycle;
    this.length = length;
    if (length >= CHUNK_BYTES || cycle >= to) this.end();
    return at;
  }

  /** Follows one entry without writing it. */
  private pass(words: Uint32Array, at: number): number {
    this.end();
    const word = words[at]!;
    const count = traceCount(word);
    if (this.selected && this.full && this.cycle < this.to && this.cycle + count >= this.from) this.dropped += count;
    this.cycle += count;
    this.retired += count;
    this.pc += 4 * count;
    const kind = traceKind(word);
    if (kind === TRACE_KIND.jump) this.pc = words[at + 1]!;
    else if (kind !== TRACE_KIND.none) this.cycle += words[at + 1]!;
    return at + 2;
  }
}

/** Writes a number like a ByteWriter; returns the index behind it. */
function put(bytes: Uint8Array, at: number, value: number): number {
  let left = value;
  let index = at;
  while (left > 0x7fffffff) {
    bytes[index++] = (left % 128) | 128;
    left = Math.floor(left / 128);
  }
  while (left > 127) {
    bytes[index++] = (left & 127) | 128;
    left >>>= 7;
  }
  bytes[index++] = left;
  return index;
}
