import { widen } from "./widen";

/**
 * Brings weights from blocked order (docs/machine.md, "Tensors") into rows of int16 real values, one row an output, each
 * [tap][input].
 * @param single weights of one filter, which are blocked by CoP channels
 */
export function unblock(
  source: usize,
  firstOutput: i32,
  outputs: i32,
  taps: i32,
  inputs: i32,
  cip: i32,
  cop: i32,
  single: bool,
  dtype: i32,
  zero: i32,
  target: usize,
): void {
  const width = single ? cop : cip;
  const blocks = (inputs + width - 1) / width;
  const blockElements = single ? cop : cip * cop;
  for (let o = firstOutput; o < firstOutput + outputs; o++) {
    const coBlock = o / cop;
    const inBlock = single ? 0 : (o % cop) * cip;
    for (let tap = 0; tap < taps; tap++) {
      for (let block = 0; block < blocks; block++) {
        const count = min(width, inputs - block * width);
        const index = ((coBlock * blocks + block) * taps + tap) * blockElements + inBlock;
        widen(source, index, target, count, dtype, zero);
        target += count << 1;
      }
    }
  }
}

/** All ones in the first `count` of 8 lanes. */
function keep(count: i32): v128 {
  return i16x8.lt_s(i16x8(0, 1, 2, 3, 4, 5, 6, 7), i16x8.splat(count as i16));
}

/**
 * Arranges `length` values of each of 8 rows as `multiply` reads them: for every pair of values k, k + 1 the 16 values
 * row0[k], row0[k + 1], row1[k], row1[k + 1], ... row7[k + 1]. A missing last value is 0.
 */
export function pack(rows: usize, rowBytes: i32, length: i32, target: usize): void {
  for (let k = 0; k < length; k += 8) {
    const from = rows + (k << 1);
    let r0 = v128.load(from);
    let r1 = v128.load(from + rowBytes);
    let r2 = v128.load(from + rowBytes * 2);
    let r3 = v128.load(from + rowBytes * 3);
    let r4 = v128.load(from + rowBytes * 4);
    let r5 = v128.load(from + rowBytes * 5);
    let r6 = v128.load(from + rowBytes * 6);
    let r7 = v128.load(from + rowBytes * 7);
    const rest = length - k;
    if (rest < 8) {
      const mask = keep(rest);
      r0 = v128.and(r0, mask);
      r1 = v128.and(r1, mask);
      r2 = v128.and(r2, mask);
      r3 = v128.and(r3, mask);
      r4 = v128.and(r4, mask);
      r5 = v128.and(r5, mask);
      r6 = v128.and(r6, mask);
      r7 = v128.and(r7, mask);
    }
    // Two transpositions of 4 x 4 pairs.
    const a0 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
    const a1 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
    const b0 = v128.shuffle<i32>(r4, r5, 0, 4, 1, 5);
    const b1 = v128.shuffle<i32>(r6, r7, 0, 4, 1, 5);
    v128.store(target, v128.shuffle<i64>(a0, a1, 0, 2));
    v128.store(target, v128.shuffle<i64>(b0, b1, 0, 2), 16);
    if (rest > 2) {
      v128.store(target, v128.shuffle<i64>(a0, a1, 1, 3), 32);
      v128.store(target, v128.shuffle<i64>(b0, b1, 1, 3), 48);
    }
    if (rest > 4) {
      const c0 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
      const c1 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
      const d0 = v128.shuffle<i32>(r4, r5, 2, 6, 3, 7);
      const d1 = v128.shuffle<i32>(r6, r7, 2, 6, 3, 7);
      v128.store(target, v128.shuffle<i64>(c0, c1, 0, 2), 64);
      v128.store(target, v128.shuffle<i64>(d0, d1, 0, 2), 80);
      if (rest > 6) {
        v128.store(target, v128.shuffle<i64>(c0, c1, 1, 3), 96);
        v128.store(target, v128.shuffle<i64>(d0, d1, 1, 3), 112);
      }
    }
    target += 128;
  }
}

/** The same order from a matrix of `length` rows whose columns are outputs: 8 columns that begin at `rows`. */
export function packRows(rows: usize, rowBytes: i32, length: i32, target: usize): void {
  for (let k = 0; k < length; k += 2) {
    const even = v128.load(rows);
    const odd = k + 1 < length ? v128.load(rows + rowBytes) : i16x8.splat(0);
    v128.store(target, v128.shuffle<i16>(even, odd, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(target, v128.shuffle<i16>(even, odd, 4, 12, 5, 13, 6, 14, 7, 15), 16);
    rows += rowBytes << 1;
    target += 32;
  }
}
