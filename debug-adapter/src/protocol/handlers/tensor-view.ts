/** Tensors as images: only as many pixels as are shown go to the client, however large the tensor is. */
import {
  type Box,
  type Debugger,
  difference,
  EvaluationError,
  fileValues,
  type Numbers,
  type Quad,
  type Raster,
  raster,
  realValues,
  statistics,
  TensorValues,
  type TensorView,
  typeText,
} from "../../runtime/index.ts";
import { base64 } from "../base64.ts";
import { wholeNumber } from "../convert.ts";
import { RequestError } from "../requests.ts";
import type { SessionState } from "../state.ts";
import type { TensorComparison, TensorDescription, TensorImageArguments, TensorImages } from "../views.ts";
import type { Handlers } from "./handler.ts";

/** More than any screen has. */
const MAX_PIXELS = 4096 * 4096;
const AXES = ["n", "h", "w", "c"];

/** @throws EvaluationError when the expression is no tensor */
function tensorAt(state: SessionState, expression: string): TensorView {
  const { value } = state.debugger.evaluate(expression, false);
  if (value.kind !== "tensor") throw new EvaluationError(`${expression} is no tensor`);
  return value.tensor;
}

interface Shown {
  readonly values: Numbers;
  /** As it was at the last stop; undefined where that isn't known, or what is shown is no value of memory. */
  readonly before: Numbers | undefined;
  readonly isReal: boolean;
  readonly isExact: boolean;
}

/** The tensor's values, or their difference to something. */
async function shown(state: SessionState, view: TensorView, compare: TensorComparison | undefined): Promise<Shown> {
  const run = state.debugger;
  const past = compare && "cycle" in compare ? await run.past.at(wholeNumber("cycle", compare.cycle, 0)) : undefined;
  const stored = new TensorValues(view, run.machine.simulator);
  const { lastStop } = run.history;
  if (!compare) {
    const before = lastStop && new TensorValues(view, lastStop.memory);
    return { values: stored, before, isReal: false, isExact: true };
  }
  const other = past
    ? { numbers: new TensorValues(view, past), isReal: false }
    : fromFile(state, view, (compare as { file: string }).file);
  const own = other.isReal ? realValues(stored, view) : stored;
  const isExact = !other.isReal && view.range[1] - view.range[0] < 2 ** 31;
  return { values: difference(own, other.numbers), before: undefined, isReal: other.isReal, isExact };
}

function fromFile(state: SessionState, view: TensorView, name: string) {
  if (typeof name !== "string") throw new RequestError('"compare" needs a "cycle" or a "file"', false);
  const read = state.files.read(state.files.resolve(state.files.cwd, name));
  if ("problem" in read) throw new RequestError(`cannot read ${name}: ${read.problem}`);
  return fileValues(name, read.bytes, view);
}

function axis(name: string, value: unknown): number {
  const number = wholeNumber(name, value, 0);
  if (number > 3) throw new RequestError(`"${name}" is an axis: 0 (n), 1 (h), 2 (w) or 3 (c)`, false);
  return number;
}

function within(what: string, value: unknown, count: number): number {
  const number = wholeNumber(what, value, 0);
  if (number < count) return number;
  throw new RequestError(`"${what}" is ${number}, but there are only ${count}`, false);
}

function encoded({ columns, rows, min, max, changed }: Raster, isExact: boolean): TensorImages["images"][number] {
  const bytes = (numbers: Float64Array): string => {
    const { buffer } = isExact ? Int32Array.from(numbers) : numbers;
    return base64(new Uint8Array(buffer));
  };
  const isSame = min.every((value, at) => value === max[at]);
  return {
    columns,
    rows,
    min: bytes(min),
    ...(isSame ? {} : { max: bytes(max) }),
    ...(changed.includes(1) ? { changed: base64(changed) } : {}),
  };
}

