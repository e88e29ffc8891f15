/** Line numbers by what they count from, so that mixing them doesn't compile. */

declare const base: unique symbol;

/** A line of a source file, counted from one: the line table's and the debugger's own numbering. */
export type Line = number & { readonly [base]: 1 };

export const lineFromOne = (line: number): Line => line as Line;

/** From the positions of sim-core's diagnostics, which count from zero. */
export const lineFromZero = (line: number): Line => (line + 1) as Line;

export interface Place {
  /** Absolute name of the file, as the host names it. */
  readonly file: string;
  readonly line: Line;
  /** Counted from one; 0 = unknown. */
  readonly column: number;
}
