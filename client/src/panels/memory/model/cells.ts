/** Bytes as columns of numbers, and texts back to bytes. Little-endian, as the machine is. */

export interface CellType {
  readonly id: string;
  readonly label: string;
  readonly bytes: 1 | 2 | 4;
  readonly kind: "hex" | "signed" | "unsigned" | "fixed" | "float";
  /** Bits behind the point. */
  readonly fraction?: number;
}

export const CELL_TYPES: readonly CellType[] = [
  { id: "hex8", label: "bytes", bytes: 1, kind: "hex" },
  { id: "hex16", label: "halfwords, hexadecimal", bytes: 2, kind: "hex" },
  { id: "hex32", label: "words, hexadecimal", bytes: 4, kind: "hex" },
  { id: "int8", label: "int8", bytes: 1, kind: "signed" },
  { id: "uint8", label: "uint8", bytes: 1, kind: "unsigned" },
  { id: "int16", label: "int16", bytes: 2, kind: "signed" },
  { id: "uint16", label: "uint16", bytes: 2, kind: "unsigned" },
  { id: "int32", label: "int32", bytes: 4, kind: "signed" },
  { id: "uint32", label: "uint32", bytes: 4, kind: "unsigned" },
  { id: "q7", label: "fixed point Q0.7", bytes: 1, kind: "fixed", fraction: 7 },
  { id: "q15", label: "fixed point Q0.15", bytes: 2, kind: "fixed", fraction: 15 },
  { id: "q16", label: "fixed point Q15.16", bytes: 4, kind: "fixed", fraction: 16 },
  { id: "q31", label: "fixed point Q0.31", bytes: 4, kind: "fixed", fraction: 31 },
  { id: "float32", label: "float32", bytes: 4, kind: "float" },
];

export const cellType = (id: string): CellType => CELL_TYPES.find((type) => type.id === id) ?? CELL_TYPES[0]!;

/** Six digits, with an exponent where zeros would make the text wider than its column. */
function short(value: number): string {
  const rounded = Number(value.toPrecision(6));
  const size = Math.abs(rounded);
  const isPlain = size === 0 || !Number.isFinite(size) || (size >= 1e-4 && size < 1e6);
  return isPlain ? String(rounded) : rounded.toExponential();
}

/** @param bytes as many as the type has */
export function cellText({ bytes: size, kind, fraction = 0 }: CellType, bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const unsigned = size === 1 ? view.getUint8(0) : size === 2 ? view.getUint16(0, true) : view.getUint32(0, true);
  const signed = unsigned >= 2 ** (8 * size - 1) ? unsigned - 2 ** (8 * size) : unsigned;
  if (kind === "hex") return unsigned.toString(16).padStart(size * 2, "0");
  if (kind === "unsigned") return String(unsigned);
  if (kind === "fixed") return short(signed / 2 ** fraction);
  return kind === "float" ? short(view.getFloat32(0, true)) : String(signed);
}

/** Characters of the widest cell, so that columns stand below each other. */
export function cellWidth({ bytes, kind }: CellType): number {
  if (kind === "hex") return bytes * 2;
  if (kind === "float" || kind === "fixed") return bytes === 1 ? 10 : 12;
  return ({ 1: 4, 2: 6, 4: 11 } as const)[bytes];
}

/** The bytes that a text stands for in a type, or why it stands for none. */
export function cellBytes(type: CellType, text: string): Uint8Array | string {
  const { bytes: size, kind, fraction = 0 } = type;
  const trimmed = text.trim().replaceAll("_", "");
  const isHex = /^0x/i.test(trimmed) || kind === "hex";
  if (isHex && !/^(0x)?[\da-f]+$/i.test(trimmed)) return `${JSON.stringify(text)} is no hexadecimal number`;
  const number = isHex
    ? Number.parseInt(trimmed.replace(/^0x/i, ""), 16)
    : trimmed === ""
      ? Number.NaN
      : Number(trimmed);
  if (Number.isNaN(number)) return `${JSON.stringify(text)} is no number`;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (kind === "float" && !isHex) {
    view.setFloat32(0, number, true);
    return bytes;
  }
  const stored = kind === "fixed" && !isHex ? Math.round(number * 2 ** fraction) : number;
  if (!Number.isInteger(stored)) return `${trimmed} is no whole number`;
  const high = kind === "unsigned" || isHex ? 2 ** (8 * size) - 1 : 2 ** (8 * size - 1) - 1;
  const low = kind === "unsigned" || isHex ? 0 : -(2 ** (8 * size - 1));
  if (stored < low || stored > high) {
    const shown = (value: number): string =>
      kind === "fixed" && !isHex ? short(value / 2 ** fraction) : String(value);
    return `${trimmed} is outside of ${shown(low)} to ${shown(high)}, which ${type.label} holds`;
  }
  for (let at = 0; at < size; at++) bytes[at] = Math.floor(stored / 2 ** (8 * at)) & 0xff;
  return bytes;
}

/** What is looked for: bytes in hexadecimal (`de ad be ef`), text, or numbers of a type (`1, -2, 3`); or why it is nothing. */
export function searchPattern(text: string, kind: string): { bytes: Uint8Array; alignment: number } | string {
  if (kind === "text") {
    return text === "" ? "Nothing to look for" : { bytes: new TextEncoder().encode(text), alignment: 1 };
  }
  if (kind === "bytes") {
    const digits = text.replace(/0x/gi, "").replace(/[\s,_]/g, "");
    if (!/^([\da-f]{2})+$/i.test(digits)) return "Bytes are pairs of hexadecimal digits: de ad be ef";
    return { bytes: Uint8Array.from(digits.match(/../g)!, (pair) => Number.parseInt(pair, 16)), alignment: 1 };
  }
  const type = cellType(kind);
  const parts = text.split(/[\s,;]+/).filter((part) => part !== "");
  if (parts.length === 0) return "Nothing to look for";
  const all: number[] = [];
  for (const part of parts) {
    const bytes = cellBytes(type, part);
    if (typeof bytes === "string") return bytes;
    all.push(...bytes);
  }
  return { bytes: Uint8Array.from(all), alignment: type.bytes };
}

/** Printable ASCII, a dot for everything else. */
export const asciiText = (bytes: Iterable<number>): string =>
  [...bytes].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

export const bytesOfBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
