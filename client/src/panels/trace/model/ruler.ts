/** Ticks of the ruler at round numbers of cycles, or of time. */
import { count, time } from "../../shared/numbers.ts";
import type { View } from "./view.ts";

export interface Tick {
  readonly cycle: number;
  readonly text: string;
}

/** Pixels between ticks, at least. */
const ROOM = 110;

/** @param clockMHz ticks at round times; absent: at round cycles */
export function ticks({ from, to }: View, width: number, clockMHz?: number): Tick[] {
  const least = ((to - from) / width) * ROOM;
  // Times are round in nanoseconds.
  const unit = clockMHz === undefined ? 1 : clockMHz / 1000;
  const step = roundStep(least / unit, clockMHz === undefined ? 1 : 0) * unit;
  const found: Tick[] = [];
  for (let i = Math.ceil(from / step); i * step <= to; i++) {
    // Not -0, which is shown with its sign.
    const cycle = i * step + 0;
    found.push({ cycle, text: clockMHz === undefined ? count(cycle) : time(cycle, clockMHz, step) });
  }
  return found;
}

/** The smallest of 1, 2, 5, 10, 20 ... that is at least so large. */
function roundStep(least: number, smallest: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= least * (1 - 1e-9))!;
  return Math.max(step, smallest);
}
