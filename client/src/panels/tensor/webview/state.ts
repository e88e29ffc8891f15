/** What the user chose in the tensor view, and what the debugger answers. */
import { keepState, keptState } from "../../shared/debug-page.ts";
import type { EncodedImage, Palette } from "../model/pixels.ts";
import type { Plane, Viewport } from "../model/plane.ts";
import type { Notation } from "../model/values.ts";

export type Comparison = { readonly cycle: number } | { readonly file: string };

export interface Choices {
  readonly expression: string;
  /** Undefined: what is usual for the tensor's shape. */
  readonly plane: Plane | undefined;
  readonly slice: number;
  /** Index on the axis that is neither in the plane nor the strip's. */
  readonly rest: number;
  readonly notation: Notation;
  readonly palette: Palette;
  readonly compare: Comparison | undefined;
  readonly marksChanges: boolean;
  /** Undefined: all of the plane. */
  readonly viewport: Viewport | undefined;
  readonly selected: { readonly column: number; readonly row: number } | undefined;
  /** Whether statistics are of the slice or of the whole tensor. */
  readonly isSliceCounted: boolean;
}

const STANDARD: Choices = {
  expression: "",
  plane: undefined,
  slice: 0,
  rest: 0,
  notation: "decimal",
  palette: "heat",
  compare: undefined,
  marksChanges: true,
  viewport: undefined,
  selected: undefined,
  isSliceCounted: false,
};

export const keptChoices = (): Choices => keptState(STANDARD);
export const keepChoices = (choices: Choices): void => keepState(choices);

/** Answer to `nnasm/tensor`. */
export interface Description {
  readonly name: string;
  readonly type: string;
  readonly dtype: string;
  readonly bits: number;
  readonly isSigned: boolean;
  readonly dims: readonly number[];
  readonly address: number;
  readonly scale: number;
  readonly zeroPoint: number;
  readonly declared?: string;
  readonly cycle: number;
  readonly end?: number;
  readonly lastStop?: number;
}

/** Answer to `nnasm/tensorImage`. */
export interface Images {
  readonly images: readonly EncodedImage[];
  readonly encoding: "int32" | "float64";
  readonly isReal: boolean;
}

/** Answer to `nnasm/tensorStatistics`. */
export interface Statistics {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly zeros: number;
  readonly saturatedLow: number;
  readonly saturatedHigh: number;
  readonly changed: number;
  readonly bins: readonly number[];
}
