/** Shapes of operators whose inputs are repeated (ONNX's multidirectional broadcasting), in the machine's four dimensions. */
import { Misfit } from "../misfit.ts";
import { type Four, type Machine, view } from "../program.ts";

export interface Aligned {
  readonly out: Four;
  /** Shape of each input; 1 where it is repeated. */
  readonly inputs: readonly Four[];
}

/**
 * Fills shapes up with ones and merges neighbouring dimensions that all inputs treat alike until four are left.
 * @throws Misfit when more than four remain
 */
export function align(shapes: readonly (readonly number[])[], out: readonly number[]): Aligned {
  if (out.includes(0)) throw new Misfit("empty");
  const rank = out.length;
  const filled = shapes.map((shape) => [...new Array<number>(rank - shape.length).fill(1), ...shape]);
  const axes = out.map((size, axis) => ({ size, own: filled.map((shape) => shape[axis]!) })).filter((a) => a.size > 1);
  while (axes.length > 4) {
    const at = axes.findIndex((axis, i) => {
      const next = axes[i + 1];
      return next?.own.every((size, k) => (size === 1) === (axis.own[k] === 1));
    });
    if (at < 0) throw new Misfit("rank", `rank ${rank}`);
    const [a, b] = [axes[at]!, axes[at + 1]!];
    axes.splice(at, 2, { size: a.size * b.size, own: a.own.map((size, k) => size * b.own[k]!) });
  }
  const ones = new Array<number>(4 - axes.length).fill(1);
  const shape = (sizes: readonly number[]) => [...ones, ...sizes] as unknown as Four;
  return { out: shape(axes.map((a) => a.size)), inputs: shapes.map((_, k) => shape(axes.map((a) => a.own[k]!))) };
}

/** A first input must have the output's shape: a stride of 0 repeats it. */
export function repeated(t: Machine, dims: Four): Machine {
  if (t.dims.every((size, axis) => size === dims[axis])) return t;
  const strides = t.strides.map((stride, axis) => (t.dims[axis] === dims[axis] ? stride : 0)) as unknown as Four;
  return view(t, { dims, strides });
}
