/** Single lost cycles of a trace: which one is meant by a place in a row, and which is the next. */
import type { Conflicts } from "../file/index.ts";
import { lastAtMost } from "./spans.ts";

/** The bank that a row is about; undefined for the row of all. */
export const bankOfTrack = (track: string): number | undefined =>
  track.startsWith("bank-") ? Number(track.slice("bank-".length)) : undefined;

/** The lost cycle at a cycle, or nearest to it; -1 when there is none within the tolerance. */
export function conflictAt(conflicts: Conflicts, bank: number | undefined, cycle: number, tolerance: number): number {
  const at = Math.floor(cycle);
  const before = nextConflict(conflicts, bank, at + 1, false, at - tolerance);
  const behind = nextConflict(conflicts, bank, at, true, at + tolerance);
  const distance = (index: number): number =>
    index < 0 ? Number.POSITIVE_INFINITY : Math.abs(conflicts.cycle.at(index) - at);
  return distance(before) <= distance(behind) ? before : behind;
}

/**
 * The first lost cycle behind a cycle, or the last one before it; -1 when there is none.
 * @param limit cycle behind or before which it is of no use
 */
export function nextConflict(
  conflicts: Conflicts,
  bank: number | undefined,
  cycle: number,
  forwards: boolean,
  limit = forwards ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY,
): number {
  const cycles = conflicts.cycle.values;
  const what = conflicts.what.values;
  const fits = (index: number): boolean => bank === undefined || ((what[index]! >> 6) & 63) === bank;
  if (forwards) {
    for (let i = lastAtMost(cycles, cycle) + 1; i < cycles.length && cycles[i]! <= limit; i++) if (fits(i)) return i;
    return -1;
  }
  for (let i = lastAtMost(cycles, cycle - 1); i >= 0 && cycles[i]! >= limit; i--) if (fits(i)) return i;
  return -1;
}
