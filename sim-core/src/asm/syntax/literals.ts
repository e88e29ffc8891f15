/** What number, character and string tokens mean. */
import type { Integer } from "./tree.ts";

/**
 * Value of the integer token from `start` to `end` of a text, or undefined when it is none. Most numbers are short
 * decimals, for which no string is made.
 */
export function integerAt(text: string, start: number, end: number): Integer | undefined {
  if (end - start < 10 && (text.charCodeAt(start) !== 48 || end - start === 1)) {
    let value = 0;
    let at = start;
    for (; at < end; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    if (at === end) return value;
  }
  return integerValue(text.slice(start, end));
}

/**
 * Value of an integer token (`12`, `0x1F`, `0b101`, octal `017`), or undefined when it is none.
 * Like GNU as, wraps to 64 bits.
 */
function integerValue(text: string): Integer | undefined {
  let radix = 10;
  let digits = text;
  if (text.charCodeAt(0) === 48 && text.length > 1) {
    const second = text.charCodeAt(1) | 32;
    radix = second === 120 ? 16 : second === 98 ? 2 : 8;
    digits = text.slice(radix === 8 ? 1 : 2);
  }
  if (digits.length === 0) return undefined;
  let value = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = digitValue(digits.charCodeAt(at));
    if (digit >= radix) return undefined;
    value = value * radix + digit;
  }
  if (value <= Number.MAX_SAFE_INTEGER) return value;
  const prefix = radix === 16 ? "0x" : radix === 8 ? "0o" : radix === 2 ? "0b" : "";
  const wide = BigInt.asIntN(64, BigInt(prefix + digits));
  return wide >= BigInt(Number.MIN_SAFE_INTEGER) && wide <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wide) : wide;
}

function digitValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : 99;
}

/** Bytes of one escape or character of `text` at `at`: pushes them and returns the offset behind. */
function unescapeAt(text: string, at: number, bytes: number[]): number {
  const code = text.codePointAt(at)!;
  if (code !== 92 || at + 1 >= text.length) {
    pushUtf8(code, bytes);
    return at + (code > 0xffff ? 2 : 1);
  }
  const letter = text[at + 1]!;
  const simple = SIMPLE_ESCAPES[letter];
  if (simple !== undefined) {
    bytes.push(simple);
    return at + 2;
  }
  if (letter >= "0" && letter <= "7") {
    let value = 0;
    let end = at + 1;
    while (end < at + 4 && text[end]! >= "0" && text[end]! <= "7")
      value = value * 8 + digitValue(text.charCodeAt(end++));
    bytes.push(value & 0xff);
    return end;
  }
  if (letter === "x" || letter === "X") {
    let value = 0;
    let end = at + 2;
    while (end < text.length && digitValue(text.charCodeAt(end)) < 16) {
      value = (value * 16 + digitValue(text.charCodeAt(end++))) & 0xff;
    }
    bytes.push(value);
    return end;
  }
  pushUtf8(text.codePointAt(at + 1)!, bytes);
  return at + 2;
}

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  "\\": 92,
  '"': 34,
  "'": 39,
};

function pushUtf8(code: number, bytes: number[]): void {
  if (code < 0x80) bytes.push(code);
  else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
  else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
}

/** The bytes that a string's text (without quotes) stands for; characters beyond ASCII as UTF-8. */
export function stringBytes(text: string): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; ) at = unescapeAt(text, at, bytes);
  return bytes;
}

/** The text of a string node as text, for file names and messages. */
export function stringText(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(.)/g, (whole, letter: string) => (letter === "\\" || letter === '"' ? letter : whole));
}

/** Value of a character token such as `'a'` or `'\n'`, or undefined when it holds no character. */
export function characterValue(token: string): number | undefined {
  if (token.length < 2) return undefined;
  const bytes: number[] = [];
  const end = unescapeAt(token, 1, bytes);
  // A lone backslash is half of an escape.
  if (token === "'\\" || (end < token.length && token[end] !== "'")) return undefined;
  return bytes.length === 1 ? bytes[0] : undefined;
}

/** Name of an escape that GNU as doesn't know either (`\q`), or undefined. */
export function unknownEscape(text: string): string | undefined {
  for (let at = text.indexOf("\\"); at >= 0 && at + 1 < text.length; at = text.indexOf("\\", at + 2)) {
    const letter = text[at + 1]!;
    if (SIMPLE_ESCAPES[letter] === undefined && !/[0-7xX]/.test(letter)) return `\\${letter}`;
  }
  return undefined;
}
