/** A unit's queue: in order, one operation running, tokens counted in issue order. */
import { type FaultRecord, faultRecord, MachineFault } from "../machine/index.ts";
import { makeToken, type Operation, reached } from "./operation.ts";

/** A unit's queue in a snapshot. */
export interface QueueState<Op extends Operation> {
  readonly waiting: readonly Op[];
  readonly running: Op | undefined;
  readonly halted: { readonly operation: Op; readonly fault: FaultRecord } | undefined;
  readonly issued: number;
  readonly completed: number;
  readonly freeSince: number;
  readonly after: readonly number[];
}

/** Operations are plain data of which only the top level changes: work, tensors and latched data are shared. */
const copyOf = <Op extends Operation>(operation: Op): Op => ({ ...operation });

export class UnitQueue<Op extends Operation> {
  readonly unitIndex: number;
  readonly depth: number;
  /** Operations that have been issued and have not started. */
  waiting: Op[] = [];
  running: Op | undefined;
  /** What an operation found wrong while it ran: the unit stands still from then on. */
  halted: { readonly operation: Op; readonly fault: FaultRecord } | undefined;
  /** Sequence numbers of the last issued and the last completed operation; 0 = none. */
  issued = 0;
  completed = 0;
  /** Cycle in which the last operation completed: the unit is free from then on. */
  freeSince = 0;
  /** Tokens that nn.after collected for the next issue. */
  private after: number[] = [];

  constructor(unitIndex: number, depth: number) {
    this.unitIndex = unitIndex;
    this.depth = depth;
  }

  get full(): boolean {
    return this.waiting.length >= this.depth;
  }

  /** True when nothing is queued or running, or nothing of it will ever be done. */
  get idle(): boolean {
    return this.halted !== undefined || (this.running === undefined && this.waiting.length === 0);
  }

  get lastToken(): number {
    return this.issued === 0 ? 0 : makeToken(this.unitIndex, this.issued);
  }

  addDependencies(tokens: readonly number[]): void {
    this.after.push(...tokens);
  }

  /** The operation that may be looked at for starting. */
  get head(): Op | undefined {
    return this.running || this.halted ? undefined : this.waiting[0];
  }

  /** Takes note of the end of the running operation; `effects` performs it and may find a fault. */
  finish(cycle: number, effects: (operation: Op) => void): Op | undefined {
    const operation = this.running!;
    this.running = undefined;
    this.freeSince = cycle;
    try {
      effects(operation);
    } catch (error) {
      if (!(error instanceof MachineFault)) throw error;
      this.halted = { operation, fault: faultRecord(error) };
      return undefined;
    }
    this.completed++;
    return operation;
  }

  /** The token and the dependencies of the next issue; the dependencies are used up. */
  takeIssue(): { token: number; dependencies: readonly number[] } {
    this.issued++;
    const dependencies = this.after;
    this.after = [];
    return { token: makeToken(this.unitIndex, this.issued), dependencies };
  }

  capture(): QueueState<Op> {
    const { running, halted, issued, completed, freeSince } = this;
    return {
      waiting: this.waiting.map(copyOf),
      running: running && copyOf(running),
      halted: halted && { ...halted, operation: copyOf(halted.operation) },
      issued,
      completed,
      freeSince,
      after: this.after.slice(),
    };
  }

  restore({ waiting, running, halted, issued, completed, freeSince, after }: QueueState<Op>): void {
    this.waiting = waiting.map(copyOf);
    this.running = running && copyOf(running);
    this.halted = halted && { ...halted, operation: copyOf(halted.operation) };
    this.issued = issued;
    this.completed = completed;
    this.freeSince = freeSince;
    this.after = after.slice();
  }

  wasIssued(token: number): boolean {
    return reached(this.issued, token);
  }

  isComplete(token: number): boolean {
    return reached(this.completed, token);
  }
}
