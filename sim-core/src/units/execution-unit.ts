/** What the scheduler knows of a unit, and the unit that most are: one operation at a time, duration known at start. */
import { UNITS, type Unit } from "../isa/types.ts";
import { CopyOnWriteMap } from "../machine/index.ts";
import { accountKey, type UnitAccount } from "./accounting.ts";
import type { BankArbiter, Traffic } from "./dm/index.ts";
import type { Operation } from "./operation.ts";
import { type QueueState, UnitQueue } from "./queue.ts";

/** Tells whether everything that an operation depends on has completed. */
export type Ready = (operation: Operation) => boolean;

export interface ExecutionUnit {
  readonly unit: Unit;
  readonly queue: UnitQueue<Operation>;
  /** Sums by instruction and layer. */
  readonly accounts: { clear(): void };
  /** Cycle of the next thing that the unit does by itself; infinite when there is none. */
  nextEvent(ready: Ready): number;
  /** Whether the running operation's time has come by `cycle`, up to which the banks are decided; conflicts put it off. */
  isOver(cycle: number): boolean;
  /**
   * Completes the running operation when its time has come; returns it.
   * @param cuWaitCycles cycles that the CU has spent waiting for tokens so far
   */
  complete(cycle: number, cuWaitCycles: number): Operation | undefined;
  /**
   * Starts the first waiting operation when it may; returns it.
   * @param functional it completes in the same cycle (T-FUN-2)
   */
  start(cycle: number, ready: Ready, functional: boolean): Operation | undefined;
}

export interface SerialOperation<Work> extends Operation {
  readonly work: Work;
}

/** Cycle in which the first waiting operation can start: T-Q-1. */
export function startEvent(queue: UnitQueue<Operation>, ready: Ready): number {
  const { head } = queue;
  return head && ready(head) ? Math.max(head.issueCycle + 1, queue.freeSince) : Number.POSITIVE_INFINITY;
}

/** Takes the first waiting operation out of the queue when it may start in this cycle. */
export function takeStart<Op extends Operation>(queue: UnitQueue<Op>, cycle: number, ready: Ready): Op | undefined {
  const { head } = queue;
  if (!head || head.issueCycle >= cycle || !ready(head)) return undefined;
  queue.waiting.shift();
  queue.running = head;
  head.startCycle = cycle;
  return head;
}

/** True until the running operation's time has come; conflicts put its end off to the next possible cycle (T-DM-4). */
export function isHeldUp(operation: Operation, unitIndex: number, dm: BankArbiter, cycle: number): boolean {
  if (operation.endCycle <= cycle) operation.endCycle = Math.max(operation.endCycle, dm.earliestEnd(unitIndex));
  return operation.endCycle > cycle;
}

/** A serial unit in a snapshot. */
export interface SerialState<Work> {
  readonly queue: QueueState<SerialOperation<Work>>;
  readonly accounts: ReadonlyMap<number, UnitAccount>;
}

/** A unit whose operations take a number of cycles that is known when they start, and what conflicts add. */
export abstract class SerialUnit<Work> implements ExecutionUnit {
  readonly unit: Unit;
  readonly queue: UnitQueue<SerialOperation<Work>>;
  readonly accounts = new CopyOnWriteMap<number, UnitAccount>((account) => ({ ...account }));

  private readonly dm: BankArbiter;

  constructor(unit: Unit, queueDepth: number, dm: BankArbiter) {
    this.unit = unit;
    this.dm = dm;
    this.queue = new UnitQueue(UNITS.indexOf(unit), queueDepth);
  }

  /** Cycles from start to completion when nothing else uses the data memory. */
  protected abstract cyclesOf(work: Work): number;

  /** What the operation does to the data memory in these cycles. */
  protected abstract trafficOf(operation: SerialOperation<Work>, cycles: number): Traffic | undefined;

  /** Performs all memory effects; faults halt the unit. */
  protected abstract execute(work: Work): void;

  nextEvent(ready: Ready): number {
    return this.queue.running?.endCycle ?? startEvent(this.queue, ready);
  }

  isOver(cycle: number): boolean {
    const { running, unitIndex } = this.queue;
    return running !== undefined && !isHeldUp(running, unitIndex, this.dm, cycle);
  }

  complete(cycle: number): SerialOperation<Work> | undefined {
    const operation = this.queue.running;
    if (!operation || !this.isOver(cycle)) return undefined;
    const lost = this.dm.end(this.queue.unitIndex, operation);
    const account = this.accountOf(operation);
    account.operations++;
    account.busyCycles += operation.endCycle - operation.startCycle - lost;
    account.bankConflictCycles += lost;
    return this.queue.finish(cycle, () => this.execute(operation.work));
  }

  start(cycle: number, ready: Ready, functional: boolean): SerialOperation<Work> | undefined {
    const { freeSince } = this.queue;
    const operation = takeStart(this.queue, cycle, ready);
    if (!operation) return undefined;
    operation.endCycle = cycle;
    if (!functional) {
      const cycles = this.cyclesOf(operation.work);
      operation.endCycle += cycles;
      this.dm.beginAt(this.queue.unitIndex, cycle, () => this.trafficOf(operation, cycles));
      operation.endCycle = Math.max(operation.endCycle, this.dm.earliestEnd(this.queue.unitIndex));
    }
    const arrived = Math.max(freeSince, operation.issueCycle + 1);
    const account = this.accountOf(operation);
    account.tokenWaitCycles += cycle - arrived;
    account.idleCycles += arrived - freeSince;
    return operation;
  }

  /** Cycles since reset by state, up to `cycle`; they sum to `cycle`. A running operation counts as busy. */
  cyclesUntil(cycle: number): { busy: number; bankConflict: number; tokenWait: number; idle: number } {
    const total = { busy: 0, bankConflict: 0, tokenWait: 0, idle: 0 };
    for (const account of this.accounts.values()) {
      total.busy += account.busyCycles;
      total.bankConflict += account.bankConflictCycles;
      total.tokenWait += account.tokenWaitCycles;
      total.idle += account.idleCycles;
    }
    const { running, waiting, freeSince } = this.queue;
    if (running) {
      const lost = this.dm.lostBy(this.queue.unitIndex, cycle);
      total.busy += cycle - running.startCycle - lost;
      total.bankConflict += lost;
    } else if (waiting.length > 0) total.tokenWait += cycle - freeSince;
    else total.idle += cycle - freeSince;
    return total;
  }

  capture(): SerialState<Work> {
    return { queue: this.queue.capture(), accounts: this.accounts.capture() };
  }

  restore({ queue, accounts }: SerialState<Work>): void {
    this.queue.restore(queue);
    this.accounts.restore(accounts);
  }

  private accountOf(operation: Operation): UnitAccount {
    const { pc, layer, profiled = false } = operation;
    return this.accounts.edit(accountKey(operation), () => ({
      pc,
      layer,
      profiled,
      operations: 0,
      busyCycles: 0,
      bankConflictCycles: 0,
      tokenWaitCycles: 0,
      idleCycles: 0,
    }));
  }
}
