/** Where the machine stands in its history; later stops have greater positions, so two stops are never confused. */
import type { Simulator } from "@nnasm/sim-core/engine";

export interface Position {
  /** Changes made by hand on the way here. */
  readonly edits: number;
  readonly cycle: number;
  readonly retired: number;
  /** Operations that units have completed: in functional mode several complete in one cycle. */
  readonly completed: number;
}

export function positionOf({ state, units }: Simulator, edits: number): Position {
  return { edits, cycle: state.cycle, retired: state.retired, completed: units.completedOperations };
}

/** Below 0 when `a` is earlier than `b`. */
export const comparePositions = (a: Position, b: Position): number =>
  a.edits - b.edits || a.cycle - b.cycle || a.retired - b.retired || a.completed - b.completed;
