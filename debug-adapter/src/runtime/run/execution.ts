/**
 * Runs the machine in slices that yield to the event loop, so that a request (a pause above all) is heard while a program
 * runs. Everything that can stop it meets here: goals, breakpoints, pauses, the cycle limit, the program's end.
 */
import type { Simulator, Stop } from "@nnasm/sim-core/engine";
import type { WatchHit } from "@nnasm/sim-core/units";
import type { Scheduler } from "../host.ts";
import type { Goal } from "./steps.ts";

/** Hears of what the machine was asked to stop at. */
export interface Observer {
  /** It wants to look at the machine behind every instruction and every event, which is many times slower. */
  readonly singly: boolean;
  /** Cycle at which it wants to be asked at the latest, given where the machine stands; absent: it hears of everything. */
  lookAt?(): number;
  /**
   * True when the machine is to stop where it stands now.
   * @param hits accesses to watched memory that have just happened
   */
  after(hits: readonly WatchHit[]): boolean;
}

/** What the execution asks and tells. */
export interface ExecutionListener {
  /**
   * The machine has come to an instruction with a breakpoint: true when it is to stop there.
   * @param isBehindEvent the observer has just been asked, too
   */
  arrived(address: number, isBehindEvent: boolean): boolean;
  /** A slice is over: output may be handed on. */
  sliced(): void;
  /** Cycle at which something has to be done before the machine goes on; called there, it does it. */
  horizon(): number;
}

export type ExecutionEnd = "goal" | "breakpoint" | "pause" | "cycleLimit" | "ended" | "disposed";

/** Between two looks at the event loop: far below the 100 ms within which a pause has to answer. */
const TURN_MS = 8;
/** Instructions of one slice: about a millisecond. */
const SLICE_INSTRUCTIONS = 50_000;
const SINGLE_STEPS = 64;
/** Multiply-accumulates of one slice: with all that belongs to them the units compute a few hundred a microsecond. */
const SLICE_MACS = 2 ** 20;

export class Execution {
  private readonly simulator: Simulator;
  private readonly scheduler: Scheduler;
  private readonly listener: ExecutionListener;
  private readonly sliceCycles: number;
  /** Breakpoints that the machine knows. */
  private planted = new Set<number>();
  private breakpoints: ReadonlySet<number> = new Set();
  private landings: ReadonlySet<number> = new Set();
  /** Where the breakpoints of the instruction at the pc have been dealt with, so that going on doesn't meet them again. */
  private passedPc = -1;
  private passedRetired = -1;
  private pauseRequested = false;
  private disposed = false;
  /** True from the start of a run to its end. */
  running = false;
  observer: Observer | undefined;
  /** Cycle at which the machine stops; raised when it goes on from there. */
  cycleLimit = Number.POSITIVE_INFINITY;

  constructor(simulator: Simulator, scheduler: Scheduler, listener: ExecutionListener) {
    this.simulator = simulator;
    this.scheduler = scheduler;
    this.listener = listener;
    const { cip, cop } = simulator.config.nu;
    this.sliceCycles = Math.max(1024, Math.floor(SLICE_MACS / (cip * cop)));
  }

  setBreakpoints(addresses: ReadonlySet<number>): void {
    this.breakpoints = addresses;
    this.plant();
  }

  get hasBreakpoints(): boolean {
    return this.breakpoints.size > 0;
  }

  /** The run that is under way ends at the next opportunity. */
  pause(): void {
    this.pauseRequested = true;
  }

  /** Ends the run, for good. */
  dispose(): void {
    this.disposed = true;
  }

  /** The user stands here now: going on must not stop at this instruction's breakpoints. */
  markPassed(): void {
    this.passedPc = this.simulator.state.pc;
    this.passedRetired = this.simulator.state.retired;
  }

  /** The machine has come to this instruction anew: its breakpoints are still to be met. */
  markUnpassed(): void {
    this.passedPc = -1;
  }

