/**
 * Matrix product over int16 values with int32 sums that wrap. A row of the left matrix is a window of the input: its
 * values lie in `segments` pieces, `pairs` pairs of values each, at the same distances from every row's address.
 *
 * A tile of 4 rows x 8 outputs stays in registers; 6 loads feed 64 multiply-accumulates.
 *
 * @param rows table of two words a row: address of the values, address of the sums; `rowCount` is a multiple of 4
 * @param segments table of the segments' distances in bytes
 * @param panels weights, 8 outputs behind each other as `pack` arranges them
 * @param tiles eights of outputs
 * @param rowOffset bytes added to the addresses of all rows' values, `sumOffset` to those of their sums
 */
export function multiply(
  rows: usize,
  rowCount: i32,
  segments: usize,
  segmentCount: i32,
  pairs: i32,
  panels: usize,
  tiles: i32,
  rowOffset: i32,
  sumOffset: i32,
): void {
  const rowsEnd = rows + (rowCount << 3);
  const segmentsEnd = segments + (segmentCount << 2);
  const segmentBytes = pairs << 5;
  for (let tile = 0; tile < tiles; tile++) {
    const to = sumOffset + (tile << 5);
    for (let row = rows; row < rowsEnd; row += 32) {
      const from0 = (load<u32>(row) as usize) + rowOffset;
      const from1 = (load<u32>(row, 8) as usize) + rowOffset;
      const from2 = (load<u32>(row, 16) as usize) + rowOffset;
      const from3 = (load<u32>(row, 24) as usize) + rowOffset;
      let s00 = i32x4.splat(0);
      let s01 = i32x4.splat(0);
      let s10 = i32x4.splat(0);
      let s11 = i32x4.splat(0);
      let s20 = i32x4.splat(0);
      let s21 = i32x4.splat(0);
      let s30 = i32x4.splat(0);
      let s31 = i32x4.splat(0);
      let w = panels;
      for (let segment = segments; segment < segmentsEnd; segment += 4) {
        const distance = load<i32>(segment);
        let p0 = from0 + distance;
        let p1 = from1 + distance;
        let p2 = from2 + distance;
        let p3 = from3 + distance;
        const end = w + segmentBytes;
        while (w < end) {
          const w0 = v128.load(w);
          const w1 = v128.load(w, 16);
          w += 32;
          let x = v128.load32_splat(p0);
          p0 += 4;
          s00 = i32x4.add(s00, i32x4.dot_i16x8_s(x, w0));
          s01 = i32x4.add(s01, i32x4.dot_i16x8_s(x, w1));
          x = v128.load32_splat(p1);
          p1 += 4;
          s10 = i32x4.add(s10, i32x4.dot_i16x8_s(x, w0));
          s11 = i32x4.add(s11, i32x4.dot_i16x8_s(x, w1));
          x = v128.load32_splat(p2);
          p2 += 4;
          s20 = i32x4.add(s20, i32x4.dot_i16x8_s(x, w0));
          s21 = i32x4.add(s21, i32x4.dot_i16x8_s(x, w1));
          x = v128.load32_splat(p3);
          p3 += 4;
          s30 = i32x4.add(s30, i32x4.dot_i16x8_s(x, w0));
          s31 = i32x4.add(s31, i32x4.dot_i16x8_s(x, w1));
        }
      }
      let sums = (load<u32>(row, 4) as usize) + to;
      v128.store(sums, s00);
      v128.store(sums, s01, 16);
      sums = (load<u32>(row, 12) as usize) + to;
      v128.store(sums, s10);
      v128.store(sums, s11, 16);
      sums = (load<u32>(row, 20) as usize) + to;
      v128.store(sums, s20);
      v128.store(sums, s21, 16);
      sums = (load<u32>(row, 28) as usize) + to;
      v128.store(sums, s30);
      v128.store(sums, s31, 16);
    }
    panels += segmentBytes * segmentCount;
  }
}
