/** For tests: tensors with gaps in their strides, and single elements by the addresses that docs/machine.md gives them. */
import { LAYOUT, type Memories, type Tensor } from "../machine/index.ts";

const BITS = [8, 8, 16, 32, 4, 1];

export type Shape = readonly [n: number, h: number, w: number, c: number];

/** A tensor at `base` whose innermost, middle and outer axes keep `gaps` bytes between them. */
export function tensor(
  base: number,
  [n, h, w, c]: Shape,
  dtype: number,
  layout: number = LAYOUT.nhwc,
  gaps: readonly number[] = [0, 0, 0, 0],
): Tensor {
  const [g0 = 0, g1 = 0, g2 = 0, g3 = 0] = gaps;
  const bits = BITS[dtype]!;
  const rest = { zeroPoint: 0, flags: 0, table: 0, cip: 0, cop: 0 };
  const common = { base, n, h, w, c, dtype, layout, ...rest };
  if (layout === LAYOUT.nchw) {
    const sw = bits < 8 ? 1 : bits / 8 + g0;
    const sh = (bits < 8 ? Math.ceil((w * bits) / 8) : w * sw) + g1;
    const sc = h * sh + g2;
    return { ...common, sw, sh, sc, sn: c * sc + g3 };
  }
  const sc = bits < 8 ? 1 : bits / 8 + g0;
  const sw = (bits < 8 ? Math.ceil((c * bits) / 8) : c * sc) + g1;
  const sh = w * sw + g2;
  return { ...common, sc, sw, sh, sn: h * sh + g3 };
}

/** Bit address of an element: below a byte the innermost axis is packed. */
function bitAddress(t: Tensor, n: number, h: number, w: number, c: number): number {
  const bits = BITS[t.dtype]!;
  const packed = t.layout === LAYOUT.nchw ? w : c;
  const outer = t.base + n * t.sn + h * t.sh + (t.layout === LAYOUT.nchw ? c * t.sc : w * t.sw);
  if (bits < 8) return outer * 8 + packed * bits;
  return (outer + packed * (t.layout === LAYOUT.nchw ? t.sw : t.sc)) * 8;
}

/** An element's stored bits as an unsigned number. */
export function element(memories: Memories, t: Tensor, n: number, h: number, w: number, c: number): number {
  const at = bitAddress(t, n, h, w, c);
  const bits = BITS[t.dtype]!;
  const value = memories.readUnsigned(Math.floor(at / 8), Math.max(1, bits / 8));
  return bits < 8 ? (value >> (at % 8)) & (2 ** bits - 1) : value;
}

/** All indices of a shape. */
export function* places([n, h, w, c]: Shape): Generator<Shape> {
  for (let i = 0; i < n; i++) {
    for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) for (let k = 0; k < c; k++) yield [i, y, x, k];
  }
}

export const shapeOf = ({ n, h, w, c }: Tensor): Shape => [n, h, w, c];

/** Fills a range with bytes that repeat late. */
export function scramble(memories: Memories, address: number, bytes: number, seed: number): void {
  let state = seed | 1;
  const data = Uint8Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state >>> 24;
  });
  memories.write(address, data);
}
