/**
 * Depthwise convolution over int16 values with int32 sums that wrap, 8 channels and two taps at a time.
 *
 * @param rows table of two words an output pixel: address of its window's values, address of its sums
 * @param taps table of the taps' distances in bytes, an even number; the weights of a tap that fills up are 0
 * @param weights for every 8 channels and pair of taps 16 values: channel 0 of the first and of the second tap, ...
 * @param blocks eights of channels
 */
export function depthwise(rows: usize, rowCount: i32, taps: usize, tapCount: i32, weights: usize, blocks: i32): void {
  const rowsEnd = rows + (rowCount << 3);
  const tapsEnd = taps + (tapCount << 2);
  for (let row = rows; row < rowsEnd; row += 8) {
    let from = load<u32>(row) as usize;
    let sums = load<u32>(row, 4) as usize;
    let w = weights;
    for (let block = 0; block < blocks; block++) {
      let low = i32x4.splat(0);
      let high = i32x4.splat(0);
      for (let tap = taps; tap < tapsEnd; tap += 8) {
        const first = v128.load(from + load<i32>(tap));
        const second = v128.load(from + load<i32>(tap, 4));
        const lows = v128.shuffle<i16>(first, second, 0, 8, 1, 9, 2, 10, 3, 11);
        const highs = v128.shuffle<i16>(first, second, 4, 12, 5, 13, 6, 14, 7, 15);
        low = i32x4.add(low, i32x4.dot_i16x8_s(lows, v128.load(w)));
        high = i32x4.add(high, i32x4.dot_i16x8_s(highs, v128.load(w, 16)));
        w += 32;
      }
      v128.store(sums, low);
      v128.store(sums, high, 16);
      from += 16;
      sums += 32;
    }
  }
}
