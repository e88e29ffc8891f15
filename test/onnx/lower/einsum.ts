/** The equations of the data set's Einsum tests as the operations that they are. */
import { type Context, four } from "../context.ts";
import { Misfit } from "../misfit.ts";
import { view } from "../program.ts";
import { matMul } from "./matmul.ts";
import { BITS, bring, transpose } from "./moves.ts";
import { reduceSum } from "./reduce.ts";

/** The last two axes' diagonal: a view whose stride is the sum of both. */
function diagonal(context: Context): void {
  const x = context.input(0);
  const input = bring(context, x, four(x.shape));
  const [n, h, w] = input.dims;
  const [sn, sh, sw, sc] = input.strides;
  const out = context.program.space(input.dtype, [1, n, h, w]);
  const elements = view(input, { dims: [1, n, h, w], strides: [0, sn, sh, sw + sc] });
  context.program.issue("vu.copy", "vu", [out, elements]);
  context.result(out, BITS);
}

/** The context of an operator with other inputs or attributes. */
function as(context: Context, changes: Partial<Pick<Context, "input" | "ints">>): Context {
  return Object.assign(Object.create(context) as Context, changes);
}

export function einsum(context: Context): void {
  const equation = context.text("equation", "").replaceAll(" ", "");
  switch (equation) {
    case "ij->ji":
      transpose(context);
      return;
    case "ij->i":
      reduceSum(as(context, { ints: (name) => (name === "axes" ? [1] : undefined) }));
      return;
    case "bij,bjk->bik":
      matMul(context);
      return;
    case "i,i":
      // A row times a column.
      matMul(
        as(context, {
          input: (i) => {
            const tensor = context.input(i);
            const { length } = tensor.data;
            return { ...tensor, shape: i === 0 ? [1, length] : [length, 1] };
          },
        }),
      );
      return;
    case "...ii->...i":
      diagonal(context);
      return;
    default:
      throw new Misfit("mode", `the equation ${equation}`);
  }
}
