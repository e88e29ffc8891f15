/** One DMA channel: setup, then bursts over the shared DDR bus (docs/timing.md, T-DMA-1 to T-DMA-10). */
import type { MachineConfig } from "../../config/index.ts";
import { UNITS, type Unit } from "../../isa/types.ts";
import { CopyOnWriteMap, type Memories } from "../../machine/index.ts";
import { accountKey, type DmaAccount, type DmaCycles, noDmaCycles } from "../accounting.ts";
import { type ExecutionUnit, type Ready, startEvent, takeStart } from "../execution-unit.ts";
import type { Operation } from "../operation.ts";
import { type QueueState, UnitQueue } from "../queue.ts";
import type { DdrBus } from "./ddr.ts";
import { executeDmaWork } from "./execute.ts";
import { type Latched, latchDmaWork } from "./latch.ts";
import type { DmaWork } from "./work.ts";

export interface DmaOperation extends Operation {
  readonly work: DmaWork;
  /** Set when it starts. */
  latched?: Latched;
}

/** A DMA channel in a snapshot. */
export interface DmaChannelState {
  readonly queue: QueueState<DmaOperation>;
  readonly accounts: ReadonlyMap<number, DmaAccount>;
  readonly requestAt: number;
  readonly burstsLeft: number;
  readonly arbitrationCycles: number;
  readonly latencyCycles: number;
  readonly localStep: number;
}

export class DmaChannel implements ExecutionUnit {
  readonly unit: Unit;
  readonly queue: UnitQueue<DmaOperation>;
  readonly accounts = new CopyOnWriteMap<number, DmaAccount>((account) => ({
    ...account,
    cycles: { ...account.cycles },
  }));
  readonly channel: number;
  /** Cycle from which the next burst may be requested, and bursts not yet granted. */
  requestAt = 0;
  burstsLeft = 0;
  private arbitrationCycles = 0;
  private latencyCycles = 0;
  /** Cycles between two requests of the running transfer, for the on-chip side's sake. */
  private localStep = 0;
  private readonly setupCycles: number;
  private readonly config: MachineConfig;
  private readonly ddr: DdrBus;
  private readonly memories: Memories;

  constructor(unitIndex: number, channel: number, config: MachineConfig, memories: Memories, ddr: DdrBus) {
    this.queue = new UnitQueue(unitIndex, config.dma.queueDepth);
    this.channel = channel;
    this.unit = UNITS[unitIndex]!;
    this.setupCycles = config.dma.setupCycles;
    this.config = config;
    this.ddr = ddr;
    this.memories = memories;
  }

  nextEvent(ready: Ready): number {
    const { running } = this.queue;
    if (!running) return startEvent(this.queue, ready);
    return this.burstsLeft > 0 ? Math.max(this.requestAt, this.ddr.freeAt) : running.endCycle;
  }

  /** True when the channel asks for the bus in this cycle. */
  requests(cycle: number): boolean {
    return this.burstsLeft > 0 && this.requestAt <= cycle;
  }

  /** Puts the next burst on the bus. */
  grant(cycle: number): void {
    const operation = this.queue.running;
    if (!operation) return;
    const { bursts, headerBursts } = operation.latched!.plan;
    this.arbitrationCycles += cycle - this.requestAt;
    const end = this.ddr.take(cycle, operation.work.write);
    this.burstsLeft--;
    const arrival = Math.max(end, cycle + this.localStep) + this.ddr.latencyCycles;
    const headerArrives = this.burstsLeft === bursts - headerBursts;
    if (this.burstsLeft === 0 || headerArrives) this.latencyCycles += this.ddr.latencyCycles;
    if (this.burstsLeft === 0) operation.endCycle = arrival;
    // T-DMA-9: what follows a stream's header is asked for when the header has told how much it is.
    else this.requestAt = headerArrives ? arrival : cycle + Math.max(this.ddr.burstCycles, this.localStep);
  }

