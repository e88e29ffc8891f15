/** Resizing: nearest elements as bit patterns, linear interpolation in fixed point. */
import { type Context, image } from "../context.ts";
import { Misfit } from "../misfit.ts";
import { BITS, bring, remap, upTo } from "./moves.ts";

/** Where ONNX's Resize looks for output `o` of an axis. */
function coordinate(mode: string, o: number, size: number, out: number, scale: number): number {
  switch (mode) {
    case "asymmetric":
      return o / scale;
    case "align_corners":
      return out === 1 ? 0 : (o * (size - 1)) / (out - 1);
    case "pytorch_half_pixel":
      return out > 1 ? (o + 0.5) / scale - 0.5 : 0;
    case "half_pixel":
      return (o + 0.5) / scale - 0.5;
    case "tf_half_pixel_for_nn":
      return (o + 0.5) / scale;
    default:
      throw new Misfit("mode", `coordinates by ${mode}`);
  }
}

const NEAREST: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** What the machine's grids take as nearest (docs/machine.md). */
const GRIDS: Readonly<Record<string, (o: number, size: number, out: number) => number>> = {
  topleft: (o, size, out) => Math.floor((o * size) / out),
  centers: (o, size, out) => Math.floor(((2 * o + 1) * size) / (2 * out)),
  corners: (o, size, out) => (out === 1 ? 0 : Math.floor((2 * o * (size - 1) + out - 1) / (2 * (out - 1)))),
};

/** The places that an axis takes its elements from. */
function nearestPlaces(context: Context, size: number, out: number, scale: number): number[] {
  const upsample = context.node.op === "Upsample";
  const mode = upsample ? "asymmetric" : context.text("coordinate_transformation_mode", "half_pixel");
  const round = NEAREST[upsample ? "floor" : context.text("nearest_mode", "round_prefer_floor")]!;
  return upTo(out).map((o) => Math.max(0, Math.min(size - 1, round(coordinate(mode, o, size, out, scale)))));
}

/** The scale of each axis of a Resize or Upsample. */
function resizeScales(context: Context): number[] {
  const { shape } = context.input(0);
  const scales = (context.node.op === "Upsample" ? context.optional(1) : context.optional(2))?.data ?? [];
  const { shape: out } = context.output();
  const sizes = context.optional(3);
  return shape.map((size, axis) => (sizes || scales.length === 0 ? out[axis]! / size : scales[axis]!));
}

/** By vu.nearest where one of its grids takes the same elements, else by copies of runs. */
export function resizeNearest(context: Context): void {
  const x = context.input(0);
  const [from, to] = [image(x.shape), image(context.output().shape)];
  const scales = resizeScales(context);
  const rows = nearestPlaces(context, from[1], to[1], scales[2]!);
  const columns = nearestPlaces(context, from[2], to[2], scales[3]!);
  const grid = Object.keys(GRIDS).find(
    (name) =>
      rows.every((place, o) => place === GRIDS[name]!(o, from[1], to[1])) &&
      columns.every((place, o) => place === GRIDS[name]!(o, from[2], to[2])),
  );
  const { program } = context;
  const input = bring(context, x, from, "nchw");
  program.line("vu.reset");
  if (!grid) {
    context.result(remap(context, remap(context, input, 1, rows), 2, columns), BITS, { to: "nchw" });
    return;
  }
  const out = program.space(input.dtype, to);
  program.line(`vu.grid ${grid}`);
  program.issue("vu.nearest", "vu", [out, input]);
  context.result(out, BITS, { to: "nchw" });
}

/** The machine's grid for a coordinate transformation, and where it reaches beyond the last element. */
const LINEAR_GRIDS: Readonly<Record<string, string>> = {
  half_pixel: "centers",
  pytorch_half_pixel: "centers",
  align_corners: "corners",
  asymmetric: "topleft",
};

/** By vu.bilinear with 16 bits, by the resize accelerator with 8. */
export function resizeLinear(context: Context): void {
  const x = context.input(0);
  const [from, to] = [image(x.shape), image(context.output().shape)];
  const mode = context.text("coordinate_transformation_mode", "half_pixel");
  const grid = LINEAR_GRIDS[mode];
  if (!grid) throw new Misfit("mode", `coordinates by ${mode}`);
  const scales = resizeScales(context);
  for (const [axis, size] of [from[1], from[2]].entries()) {
    const out = to[axis + 1]!;
    if (out === 1 && mode === "pytorch_half_pixel" && size > 1) throw new Misfit("mode", `${mode} to a size of 1`);
    // The machine's scale is the ratio of the sizes.
    if (mode !== "align_corners" && Math.abs(scales[axis + 2]! - out / size) > 1e-6) {
      throw new Misfit("mode", "a scale other than the ratio of the sizes");
    }
  }
  const q = context.activation(x);
  const { program } = context;
  const input = context.bring(q, from, "nchw");
  const out = context.space(q, to);
  if (context.bits === 8) {
    program.line("xu.reset");
    program.line("xu.select resize");
    program.set("xu.set 0,", 1);
    program.set("xu.set 1,", ["topleft", "centers", "corners"].indexOf(grid));
    program.issue("xu.run", "xu", [out, input], "resize");
  } else {
    program.line("vu.reset");
    program.line(`vu.grid ${grid}`);
    program.issue("vu.bilinear", "vu", [out, input]);
  }
  // Places are rounded down to 1/1024 along both axes: that moves the result by as much of the range at most.
  const [least, greatest] = [Math.min(...x.data), Math.max(...x.data)];
  context.real(out, q, (2 * (greatest - least)) / 1024, { to: "nchw" });
}
