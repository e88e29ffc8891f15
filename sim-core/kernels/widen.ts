/** Data types by their number in tensor descriptors. */
const INT8 = 0;
const UINT8 = 1;
const INT16 = 2;
const INT4 = 4;

/**
 * Real values of `count` elements as int16: the stored ones less `zero`; +1 and -1 for bits.
 * @param first position of the first element behind `source`, in elements
 */
export function widen(source: usize, first: i32, target: usize, count: i32, dtype: i32, zero: i32): void {
  if (dtype === INT8) widenInt8(source + first, target, count, zero);
  else if (dtype === UINT8) widenUint8(source + first, target, count, zero);
  else if (dtype === INT16) widenInt16(source + (first << 1), target, count, zero);
  else if (dtype === INT4) widenInt4(source, first, target, count, zero);
  else widenBits(source, first, target, count);
}

function widenInt8(source: usize, target: usize, count: i32, zero: i32): void {
  const zeros = i16x8.splat(zero as i16);
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    v128.store(target + (i << 1), i16x8.sub(v128.load_ext<i8>(source + i), zeros));
  }
  for (; i < count; i++) store<i16>(target + (i << 1), (load<i8>(source + i) - zero) as i16);
}

function widenUint8(source: usize, target: usize, count: i32, zero: i32): void {
  const zeros = i16x8.splat(zero as i16);
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    v128.store(target + (i << 1), i16x8.sub(v128.load_ext<u8>(source + i), zeros));
  }
  for (; i < count; i++) store<i16>(target + (i << 1), (load<u8>(source + i) - zero) as i16);
}

function widenInt16(source: usize, target: usize, count: i32, zero: i32): void {
  const zeros = i16x8.splat(zero as i16);
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    v128.store(target + (i << 1), i16x8.sub(v128.load(source + (i << 1)), zeros));
  }
  for (; i < count; i++) store<i16>(target + (i << 1), (load<i16>(source + (i << 1)) - zero) as i16);
}

/** The even element of a byte is the low one. */
function widenInt4(source: usize, first: i32, target: usize, count: i32, zero: i32): void {
  const zeros = i16x8.splat(zero as i16);
  let i = 0;
  if ((first & 1) === 0) {
    const from = source + (first >> 1);
    for (; i + 8 <= count; i += 8) {
      // Four bytes twice over; shifts bring each nibble to the top of its byte and down again with its sign.
      const bytes = v128.load_splat<u32>(from + (i >> 1));
      const even = i8x16.shr_s(i8x16.shl(bytes, 4), 4);
      const odd = i8x16.shr_s(bytes, 4);
      const both = v128.shuffle<i8>(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 0, 16, 1, 17, 2, 18, 3, 19);
      v128.store(target + (i << 1), i16x8.sub(i16x8.extend_low_i8x16_s(both), zeros));
    }
  }
  for (; i < count; i++) {
    const place = first + i;
    const byte = load<u8>(source + (place >> 1)) as i32;
    store<i16>(target + (i << 1), (((byte << ((place & 1) === 0 ? 28 : 24)) >> 28) - zero) as i16);
  }
}

function widenBits(source: usize, first: i32, target: usize, count: i32): void {
  let i = 0;
  if ((first & 7) === 0) {
    const from = source + (first >> 3);
    const masks = i16x8(1, 2, 4, 8, 16, 32, 64, 128);
    for (; i + 8 <= count; i += 8) {
      const bits = v128.and(i16x8.splat(load<u8>(from + (i >> 3)) as i16), masks);
      // All ones where the bit is set: -1 - 2 x -1 is +1.
      const set = i16x8.eq(bits, masks);
      v128.store(target + (i << 1), i16x8.sub(i16x8.splat(-1), i16x8.shl(set, 1)));
    }
  }
  for (; i < count; i++) {
    const place = first + i;
    const bit = (load<u8>(source + (place >> 3)) >> ((place & 7) as u8)) & 1;
    store<i16>(target + (i << 1), ((bit as i16) << 1) - 1);
  }
}
