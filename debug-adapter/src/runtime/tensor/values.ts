/**
 * All elements of a tensor, read at once, for images and statistics of millions of them. Every layout's place of an element
 * is a sum of what its four indices add, so four tables say where each one lies.
 */
import { DTYPE_BITS, enumNameOf } from "@nnasm/sim-core/isa";
import { blockedIndex, extent, LAYOUT, type Tensor } from "@nnasm/sim-core/machine";
import { EvaluationError } from "../expression/types.ts";
import type { MemorySource } from "../history/kept-memory.ts";
import type { Quad, TensorView } from "./view.ts";

/** Larger tensors are no feature maps; offsets in bits have to fit an int32. */
const MAX_TENSOR_BYTES = 128 * 1024 * 1024;

/** Something that has a number for each index of a tensor. */
export interface Numbers {
  at(n: number, h: number, w: number, c: number): number;
}

export class TensorValues implements Numbers {
  readonly dims: Quad;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly offsets: readonly [Int32Array, Int32Array, Int32Array, Int32Array];
  /** How the bits at a place become a number. */
  private readonly kind: string;

  /** @throws EvaluationError when the tensor leaves its memory or is too large */
  constructor({ tensor, origin, dims, name }: TensorView, memory: MemorySource) {
    const { address, bytes } = extent(tensor);
    if (bytes > MAX_TENSOR_BYTES) {
      throw new EvaluationError(`${name} takes ${bytes} bytes: tensors of up to ${MAX_TENSOR_BYTES} can be shown`);
    }
    const read = memory.readMemory(address, bytes);
    if (!read)
      throw new EvaluationError(`${name} doesn't lie within one memory: its descriptor's fields say where it is`);
    this.dims = dims;
    this.bytes = read;
    this.view = new DataView(read.buffer, read.byteOffset, read.byteLength);
    this.kind = enumNameOf("dtype", tensor.dtype) ?? "int8";
    const start = (tensor.base - address) * 8;
    const table = (axis: number) =>
      Int32Array.from({ length: dims[axis]! }, (_, index) => bitOffset(tensor, axis, index + origin[axis]!));
    this.offsets = [table(0).map((offset) => offset + start), table(1), table(2), table(3)];
  }

  /** The stored value. */
  at(n: number, h: number, w: number, c: number): number {
    const [inN, inH, inW, inC] = this.offsets;
    const bit = inN[n]! + inH[h]! + inW[w]! + inC[c]!;
    const byte = bit >>> 3;
    switch (this.kind) {
      case "int8":
        return (this.bytes[byte]! << 24) >> 24;
      case "uint8":
        return this.bytes[byte]!;
      case "int16":
        return this.view.getInt16(byte, true);
      case "int32":
        return this.view.getInt32(byte, true);
      case "int4":
        return (this.bytes[byte]! << (28 - (bit & 7))) >> 28;
      default:
        return (this.bytes[byte]! >> (bit & 7)) & 1;
    }
  }
}

/** What an index along one axis adds to an element's place, in bits. */
function bitOffset(tensor: Tensor, axis: number, index: number): number {
  const bits = DTYPE_BITS[tensor.dtype] ?? 8;
  const place: [number, number, number, number] = [0, 0, 0, 0];
  place[axis] = index;
  if (tensor.layout === LAYOUT.blocked) {
    return blockedIndex(tensor, tensor.cip || 1, tensor.cop || 1, ...place) * bits;
  }
  const isPacked = bits < 8 && axis === (tensor.layout === LAYOUT.nchw ? 2 : 3);
  return index * (isPacked ? bits : [tensor.sn, tensor.sh, tensor.sw, tensor.sc][axis]! * 8);
}
