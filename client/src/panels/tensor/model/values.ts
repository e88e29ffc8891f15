/** Values as texts and back. */

export interface Quantity {
  readonly bits: number;
  /** Real value = scale * (stored - zero point); 0 = unknown. */
  readonly scale: number;
  readonly zeroPoint: number;
  readonly isSigned: boolean;
}

export type Notation = "decimal" | "hex" | "real";

export const realOf = (stored: number, { scale, zeroPoint }: Quantity): number => (stored - zeroPoint) * scale;

const short = (value: number): string => String(Number(value.toPrecision(5)));

export function valueText(stored: number, notation: Notation, quantity: Quantity): string {
  if (notation === "real" && quantity.scale !== 0) return short(realOf(stored, quantity));
  if (notation !== "hex" || !Number.isInteger(stored)) return Number.isInteger(stored) ? String(stored) : short(stored);
  const { bits } = quantity;
  const pattern = stored < 0 ? stored + 2 ** bits : stored;
  return `0x${pattern.toString(16).padStart(Math.ceil(bits / 4), "0")}`;
}

/** A difference is a number by itself: it has a sign and no zero point. */
export function differenceText(value: number, notation: Notation, { scale }: Quantity, isReal: boolean): string {
  const shown = notation === "real" && scale !== 0 && !isReal ? value * scale : value;
  const text = Number.isInteger(shown) ? String(shown) : short(shown);
  return shown > 0 ? `+${text}` : text;
}

/** The stored value that a text means, in the notation in which values are shown; or why it is none. */
export function storedValue(text: string, notation: Notation, quantity: Quantity): number | string {
  const { bits, isSigned, scale, zeroPoint } = quantity;
  const trimmed = text.trim();
  const number =
    trimmed === "" ? Number.NaN : Number(trimmed.replace(/^-0x/i, "0x")) * (/^-0x/i.test(trimmed) ? -1 : 1);
  if (!Number.isFinite(number)) return `${JSON.stringify(text)} is no number`;
  const isBits = /^0x/i.test(trimmed);
  const isReal = notation === "real" && scale !== 0 && !isBits;
  let stored = isReal ? Math.round(number / scale) + zeroPoint : number;
  if (!Number.isInteger(stored)) return `${trimmed} is no whole number; choose the real notation to write real values`;
  const low = isSigned ? -(2 ** (bits - 1)) : 0;
  const high = isSigned ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  // A pattern of bits, as hexadecimal numbers show them.
  if (isBits && stored > high && stored < 2 ** bits) stored -= 2 ** bits;
  if (stored >= low && stored <= high) return stored;
  const range = isReal ? `${short(realOf(low, quantity))} to ${short(realOf(high, quantity))}` : `${low} to ${high}`;
  return `${trimmed} is outside of ${range}, which the type holds`;
}