  complete(cycle: number): DmaOperation | undefined {
    const operation = this.queue.running;
    if (!operation || this.burstsLeft > 0 || operation.endCycle > cycle) return undefined;
    return this.queue.finish(cycle, () => {
      this.account(operation);
      executeDmaWork(operation.work, this.memories, operation.latched);
    });
  }

  start(cycle: number, ready: Ready, functional: boolean): DmaOperation | undefined {
    const head = takeStart(this.queue, cycle, ready);
    if (!head) return undefined;
    this.arbitrationCycles = 0;
    this.latencyCycles = 0;
    head.latched = latchDmaWork(head.work, this.memories, this.config);
    if (functional) {
      head.endCycle = cycle;
      return head;
    }
    const { bursts, leadCycles, localCycles } = head.latched.plan;
    this.burstsLeft = bursts;
    this.requestAt = cycle + this.setupCycles + leadCycles;
    if (bursts === 0) head.endCycle = this.requestAt + localCycles;
    else {
      const perBurst = Math.ceil(this.ddr.burstBytes / this.config.dma.bytesPerCycle);
      this.localStep = Math.max(perBurst, Math.ceil(localCycles / bursts));
    }
    const arrived = Math.max(this.queue.freeSince, head.issueCycle + 1);
    this.accountOf(head).cycles.tokenWait += cycle - arrived;
    this.accountOf(head).cycles.idle += arrived - this.queue.freeSince;
    return head;
  }

  /** Cycles since reset by state, up to `cycle`; they sum to `cycle`. The running transfer counts as transferring. */
  cyclesUntil(cycle: number): DmaCycles {
    const total = noDmaCycles();
    for (const account of this.accounts.values()) {
      for (const [state, cycles] of Object.entries(account.cycles)) total[state as keyof DmaCycles] += cycles;
    }
    const { running } = this.queue;
    if (running) total.transfer += cycle - running.startCycle;
    else if (this.queue.waiting.length > 0) total.tokenWait += cycle - this.queue.freeSince;
    else total.idle += cycle - this.queue.freeSince;
    return total;
  }

  capture(): DmaChannelState {
    const { requestAt, burstsLeft, arbitrationCycles, latencyCycles, localStep } = this;
    return {
      queue: this.queue.capture(),
      accounts: this.accounts.capture(),
      requestAt,
      burstsLeft,
      arbitrationCycles,
      latencyCycles,
      localStep,
    };
  }

  restore(state: DmaChannelState): void {
    this.queue.restore(state.queue);
    this.accounts.restore(state.accounts);
    this.requestAt = state.requestAt;
    this.burstsLeft = state.burstsLeft;
    this.arbitrationCycles = state.arbitrationCycles;
    this.latencyCycles = state.latencyCycles;
    this.localStep = state.localStep;
  }

  private accountOf(operation: DmaOperation): DmaAccount {
    const { pc, layer } = operation;
    return this.accounts.edit(accountKey(pc, layer), () => ({
      pc,
      layer,
      channel: this.channel,
      operations: 0,
      cycles: noDmaCycles(),
      ddrReadBytes: 0,
      ddrWriteBytes: 0,
    }));
  }

  private account(operation: DmaOperation): void {
    const account = this.accountOf(operation);
    const { bursts } = operation.latched!.plan;
    const { arbitrationCycles, latencyCycles, setupCycles } = this;
    const whole = operation.endCycle - operation.startCycle;
    // T-FUN-2: nothing has passed over the bus.
    if (whole === 0) return;
    account.operations++;
    account.cycles.setup += setupCycles;
    account.cycles.latency += latencyCycles;
    account.cycles.arbitration += arbitrationCycles;
    account.cycles.transfer += whole - setupCycles - latencyCycles - arbitrationCycles;
    if (operation.work.write) account.ddrWriteBytes += bursts * this.ddr.burstBytes;
    else account.ddrReadBytes += bursts * this.ddr.burstBytes;
  }
}
