/** The neural unit: starts operations in order, completes them with all effects at once, and accounts every cycle. */
import type { MachineConfig } from "../../config/index.ts";
import { CopyOnWriteMap, type Memories } from "../../machine/index.ts";
import { accountKey, MAC_BUCKETS, type MacBucket, type NuAccount, noSlots } from "../accounting.ts";
import type { BankArbiter } from "../dm/index.ts";
import { type ExecutionUnit, isHeldUp, type Ready, startEvent, takeStart } from "../execution-unit.ts";
import type { Operation } from "../operation.ts";
import { type QueueState, UnitQueue } from "../queue.ts";
import { type Accumulators, executeNuWork } from "./kernels.ts";
import { KnownNuWork } from "./known.ts";
import type { NuTiming } from "./timing.ts";
import { blockCounts, type NuWork } from "./work.ts";

export interface NuOperation extends Operation {
  readonly work: NuWork;
  /** Cycles that the CU had spent waiting for tokens when the operation was issued. */
  readonly cuWaitAtIssue: number;
  /** Time and slots without conflicts; fixed when the operation starts, for the mask and the prefetch decide them. */
  timing?: NuTiming;
  /** Sparsity mask, latched at the start. */
  mask?: Uint8Array | undefined;
}

/** The neural unit in a snapshot. */
export interface NeuralUnitState {
  readonly queue: QueueState<NuOperation>;
  readonly accounts: ReadonlyMap<number, NuAccount>;
  readonly accumulators: Readonly<Accumulators>;
  readonly busyCycles: number;
  readonly macs: number;
  readonly cuWaitWhenFree: number;
  /** Bytes of accumulators that were copied for this snapshot. */
  readonly copiedBytes: number;
}

/** T-FUN-2. */
const NO_TIME: NuTiming = { cycles: 0, firstLoadCycles: 0, macs: 0, weightBytes: 0, slots: noSlots() };

export class NeuralUnit implements ExecutionUnit {
  readonly unit = "nu";
  readonly queue: UnitQueue<NuOperation>;
  readonly accounts = new CopyOnWriteMap<number, NuAccount>((account) => ({
    ...account,
    slots: { ...account.slots },
  }));
  private readonly config: MachineConfig;
  private readonly memories: Memories;
  private readonly dm: BankArbiter;
  /** What operations on the accumulators leave for the next ones. */
  readonly accumulators: Accumulators = { shape: "", values: new Int32Array() };
  /** Copy of the accumulators that snapshots share; undefined when they have changed since. */
  private savedAccumulators: Readonly<Accumulators> | undefined;
  private readonly array: number;
  private readonly known: KnownNuWork;
  /** Busy cycles and multiply-accumulates of completed operations. */
  busyCycles = 0;
  macs = 0;
  /** Cycles that the CU had spent waiting for tokens when the unit became free. */
  private cuWaitWhenFree = 0;

  constructor(unitIndex: number, config: MachineConfig, memories: Memories, dm: BankArbiter) {
    this.queue = new UnitQueue(unitIndex, config.nu.queueDepth);
    this.config = config;
    this.memories = memories;
    this.dm = dm;
    this.known = new KnownNuWork(config);
    this.array = config.nu.cip * config.nu.cop * config.nu.cores;
  }

  nextEvent(ready: Ready): number {
    return this.queue.running?.endCycle ?? startEvent(this.queue, ready);
  }

  isOver(cycle: number): boolean {
    const { running, unitIndex } = this.queue;
    return running !== undefined && !isHeldUp(running, unitIndex, this.dm, cycle);
  }

  complete(cycle: number, cuWaitCycles: number): NuOperation | undefined {
    const operation = this.queue.running;
    if (!operation || !this.isOver(cycle)) return undefined;
    this.cuWaitWhenFree = cuWaitCycles;
    const lost = this.dm.end(this.queue.unitIndex, operation);
    return this.queue.finish(cycle, () => {
      this.account(operation, lost);
      this.savedAccumulators = undefined;
      executeNuWork(operation.work, this.memories, this.accumulators, operation.mask);
    });
  }

  start(cycle: number, ready: Ready, functional: boolean): NuOperation | undefined {
    const head = takeStart(this.queue, cycle, ready);
    if (!head) return undefined;
    head.mask = this.latchMask(head.work);
    if (functional) head.timing = NO_TIME;
    else {
      const alone = this.known.timing(head.work, head.mask);
      head.timing = this.prefetch(head, alone);
      const hidden = alone.cycles - head.timing.cycles;
      this.dm.beginAt(this.queue.unitIndex, cycle, () => this.known.traffic(head.work, head.mask, hidden));
    }
    head.endCycle = Math.max(cycle + head.timing.cycles, this.dm.earliestEnd(this.queue.unitIndex));
    this.accountGap(head);
    return head;
  }

