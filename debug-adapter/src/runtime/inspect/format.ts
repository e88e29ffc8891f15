/** Values as text. */
import { enumNameOf } from "@nnasm/sim-core/isa";
import { EvaluationError, isReal, SCALAR_TYPES, type ScalarType } from "../expression/types.ts";

export interface ValueFormat {
  /** Numbers in hexadecimal alone, as clients may ask. */
  readonly hex: boolean;
}

export const hex32 = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, "0")}`;

/** What an address is called, for example `image+4`. */
export type Symbolize = (address: number) => string | undefined;

/** `42 (0x2a)`; a single digit needs no second form. */
export function wordText(value: number, format: ValueFormat): string {
  if (format.hex) return hex32(value);
  return value >= 0 && value < 10 ? String(value) : `${value} (0x${(value >>> 0).toString(16)})`;
}

/** A quantity, for which hexadecimal says nothing unless it is asked for. */
export const quantityText = (value: number, format: ValueFormat): string => (format.hex ? hex32(value) : String(value));

/** `0x10000040 <image+4>` */
export function addressText(value: number, symbolize: Symbolize): string {
  const name = symbolize(value >>> 0);
  return name === undefined ? hex32(value) : `${hex32(value)} <${name}>`;
}

/** A counter: exact, with separators. */
export const countText = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

export const percentText = (share: number): string => `${(share * 100).toFixed(1)} %`;

export const enumText = (list: Parameters<typeof enumNameOf>[0], value: number): string =>
  enumNameOf(list, value) ?? `${value} (undefined)`;

/** Text of a number of any scalar type: decimal, and hexadecimal in its own width beside it. */
export function scalarText(type: ScalarType, value: number, format: ValueFormat): string {
  if (isReal(type)) return String(value);
  if (format.hex) return hexOf(type, value);
  return type === "int64" || (value >= 0 && value < 10) ? String(value) : `${value} (${shortHex(type, value)})`;
}

const shortHex = (type: ScalarType, value: number): string => hexOf(type, value).replace(/^0x0+(?=.)/, "0x");

function hexOf(type: ScalarType, value: number): string {
  if (type === "int64") return value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
  const { bytes } = SCALAR_TYPES[type];
  const pattern = value < 0 ? value + 2 ** (8 * bytes) : value;
  return `0x${pattern.toString(16).padStart(2 * bytes, "0")}`;
}

/** The forms that may stand behind a comma: `a0,x`. */
export const FORMATS: Readonly<Record<string, string>> = {
  x: "hexadecimal",
  d: "signed decimal",
  u: "unsigned decimal",
  b: "binary",
  o: "octal",
  c: "character",
  f: "the bits of a float",
  q7: "fixed point with 7 (or any number of) fraction bits",
};

/** @throws EvaluationError when there is no such format */
export function formattedText(type: ScalarType, value: number, format: string): string {
  const fraction = /^q(\d{1,2})$/.exec(format);
  if (fraction) return String(value / 2 ** Number(fraction[1]));
  const bits = 8 * SCALAR_TYPES[type].bytes;
  const pattern = value < 0 ? value + 2 ** bits : value;
  switch (format) {
    case "x":
      return hexOf(isReal(type) ? "int32" : type, value);
    case "d":
      return String(pattern >= 2 ** (bits - 1) ? pattern - 2 ** bits : pattern);
    case "u":
      return String(pattern);
    case "b":
      return `0b${pattern.toString(2).padStart(bits, "0")}`;
    case "o":
      return `0o${pattern.toString(8)}`;
    case "c":
      return `${value} ${characterText(value & 0xff)}`;
    case "f":
      return String(new Float32Array(Uint32Array.of(pattern >>> 0).buffer)[0]);
    default: {
      const known = Object.entries(FORMATS).map(([name, meaning]) => `${name} (${meaning})`);
      throw new EvaluationError(`there is no format ${format}; there are ${known.join(", ")}`);
    }
  }
}

function characterText(code: number): string {
  if (code === 10) return "'\\n'";
  return code >= 32 && code < 127 ? `'${String.fromCharCode(code)}'` : `'\\x${code.toString(16).padStart(2, "0")}'`;
}