  /** Runs until the goal is reached or something else stops the machine. */
  async run(goal: Goal): Promise<ExecutionEnd> {
    this.running = true;
    this.pauseRequested = false;
    try {
      for (;;) {
        // First, so that the answer to the request that started the run goes out before what the run tells.
        await this.scheduler.yield();
        const end = this.disposed ? "disposed" : this.turn(goal);
        if (end !== "disposed") this.listener.sliced();
        if (end) return end;
      }
    } finally {
      this.running = false;
      this.landings = new Set();
      this.plant();
    }
  }

  private turn(goal: Goal): ExecutionEnd | undefined {
    if (this.pauseRequested) return "pause";
    const end = this.scheduler.now() + TURN_MS;
    do {
      // Looking at the clock takes as long as a single step.
      const slices = goal.singly || this.observer?.singly ? SINGLE_STEPS : 1;
      for (let slice = 0; slice < slices; slice++) {
        const reason = this.slice(goal);
        if (reason) return reason;
      }
    } while (this.scheduler.now() < end);
    return undefined;
  }

  private slice(goal: Goal): ExecutionEnd | undefined {
    const { simulator } = this;
    const { state } = simulator;
    this.land(goal.landings);
    const { observer } = this;
    const horizon = this.listener.horizon();
    const { untilCycle = observer?.singly ? simulator.units.nextEvent : Number.POSITIVE_INFINITY } = goal;
    const { retired } = state;
    const lookAt = observer?.lookAt?.() ?? Number.POSITIVE_INFINITY;
    const stop = simulator.run({
      untilCycle: Math.min(state.cycle + this.sliceCycles, this.cycleLimit, untilCycle, horizon, lookAt),
      instructions: this.instructionsFor(goal),
      passBreakpoint: this.isPassed,
    });
    if (isEnd(stop)) return "ended";
    const isRequested = stop.reason === "requested";
    const isObserved = observer !== undefined && (isRequested || observer.singly || state.cycle >= lookAt);
    let stops = isObserved && observer.after(isRequested ? stop.hits : []);
    // Where an event has stopped it the machine may not have come to the instruction at the pc yet.
    const hasArrived = isRequested ? state.cycle >= state.nextExecute : stop.reason !== "limit";
    if (hasArrived) {
      if (this.planted.has(state.pc) && !this.isPassed && this.listener.arrived(state.pc, isObserved)) stops = true;
      this.markPassed();
    }
    if (stops) return "breakpoint";
    const isBetween = stop.reason === "limit" || (isRequested && state.retired === retired);
    const mayAsk = !isBetween || goal.untilCycle !== undefined;
    if (mayAsk && goal.reached()) return "goal";
    return state.cycle >= this.cycleLimit ? "cycleLimit" : undefined;
  }

  private instructionsFor({ singly, untilRetired = Number.POSITIVE_INFINITY }: Goal): number {
    if (singly || this.observer?.singly) return 1;
    return Math.min(SLICE_INSTRUCTIONS, untilRetired - this.simulator.state.retired);
  }

  /** Whether the breakpoints of the instruction at the pc have been dealt with. */
  get isPassed(): boolean {
    const { pc, retired } = this.simulator.state;
    return this.passedPc === pc && this.passedRetired === retired;
  }

  private land(addresses: readonly number[]): void {
    if (addresses.length === this.landings.size && addresses.every((address) => this.landings.has(address))) return;
    this.landings = new Set(addresses);
    this.plant();
  }

  private plant(): void {
    const wanted = new Set([...this.breakpoints, ...this.landings]);
    for (const address of this.planted) if (!wanted.has(address)) this.simulator.clearBreakpoint(address);
    for (const address of wanted) if (!this.planted.has(address)) this.simulator.setBreakpoint(address);
    this.planted = wanted;
  }
}

const isEnd = ({ reason }: Stop): boolean => reason === "exit" || reason === "fault" || reason === "deadlock";
