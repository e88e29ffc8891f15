/** Images as they come from the debugger, and as the canvas shows them. */

/** An image of the answer to `nnasm/tensorImage`. */
export interface EncodedImage {
  readonly columns: number;
  readonly rows: number;
  readonly min: string;
  readonly max?: string;
  readonly changed?: string;
}

export interface Image {
  readonly columns: number;
  readonly rows: number;
  readonly min: ArrayLike<number>;
  readonly max: ArrayLike<number>;
  readonly changed: Uint8Array | undefined;
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

export function decoded({ columns, rows, min, max, changed }: EncodedImage, encoding: "int32" | "float64"): Image {
  const numbers = (text: string): ArrayLike<number> => {
    const { buffer } = bytesOf(text);
    return encoding === "int32" ? new Int32Array(buffer) : new Float64Array(buffer);
  };
  const low = numbers(min);
  const high = max === undefined ? low : numbers(max);
  return { columns, rows, min: low, max: high, changed: changed === undefined ? undefined : bytesOf(changed) };
}

export type Palette = "heat" | "grey" | "signed";

export type Colour = readonly [red: number, green: number, blue: number];

/** Ordered by lightness, so that they can be told apart without seeing hues. */
const STOPS: Readonly<Record<Palette, readonly Colour[]>> = {
  heat: [
    [40, 18, 76],
    [69, 55, 129],
    [44, 113, 142],
    [39, 165, 132],
    [144, 214, 67],
    [253, 231, 37],
  ],
  grey: [
    [0, 0, 0],
    [255, 255, 255],
  ],
  signed: [
    [5, 60, 145],
    [92, 160, 214],
    [245, 245, 245],
    [232, 130, 92],
    [150, 15, 35],
  ],
};

/** The colour of a share of the range, 0..1. */
export function colourOf(palette: Palette, share: number): Colour {
  const stops = STOPS[palette];
  const at = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(at));
  const rest = at - index;
  const [from, to] = [stops[index]!, stops[index + 1]!];
  return [0, 1, 2].map((part) => Math.round(from[part]! + (to[part]! - from[part]!) * rest)) as unknown as Colour;
}

/** Values that the ends of a palette stand for. */
export interface ColourRange {
  readonly low: number;
  readonly high: number;
}

/** Zero, or what stands for it, is in the middle of the signed palette. */
export function colourRange(palette: Palette, min: number, max: number, zero: number): ColourRange {
  if (palette !== "signed") return { low: min, high: max };
  const reach = Math.max(Math.abs(min - zero), Math.abs(max - zero)) || 1;
  return { low: zero - reach, high: zero + reach };
}

export const shareOf = (value: number, { low, high }: ColourRange): number =>
  high === low ? 0.5 : (value - low) / (high - low);

/** Of several elements in one pixel the one farthest from `zero` gives the colour: nothing that sticks out is lost. */
function shownValue({ min, max }: Image, at: number, zero: number): number {
  const [low, high] = [min[at]!, max[at]!];
  return Math.abs(low - zero) > Math.abs(high - zero) ? low : high;
}

/** Red, green, blue, opacity of each pixel. */
export function coloured(
  image: Image,
  palette: Palette,
  range: ColourRange,
  zero: number,
): Uint8ClampedArray<ArrayBuffer> {
  const count = image.columns * image.rows;
  const pixels = new Uint8ClampedArray(count * 4);
  const table = Array.from({ length: 256 }, (_, at) => colourOf(palette, at / 255));
  for (let at = 0; at < count; at++) {
    const share = shareOf(shownValue(image, at, zero), range);
    const [red, green, blue] = table[Math.round(Math.min(1, Math.max(0, share)) * 255)]!;
    pixels[at * 4] = red;
    pixels[at * 4 + 1] = green;
    pixels[at * 4 + 2] = blue;
    pixels[at * 4 + 3] = 255;
  }
  return pixels;
}

/** Black or white, whichever can be read on the colour. */
export function inkOn([red, green, blue]: Colour): "#000" | "#fff" {
  return red * 0.299 + green * 0.587 + blue * 0.114 > 140 ? "#000" : "#fff";
}
