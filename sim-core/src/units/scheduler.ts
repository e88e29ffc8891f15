/**
 * All units behind the CU, driven by events: each names the cycle of its next event, nothing is visited in between.
 * Within a cycle completions come first, in unit order, then bus grants, then starts, then the banks of the data
 * memory are given out; so that advance(a) followed by advance(b) is advance(b). An end that conflicts can put off is
 * an earliest one: the unit is asked then, and says when to ask again.
 */
import type { MachineConfig } from "../config/index.ts";
import { UNITS, type Unit } from "../isa/types.ts";
import { CopyOnWriteMap, type FaultRecord, type Memories } from "../machine/index.ts";
import { accountKey, type CuDdrAccount, type LostAccount } from "./accounting.ts";
import { type ArbiterState, BankArbiter } from "./dm/index.ts";
import { DdrBus, type DdrBusState, DmaChannel, type DmaChannelState } from "./dma/index.ts";
import { type ExecutionUnit, type Ready, type SerialState, SerialUnit } from "./execution-unit.ts";
import { NeuralUnit, type NeuralUnitState } from "./nu/index.ts";
import { type Operation, tokenUnit } from "./operation.ts";
import type { UnitQueue } from "./queue.ts";
import { VectorUnit, type VuWork } from "./vu/index.ts";
import { Waits, type WaitsState } from "./waits.ts";
import type { Watches } from "./watch.ts";
import { ExtensionPort, type XuWork } from "./xu/index.ts";

/** What a trace wants to hear from the units. */
export interface OperationListener {
  issued?(unit: Unit, operation: Operation): void;
  started?(unit: Unit, operation: Operation): void;
  completed?(unit: Unit, operation: Operation): void;
  /** The DDR bus begins a burst for the CU or a DMA channel. */
  granted?(master: Unit, cycle: number, write: boolean): void;
  /**
   * A unit has lost a cycle over a bank of the data memory (T-DM-8); told in the order of cycles, up to which the banks have
   * been decided. Units are numbered like in tokens.
   */
  bankLost?(cycle: number, loser: number, winner: number, bank: number): void;
  /** Accesses of operations by bank, all that have been granted before `cycle`; told every few thousand cycles. */
  banksUsed?(cycle: number, accesses: Float64Array): void;
}

/** Thrown by `advance` when a unit has halted and nothing of the program would handle it; the CU ends the run. */
export class UnitHalted extends Error {
  readonly cycle: number;

  constructor(cycle: number) {
    super("a unit has halted");
    this.cycle = cycle;
  }
}

/** Thrown by `advance` when somebody who heard of an event wants the run to stop there. */
export class RunInterrupted extends Error {
  readonly cycle: number;

  constructor(cycle: number) {
    super("the run is to stop at this event");
    this.cycle = cycle;
  }
}

/** All units in a snapshot. */
/** Whose access it is: an instruction of the control unit. */
interface CuPlace {
  readonly pc: number;
  readonly layer: number;
  readonly profiling: boolean;
}

export interface UnitsState {
  readonly nextEvent: number;
  readonly cuWaitCycles: number;
  readonly cuWaitSince: number;
  readonly lastChannel: number;
  readonly dm: ArbiterState;
  readonly waits: WaitsState;
  readonly lost: ReadonlyMap<number, LostAccount>;
  readonly cuDdr: ReadonlyMap<number, CuDdrAccount>;
  readonly ddr: DdrBusState;
  readonly nu: NeuralUnitState;
  readonly vu: SerialState<VuWork>;
  readonly xu: SerialState<XuWork>;
  readonly dma: readonly DmaChannelState[];
}

const NU_INDEX = UNITS.indexOf("nu");
const DMA_INDEX = UNITS.indexOf("dma0");

export class Units {
  readonly nu: NeuralUnit;
  readonly vu: VectorUnit;
  readonly xu: ExtensionPort;
  readonly dma: readonly DmaChannel[];
  readonly ddr: DdrBus;
  /** The data memory's banks. */
  readonly dm: BankArbiter;
  /** Who waited for whom. */
  readonly waits = new Waits();
  /** What completed operations have lost over its banks. */
  readonly lost = new CopyOnWriteMap<number, LostAccount>((account) => ({ ...account, to: account.to.slice() }));
  /** What the CU's own accesses and fetches have moved over the DDR bus. */
  readonly cuDdr = new CopyOnWriteMap<number, CuDdrAccount>((account) => ({ ...account }));
  /** Earliest cycle of the next event of any unit; infinite when nothing is under way. */
  nextEvent = Number.POSITIVE_INFINITY;
  /** Cycles that the CU has spent waiting for tokens, and since when it waits (-1: it doesn't). */
  cuWaitCycles = 0;
  cuWaitSince = -1;
  listener: OperationListener | undefined;
  watches: Watches | undefined;
  /** Somebody who was told of an event wants the run to stop there; cleared when a run begins. */
  stopRequested = false;
  /** All units, in token order. */
  readonly all: readonly ExecutionUnit[];
  private readonly queues: readonly (UnitQueue<Operation> | undefined)[];
  private readonly ready: Ready = (operation) => operation.dependencies.every((token) => this.isComplete(token));
  private readonly mode: { readonly functional: boolean };
  /** Channel that the bus served last. */
  private lastChannel = 0;

