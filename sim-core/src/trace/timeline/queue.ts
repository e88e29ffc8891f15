/** How many operations wait in a unit's queue, at a cycle and on average between cycles. */
import type { Operations } from "../file/index.ts";
import { lastAtMost } from "./spans.ts";

export class QueueDepth {
  /** Cycles of issue and of start, ascending: operations leave the queue in the order in which they came. */
  private readonly issues: Float64Array;
  private readonly starts: Float64Array;
  /** Cycles waited by all operations before each one that has started. */
  private readonly waited: Float64Array;

  constructor(operations: Operations, unit: number, started: Uint32Array) {
    const { issue, start } = operations;
    const pending: number[] = [];
    for (let i = operations.count - 1; i >= 0 && operations.end.at(i) < 0; i--) {
      if (operations.unit.at(i) === unit && start.at(i) < 0) pending.push(issue.at(i));
    }
    this.starts = Float64Array.from(started, (i) => start.at(i));
    this.issues = Float64Array.from([...pending.sort((a, b) => a - b)]);
    const known = Float64Array.from(started, (i) => issue.at(i));
    const issues = new Float64Array(known.length + this.issues.length);
    issues.set(known);
    issues.set(this.issues, known.length);
    this.issues = issues;
    this.waited = new Float64Array(started.length + 1);
    for (let i = 0; i < started.length; i++) this.waited[i + 1] = this.waited[i]! + this.starts[i]! - known[i]!;
  }

  /** Operations that are issued and haven't started. */
  at(cycle: number): number {
    return lastAtMost(this.issues, cycle) - lastAtMost(this.starts, cycle);
  }

  /** Cycles that operations have waited in the queue before a cycle, all together. */
  waitedBefore(cycle: number): number {
    const issued = lastAtMost(this.issues, cycle);
    const started = lastAtMost(this.starts, cycle);
    let sum = this.waited[started + 1]!;
    // As many as the queue holds at most.
    for (let i = started + 1; i <= issued; i++) sum += cycle - this.issues[i]!;
    return sum;
  }

  /** Average number in each stretch between neighbouring cycles, by `capacity`. */
  shares(cycles: Float64Array, capacity: number): Float32Array {
    const shares = new Float32Array(cycles.length - 1);
    let before = this.waitedBefore(cycles[0]!);
    for (let i = 0; i < shares.length; i++) {
      const behind = this.waitedBefore(cycles[i + 1]!);
      shares[i] = (behind - before) / (cycles[i + 1]! - cycles[i]!) / capacity;
      before = behind;
    }
    return shares;
  }
}