  private latchMask(work: NuWork): Uint8Array | undefined {
    if (work.mask === 0) return undefined;
    const { coBlocks, ciBlocks, taps } = blockCounts(work, this.config);
    return this.memories.read(work.mask, Math.ceil((coBlocks * ciBlocks * taps) / 8));
  }

  /** T-NU-14: declared weights were loaded while the operation waited behind others. */
  private prefetch(operation: NuOperation, timing: NuTiming): NuTiming {
    if (!operation.work.prefetched) return timing;
    const waited = operation.startCycle - (operation.issueCycle + 1);
    const hidden = Math.min(timing.firstLoadCycles, waited);
    const weights = timing.slots.weights - hidden * this.array;
    return { ...timing, cycles: timing.cycles - hidden, slots: { ...timing.slots, weights } };
  }

  /**
   * Slots between the last accounted cycle and `cycle`: a running operation is in flight, a waiting one waits for
   * tokens, and without either there is no work left so far. The layer and instruction are those of the operation.
   */
  openSlots(cycle: number): { bucket: MacBucket; slots: number; operation: NuOperation | undefined } {
    const { running, waiting, freeSince } = this.queue;
    if (running) return { bucket: "inFlight", slots: (cycle - running.startCycle) * this.array, operation: running };
    const slots = (cycle - freeSince) * this.array;
    return { bucket: waiting.length > 0 ? "tokenWait" : "noWork", slots, operation: waiting[0] };
  }

  capture(): NeuralUnitState {
    let copiedBytes = 0;
    if (!this.savedAccumulators) {
      const { shape, values } = this.accumulators;
      this.savedAccumulators = { shape, values: values.slice() };
      copiedBytes = values.byteLength;
    }
    return {
      queue: this.queue.capture(),
      accounts: this.accounts.capture(),
      accumulators: this.savedAccumulators,
      busyCycles: this.busyCycles,
      macs: this.macs,
      cuWaitWhenFree: this.cuWaitWhenFree,
      copiedBytes,
    };
  }

  restore(state: NeuralUnitState): void {
    this.queue.restore(state.queue);
    this.accounts.restore(state.accounts);
    this.savedAccumulators = state.accumulators;
    this.accumulators.shape = state.accumulators.shape;
    this.accumulators.values = state.accumulators.values.slice();
    this.busyCycles = state.busyCycles;
    this.macs = state.macs;
    this.cuWaitWhenFree = state.cuWaitWhenFree;
  }

  private accountOf(operation: NuOperation): NuAccount {
    const { pc, layer, profiled = false } = operation;
    return this.accounts.edit(accountKey(operation), () => ({
      pc,
      layer,
      profiled,
      operations: 0,
      busyCycles: 0,
      macs: 0,
      weightBytes: 0,
      dataBytes: 0,
      slots: noSlots(),
    }));
  }

  private account(operation: NuOperation, lost: number): void {
    const account = this.accountOf(operation);
    const { macs, slots } = operation.timing!;
    const cycles = operation.timing!.cycles + lost;
    account.operations++;
    account.busyCycles += cycles;
    account.macs += macs;
    account.weightBytes += operation.timing!.weightBytes;
    account.dataBytes += this.known.dataBytes(operation.work, operation.mask);
    this.busyCycles += cycles;
    this.macs += macs;
    for (const bucket of MAC_BUCKETS) account.slots[bucket] += slots[bucket];
    account.slots.bankConflict += lost * this.array;
  }

  /**
   * Charges the idle time before an operation to it: while it waited in the queue for tokens, and before its issue
   * while the CU itself waited for tokens, the cause is the wait; the rest is a CU that came late.
   */
  private accountGap(operation: NuOperation): void {
    const freeSince = this.queue.freeSince;
    const arrived = Math.max(freeSince, operation.issueCycle + 1);
    const gap = arrived - freeSince;
    const cuWaited = Math.min(gap, Math.max(0, operation.cuWaitAtIssue - this.cuWaitWhenFree));
    const { slots } = this.accountOf(operation);
    slots.tokenWait += (operation.startCycle - arrived + cuWaited) * this.array;
    slots.cuLate += (gap - cuWaited) * this.array;
  }
}
