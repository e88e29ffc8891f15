/** The grid of a sweep: every combination of the values that `--set` lists. */
import type { SweepAxis } from "@nnasm/sim-core/compare";
import { type Setting, settingProblem } from "@nnasm/sim-core/config";
import { UsageError } from "../errors.ts";

/** Points of one sweep: more are a mistake of who typed them. */
const MAX_POINTS = 10_000;

/** Reads `nu.cip=8,16,32`. */
export function parseAxis(text: string): SweepAxis {
  const [, key, list] = /^([\w.]+)=(.+)$/.exec(text) ?? [];
  if (key === undefined || list === undefined) {
    throw new UsageError(`--set ${text} is not KEY=VALUE`, "for example --set nu.cip=8,16,32");
  }
  const problem = settingProblem(key);
  if (problem) throw new UsageError(problem.error, problem.hint);
  const values = list.split(",").map((value) => value.trim());
  if (values.includes("")) throw new UsageError(`--set ${text} has an empty value`, "for example --set nu.cip=8,16,32");
  const twice = values.find((value, index) => values.indexOf(value) < index);
  if (twice !== undefined) throw new UsageError(`--set ${text} has ${twice} twice`, "a value is one point");
  return { key, values };
}

/** All points, the last axis changing fastest. */
export function gridOf(axes: readonly SweepAxis[]): Setting[][] {
  const twice = axes.find(({ key }, index) => axes.findIndex((axis) => axis.key === key) < index);
  if (twice) throw new UsageError(`--set ${twice.key} is given twice`, `list all values: --set ${twice.key}=A,B`);
  const points = axes.reduce((product, { values }) => product * values.length, 1);
  if (points > MAX_POINTS) throw new UsageError(`${points} points are too many, at most ${MAX_POINTS}`);
  return axes.reduce<Setting[][]>(
    (grid, { key, values }) => grid.flatMap((point) => values.map((value) => [...point, { key, value }])),
    [[]],
  );
}
