/** A section while it is being filled. */
import type { SectionFlags } from "../../link/rules.ts";
import type { Place } from "../reporter.ts";
import type { Span } from "../syntax/tree.ts";
import type { SymbolEntry } from "./symbols.ts";

export class Section {
  readonly name: string;
  readonly index: number;
  flags: SectionFlags;
  /** True for sections that only reserve memory. */
  nobits: boolean;
  /** Bytes placed so far. */
  size = 0;
  alignment = 1;
  /** Address in memory; set when all sections are placed. */
  address = 0;
  /** What the flags M and S of the directive say: entries that linkers may merge. */
  merge: { readonly entryBytes: number; readonly strings: boolean } | undefined;
  /** SHT_ number where the directive's type is neither progbits nor nobits. */
  type: number | undefined;
  /** Set for what stands for a symbol of other objects: addresses in it are distances from that symbol. */
  symbol: SymbolEntry | undefined;
  /** Where the number of bytes in front decided how many were placed: multiples of `alignment` change nothing there. */
  readonly pins: { offset: number; readonly alignment: number; readonly place: Place }[] = [];
  /** The statement that put the first bytes here. */
  origin: { readonly place: Place; readonly span: Span } | undefined;
  /** Contents; shorter than `size` where the section has outgrown its memory. */
  private buffer = new Uint8Array(256);
  private view = new DataView(this.buffer.buffer);
  /** Bytes kept at most: what the section's memory holds. Growing beyond is counted, reported when placing. */
  private readonly limit: number;

  constructor(name: string, index: number, flags: SectionFlags, nobits: boolean, limit: number) {
    this.name = name;
    this.index = index;
    this.flags = flags;
    this.nobits = nobits;
    this.limit = limit;
  }

  /** The contents; empty for sections that only reserve memory. */
  get contents(): Uint8Array {
    return this.nobits ? new Uint8Array(0) : this.buffer.subarray(0, Math.min(this.size, this.limit));
  }

  /** Makes room for `bytes` zero bytes more; false when they lie beyond what the memory can hold. */
  private grow(bytes: number): boolean {
    const needed = this.size + bytes;
    if (needed > this.limit) return false;
    if (needed > this.buffer.length) {
      const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2));
      larger.set(this.buffer);
      this.buffer = larger;
      this.view = new DataView(larger.buffer);
    }
    return true;
  }

  /** Appends a 32-bit word. */
  word(value: number): void {
    if (this.grow(4)) this.view.setInt32(this.size, value, true);
    this.size += 4;
  }

  /** Appends the low `bytes` bytes (up to 6 exactly) of a number. */
  number(value: number, bytes: number): void {
    if (bytes === 4) {
      this.word(value);
      return;
    }
    if (this.grow(bytes)) {
      let rest = value;
      for (let at = 0; at < bytes; at++) {
        this.buffer[this.size + at] = rest & 0xff;
        rest = Math.floor(rest / 256);
      }
    }
    this.size += bytes;
  }

  append(bytes: Uint8Array | readonly number[]): void {
    if (this.grow(bytes.length)) this.buffer.set(bytes, this.size);
    this.size += bytes.length;
  }

  /** Appends `bytes` zero bytes. */
  reserve(bytes: number): void {
    if (!this.nobits) this.grow(bytes);
    this.size += bytes;
  }

  /** Appends a pattern `count` times. */
  repeat(pattern: Uint8Array, count: number): void {
    const total = pattern.length * count;
    if (pattern.some((byte) => byte !== 0) && this.grow(total)) {
      if (pattern.length === 1) this.buffer.fill(pattern[0]!, this.size, this.size + total);
      else for (let at = 0; at < total; at += pattern.length) this.buffer.set(pattern, this.size + at);
    } else if (!this.nobits) this.grow(total);
    this.size += total;
  }

  /**
   * Lets statements fill `bytes` bytes from `offset` on anew, with more of them or fewer: what lay behind them does so again.
   * @returns how many bytes there are more
   */
  replace(offset: number, bytes: number, work: () => void): number {
    const { size } = this;
    const rest = this.buffer.slice(offset + bytes, size);
    this.buffer.fill(0, offset, size);
    this.size = offset;
    work();
    this.append(rest);
    return this.size - size;
  }

  /** Whether an offset lies beyond what the memory can hold. */
  beyond(offset: number): boolean {
    return offset >= this.limit;
  }

  /** Whether the byte at `offset` is kept: what has outgrown the memory is counted only. */
  holds(offset: number, bytes: number): boolean {
    return !this.nobits && offset + bytes <= this.limit;
  }

  readWord(offset: number): number {
    return this.view.getUint32(offset, true);
  }

  /** Sets bits of a word written before. */
  patchWord(offset: number, bits: number): void {
    if (this.holds(offset, 4)) this.view.setInt32(offset, this.view.getInt32(offset, true) | bits, true);
  }

  clearBits(offset: number, bits: number): void {
    if (this.holds(offset, 4)) this.view.setInt32(offset, this.view.getInt32(offset, true) & ~bits, true);
  }

  patch(offset: number, value: number, bytes: number): void {
    if (!this.holds(offset, bytes)) return;
    let rest = value;
    for (let at = 0; at < bytes; at++) {
      this.buffer[offset + at] = rest & 0xff;
      rest = Math.floor(rest / 256);
    }
  }
}

/** A place in a section whose address is not known yet. */
export interface Address {
  readonly section: Section;
  readonly offset: number;
  /** Offset of what the address was computed from, where that is something else. */
  readonly anchor?: number;
  /** Set for differences that only linking makes known: the place that is subtracted. Only objects have them. */
  readonly minus?: Address;
}
