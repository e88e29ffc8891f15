/** Functions that expressions can call. */
import type { TensorView } from "../tensor/view.ts";
import { EvaluationError, type ScalarType } from "./types.ts";
import { type Environment, EVENT_FACTS, FACTS, type Fact, type Value } from "./value.ts";

interface FunctionRow {
  readonly parameters: string;
  readonly summary: string;
  readonly run: (arguments_: readonly Value[], name: string) => { readonly type: ScalarType; readonly value: number };
}

const whole = (value: number): { type: ScalarType; value: number } => ({ type: "int64", value });
const real = (value: number): { type: ScalarType; value: number } => ({ type: "float", value });

function tensorArgument(value: Value | undefined, name: string): TensorView {
  if (value?.kind !== "tensor") throw new EvaluationError(`${name} takes a tensor`);
  if (value.tensor.count === 0) throw new EvaluationError(`${name}: ${value.tensor.name} has no elements`);
  return value.tensor;
}

function valuesOf(value: Value | undefined, name: string): number[] {
  const tensor = tensorArgument(value, name);
  const values = tensor.values();
  if (values.length < tensor.count) throw new EvaluationError(`${tensor.name} leaves the memory`);
  return values;
}

const reduce = (summary: string, step: (a: number, b: number) => number): FunctionRow => ({
  parameters: "tensor",
  summary,
  run: ([tensor], name) => whole(valuesOf(tensor, name).reduce((a, b) => step(a, b))),
});

function position(value: Value | undefined, name: string, isBetter: (a: number, b: number) => boolean): number {
  const values = valuesOf(value, name);
  let best = 0;
  for (let at = 1; at < values.length; at++) if (isBetter(values[at]!, values[best]!)) best = at;
  return best;
}

function differences([a, b]: readonly Value[], name: string): number[] {
  const first = valuesOf(a, name);
  const second = valuesOf(b, name);
  if (first.length !== second.length) {
    throw new EvaluationError(`${name}: the tensors have ${first.length} and ${second.length} elements`);
  }
  return first.map((value, at) => Math.abs(value - second[at]!));
}

const FUNCTIONS: Readonly<Record<string, FunctionRow>> = {
  min: reduce("smallest element", Math.min),
  max: reduce("largest element", Math.max),
  sum: reduce("sum of the elements", (a, b) => a + b),
  mean: {
    parameters: "tensor",
    summary: "mean of the elements",
    run: ([tensor], name) => {
      const values = valuesOf(tensor, name);
      return real(values.reduce((a, b) => a + b) / values.length);
    },
  },
  argmax: {
    parameters: "tensor",
    summary: "position of the first largest element",
    run: ([tensor], name) => whole(position(tensor, name, (a, b) => a > b)),
  },
  argmin: {
    parameters: "tensor",
    summary: "position of the first smallest element",
    run: ([tensor], name) => whole(position(tensor, name, (a, b) => a < b)),
  },
  count: {
    parameters: "tensor",
    summary: "number of elements",
    run: ([tensor], name) => whole(tensorArgument(tensor, name).count),
  },
  zeros: {
    parameters: "tensor",
    summary: "number of elements that equal the zero point",
    run: ([tensor], name) => {
      const { zeroPoint } = tensorArgument(tensor, name).tensor;
      return whole(valuesOf(tensor, name).filter((value) => value === zeroPoint).length);
    },
  },
  diff: {
    parameters: "a, b",
    summary: "number of elements that differ",
    run: (both, name) => whole(differences(both, name).filter((distance) => distance !== 0).length),
  },
  maxdiff: {
    parameters: "a, b",
    summary: "largest distance between elements",
    run: (both, name) => whole(differences(both, name).reduce((a, b) => Math.max(a, b), 0)),
  },
};

/** Every callable name with its parameters and what it gives. */
export function functionNames(): readonly { name: string; parameters: string; summary: string }[] {
  const facts = Object.entries({ ...FACTS, ...EVENT_FACTS }).map(([name, summary]) => ({
    name,
    parameters: "",
    summary: summary as string,
  }));
  const rows = Object.entries(FUNCTIONS).map(([name, { parameters, summary }]) => ({ name, parameters, summary }));
  return [...facts, ...rows];
}

/** @throws EvaluationError when there is no such function or the arguments don't fit */
export function callFunction(name: string, arguments_: readonly Value[], environment: Environment): Value {
  if (Object.hasOwn(FACTS, name) || Object.hasOwn(EVENT_FACTS, name)) {
    if (arguments_.length > 0) throw new EvaluationError(`${name}() takes no arguments`);
    const value = environment.facts[name as Fact]();
    return { kind: "scalar", type: Number.isInteger(value) ? "int64" : "float", value };
  }
  const row = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!row) {
    const known = functionNames().map((candidate) => candidate.name);
    throw new EvaluationError(`there is no function ${name}; there are ${known.join(", ")}`);
  }
  const wanted = row.parameters.split(",").length;
  if (arguments_.length !== wanted) throw new EvaluationError(`${name}(${row.parameters}) takes ${wanted} arguments`);
  return { kind: "scalar", ...row.run(arguments_, name) };
}
