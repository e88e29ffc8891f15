/** Records what advice needs to know of a run: operations, what the control unit issued and waited for, and its accesses. */

import { UNITS, type Unit } from "../isa/index.ts";
import type { CuListener, Operation, OperationListener } from "../units/index.ts";

/** Bytes of memory that one mark of an access stands for. */
const LINE_SHIFT = 8;
export const LINE_BYTES = 1 << LINE_SHIFT;

/** Lines of memory that the control unit has read and written. */
export interface Accessed {
  read?: Set<number>;
  written?: Set<number>;
}

/** The control unit issued an operation or learnt that some have completed; accesses are those between this event and the next one. Times in cycles. */
export interface CuEvent extends Accessed {
  readonly kind: "issue" | "wait";
  readonly pc: number;
  /** When it was ready for this, and when it went on. */
  readonly start: number;
  end: number;
  /** `issue`: index of the operation. */
  readonly operation: number;
  /** `wait`: tokens that it waited for; none: for whatever completed (wfi). */
  readonly tokens: number[];
}

/** An operation of a unit; `start` and `end` inside it are -1 while unknown. */
export interface RecordedOperation {
  readonly unit: Unit;
  readonly operation: Operation;
  /** Index of its issue among the events. */
  readonly event: number;
}

/** Events, and marks of accesses, that are kept for each operation of the limit. */
const EVENTS_PER_OPERATION = 8;
const MARKS_PER_OPERATION = 32;

/** Operations that are kept unless more are asked for: some hundred megabytes. */
const RECORD_LIMIT = 200_000;

/**
 * Give it to `Simulator.setListener`, alone or among others, before the run; it changes no cycle. A run that is longer than its
 * limits isn't recorded at all: a part of it is of no use to rules, and would only take memory.
 */
export class RunRecorder implements OperationListener, CuListener {
  /** In the order of their issue. */
  operations: RecordedOperation[] = [];
  events: CuEvent[] = [];
  /** What the control unit accesses before the first event. */
  readonly setUp: Accessed = {};
  /** Operations that aren't recorded: without them there is no advice from operations. */
  dropped = 0;
  private readonly limit: number;
  private queueWait: number | undefined;
  private marks = 0;
  private isOver = false;

  /** @param limit largest number of operations that are kept */
  constructor(limit = RECORD_LIMIT) {
    this.limit = limit;
  }

  issued(unit: Unit, operation: Operation): void {
    if (this.operations.length >= this.limit) this.giveUp();
    if (this.isOver) {
      this.dropped++;
      return;
    }
    const { pc, issueCycle: end } = operation;
    this.operations.push({ unit, operation, event: this.events.length });
    const start = this.queueWait ?? end;
    this.queueWait = undefined;
    this.events.push({ kind: "issue", pc, start, end, operation: this.operations.length - 1, tokens: [] });
  }

  waited(pc: number, start: number, end: number, cause: "tokenWait" | "queueFull"): void {
    if (cause === "queueFull") this.queueWait = start;
    else this.wait({ kind: "wait", pc, start, end, operation: -1, tokens: [] });
  }

  awaited(token: number, cycle: number): void {
    const last = this.events.at(-1);
    if (last?.kind === "wait" && last.end === cycle) last.tokens.push(token);
    else this.wait({ kind: "wait", pc: -1, start: cycle, end: cycle, operation: -1, tokens: [token] });
  }

  accessed(kind: "read" | "write", address: number, bytes: number): void {
    if (this.isOver) return;
    const last = this.events.at(-1) ?? this.setUp;
    let lines: Set<number>;
    if (kind === "read") {
      last.read ??= new Set();
      lines = last.read;
    } else {
      last.written ??= new Set();
      lines = last.written;
    }
    this.marks -= lines.size;
    for (let line = address >>> LINE_SHIFT; line <= (address + bytes - 1) >>> LINE_SHIFT; line++) lines.add(line);
    this.marks += lines.size;
    if (this.marks > this.limit * MARKS_PER_OPERATION) this.giveUp();
  }

  private wait(event: CuEvent): void {
    if (this.isOver) return;
    this.events.push(event);
    if (this.events.length > this.limit * EVENTS_PER_OPERATION) this.giveUp();
  }

  private giveUp(): void {
    this.isOver = true;
    this.dropped += this.operations.length;
    this.operations = [];
    this.events = [];
  }
}

/** True when lines that were touched may hold bytes of a range. */
export const touches = (lines: ReadonlySet<number> | undefined, region: { address: number; bytes: number }): boolean =>
  lines !== undefined && someLine(lines, region, () => true);

/** True when one of the lines that are known holds bytes of a range and fits. */
export function someLine(
  known: ReadonlySet<number> | ReadonlyMap<number, unknown>,
  { address, bytes }: { address: number; bytes: number },
  fits: (line: number) => boolean,
): boolean {
  if (bytes === 0) return false;
  const [first, last] = [address >>> LINE_SHIFT, (address + bytes - 1) >>> LINE_SHIFT];
  if (last - first > known.size) return [...known.keys()].some((line) => line >= first && line <= last && fits(line));
  for (let line = first; line <= last; line++) if (known.has(line) && fits(line)) return true;
  return false;
}

export const unitNumber = (unit: Unit): number => UNITS.indexOf(unit);
