/** Why a test of the data set can't run on the machine: a category and what it is in this case. */
export const REASONS = {
  container: "sequences, maps and optionals are no tensors",
  graph: "a graph of several operators; those that fit the machine have tests of their own",
  type: "element type that the machine doesn't have",
  empty: "a tensor without elements, which a descriptor can't describe",
  rank: "more than four dimensions that don't merge",
  shape: "the result's shape depends on the data",
  control: "control flow belongs to the control unit's program",
  operation: "no tensor unit has the operation",
  training: "an operator of training",
  random: "random numbers",
  recurrent: "a recurrent network, which is a program of many operations",
  float: "needs the range of floating point",
  mode: "a mode or size that the operation doesn't have",
  constant: "computes nothing from elements",
} as const;
export type Reason = keyof typeof REASONS;

export class Misfit extends Error {
  readonly reason: Reason;
  readonly detail: string;
  constructor(reason: Reason, detail = "") {
    super(`${reason}: ${detail}`);
    this.reason = reason;
    this.detail = detail;
  }
}
