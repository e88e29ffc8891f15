/** How far programs are followed. */
import type { Program } from "../program/index.ts";

/** How far a program is followed. */
export interface Budget {
  /** Instructions; loops are widened at once when they are used up, and at twice as many all ends. */
  readonly steps: number;
  /** Operations that are issued. */
  readonly issues: number;
}

/** Enough for a program's straight code many times over, and little enough to be spent after every keystroke. */
export function defaultBudget({ segments }: Pick<Program, "segments">): Budget {
  const words = segments.reduce((sum, { executable, bytes }) => sum + (executable ? bytes.length / 4 : 0), 0);
  return { steps: 30_000 + 4 * words, issues: 800 + words };
}
