/** Data types of results by their number in tensor descriptors; others are int32. */
const INT8 = 0;
const UINT8 = 1;
const INT16 = 2;

/** High halves of the 64-bit products of int32 lanes. */
function multiplyHigh(a: v128, b: v128): v128 {
  const low = i64x2.extmul_low_i32x4_s(a, b);
  const high = i64x2.extmul_high_i32x4_s(a, b);
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}

/**
 * The output stage: clamp(zero + requantise(sum + bias, M, s), lo, hi) for rows of sums.
 *
 * With s >= 34 rounding only concerns the high half of sum x M, and shifting that right by s - 32 is the high half of a
 * product with 2^(64 - s), so that every lane can have a shift of its own.
 *
 * @param sums int32; a row has `groups` times `channels` filled up to whole eights
 * @param table for every 8 of these the biases, multipliers M, halves 2^(s - 33) and factors 2^(64 - s), 8 words each
 * @param requantised whether results are requantised; otherwise they are the sums with biases
 * @param target results, dense; those of a group take `groupBytes`
 */
export function finish(
  sums: usize,
  sumBytes: i32,
  rowCount: i32,
  groups: i32,
  channels: i32,
  table: usize,
  requantised: bool,
  dtype: i32,
  zero: i32,
  lo: i32,
  hi: i32,
  target: usize,
  groupBytes: i32,
): void {
  const zeros = i32x4.splat(zero);
  const lows = i32x4.splat(lo);
  const highs = i32x4.splat(hi);
  for (let row = 0; row < rowCount; row++) {
    let entry = table;
    let from = sums;
    for (let group = 0; group < groups; group++) {
      let to = target;
      for (let c = 0; c < channels; c += 8) {
        let x = i32x4.add(v128.load(from), v128.load(entry));
        let y = i32x4.add(v128.load(from, 16), v128.load(entry, 16));
        if (requantised) {
          x = i32x4.add(multiplyHigh(x, v128.load(entry, 32)), v128.load(entry, 64));
          y = i32x4.add(multiplyHigh(y, v128.load(entry, 48)), v128.load(entry, 80));
          x = i32x4.add(multiplyHigh(x, v128.load(entry, 96)), zeros);
          y = i32x4.add(multiplyHigh(y, v128.load(entry, 112)), zeros);
          x = i32x4.max_s(i32x4.min_s(x, highs), lows);
          y = i32x4.max_s(i32x4.min_s(y, highs), lows);
        }
        if (dtype <= UINT8) {
          const words = i16x8.narrow_i32x4_s(x, y);
          const bytes = dtype === INT8 ? i8x16.narrow_i16x8_s(words, words) : i8x16.narrow_i16x8_u(words, words);
          store<i64>(to, i64x2.extract_lane(bytes, 0));
          to += 8;
        } else if (dtype === INT16) {
          v128.store(to, i16x8.narrow_i32x4_s(x, y));
          to += 16;
        } else {
          v128.store(to, x);
          v128.store(to, y, 16);
          to += 32;
        }
        from += 32;
        entry += 128;
      }
      target += groupBytes;
    }
    sums += sumBytes;
  }
}
