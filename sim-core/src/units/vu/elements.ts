/** Tensors as dense arrays of their stored values in the order n, h, w, c, and back. */
import { DTYPE, extent, type Memories, type Tensor } from "../../machine/index.ts";
import { dimensions, sizeOf, strides } from "./checks.ts";

type View = Int8Array | Uint8Array | Int16Array | Int32Array;

function viewOf(t: Tensor, memories: Memories): View {
  switch (t.dtype) {
    case DTYPE.int32:
      return memories.i32;
    case DTYPE.int16:
      return memories.i16;
    case DTYPE.uint8:
      return memories.u8;
    default:
      return memories.i8;
  }
}

/** Calls `visit(index of the dense element, index in the view)` for every element of a shape. */
function walk(
  sizes: readonly number[],
  steps: readonly number[],
  base: number,
  visit: (i: number, at: number) => void,
) {
  const [n, h, w, c] = sizes as [number, number, number, number];
  const [sn, sh, sw, sc] = steps as [number, number, number, number];
  let i = 0;
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < h; b++) {
      for (let d = 0; d < w; d++) {
        let at = base + a * sn + b * sh + d * sw;
        for (let e = 0; e < c; e++, at += sc) visit(i++, at);
      }
    }
  }
}

function place(t: Tensor, memories: Memories): { view: View; base: number; steps: readonly number[] } {
  const size = sizeOf(t);
  const offset = memories.flatOffset(t.base, size);
  return { view: viewOf(t, memories), base: offset / size, steps: strides(t).map((stride) => stride / size) };
}

/**
 * Stored values of a tensor, dimensions of 1 repeated to `sizes`.
 * @param sizes n, h, w, c of the result; the tensor's own when left out
 */
export function loadElements(t: Tensor, memories: Memories, sizes: readonly number[] = dimensions(t)): Int32Array {
  const { view, base, steps } = place(t, memories);
  const own = dimensions(t);
  const values = new Int32Array(sizes.reduce((product, size) => product * size, 1));
  walk(
    sizes,
    steps.map((step, axis) => (own[axis] === 1 ? 0 : step)),
    base,
    (i, at) => {
      values[i] = view[at]!;
    },
  );
  return values;
}

/** Writes stored values, which the data type can hold, in the order n, h, w, c. */
export function storeElements(t: Tensor, values: ArrayLike<number>, memories: Memories): void {
  const { view, base, steps } = place(t, memories);
  walk(dimensions(t), steps, base, (i, at) => {
    view[at] = values[i]!;
  });
  const { address, bytes } = extent(t);
  memories.touch(memories.flatOffset(address, bytes), bytes);
}
