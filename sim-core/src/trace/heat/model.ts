/** What a viewer is told of the memory's use: plain data and typed arrays that can be sent between threads. */

/** A memory, as far as the trace has anything of it. */
export interface HeatMemory {
  readonly id: "pm" | "dm" | "wm" | "ddr";
  readonly title: string;
  /** Lowest address that is touched, and the one behind the highest. */
  readonly low: number;
  readonly high: number;
  /** What lies there, by address; they may lie one over the other. */
  readonly tensors: readonly NamedRange[];
}

export interface NamedRange {
  readonly name: string;
  readonly low: number;
  readonly high: number;
}

/** A rectangle of addresses and cycles; upper bounds are not part of it. */
export interface HeatArea {
  readonly low: number;
  readonly high: number;
  readonly from: number;
  readonly to: number;
}

/** What there is in each cell, row by row from the lowest addresses on: cell (column, row) at row x columns + column. */
export interface HeatWindow extends HeatArea {
  readonly columns: number;
  readonly rows: number;
  /** Bytes. */
  readonly reads: Float64Array;
  readonly writes: Float64Array;
  /** Cycles lost over banks of the data memory. */
  readonly lost: Float64Array;
}
