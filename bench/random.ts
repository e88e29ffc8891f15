/** Reproducible numbers: mulberry32, uniform in 0..2^32-1. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** `count` int8 values over the whole range. */
export function randomInt8(count: number, seed: number): Int8Array {
  const next = randomSource(seed);
  return Int8Array.from({ length: count }, () => next() >> 24);
}
