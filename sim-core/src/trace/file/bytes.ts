/** Numbers as few bytes: little-endian base 128, up to 2^53. */
import { decodeUtf8, encodeUtf8 } from "../../elf/utf8.ts";

/** Grows as it is written. */
export class ByteWriter {
  private bytes: Uint8Array;
  private at = 0;

  constructor(capacity = 2 ** 16) {
    this.bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.at;
  }

  byte(value: number): void {
    this.room(1);
    this.bytes[this.at++] = value;
  }

  /** @param value an integer of 0..2^53-1 */
  unsigned(value: number): void {
    this.room(8);
    // Most numbers are below 2^31, where bit operations are exact.
    while (value > 0x7fffffff) {
      this.bytes[this.at++] = (value % 128) | 128;
      value = Math.floor(value / 128);
    }
    while (value > 127) {
      this.bytes[this.at++] = (value & 127) | 128;
      value >>>= 7;
    }
    this.bytes[this.at++] = value;
  }

  /** @param value an integer of -2^52..2^52-1; small ones of either sign take few bytes */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  text(value: string): void {
    const encoded = encodeUtf8(value);
    this.unsigned(encoded.length);
    this.raw(encoded);
  }

  raw(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Everything written since the last time, as an array of its own. */
  take(): Uint8Array {
    const taken = this.bytes.slice(0, this.at);
    this.at = 0;
    return taken;
  }

  private room(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.at + count, 2 * this.bytes.length));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/** Reads what a ByteWriter wrote. */
export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** @throws RangeError at the end of the bytes */
  byte(): number {
    if (this.at >= this.end) throw new RangeError("it ends within a number");
    return this.bytes[this.at++]!;
  }

  /** @throws RangeError at the end of the bytes, or for a number that is too large */
  unsigned(): number {
    let byte = this.byte();
    if (byte < 128) return byte;
    let value = byte & 127;
    let unit = 128;
    do {
      byte = this.byte();
      value += (byte & 127) * unit;
      unit *= 128;
    } while (byte > 127 && unit < 2 ** 56);
    if (byte > 127 || value > Number.MAX_SAFE_INTEGER) throw new RangeError("it holds a number that is too large");
    return value;
  }

  /** @throws RangeError like `unsigned` */
  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** @throws RangeError at the end of the bytes */
  text(): string {
    return decodeUtf8(this.raw(this.unsigned()));
  }

  /** @throws RangeError at the end of the bytes */
  raw(count: number): Uint8Array {
    if (count > this.end - this.at) throw new RangeError("it ends within a text");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
}
