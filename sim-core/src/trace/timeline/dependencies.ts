/** Who waits for whom: between operations by their tokens, and between operations and the control unit's waits. */
import type { Trace } from "../file/index.ts";
import { lastAtMost, type Spans } from "./spans.ts";

export class Dependencies {
  private readonly trace: Trace;
  private readonly waits: Spans;
  /** Operations that name an operation as a dependency, as one list with where each operation's begins; made when needed. */
  private made: { readonly first: Uint32Array; readonly successors: Uint32Array } | undefined;

  constructor(trace: Trace, waits: Spans) {
    this.trace = trace;
    this.waits = waits;
  }

  /** Operations that had to be complete before this one; those that the trace lacks are left out. */
  predecessors(index: number): number[] {
    const { operations } = this.trace;
    return [...operations.dependenciesOf(index)].map((token) => operations.withToken(token)).filter((one) => one >= 0);
  }

  /** Operations that had to wait for this one. */
  successors(index: number): Uint32Array {
    this.made ??= this.invert();
    const { first, successors } = this.made;
    return successors.subarray(first[index], first[index + 1]);
  }

  /** The wait of the control unit that an operation ends; -1 when there is none. */
  waitEndedBy(index: number): number {
    const { end, count } = this.trace.operations;
    if (index >= count || end.at(index) < 0) return -1;
    // The control unit may learn of it a cycle later.
    for (const cycle of [end.at(index) - 1, end.at(index)]) {
      const wait = this.waits.at(cycle);
      if (wait >= 0 && this.waits.ends[wait]! >= cycle && this.blockerOf(wait) === index) return wait;
    }
    return -1;
  }

  /** The operation whose end or start ended a wait; -1 when the trace lacks it. */
  blockerOf(wait: number): number {
    const { events, header } = this.trace;
    const cause = events.waits.cause.at(wait);
    if (header.causes[cause] === "queueFull") return this.freed(wait);
    return this.awaited(wait);
  }

  /** The last operation to end of those whose tokens the control unit learns of at the wait's end. */
  private awaited(wait: number): number {
    const { events, operations } = this.trace;
    const { cycle, token } = events.awaited;
    const [start, end] = [this.waits.starts[wait]!, this.waits.ends[wait]!];
    let found = -1;
    for (let i = lastAtMost(cycle.values, end + 1); i >= 0 && cycle.at(i) > start; i--) {
      const operation = operations.withToken(token.at(i));
      if (operation < 0 || operations.end.at(operation) < start || operations.end.at(operation) > end) continue;
      if (found < 0 || operations.end.at(operation) > operations.end.at(found)) found = operation;
    }
    return found;
  }

  /** The operation whose end, or else whose start, made room in the queue that the waiting instruction issues to. */
  private freed(wait: number): number {
    const { operations, events, header } = this.trace;
    const end = this.waits.ends[wait]!;
    const pc = events.waits.pc.at(wait);
    for (let unit = 0; unit < header.units.length; unit++) {
      const ofUnit = operations.byUnit(unit);
      const at = lastOf(ofUnit, (i) => operations.start.at(i) <= end);
      if (at < 0) continue;
      // The operation that waited to be issued comes into the queue at the end of the wait, behind those that are there.
      const queued = ofUnit.subarray(at, at + 80);
      if (!queued.some((i) => operations.pc.at(i) === pc && Math.abs(operations.issue.at(i) - end) <= 1)) continue;
      const before = ofUnit[at - 1];
      return before !== undefined && operations.end.at(before) === end ? before : ofUnit[at]!;
    }
    return -1;
  }

  private invert(): { readonly first: Uint32Array; readonly successors: Uint32Array } {
    const { operations } = this.trace;
    const first = new Uint32Array(operations.count + 1);
    const each = (visit: (before: number, index: number) => void): void => {
      for (let index = 0; index < operations.count; index++) {
        for (const token of operations.dependenciesOf(index)) {
          const before = operations.withToken(token);
          if (before >= 0) visit(before, index);
        }
      }
    };
    each((before) => first[before + 1]!++);
    for (let i = 0; i < operations.count; i++) first[i + 1]! += first[i]!;
    const next = first.slice();
    const successors = new Uint32Array(first[operations.count]!);
    each((before, index) => {
      successors[next[before]!++] = index;
    });
    return { first, successors };
  }
}

/** Position of the last of sorted values that fits; -1 when none does. */
function lastOf(values: Uint32Array, fits: (value: number) => boolean): number {
  let low = -1;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (fits(values[middle]!)) low = middle;
    else high = middle - 1;
  }
  return low;
}
