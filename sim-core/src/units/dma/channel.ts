/** One DMA channel: setup, then bursts over the shared DDR bus (docs/timing.md, T-DMA-1 to T-DMA-10, T-DM-11). */
import type { MachineConfig } from "../../config/index.ts";
import { UNITS, type Unit } from "../../isa/types.ts";
import { CopyOnWriteMap, type Memories } from "../../machine/index.ts";
import { accountKey, type DmaAccount, type DmaCycles, noDmaCycles } from "../accounting.ts";
import { type BankArbiter, placed, Signature, type Traffic, trafficMemo } from "../dm/index.ts";
import { type ExecutionUnit, type Ready, startEvent, takeStart } from "../execution-unit.ts";
import type { Operation } from "../operation.ts";
import { type QueueState, UnitQueue } from "../queue.ts";
import type { DdrBus } from "./ddr.ts";
import { executeDmaWork } from "./execute.ts";
import { type Latched, latchDmaWork } from "./latch.ts";
import { dmaTraffic, onChipSetup } from "./traffic.ts";
import type { DmaKind, DmaWork } from "./work.ts";

/** Kinds by the numbers that signatures have for them. */
const KINDS: readonly DmaKind[] = ["ld", "st", "copy", "ldw", "fill", "trans", "pad", "gather", "ldz", "stz"];

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
  readonly conflictCycles: number;
  readonly unhinderedEnd: number;
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
  /** Cycles that requests of the running transfer were held back for its on-chip side's sake. */
  private conflictCycles = 0;
  /** When the transfer would end if its on-chip side lost no cycle from now on; known when all bursts are granted. */
  private unhinderedEnd = 0;
  private readonly signature: Signature;
  private readonly traffics = trafficMemo();
  private readonly setupCycles: number;
  private readonly config: MachineConfig;
  private readonly ddr: DdrBus;
  private readonly memories: Memories;
  private readonly dm: BankArbiter;

  constructor(
    unitIndex: number,
    channel: number,
    config: MachineConfig,
    memories: Memories,
    ddr: DdrBus,
    dm: BankArbiter,
  ) {
    this.queue = new UnitQueue(unitIndex, config.dma.queueDepth);
    this.channel = channel;
    this.unit = UNITS[unitIndex]!;
    this.setupCycles = config.dma.setupCycles;
    this.config = config;
    this.ddr = ddr;
    this.memories = memories;
    this.dm = dm;
    this.signature = new Signature(config);
  }

  nextEvent(ready: Ready): number {
    const { running } = this.queue;
    if (!running) return startEvent(this.queue, ready);
    if (this.burstsLeft === 0) return running.endCycle;
    const request = Math.max(this.requestAt, this.ddr.freeAt);
    const stream = this.dm.streamOf(this.queue.unitIndex);
    if (!stream) return request;
    // What could have been asked for so far was held back: the on-chip side may have become late since `requestAt`.
    const next = Math.max(request, this.dm.cycle);
    return Math.max(next, stream.lateAt(next, this.dm.cycle));
  }

  /** True when the channel asks for the bus in this cycle: T-DM-11, not while its on-chip side is late. */
  requests(cycle: number): boolean {
    if (this.burstsLeft === 0 || this.requestAt > cycle) return false;
    return (this.dm.streamOf(this.queue.unitIndex)?.lateAt(cycle, cycle) ?? 0) <= cycle;
  }

  /** Puts the next burst on the bus. */
  grant(cycle: number): void {
    const operation = this.queue.running;
    if (!operation) return;
    const { bursts, headerBursts, localCycles } = operation.latched!.plan;
    const stream = this.dm.streamOf(this.queue.unitIndex);
    const held = Math.min(cycle - this.requestAt, Math.max(0, (stream?.lateUntil ?? 0) - this.requestAt));
    this.conflictCycles += held;
    this.arbitrationCycles += cycle - this.requestAt - held;
    const end = this.ddr.take(cycle, operation.work.write);
    this.burstsLeft--;
    const arrival = Math.max(end, cycle + this.localStep) + this.ddr.latencyCycles;
    const headerArrives = this.burstsLeft === bursts - headerBursts;
    if (this.burstsLeft === 0 || headerArrives) this.latencyCycles += this.ddr.latencyCycles;
    if (stream) {
      // T-DM-11: read while a burst leaves, written when it has come.
      const { write } = operation.work;
      const share = (burst: number) => (write ? Math.ceil : Math.floor)((burst * localCycles) / bursts);
      const beats = share(bursts - this.burstsLeft) - share(bursts - this.burstsLeft - 1);
      if (beats > 0) stream.release(write ? cycle : arrival - beats, beats);
    }
    if (this.burstsLeft === 0) {
      this.unhinderedEnd = arrival;
      operation.endCycle = arrival;
    }
    // T-DMA-9: what follows a stream's header is asked for when the header has told how much it is.
    else this.requestAt = headerArrives ? arrival : cycle + Math.max(this.ddr.burstCycles, this.localStep);
  }

  isOver(cycle: number): boolean {
    const operation = this.queue.running;
    if (!operation || this.burstsLeft > 0 || operation.endCycle > cycle) return false;
    const stream = this.dm.streamOf(this.queue.unitIndex);
    if (!stream) return true;
    // What is written to DDR takes the latency behind its last read.
    const posted = operation.work.external && operation.work.write ? this.ddr.latencyCycles : 0;
    operation.endCycle = Math.max(operation.endCycle, stream.earliestEnd(this.dm.cycle) + posted);
    return operation.endCycle <= cycle;
  }

  complete(cycle: number): DmaOperation | undefined {
    const operation = this.queue.running;
    if (!operation || !this.isOver(cycle)) return undefined;
    this.dm.end(this.queue.unitIndex, operation);
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
    this.conflictCycles = 0;
    head.latched = latchDmaWork(head.work, this.memories, this.config);
    if (functional) {
      head.endCycle = cycle;
      return head;
    }
    const { bursts, leadCycles, localCycles } = head.latched.plan;
    this.burstsLeft = bursts;
    this.requestAt = cycle + this.setupCycles + leadCycles;
    const { unitIndex } = this.queue;
    const traffic = this.dm.enabled ? this.trafficOf(head.work, head.latched) : undefined;
    if (bursts === 0) {
      const cycles = onChipSetup(this.config) + leadCycles + localCycles;
      head.endCycle = cycle + cycles;
      this.unhinderedEnd = head.endCycle;
      if (traffic) this.dm.begin(unitIndex, traffic, [{ openAt: cycle, beats: cycles }]);
    } else {
      const gates = leadCycles > 0 ? [{ openAt: cycle + this.setupCycles, beats: leadCycles }] : [];
      if (traffic) this.dm.begin(unitIndex, traffic, gates);
      const perBurst = Math.ceil(this.ddr.burstBytes / this.config.dma.bytesPerCycle);
      this.localStep = Math.max(perBurst, Math.ceil(localCycles / bursts));
    }
    const arrived = Math.max(this.queue.freeSince, head.issueCycle + 1);
    this.accountOf(head).cycles.tokenWait += cycle - arrived;
    this.accountOf(head).cycles.idle += arrived - this.queue.freeSince;
    return head;
  }

  private trafficOf(work: DmaWork, latched: Latched): Traffic | undefined {
    // Which rows a gather takes is in its data.
    if (work.kind === "gather") return dmaTraffic(work, latched, this.config);
    const { kind, out, input, external } = work;
    const { leadCycles, localCycles } = latched.plan;
    const far = external && (external === out ? "out" : "input");
    const signature = this.signature.clear().add(KINDS.indexOf(kind), leadCycles, localCycles, Number(!!latched.fault));
    signature
      .add(far ? 1 : 0)
      .tensor(far === "out" ? undefined : out)
      .tensor(far === "input" ? undefined : input);
    return this.traffics.get(signature, () => {
      const near = { out: placed(out, this.config), input: placed(input, this.config) };
      return dmaTraffic({ ...work, ...near, external: far && near[far] }, latched, this.config);
    });
  }

  /** Cycles since reset by state, up to `cycle`; they sum to `cycle`. The running transfer counts as transferring. */
  cyclesUntil(cycle: number): DmaCycles {
    const total = noDmaCycles();
    for (const account of this.accounts.values()) {
      for (const [state, cycles] of Object.entries(account.cycles)) total[state as keyof DmaCycles] += cycles;
    }
    const { running } = this.queue;
    this.dm.advance(cycle);
    if (running) {
      const lost =
        running.latched!.plan.bursts === 0 ? this.dm.lostBy(this.queue.unitIndex, cycle) : this.conflictCycles;
      total.bankConflict += lost;
      total.transfer += cycle - running.startCycle - lost;
    } else if (this.queue.waiting.length > 0) total.tokenWait += cycle - this.queue.freeSince;
    else total.idle += cycle - this.queue.freeSince;
    return total;
  }

  capture(): DmaChannelState {
    const { requestAt, burstsLeft, arbitrationCycles, latencyCycles, localStep, conflictCycles, unhinderedEnd } = this;
    return {
      queue: this.queue.capture(),
      accounts: this.accounts.capture(),
      requestAt,
      burstsLeft,
      arbitrationCycles,
      latencyCycles,
      localStep,
      conflictCycles,
      unhinderedEnd,
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
    this.conflictCycles = state.conflictCycles;
    this.unhinderedEnd = state.unhinderedEnd;
  }

  private accountOf(operation: DmaOperation): DmaAccount {
    const { pc, layer, profiled = false } = operation;
    return this.accounts.edit(accountKey(operation), () => ({
      pc,
      layer,
      profiled,
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
    const { arbitrationCycles, latencyCycles } = this;
    const setupCycles = bursts === 0 ? onChipSetup(this.config) : this.setupCycles;
    const whole = operation.endCycle - operation.startCycle;
    const conflictCycles = this.conflictCycles + operation.endCycle - this.unhinderedEnd;
    // T-FUN-2: nothing has passed over the bus.
    if (whole === 0) return;
    account.operations++;
    account.cycles.setup += setupCycles;
    account.cycles.latency += latencyCycles;
    account.cycles.arbitration += arbitrationCycles;
    account.cycles.bankConflict += conflictCycles;
    account.cycles.transfer += whole - setupCycles - latencyCycles - arbitrationCycles - conflictCycles;
    if (operation.work.write) account.ddrWriteBytes += bursts * this.ddr.burstBytes;
    else account.ddrReadBytes += bursts * this.ddr.burstBytes;
  }
}
