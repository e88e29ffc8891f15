/** Numbers as people read them. */

const group = (digits: string, size: number): string => {
  const head = digits.length % size;
  const parts = head === 0 ? [] : [digits.slice(0, head)];
  for (let at = head; at < digits.length; at += size) parts.push(digits.slice(at, at + size));
  return parts.join("_");
};

/** Hexadecimal without leading zeros: `0x1000_0040`. */
export function hex(value: number | bigint): string {
  return `0x${group(value.toString(16), 4)}`;
}

/** A 32-bit word with all its digits: `0x0020_85db`. */
export function hexWord(word: number): string {
  return `0x${group((word >>> 0).toString(16).padStart(8, "0"), 4)}`;
}

/**
 * A value in decimal, hexadecimal and, when it is short enough to be read, binary. Negative values show the bits of
 * their 32-bit form.
 */
export function allRadixes(value: number): string {
  const bits = value < 0 ? value >>> 0 : value;
  const parts = [String(value), hex(bits)];
  if (bits <= 0xffff) parts.push(`0b${group(bits.toString(2), 4)}`);
  return parts.join(" = ");
}

/** A number of bytes: `1568 bytes`, or `4096 bytes (4 KiB)`. */
export function byteCount(bytes: number): string {
  const plain = bytes === 1 ? "1 byte" : `${bytes} bytes`;
  if (bytes >= 1024 * 1024 && bytes % 1024 === 0) return `${plain} (${trim(bytes / 1024 / 1024)} MiB)`;
  return bytes >= 1024 ? `${plain} (${trim(bytes / 1024)} KiB)` : plain;
}

const trim = (value: number): string => value.toFixed(1).replace(/\.0$/, "");
