/** Reproducible random numbers for tests: mulberry32. */
export interface RandomNumbers {
  /** An integer 0 .. bound-1. */
  below(bound: number): number;
  /** An integer low .. high. */
  between(low: number, high: number): number;
  pick<T>(values: readonly T[]): T;
}

export function randomNumbers(seed: number): RandomNumbers {
  let state = seed | 0;
  const below = (bound: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    pick: (values) => values[below(values.length)]!,
  };
}
