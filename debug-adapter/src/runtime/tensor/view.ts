/** Tensors as people look at them: elements by index, wherever and however they lie in memory. */
import { DTYPE_BITS, enumNameOf } from "@nnasm/sim-core/isa";
import { blockedIndex, elements, extent, LAYOUT, type Tensor } from "@nnasm/sim-core/machine";
import type { ScalarType } from "../expression/types.ts";

/** n, h, w, c */
export type Quad = readonly [n: number, h: number, w: number, c: number];

export interface MemoryAccess {
  /** Undefined when the range leaves its memory. */
  readMemory(address: number, bytes: number): Uint8Array | undefined;
  writeMemory(address: number, bytes: Uint8Array): boolean;
}

/** Where an element lies: a byte address, and bits within for types below a byte. */
interface ElementPlace {
  readonly address: number;
  readonly bit: number;
}

const UNSIGNED = new Set(["uint8", "bit"]);

/** A tensor, or a rectangular part of one. */
export class TensorView {
  readonly tensor: Tensor;
  /** As the program or the descriptor register names it. */
  readonly name: string;
  /** Real value = scale * (stored - zero point); 0 = unknown. */
  readonly scale: number;
  readonly dims: Quad;
  /** Where the part begins in the tensor. */
  readonly origin: Quad;
  private readonly memory: MemoryAccess;
  private readonly bits: number;
  private readonly signed: boolean;
  /** Bytes of the whole tensor, read once: views live as short as the stop they belong to. */
  private cache: { readonly address: number; readonly bytes: Uint8Array } | undefined;

  constructor(
    tensor: Tensor,
    memory: MemoryAccess,
    { name, scale = 0, origin = [0, 0, 0, 0], dims }: { name: string; scale?: number; origin?: Quad; dims?: Quad },
  ) {
    this.tensor = tensor;
    this.memory = memory;
    this.name = name;
    this.scale = scale;
    this.origin = origin;
    this.dims = dims ?? [tensor.n, tensor.h, tensor.w, tensor.c];
    this.bits = DTYPE_BITS[tensor.dtype] ?? 8;
    this.signed = !UNSIGNED.has(enumNameOf("dtype", tensor.dtype) ?? "");
  }

  /** The smallest type of expressions that holds an element. */
  get elementType(): ScalarType {
    const width = Math.max(8, this.bits);
    return `${this.signed ? "int" : "uint"}${width}` as ScalarType;
  }

  get count(): number {
    return this.dims[0] * this.dims[1] * this.dims[2] * this.dims[3];
  }

  /** The axes that have more than one element: the ones that an index of few numbers means. */
  get longAxes(): readonly number[] {
    return [0, 1, 2, 3].filter((axis) => this.dims[axis]! > 1);
  }

  /** Index of the element at a position in n, h, w, c order. */
  indexOf(position: number): Quad {
    const [, h, w, c] = this.dims;
    return [
      Math.floor(position / (h * w * c)),
      Math.floor(position / (w * c)) % h,
      Math.floor(position / c) % w,
      position % c,
    ];
  }

  /** Byte address of an element. */
  addressOf(index: Quad): number {
    return this.place(index).address;
  }

  /** The element's stored value, or undefined where there is no memory. */
  element(index: Quad): number | undefined {
    const { address, bit } = this.place(index);
    const bytes = Math.ceil(this.bits / 8);
    const cached = this.bytesAt(address, bytes);
    if (!cached) return undefined;
    let value = 0;
    for (let at = bytes - 1; at >= 0; at--) value = value * 256 + cached.bytes[cached.at + at]!;
    if (this.bits < 8) value = (value >>> bit) & ((1 << this.bits) - 1);
    return this.signed && value >= 2 ** (this.bits - 1) ? value - 2 ** this.bits : value;
  }

  /** Writes an element; false where there is no memory. */
  setElement(index: Quad, value: number): boolean {
    const { address, bit } = this.place(index);
    const bytes = new Uint8Array(Math.ceil(this.bits / 8));
    if (this.bits < 8) {
      const old = this.memory.readMemory(address, 1);
      if (!old) return false;
      const mask = ((1 << this.bits) - 1) << bit;
      bytes[0] = (old[0]! & ~mask) | ((value << bit) & mask);
    } else for (let at = 0; at < bytes.length; at++) bytes[at] = (value >>> (8 * at)) & 0xff;
    this.cache = undefined;
    return this.memory.writeMemory(address, bytes);
  }

  /** Smallest and largest value that an element can hold. */
  get range(): readonly [number, number] {
    return this.signed ? [-(2 ** (this.bits - 1)), 2 ** (this.bits - 1) - 1] : [0, 2 ** this.bits - 1];
  }

  /** A rectangular part; the ranges lie within `dims`. */
  part(from: Quad, dims: Quad, name: string): TensorView {
    const origin = from.map((start, axis) => start + this.origin[axis]!) as unknown as Quad;
    return new TensorView(this.tensor, this.memory, { name, scale: this.scale, origin, dims });
  }

  /** Values in n, h, w, c order, at most `limit`; shorter where memory ends. */
  values(limit = this.count, start = 0): number[] {
    const values: number[] = [];
    const end = Math.min(this.count, start + limit);
    for (let position = start; position < end; position++) {
      const value = this.element(this.indexOf(position));
      if (value === undefined) break;
      values.push(value);
    }
    return values;
  }

  private place(index: Quad): ElementPlace {
    const t = this.tensor;
    const [n, h, w, c] = index.map((at, axis) => at + this.origin[axis]!) as unknown as Quad;
    if (t.layout === LAYOUT.blocked) {
      const bit = blockedIndex(t, t.cip || 1, t.cop || 1, n, h, w, c) * this.bits;
      return { address: t.base + Math.floor(bit / 8), bit: bit % 8 };
    }
    let address = t.base + n * t.sn + h * t.sh;
    let bit = 0;
    if (this.bits >= 8) address += w * t.sw + c * t.sc;
    else {
      // Below a byte the innermost axis is packed: c, or w in nchw.
      const isPlanar = t.layout === LAYOUT.nchw;
      const offset = (isPlanar ? w : c) * this.bits;
      address += (isPlanar ? c * t.sc : w * t.sw) + Math.floor(offset / 8);
      bit = offset % 8;
    }
    return { address, bit };
  }

  private bytesAt(address: number, bytes: number): { bytes: Uint8Array; at: number } | undefined {
    if (!this.cache) {
      const { tensor } = this;
      const whole = elements(tensor) > 0 ? extent(tensor) : { address, bytes };
      const read =
        whole.bytes > 0 && whole.bytes < MAX_CACHED ? this.memory.readMemory(whole.address, whole.bytes) : undefined;
      if (read) this.cache = { address: whole.address, bytes: read };
    }
    const { cache } = this;
    if (cache && address >= cache.address && address + bytes <= cache.address + cache.bytes.length) {
      return { bytes: cache.bytes, at: address - cache.address };
    }
    const read = this.memory.readMemory(address, bytes);
    return read && { bytes: read, at: 0 };
  }
}

/** Larger tensors are read element by element: a person looks at few of them. */
const MAX_CACHED = 16 * 1024 * 1024;
