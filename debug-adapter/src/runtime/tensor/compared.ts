/** What a tensor is compared with: files, and itself at another time. */
import { DTYPE_BITS, enumNameOf } from "@nnasm/sim-core/isa";
import { extent } from "@nnasm/sim-core/machine";
import { EvaluationError } from "../expression/types.ts";
import { readNpy } from "./npy.ts";
import { type Numbers, TensorValues } from "./values.ts";
import type { Quad, TensorView } from "./view.ts";

/** First minus second, element by element. */
export const difference = (first: Numbers, second: Numbers): Numbers => ({
  at: (n, h, w, c) => first.at(n, h, w, c) - second.at(n, h, w, c),
});

/** The real values that stored ones stand for; the stored ones where there is no scale. */
export function realValues(stored: Numbers, { scale, tensor }: TensorView): Numbers {
  if (scale === 0) return stored;
  const { zeroPoint } = tensor;
  return { at: (n, h, w, c) => (stored.at(n, h, w, c) - zeroPoint) * scale };
}

export interface FileValues {
  readonly numbers: Numbers;
  /** The file holds real values, to be compared with what the stored ones stand for. */
  readonly isReal: boolean;
}

/**
 * A tensor's values from a file: .npy of its shape (axes of one element may be missing), or bare bytes, either as they lie
 * in memory or dense in n, h, w, c order, little-endian.
 * @throws EvaluationError that says what the file holds instead
 */
export function fileValues(name: string, bytes: Uint8Array, view: TensorView): FileValues {
  if (/\.npy$/i.test(name)) {
    const { shape, values, isReal } = readNpy(name, bytes);
    if (long(shape).join() !== long(view.dims).join()) {
      throw new EvaluationError(`${name} has the shape ${shape.join("x")}, ${view.name} has ${view.dims.join("x")}`);
    }
    return { numbers: dense(values, view.dims), isReal };
  }
  const { tensor } = view;
  const bits = DTYPE_BITS[tensor.dtype] ?? 8;
  const whole = extent(tensor);
  const isWhole = view.count === tensor.n * tensor.h * tensor.w * tensor.c;
  if (isWhole && bytes.length === whole.bytes) {
    const readMemory = () => bytes;
    return { numbers: new TensorValues(view, { readMemory }), isReal: false };
  }
  if (bits >= 8 && bytes.length === (view.count * bits) / 8) {
    return { numbers: dense(plain(bytes, enumNameOf("dtype", tensor.dtype) ?? "int8"), view.dims), isReal: false };
  }
  const packed = (view.count * bits) / 8;
  throw new EvaluationError(
    `${name} has ${bytes.length} bytes, ${view.name} takes ${isWhole ? whole.bytes : packed}: give a file of as many bytes, or an .npy`,
  );
}

const long = (dims: readonly number[]): number[] => dims.filter((count) => count !== 1);

function dense(values: ArrayLike<number>, [, h, w, c]: Quad): Numbers {
  return { at: (atN, atH, atW, atC) => values[((atN * h + atH) * w + atW) * c + atC]! };
}

function plain(bytes: Uint8Array, dtype: string): ArrayLike<number> {
  const { buffer } = bytes.slice();
  if (dtype === "int32") return new Int32Array(buffer);
  if (dtype === "int16") return new Int16Array(buffer);
  return dtype === "uint8" ? new Uint8Array(buffer) : new Int8Array(buffer);
}