  /** @param mode whether operations take time, at any moment */
  constructor(config: MachineConfig, memories: Memories, mode: { readonly functional: boolean }) {
    this.mode = mode;
    this.ddr = new DdrBus(config);
    this.dm = new BankArbiter(config);
    this.nu = new NeuralUnit(NU_INDEX, config, memories, this.dm);
    this.vu = new VectorUnit(config, memories, this.dm);
    this.xu = new ExtensionPort(config, memories, this.dm);
    this.dma = Array.from(
      { length: config.dma.channels },
      (_, channel) => new DmaChannel(DMA_INDEX + channel, channel, config, memories, this.ddr, this.dm),
    );
    this.all = [this.nu, this.vu, this.xu, ...this.dma];
    this.queues = UNITS.map((unit) => this.all.find((candidate) => candidate.unit === unit)?.queue);
  }

  /** Units whose operations take a time that is known at their start. */
  get serial(): readonly SerialUnit<unknown>[] {
    return this.all.filter((unit) => unit instanceof SerialUnit);
  }

  /** Queue of a unit by token number, or undefined when the machine doesn't have the unit. */
  queueOf(unitIndex: number): UnitQueue<Operation> | undefined {
    return this.queues[unitIndex];
  }

  /** Units with a queue, in token order. */
  get present(): readonly Unit[] {
    return UNITS.filter((_, index) => this.queues[index]);
  }

  /** True when the token's operation has completed; 0 counts as complete. */
  isComplete(token: number): boolean {
    return token === 0 || (this.queues[tokenUnit(token)]?.isComplete(token) ?? false);
  }

  /** True when the token names an operation that was issued, or is 0. */
  wasIssued(token: number): boolean {
    return token === 0 || (this.queues[tokenUnit(token)]?.wasIssued(token) ?? false);
  }

  /** True when no unit has anything queued or running. */
  get idle(): boolean {
    return this.queues.every((queue) => !queue || queue.idle);
  }

  /** The first unit that an operation's fault has brought to a halt, and the operation. */
  get halted(): { unit: Unit; operation: Operation; fault: FaultRecord } | undefined {
    const index = this.queues.findIndex((queue) => queue?.halted);
    const halted = this.queues[index]?.halted;
    return halted && { unit: UNITS[index]!, ...halted };
  }

  /** Operations that all units have completed since reset. */
  get completedOperations(): number {
    return this.queues.reduce((sum, queue) => sum + (queue?.completed ?? 0), 0);
  }

  /** Puts an operation behind the others of its unit's queue. */
  issue<Op extends Operation>(queue: UnitQueue<Op>, operation: Op): void {
    queue.waiting.push(operation);
    this.listener?.issued?.(UNITS[queue.unitIndex]!, operation);
    this.updateNextEvent();
  }

  /** One burst for the CU, which comes before all channels; returns the cycle in which its data are there. */
  cuBurst(cycle: number, write: boolean, { pc, layer, profiling: profiled }: CuPlace): number {
    const start = Math.max(cycle, this.ddr.freeAt);
    const end = this.ddr.take(start, write);
    const key = accountKey(profiled ? { pc, layer, profiled } : { pc, layer });
    const account = this.cuDdr.edit(key, () => ({ pc, layer, profiled, readBytes: 0, writeBytes: 0 }));
    account[write ? "writeBytes" : "readBytes"] += this.ddr.burstBytes;
    this.listener?.granted?.("cu", start, write);
    this.updateNextEvent();
    return end + this.ddr.latencyCycles;
  }

  /** Performs all events up to and including `cycle`. */
  advance(cycle: number): void {
    while (this.nextEvent <= cycle) {
      const now = this.nextEvent;
      this.dm.advance(now);
      this.at(now);
      this.updateNextEvent();
      if (this.anyHalted && this.stopWhenHalted()) throw new UnitHalted(now);
      if (this.stopRequested) throw new RunInterrupted(now);
    }
  }

