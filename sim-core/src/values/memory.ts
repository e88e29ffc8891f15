/**
 * What is known of memory: the program's image, words that the control unit stored, and ranges that hold nobody knows what.
 * Read-only segments keep what they hold when a store or an operation goes nobody knows where; a store with a known address
 * changes them like all else.
 */
import { DDR_BASE, MMIO_BASE } from "../config/index.ts";
import type { Program, ProgramSection, ProgramSegment } from "../program/index.ts";

/** Sorted ranges of addresses that don't touch, as start, end, start, end, ...; never changed. */
type Ranges = readonly number[];

/** Position of the first range that ends behind `address`, in pairs. */
function position(ranges: Ranges, address: number): number {
  let low = 0;
  let high = ranges.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[2 * middle + 1]! <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

const meets = (ranges: Ranges, start: number, end: number): boolean => {
  const at = position(ranges, start);
  return 2 * at < ranges.length && ranges[2 * at]! < end;
};

function covers(ranges: Ranges, start: number, end: number): boolean {
  const at = position(ranges, start);
  return 2 * at < ranges.length && ranges[2 * at]! <= start && ranges[2 * at + 1]! >= end;
}

/** With one more range; the same list when it holds it already. */
function withRange(ranges: Ranges, start: number, end: number): Ranges {
  if (start >= end || covers(ranges, start, end)) return ranges;
  const first = position(ranges, start - 1);
  let last = first;
  let [low, high] = [start, end];
  while (2 * last < ranges.length && ranges[2 * last]! <= end) {
    low = Math.min(low, ranges[2 * last]!);
    high = Math.max(high, ranges[2 * last + 1]!);
    last++;
  }
  return [...ranges.slice(0, 2 * first), low, high, ...ranges.slice(2 * last)];
}

/** Sections that start-up code or the loader fills with zeros, by C's rules. */
const ZEROED = /^\.(s?bss|COMMON)\b/;

/**
 * The program's memory as the loader leaves it. Of room that is reserved without a value nothing is known: it is where
 * hosts and test benches put inputs.
 */
export class Image {
  private readonly segments: readonly (ProgramSegment & { readonly view: DataView; readonly end: number })[];
  private readonly zeroed: readonly ProgramSection[];

  constructor(program: Pick<Program, "segments" | "sections">) {
    this.zeroed = program.sections.filter(({ name }) => ZEROED.test(name));
    this.segments = program.segments.map((segment) => {
      const { bytes, address, memoryBytes } = segment;
      return {
        ...segment,
        view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        end: address + Math.max(memoryBytes, bytes.length),
      };
    });
  }

  private isZeroed(start: number, end: number): boolean {
    return this.zeroed.some(({ address, bytes }) => start < address + bytes && end > address);
  }

  private segmentAt(address: number) {
    return this.segments.find((segment) => address >= segment.address && address < segment.end);
  }

  /** The 4-aligned word at an address, signed; undefined where the program says nothing. */
  word(address: number): number | undefined {
    const segment = this.segmentAt(address);
    if (!segment || address + 4 > segment.end) return undefined;
    const at = address - segment.address;
    const left = segment.bytes.length - at;
    if (left >= 4) return segment.view.getInt32(at, true);
    if (left <= 0 && !this.isZeroed(address, address + 4)) return undefined;
    let word = 0;
    for (let i = 0; i < left; i++) word |= segment.bytes[at + i]! << (8 * i);
    return word;
  }

  /** Whether the program doesn't mean anybody to write there. */
  isConstant(address: number): boolean {
    return this.segmentAt(address)?.writable === false;
  }

  /** Whether the program's file gives any of these bytes a value, or they are zero by C's rules. */
  fills(start: number, end: number): boolean {
    if (this.isZeroed(start, end)) return true;
    return this.segments.some(({ address, bytes }) => start < address + bytes.length && end > address);
  }
}

export class KnownMemory {
  readonly image: Image;
  /** Stored words by address; undefined is a word that nobody knows. */
  private words = new Map<number, number | undefined>();
  private ownsWords = true;
  /** What operations and stores with inexact addresses may have written. */
  private unknown: Ranges = [];
  /** Whether something was written nobody knows where. */
  private anywhere = false;

  constructor(image: Image) {
    this.image = image;
  }

  copy(): KnownMemory {
    const copy = new KnownMemory(this.image);
    this.ownsWords = false;
    copy.ownsWords = false;
    copy.words = this.words;
    copy.unknown = this.unknown;
    copy.anywhere = this.anywhere;
    return copy;
  }

  /** The number in `bytes` (1, 2, 4) aligned bytes, unsigned below a word; undefined when nobody knows. */
  read(address: number, bytes: number): number | undefined {
    const at = address - (address & 3);
    if (this.unknown.length > 0 && meets(this.unknown, address, address + bytes)) return undefined;
    let word: number | undefined;
    if (this.words.has(at)) word = this.words.get(at);
    else if (!this.anywhere || this.image.isConstant(at)) word = this.image.word(at);
    if (word === undefined || bytes === 4) return word;
    return (word >>> (8 * (address & 3))) & (bytes === 1 ? 0xff : 0xffff);
  }

  /** A store of a value, undefined = nobody knows which, to `bytes` (1, 2, 4) aligned bytes. */
  write(address: number, bytes: number, value: number | undefined): void {
    const at = address - (address & 3);
    let word = value;
    if (bytes < 4 && value !== undefined) {
      const before = this.read(at, 4);
      const mask = (bytes === 1 ? 0xff : 0xffff) << (8 * (address & 3));
      word = before === undefined ? undefined : (before & ~mask) | ((value << (8 * (address & 3))) & mask);
    }
    if (!this.ownsWords) this.words = new Map(this.words);
    this.ownsWords = true;
    this.words.set(at, word);
  }

  /** Somebody writes to addresses from `start` up to `end`; what was there is forgotten for good. */
  forget(start: number, end: number): void {
    this.unknown = withRange(this.unknown, start, end);
  }

  /** Somebody writes nobody knows where. */
  forgetAll(): void {
    this.anywhere = true;
    if (this.words.size === 0) return;
    // Read-only words that were stored to on purpose are forgotten, too: they were not constant after all.
    this.words = new Map([...this.words.keys()].map((address) => [address, undefined]));
    this.ownsWords = true;
  }

  /** Whether anybody, the program's file included, may have written any of these bytes. */
  mayBeWritten(start: number, end: number): boolean {
    if (this.anywhere || meets(this.unknown, start, end) || this.image.fills(start, end)) return true;
    if (this.words.size * 4 < end - start) return [...this.words.keys()].some((at) => at < end && at + 4 > start);
    for (let at = start - (start & 3); at < end; at += 4) if (this.words.has(at)) return true;
    return false;
  }

  /** Takes in what else may be there. @returns whether anything is less known than before */
  join(other: KnownMemory): boolean {
    let changed = false;
    if (other.anywhere && !this.anywhere) {
      this.anywhere = true;
      changed = true;
    }
    if (other.unknown !== this.unknown) {
      for (let i = 0; i < other.unknown.length; i += 2) {
        const ranges = withRange(this.unknown, other.unknown[i]!, other.unknown[i + 1]!);
        changed ||= ranges !== this.unknown;
        this.unknown = ranges;
      }
    }
    if (other.words === this.words) return changed;
    for (const address of new Set([...this.words.keys(), ...other.words.keys()])) {
      const mine = this.read(address, 4);
      if (mine === undefined || mine === other.read(address, 4)) continue;
      this.write(address, 4, undefined);
      changed = true;
    }
    return changed;
  }
}

/** Whether an address belongs to a device rather than a memory. */
export const isDevice = (address: number): boolean => address >= MMIO_BASE && address < DDR_BASE;
