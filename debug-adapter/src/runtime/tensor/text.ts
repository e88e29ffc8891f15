/** One line that tells a tensor. */

import { ENUMS } from "@nnasm/sim-core/isa";
import { dtypeName, elements, extent, layoutName, type Tensor } from "@nnasm/sim-core/machine";
import type { ProgramTensor } from "@nnasm/sim-core/program";
import type { Quad, TensorView } from "./view.ts";

const PREVIEW = 8;

/** The MAC array that blocked weights are laid out for. */
export interface ArraySize {
  readonly cip: number;
  readonly cop: number;
}

/** `int8 1x28x28x1 nhwc` */
export const typeText = (tensor: Tensor, dims: Quad): string =>
  `${dtypeName(tensor.dtype)} ${dims.join("x")} ${layoutName(tensor.layout)}`;

/** The first values in brackets. */
export function previewText(view: TensorView, limit = PREVIEW): string {
  const values = view.values(limit);
  if (values.length === 0) return "[]";
  return `[${values.join(", ")}${view.count > values.length ? ", ..." : ""}]`;
}

/** Elements that a text of everything holds at most. */
const MAX_FULL = 1_000_000;

/** All values in nested brackets, a line for each row of the innermost axis: for the clipboard. */
export function fullText(view: TensorView): string {
  const values = view.values(MAX_FULL);
  const axes = view.longAxes.length > 0 ? view.longAxes : [3];
  let at = 0;
  const part = (depth: number, indent: string): string => {
    const count = view.dims[axes[depth]!]!;
    if (depth === axes.length - 1) {
      const row = values.slice(at, at + count);
      at += count;
      return `${indent}[${row.join(", ")}]`;
    }
    const parts: string[] = [];
    for (let index = 0; index < count && at < values.length; index++) parts.push(part(depth + 1, `${indent}  `));
    return `${indent}[\n${parts.join(",\n")}\n${indent}]`;
  };
  const text = `${typeText(view.tensor, view.dims)}\n${part(0, "")}`;
  return view.count > values.length ? `${text}\n(the first ${values.length} of ${view.count} elements)` : text;
}

/** A declared tensor in the form that operations and descriptor registers hold. */
export function tensorOf(declared: ProgramTensor, array: ArraySize): Tensor {
  const [n, h, w, c] = declared.dims;
  const [sn, sh, sw, sc] = declared.strides;
  return {
    base: declared.base,
    n,
    h,
    w,
    c,
    sn,
    sh,
    sw,
    sc,
    dtype: ENUMS.dtype[declared.dtype],
    layout: ENUMS.layout[declared.layout],
    flags: 0,
    zeroPoint: declared.zeroPoint,
    table: declared.table,
    cip: declared.layout === "blocked" ? array.cip : 0,
    cop: declared.layout === "blocked" ? array.cop : 0,
  };
}

/** Name of the declared tensor that this one is, or lies in: `image`, `image+784`, undefined when it lies in none. */
export function tensorName(tensor: Tensor, declared: readonly ProgramTensor[], array: ArraySize): string | undefined {
  let within: ProgramTensor | undefined;
  for (const candidate of declared) {
    const [n, h, w, c] = candidate.dims;
    const sameShape = n === tensor.n && h === tensor.h && w === tensor.w && c === tensor.c;
    if (candidate.base === tensor.base && sameShape) return candidate.name;
    const { address, bytes } = extent(tensorOf(candidate, array));
    const starts = tensor.base >= address && tensor.base < address + bytes;
    if (starts && (!within || candidate.base > within.base)) within = candidate;
  }
  if (!within || elements(tensor) === 0) return undefined;
  const offset = tensor.base - within.base;
  return offset === 0 ? within.name : `${within.name}+${offset}`;
}