  capture(): UnitsState {
    return {
      nextEvent: this.nextEvent,
      cuWaitCycles: this.cuWaitCycles,
      cuWaitSince: this.cuWaitSince,
      lastChannel: this.lastChannel,
      dm: this.dm.capture(),
      waits: this.waits.capture(),
      lost: this.lost.capture(),
      cuDdr: this.cuDdr.capture(),
      ddr: this.ddr.capture(),
      nu: this.nu.capture(),
      vu: this.vu.capture(),
      xu: this.xu.capture(),
      dma: this.dma.map((channel) => channel.capture()),
    };
  }

  restore(state: UnitsState): void {
    this.nextEvent = state.nextEvent;
    this.cuWaitCycles = state.cuWaitCycles;
    this.cuWaitSince = state.cuWaitSince;
    this.lastChannel = state.lastChannel;
    this.dm.restore(state.dm);
    this.waits.restore(state.waits);
    this.lost.restore(state.lost);
    this.cuDdr.restore(state.cuDdr);
    this.ddr.restore(state.ddr);
    this.nu.restore(state.nu);
    this.vu.restore(state.vu);
    this.xu.restore(state.xu);
    this.dma.forEach((channel, number) => {
      channel.restore(state.dma[number]!);
    });
  }

  /** The accounts begin anew at `cycle`; all units are idle. Counters that programs read go on. */
  beginAccounts(cycle: number): void {
    for (const unit of this.all) {
      unit.accounts.clear();
      unit.queue.freeSince = cycle;
    }
    this.ddr.history.begin(cycle);
    this.dm.clearCounts();
    this.waits.clear();
    this.lost.clear();
    this.cuDdr.clear();
  }

  /** Asked when a unit halts: whether the program has no handler that will hear of it. */
  stopWhenHalted: () => boolean = () => false;

  private get anyHalted(): boolean {
    return this.all.some(({ queue }) => queue.halted !== undefined);
  }

  private at(cycle: number): void {
    const waited = this.cuWaitCycles + (this.cuWaitSince < 0 ? 0 : cycle - this.cuWaitSince);
    for (const unit of this.all) {
      const operation = unit.complete(cycle, waited);
      if (!operation) continue;
      this.waits.completed(unit.queue.unitIndex, operation, cycle);
      if (operation.lostTo) this.accountLost(unit.queue.unitIndex, operation, operation.lostTo);
      this.listener?.completed?.(unit.unit, operation);
      this.watches?.completed(unit.unit, operation);
    }
    if (this.ddr.freeAt <= cycle) this.grantBus(cycle);
    for (const unit of this.all) {
      const { freeSince } = unit.queue;
      const operation = unit.start(cycle, this.ready, this.mode.functional);
      if (!operation) continue;
      this.countWait(unit, operation, freeSince, cycle);
      this.listener?.started?.(unit.unit, operation);
    }
  }

  /** An operation that could have started earlier has waited for those that it depends on. */
  private countWait({ unit, queue }: ExecutionUnit, operation: Operation, freeSince: number, cycle: number): void {
    const { pc, issueCycle, dependencies } = operation;
    const waited = cycle - Math.max(freeSince, issueCycle + 1);
    if (waited > 0) this.waits.add(unit, pc, "tokenWait", waited, cycle, dependencies.map(tokenUnit));
    this.waits.started(queue.unitIndex, operation, cycle);
  }

  private accountLost(unit: number, operation: Operation, lostTo: readonly number[]): void {
    const { pc, layer, profiled = false } = operation;
    const key = accountKey(operation) * UNITS.length + unit;
    const { to } = this.lost.edit(key, () => ({ pc, layer, profiled, unit, to: UNITS.map(() => 0) }));
    for (let winner = 0; winner < to.length; winner++) to[winner]! += lostTo[winner]!;
  }

  private grantBus(cycle: number): void {
    for (let step = 1; step <= this.dma.length; step++) {
      const number = (this.lastChannel + step) % this.dma.length;
      const channel = this.dma[number]!;
      if (channel.requests(cycle)) {
        this.listener?.granted?.(channel.unit, cycle, channel.queue.running?.work.write ?? false);
        channel.grant(cycle);
        this.lastChannel = number;
        return;
      }
    }
  }

  private updateNextEvent(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const unit of this.all) next = Math.min(next, unit.nextEvent(this.ready));
    this.nextEvent = next;
  }
}
