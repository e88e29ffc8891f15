/**
 * One operand as a unit's operations use it, one operation behind the other: what happens to it before any cycle is found in
 * logarithmic time, so that every zoom costs the same.
 */
import type { Conflicts, Operations } from "../file/index.ts";

/** Lost cycles of one unit, by cycle. */
export class LostCyclesOfUnit {
  /** Numbers of the lost cycles. */
  private readonly indices: Uint32Array;
  private readonly cycles: Float64Array;

  constructor({ cycle }: Conflicts, indices: Uint32Array) {
    this.cycles = cycle.values;
    this.indices = indices;
  }

  /** How many there are before a cycle, of which a part may be meant. */
  before(cycle: number): number {
    const whole = Math.floor(cycle);
    const part = cycle - whole;
    const count = this.position(whole);
    return part === 0 ? count : count + part * (this.position(whole + 1) - count);
  }

  private position(cycle: number): number {
    const { indices, cycles } = this;
    let low = 0;
    let high = indices.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cycles[indices[middle]!]! < cycle) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Amounts of an operand's use before a cycle. */
export interface Used {
  /** Operations that have had it, the current one by its share of time. */
  times: number;
  /** Cycles that these have lost over banks, as far as they are the operand's. */
  lost: number;
}

export class OperandUse {
  /** Number of the operand in the trace. */
  readonly operand: number;
  /** Operations by their start; they don't overlap. */
  readonly indices: Uint32Array;
  private readonly starts: Float64Array;
  private readonly ends: Float64Array;
  private readonly lostOfUnit: LostCyclesOfUnit | undefined;
  /** Part of an operation's lost cycles that is this operand's, and their sum before each of them. */
  private readonly parts: Float64Array;
  private readonly lost: Float64Array;

  /** @param partOf part of an operation's lost cycles that is this operand's */
  constructor(
    operand: number,
    indices: Uint32Array,
    operations: Operations,
    lostOfUnit: LostCyclesOfUnit | undefined,
    partOf: (operation: number) => number,
  ) {
    this.operand = operand;
    this.indices = indices;
    this.starts = Float64Array.from(indices, (i) => operations.start.at(i));
    this.ends = Float64Array.from(indices, (i) => operations.end.at(i));
    this.lostOfUnit = lostOfUnit;
    this.parts = lostOfUnit ? Float64Array.from(indices, partOf) : new Float64Array(0);
    this.lost = new Float64Array(lostOfUnit ? indices.length + 1 : 0);
    for (let i = 0; lostOfUnit && i < indices.length; i++) {
      const cycles = lostOfUnit.before(this.ends[i]!) - lostOfUnit.before(this.starts[i]!);
      this.lost[i + 1] = this.lost[i]! + this.parts[i]! * cycles;
    }
  }

  /** Position of the last operation that starts at or before a cycle; -1 when there is none. */
  at(cycle: number): number {
    const { starts } = this;
    let low = -1;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= cycle) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Positions of the first and the last operation that have it between two cycles; undefined when none has. */
  between(from: number, to: number): readonly [first: number, last: number] | undefined {
    const before = this.at(from);
    const first = before >= 0 && (this.ends[before]! > from || this.starts[before] === from) ? before : before + 1;
    let last = this.at(to);
    if (last >= 0 && this.starts[last]! === to) last--;
    return first <= last ? [first, last] : undefined;
  }

  startOf(position: number): number {
    return this.starts[position]!;
  }

  endOf(position: number): number {
    return this.ends[position]!;
  }

  before(cycle: number, into: Used): Used {
    const at = this.at(cycle);
    into.times = 0;
    into.lost = 0;
    if (at < 0) return into;
    const start = this.starts[at]!;
    const end = this.ends[at]!;
    into.times = at + (end > start ? Math.min(1, (cycle - start) / (end - start)) : 1);
    if (this.lostOfUnit) {
      const cycles = this.lostOfUnit.before(Math.min(end, cycle)) - this.lostOfUnit.before(start);
      into.lost = this.lost[at]! + this.parts[at]! * cycles;
    }
    return into;
  }
}
