/**
 * The run's past: snapshots taken on the way, and the changes that were made by hand. One history is one line of time:
 * who runs on from the past repeats it exactly, changes included; a change in the past ends what was known of the future.
 */
import type { Simulator } from "@nnasm/sim-core/engine";
import type { Scheduler } from "../host.ts";
import { KeptMemory } from "./kept-memory.ts";
import { type DebugMarks, type Moment, Moments } from "./moments.ts";
import { comparePositions, type Position, positionOf } from "./position.ts";

/** What the debugger keeps beside the machine, so that it can be taken back with it. */
export interface Companion {
  marks(): DebugMarks;
  restored(marks: DebugMarks): void;
  /** Whether the marks tell all that is counted today: a breakpoint may have been set since. */
  isComplete(marks: DebugMarks): boolean;
  /** The known future ended because of a change at the machine's position. */
  newFuture(cycle: number): void;
  /** Changes by hand were made again, as they once were at this cycle. */
  editsRepeated(cycle: number): void;
}

/** Milliseconds between snapshots at least, and how many times its cost has to be run before the next one. */
const INTERVAL_MS = 5;
const COST_FACTOR = 10;
/** Denser on a journey: who has gone back is likely to go on from there. */
const REPLAY_COST_FACTOR = 3;

export class History {
  readonly moments: Moments;
  private readonly simulator: Simulator;
  private readonly scheduler: Scheduler;
  private readonly companion: Companion;
  private lastTaken: number;
  private cost = 0;
  /** How many of the changes by hand lie behind the machine. */
  private edits = 0;
  private isEdited = false;
  private furthest: Position;
  /** How many futures have been given up for another: what is said of cycles before then may be of one of them. */
  futures = 0;
  /** Memory where the machine stood before it went on to where it is now, and the cycle. */
  lastStop: { readonly memory: KeptMemory; readonly cycle: number } | undefined;

  /** Begins with the machine as it stands. @param budget bytes; 0 keeps no history */
  constructor(simulator: Simulator, scheduler: Scheduler, companion: Companion, budget: number) {
    this.simulator = simulator;
    this.scheduler = scheduler;
    this.companion = companion;
    this.moments = new Moments(budget);
    this.lastTaken = scheduler.now();
    this.furthest = this.position;
    if (budget > 0) this.take();
  }

  get position(): Position {
    return positionOf(this.simulator, this.edits);
  }

  /** The end of what is known. */
  get end(): Position {
    return comparePositions(this.position, this.furthest) > 0 ? this.position : this.furthest;
  }

  get isPast(): boolean {
    return comparePositions(this.position, this.furthest) < 0;
  }

  /** To be called where the machine stops for somebody to look at it. */
  stopped(): void {
    this.furthest = this.end;
  }

  /** Takes a snapshot of where the machine stands. */
  take(isEdit = false): Moment {
    const started = this.scheduler.now();
    const { position } = this;
    const moment = { position, snapshot: this.simulator.snapshot(), marks: this.companion.marks(), isEdit };
    this.moments.add(moment);
    this.lastTaken = this.scheduler.now();
    this.cost = this.lastTaken - started;
    return moment;
  }

  /** To be called now and then while the machine runs. */
  record(isReplay: boolean): void {
    if (!isReplay) this.furthest = this.end;
    if (this.moments.budget === 0) return;
    const since = this.scheduler.now() - this.lastTaken;
    const factor = isReplay ? REPLAY_COST_FACTOR : COST_FACTOR;
    if (since >= Math.max(INTERVAL_MS, this.cost * factor)) this.take();
  }

  /** Puts the machine back there. */
  restore({ position, snapshot, marks }: Moment): void {
    this.simulator.restore(snapshot);
    this.edits = position.edits;
    this.companion.restored(marks);
  }

  /** Whether all that is counted today is known there; the beginning is where everything is zero. */
  isComplete(moment: Moment): boolean {
    return this.companion.isComplete(moment.marks);
  }

  /** Somebody has changed the machine by hand. */
  edited(): void {
    this.isEdited = true;
  }

  /** To be called where the machine leaves a place that somebody has looked at. */
  leave(): void {
    this.settle();
    this.lastStop = { memory: KeptMemory.of(this.simulator.memories), cycle: this.simulator.state.cycle };
  }

  /** Before the machine goes on, in whatever direction: makes changes by hand a part of the history. */
  settle(): void {
    if (!this.isEdited) return;
    this.isEdited = false;
    this.futures++;
    const { position } = this;
    const hadFuture = this.isPast;
    const isAgain = this.moments.edits.some((moment) => comparePositions(moment.position, position) === 0);
    this.moments.truncate(position);
    if (!isAgain) this.edits++;
    this.furthest = this.position;
    if (this.moments.budget > 0) this.take(true);
    if (hadFuture) this.companion.newFuture(position.cycle);
  }

  /**
   * Cycle of the next change by hand that is known, where a run has to stop so that it is made again; when the machine
   * has come there it is.
   */
  horizon(): number {
    // Memory can be written while the program runs.
    this.settle();
    for (;;) {
      const next = this.moments.edits.find(({ position }) => position.edits === this.edits + 1);
      if (!next) return Number.POSITIVE_INFINITY;
      if (this.simulator.state.cycle < next.position.cycle) return next.position.cycle;
      this.restore(next);
      this.companion.editsRepeated(next.position.cycle);
    }
  }
}
