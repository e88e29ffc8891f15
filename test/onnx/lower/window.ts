/** Windows of convolutions and pools: ONNX's attributes as the neural unit's sticky state. */
import type { Context } from "../context.ts";
import { Misfit } from "../misfit.ts";
import type { Four } from "../program.ts";

export interface Window {
  readonly kernel: readonly [h: number, w: number];
  readonly strides: readonly [h: number, w: number];
  readonly dilations: readonly [h: number, w: number];
  /** Padding in front of h and w. */
  readonly begin: readonly [h: number, w: number];
  /** Padding behind h and w. */
  readonly end: readonly [h: number, w: number];
}

const pair = (list: readonly number[] | undefined, otherwise: number): [number, number] =>
  !list || list.length === 0
    ? [otherwise, otherwise]
    : list.length === 1
      ? [otherwise, list[0]!]
      : [list[0]!, list[1]!];

/** @param kernel sizes of the kernel's spatial dimensions, one or two */
export function windowOf(context: Context, input: Four, out: Four, kernel: readonly number[]): Window {
  if (kernel.length > 2) throw new Misfit("rank", `${kernel.length} spatial dimensions`);
  const size = pair(kernel, 1);
  const strides = pair(context.ints("strides"), 1);
  const dilations = pair(context.ints("dilations"), 1);
  const pads = context.ints("pads");
  const half = (pads?.length ?? 0) / 2;
  const begin = pair(pads?.slice(0, half), 0);
  const end = pair(pads?.slice(half), 0);
  const auto = context.text("auto_pad", "NOTSET");
  for (const axis of [0, 1] as const) {
    const reach = (size[axis] - 1) * dilations[axis] + 1;
    const places = (out[axis + 1]! - 1) * strides[axis] + reach - input[axis + 1]!;
    if (auto === "SAME_UPPER") begin[axis] = Math.floor(Math.max(0, places) / 2);
    if (auto === "SAME_LOWER") begin[axis] = Math.ceil(Math.max(0, places) / 2);
    // With rounding up (ceil_mode) the last window reaches beyond the padding; the machine rounds down.
    end[axis] = Math.max(auto === "NOTSET" ? end[axis] : 0, places - begin[axis]);
  }
  return { kernel: size, strides, dilations, begin, end };
}

const small = (values: readonly number[]): boolean => values.every((value) => value <= 31);

/** Writes the window into the neural unit's sticky state. */
export function setWindow({ program }: Context, { kernel, strides, dilations, begin, end }: Window): void {
  program.line("nu.reset");
  const set = (names: readonly string[], values: readonly number[]) => {
    for (const [i, name] of names.entries()) program.field("nu.set", name, values[i]!);
  };
  const sizes = [...kernel, ...strides];
  if (small(sizes)) program.line(`nu.window ${sizes.join(", ")}`);
  else set(["kh", "kw", "sh", "sw"], sizes);
  const pads = [begin[0], end[0], begin[1], end[1]];
  if (small(pads)) program.line(`nu.pad ${pads.join(", ")}`);
  else set(["padt", "padb", "padl", "padr"], pads);
  if (small(dilations)) program.line(`nu.dilate ${dilations.join(", ")}`);
  else set(["dh", "dw"], dilations);
}