async function images(state: SessionState, wanted: TensorImageArguments): Promise<TensorImages> {
  const view = tensorAt(state, wanted.expression);
  const { dims } = view;
  const x = axis("x", wanted.x);
  const y = axis("y", wanted.y);
  const strip = axis("strip", wanted.strip);
  if (x === y || strip === x || strip === y) throw new RequestError("x, y and strip are three axes", false);
  const index = AXES.map((name, at) =>
    at === x || at === y ? 0 : within(`index of ${name}`, wanted.index[at], dims[at]!),
  ) as unknown as Quad;
  const left = within("left", wanted.left ?? 0, dims[x]!);
  const top = within("top", wanted.top ?? 0, dims[y]!);
  const width = Math.min(wholeNumber("width", wanted.width ?? dims[x]!, 0), dims[x]! - left);
  const height = Math.min(wholeNumber("height", wanted.height ?? dims[y]!, 0), dims[y]! - top);
  const columns = Math.min(wholeNumber("columns", wanted.columns, 0), width);
  const rows = Math.min(wholeNumber("rows", wanted.rows, 0), height);
  if (columns * rows * wanted.slices.length > MAX_PIXELS) throw new RequestError("too many pixels at once", false);
  const slices = wanted.slices.map((slice) => within("slice", slice, dims[strip]!));
  const { values, before, isReal, isExact } = await shown(state, view, wanted.compare);
  const plane = { x, y, left, top, width, height, columns, rows };
  return {
    images: slices.map((slice) => {
      const place = index.map((at, other) => (other === strip ? slice : at)) as unknown as Quad;
      return encoded(raster(values, before, { ...plane, index: place }), isExact);
    }),
    encoding: isExact ? "int32" : "float64",
    isReal,
  };
}

function description(run: Debugger, view: TensorView): TensorDescription {
  const { tensor, dims, name, scale } = view;
  const { history, machine } = run;
  const whole = typeText(tensor, dims);
  const declared = machine.symbols.tensors.find(
    (one) => one.base === tensor.base && one.dims.join() === [tensor.n, tensor.h, tensor.w, tensor.c].join(),
  )?.name;
  return {
    name,
    type: whole,
    dtype: whole.split(" ")[0]!,
    bits: Math.round(Math.log2(view.range[1] - view.range[0] + 1)),
    isSigned: view.range[0] < 0,
    dims,
    address: view.addressOf([0, 0, 0, 0]),
    scale,
    zeroPoint: tensor.zeroPoint,
    ...(declared === undefined || declared === name ? {} : { declared }),
    cycle: history.position.cycle,
    ...(history.isPast ? { end: history.end.cycle } : {}),
    ...(history.lastStop ? { lastStop: history.lastStop.cycle } : {}),
  };
}

/** All of a tensor, or one slice of it. */
function boxOf({ dims }: TensorView, slice: { readonly axis: number; readonly index: number } | undefined): Box {
  if (!slice) return { from: [0, 0, 0, 0], dims };
  const along = axis("axis", slice.axis);
  const index = within("index", slice.index, dims[along]!);
  const from = dims.map((_, at) => (at === along ? index : 0)) as unknown as Quad;
  return { from, dims: dims.map((count, at) => (at === along ? 1 : count)) as unknown as Quad };
}

export const tensorViewHandlers = {
  "nnasm/tensors": (state) => {
    const { machine } = state.debugger;
    const names = [
      ...machine.symbols.tensors.map(({ name }) => name),
      ...Array.from({ length: 32 }, (_, register) => `td${register}`),
    ];
    const tensors = names.flatMap((name) => {
      try {
        const view = tensorAt(state, name);
        return [{ name, type: typeText(view.tensor, view.dims), address: view.addressOf([0, 0, 0, 0]) }];
      } catch (error) {
        // A descriptor register that describes nothing.
        if (error instanceof EvaluationError) return [];
        throw error;
      }
    });
    return { tensors };
  },
  "nnasm/tensor": (state, { expression }) => description(state.debugger, tensorAt(state, expression)),
  "nnasm/tensorImage": (state, wanted) => images(state, wanted),
  "nnasm/tensorStatistics": async (state, { expression, slice, compare }) => {
    const view = tensorAt(state, expression);
    const { values, before } = await shown(state, view, compare);
    return statistics(values, before, boxOf(view, slice), compare ? [Number.NaN, Number.NaN] : view.range);
  },
} as const satisfies Handlers;
