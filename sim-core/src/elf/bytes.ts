/** Little-endian reading with checked bounds, and writing into a growing buffer. */
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

/** What is wrong with a file; never leaves this folder. */
export class Corrupt extends Error {
  readonly offset: number | undefined;

  constructor(message: string, offset?: number) {
    super(message);
    this.offset = offset;
  }
}

export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
  private readonly view: DataView;
  /** What the bytes are, for messages: "the line table". */
  private readonly what: string;

  constructor(bytes: Uint8Array, what: string, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.what = what;
    this.at = start;
    this.end = Math.min(end, bytes.length);
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** Moves over `bytes` bytes and gives the offset in front of them. */
  skip(bytes: number): number {
    const at = this.at;
    if (bytes < 0 || at + bytes > this.end) throw new Corrupt(`${this.what} ends too early`, at);
    this.at = at + bytes;
    return at;
  }

  u8(): number {
    return this.bytes[this.skip(1)]!;
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    return this.view.getUint16(this.skip(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  i32(): number {
    return this.view.getInt32(this.skip(4), true);
  }

  f64(): number {
    return this.view.getFloat64(this.skip(8), true);
  }

  /** Unsigned LEB128; values beyond 2^53 lose precision, which no valid file needs. */
  uleb(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
      if (scale > 2 ** 70) throw new Corrupt(`${this.what} holds a number without an end`, this.at);
    }
  }

  /** Signed LEB128. */
  sleb(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return byte & 0x40 ? value - scale : value;
      if (scale > 2 ** 70) throw new Corrupt(`${this.what} holds a number without an end`, this.at);
    }
  }

  /** Text up to a zero byte. */
  text(): string {
    const start = this.at;
    const zero = this.bytes.indexOf(0, start);
    if (zero < 0 || zero >= this.end) throw new Corrupt(`${this.what} holds text without an end`, start);
    this.at = zero + 1;
    return decodeUtf8(this.bytes.subarray(start, zero));
  }

  take(bytes: number): Uint8Array {
    const start = this.skip(bytes);
    return this.bytes.subarray(start, start + bytes);
  }
}

/** A word that depends on where sections end up: relocatable files have a relocation there. */
export interface AddressField {
  readonly offset: number;
  /** Section that the word is an offset into; an address of the program when absent. */
  readonly section?: string;
  /** What was written, with the bits beyond the 32 that the word holds. */
  readonly value: number;
}

/** Contents of a section of a file. */
export interface WrittenSection {
  readonly bytes: Uint8Array;
  readonly addressFields: readonly AddressField[];
}

export class ByteWriter {
  readonly addressFields: AddressField[] = [];
  private buffer = new Uint8Array(1024);
  private view = new DataView(this.buffer.buffer);
  length = 0;

  private room(bytes: number): number {
    const at = this.length;
    const needed = at + bytes;
    if (needed > this.buffer.length) {
      const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2));
      larger.set(this.buffer);
      this.buffer = larger;
      this.view = new DataView(larger.buffer);
    }
    this.length = needed;
    return at;
  }

  u8(value: number): void {
    const at = this.room(1);
    this.buffer[at] = value;
  }

  u16(value: number): void {
    const at = this.room(2);
    this.view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.room(4);
    this.view.setUint32(at, value, true);
  }

  /** A word that holds an address of the program. */
  address(value: number): void {
    this.addressFields.push({ offset: this.length, value });
    this.u32(value);
  }

  /** A word that holds an offset into another section of the file. */
  sectionOffset(section: string, value: number): void {
    this.addressFields.push({ offset: this.length, section, value });
    this.u32(value);
  }

  f64(value: number): void {
    const at = this.room(8);
    this.view.setFloat64(at, value, true);
  }

  uleb(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.u8(rest);
  }

  sleb(value: number): void {
    let rest = value;
    for (;;) {
      const byte = ((rest % 128) + 128) % 128;
      rest = Math.floor(rest / 128);
      if ((rest === 0 && byte < 64) || (rest === -1 && byte >= 64)) {
        this.u8(byte);
        return;
      }
      this.u8(byte | 0x80);
    }
  }

  /** Text with a zero byte behind it. */
  text(text: string): void {
    this.append(encodeUtf8(text));
    this.u8(0);
  }

  append(bytes: Uint8Array): void {
    const at = this.room(bytes.length);
    this.buffer.set(bytes, at);
  }

  /** Zero bytes up to a multiple of `alignment`. */
  align(alignment: number): void {
    this.room((alignment - (this.length % alignment)) % alignment);
  }

  /** Overwrites a word written before. */
  patch32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  finish(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  finishSection(): WrittenSection {
    return { bytes: this.finish(), addressFields: this.addressFields };
  }
}

/** A string table: every text once, offset 0 is the empty text. */
export class StringTable {
  private readonly writer = new ByteWriter();
  private readonly known = new Map<string, number>([["", 0]]);

  constructor() {
    this.writer.u8(0);
  }

  offset(text: string): number {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const at = this.writer.length;
    this.writer.text(text);
    this.known.set(text, at);
    return at;
  }

  finish(): Uint8Array {
    return this.writer.finish();
  }
}
