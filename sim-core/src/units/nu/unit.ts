/** The neural unit: starts operations in order, completes them with all effects at once, and accounts every cycle. */
import type { MachineConfig } from "../../config/index.ts";
import type { Memories } from "../../machine/index.ts";
import { accountKey, MAC_BUCKETS, type MacBucket, type NuAccount, noSlots } from "../accounting.ts";
import { type ExecutionUnit, type Ready, startEvent, takeStart } from "../execution-unit.ts";
import type { Operation } from "../operation.ts";
import { UnitQueue } from "../queue.ts";
import { executeNuWork } from "./kernels.ts";
import { type NuTiming, nuTiming } from "./timing.ts";
import type { NuWork } from "./work.ts";

export interface NuOperation extends Operation {
  readonly work: NuWork;
  readonly timing: NuTiming;
  /** Cycles that the CU had spent waiting for tokens when the operation was issued. */
  readonly cuWaitAtIssue: number;
}

export class NeuralUnit implements ExecutionUnit {
  readonly unit = "nu";
  readonly queue: UnitQueue<NuOperation>;
  readonly accounts = new Map<number, NuAccount>();
  private readonly config: MachineConfig;
  private readonly memories: Memories;
  private readonly array: number;
  /** Busy cycles and multiply-accumulates of completed operations. */
  busyCycles = 0;
  macs = 0;
  /** Cycles that the CU had spent waiting for tokens when the unit became free. */
  private cuWaitWhenFree = 0;

  constructor(unitIndex: number, config: MachineConfig, memories: Memories) {
    this.queue = new UnitQueue(unitIndex, config.nu.queueDepth);
    this.config = config;
    this.memories = memories;
    this.array = config.nu.cip * config.nu.cop;
  }

  /** Time and slots of the work, fixed when it is issued. */
  timingOf(work: NuWork): NuTiming {
    return nuTiming(work, this.config);
  }

  nextEvent(ready: Ready): number {
    return this.queue.running?.endCycle ?? startEvent(this.queue, ready);
  }

  complete(cycle: number, cuWaitCycles: number): NuOperation | undefined {
    const operation = this.queue.running;
    if (!operation || operation.endCycle > cycle) return undefined;
    this.cuWaitWhenFree = cuWaitCycles;
    return this.queue.finish(cycle, () => {
      this.account(operation);
      executeNuWork(operation.work, this.memories);
      const { out } = operation;
      const offset = this.memories.flatOffset(out.base, 1);
      this.memories.touch(offset, (out.n - 1) * out.sn + (out.h - 1) * out.sh + (out.w - 1) * out.sw + out.c);
    });
  }

  start(cycle: number, ready: Ready): NuOperation | undefined {
    const head = takeStart(this.queue, cycle, ready);
    if (!head) return undefined;
    head.endCycle = cycle + head.timing.cycles;
    this.accountGap(head);
    return head;
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

  private accountOf(operation: NuOperation): NuAccount {
    const key = accountKey(operation.pc, operation.layer);
    let account = this.accounts.get(key);
    if (!account) {
      account = { pc: operation.pc, layer: operation.layer, operations: 0, busyCycles: 0, macs: 0, slots: noSlots() };
      this.accounts.set(key, account);
    }
    return account;
  }

  private account(operation: NuOperation): void {
    const account = this.accountOf(operation);
    const { cycles, macs, slots } = operation.timing;
    account.operations++;
    account.busyCycles += cycles;
    account.macs += macs;
    this.busyCycles += cycles;
    this.macs += macs;
    for (const bucket of MAC_BUCKETS) account.slots[bucket] += slots[bucket];
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
