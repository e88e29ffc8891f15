/** Tensor descriptors: their 16-word memory form, and the geometry that follows from it. */
import { DTYPE_BITS, ENUMS, enumNameOf } from "../isa/enums.ts";
import type { AddressSpace } from "./address-space.ts";
import { MachineFault } from "./faults.ts";

export const DESCRIPTOR_WORDS = 16;
export const DESCRIPTOR_BYTES = 64;
const FIELD = ENUMS.tdfield;
export const DTYPE = ENUMS.dtype;
export const LAYOUT = ENUMS.layout;
/** Flag bit 0: one table entry serves all channels. */
export const FLAG_PER_TENSOR_TABLE = 1;

/** A tensor as an operation sees it: a copy of the descriptor, taken when the operation is issued. */
export interface Tensor {
  readonly base: number;
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly c: number;
  /** Strides in bytes. */
  readonly sn: number;
  readonly sh: number;
  readonly sw: number;
  readonly sc: number;
  readonly dtype: number;
  readonly layout: number;
  readonly flags: number;
  readonly zeroPoint: number;
  /** Address of the requantisation table, 0 = none. */
  readonly table: number;
  /** Array that blocked weights are laid out for; 0 = not blocked. */
  readonly cip: number;
  readonly cop: number;
}

/** Unpacks the descriptor whose 16 words begin at `at`. */
export function unpackDescriptor(words: Int32Array, at: number): Tensor {
  const type = words[at + FIELD.type]!;
  const block = words[at + FIELD.block]!;
  return {
    base: words[at + FIELD.base]! >>> 0,
    n: words[at + FIELD.n]! >>> 0,
    h: words[at + FIELD.h]! >>> 0,
    w: words[at + FIELD.w]! >>> 0,
    c: words[at + FIELD.c]! >>> 0,
    sn: words[at + FIELD.sn]!,
    sh: words[at + FIELD.sh]!,
    sw: words[at + FIELD.sw]!,
    sc: words[at + FIELD.sc]!,
    dtype: type & 0xff,
    layout: (type >>> 8) & 0xff,
    flags: type >>> 16,
    zeroPoint: words[at + FIELD.zp]!,
    table: words[at + FIELD.table]! >>> 0,
    cip: block & 0xffff,
    cop: block >>> 16,
  };
}

export const dtypeName = (dtype: number): string => enumNameOf("dtype", dtype) ?? `dtype ${dtype}`;
export const layoutName = (layout: number): string => enumNameOf("layout", layout) ?? `layout ${layout}`;
export const shapeText = (t: Tensor): string => `${t.n}x${t.h}x${t.w}x${t.c}`;

/** Bytes of `count` contiguous elements, rounded up to whole bytes. */
export function elementBytes(dtype: number, count: number): number {
  return Math.ceil((count * (DTYPE_BITS[dtype] ?? 8)) / 8);
}

export const elements = (t: Tensor): number => t.n * t.h * t.w * t.c;

export type WeightShape = Pick<Tensor, "n" | "h" | "w" | "c" | "dtype">;

/**
 * Bytes of weights (OHWI shape n, h, w, c) blocked for an array: whole blocks of CiP x CoP per tap.
 * Weights of a single filter (n = 1, which depthwise weights are) are blocked as CoP channels per tap.
 */
export function blockedBytes(t: WeightShape, cip: number, cop: number): number {
  const channels = t.n === 1 ? Math.ceil(t.c / cop) * cop : Math.ceil(t.n / cop) * cop * Math.ceil(t.c / cip) * cip;
  return elementBytes(t.dtype, channels) * t.h * t.w;
}

/** Element index of weight (o, kh, kw, i) in the blocked order: co block, ci block, tap, co, ci. */
export function blockedIndex(
  t: WeightShape,
  cip: number,
  cop: number,
  o: number,
  kh: number,
  kw: number,
  i: number,
): number {
  if (t.n === 1) return ((Math.floor(i / cop) * t.h + kh) * t.w + kw) * cop + (i % cop);
  const ciBlocks = Math.ceil(t.c / cip);
  const block = ((Math.floor(o / cop) * ciBlocks + Math.floor(i / cip)) * t.h + kh) * t.w + kw;
  return (block * cop + (o % cop)) * cip + (i % cip);
}

/** Lowest address and the byte length from there to the end of the tensor's last element. */
export function extent(t: Tensor): { address: number; bytes: number } {
  if (elements(t) === 0) return { address: t.base, bytes: 0 };
  if (t.layout === LAYOUT.blocked) return { address: t.base, bytes: blockedBytes(t, t.cip, t.cop) };
  let low = t.base;
  let high = t.base;
  const axis = (count: number, stride: number) => {
    const reach = (count - 1) * stride;
    if (reach < 0) low += reach;
    else high += reach;
  };
  axis(t.n, t.sn);
  axis(t.h, t.sh);
  axis(t.w, t.sw);
  const last = DTYPE_BITS[t.dtype]! < 8 ? elementBytes(t.dtype, t.c) : elementBytes(t.dtype, 1);
  if (DTYPE_BITS[t.dtype]! >= 8) axis(t.c, t.sc);
  return { address: low, bytes: high - low + last };
}

/** The memory that holds the whole tensor. */
export function tensorMemory(t: Tensor, memories: AddressSpace): "dm" | "wm" | "pm" | "ddr" | undefined {
  const { address, bytes } = extent(t);
  if (memories.inDdr(address, bytes)) return "ddr";
  const offset = memories.flatOffset(address, bytes);
  if (offset < 0) return undefined;
  return offset >= memories.wmOffset ? "wm" : offset >= memories.dmOffset ? "dm" : "pm";
}

/** Faults unless the descriptor's data type and layout exist and its dimensions are not zero. */
export function checkDescriptor(t: Tensor, role: string): void {
  if (DTYPE_BITS[t.dtype] === undefined) {
    throw new MachineFault("descriptor", t.base, `${role}: undefined data type number ${t.dtype}`);
  }
  if (enumNameOf("layout", t.layout) === undefined) {
    throw new MachineFault("descriptor", t.base, `${role}: undefined layout number ${t.layout}`);
  }
  if (elements(t) === 0) {
    throw new MachineFault(
      "shape",
      t.base,
      `${role}: the shape ${shapeText(t)} has no elements`,
      "load the descriptor (td.ld) before the operation",
    );
  }
}

/** Dense strides in bytes for a shape in nhwc or nchw; rows of sub-byte elements are padded to whole bytes. */
export function denseStrides(
  layout: number,
  dtype: number,
  dims: readonly [n: number, h: number, w: number, c: number],
): { sn: number; sh: number; sw: number; sc: number } {
  const [, h, w, c] = dims;
  if (layout === LAYOUT.nchw) {
    const sh = elementBytes(dtype, w);
    return { sw: elementBytes(dtype, 1), sh, sc: h * sh, sn: c * h * sh };
  }
  const sw = elementBytes(dtype, c);
  return { sc: elementBytes(dtype, 1), sw, sh: w * sw, sn: h * w * sw };
}
