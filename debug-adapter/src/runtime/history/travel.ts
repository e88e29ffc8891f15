/**
 * Travelling in time: puts back a snapshot and replays from there, without output and without stopping, in slices, so
 * that it can be watched and cancelled. What it costs is what lies between the snapshot and the place of arrival.
 */
import type { Unit } from "@nnasm/sim-core/isa";
import { EvaluationError } from "../expression/types.ts";
import type { Scheduler } from "../host.ts";
import type { Machine } from "../inspect/machine.ts";
import { type Expansion, enteredBefore } from "../program/expansions.ts";
import type { Execution } from "../run/execution.ts";
import { type EventStep, type Goal, type Granularity, returnAddresses } from "../run/steps.ts";
import type { History } from "./history.ts";
import { type Landing, LineRuns } from "./line-runs.ts";
import type { Moment } from "./moments.ts";
import { comparePositions, type Position } from "./position.ts";
import { type Arrival, eventSearch, expansionSearch, placeSearch, type Search, type Traveller } from "./search.ts";

/** Instructions that a step back looks through first where no snapshot is near; then four times as many, and so on. */
const WINDOW = 1024;
const WINDOW_GROWTH = 4;
/** A snapshot that lies so many windows back is near. */
const MOST_WINDOWS = 4;

class Cancelled extends Error {}

export class Travel {
  private readonly machine: Machine;
  private readonly execution: Execution;
  private readonly history: History;
  private readonly scheduler: Scheduler;
  private readonly traveller: Traveller;
  /** A journey is under way. */
  isUnderWay = false;
  private isCancelled = false;
  private isDisposed = false;
  /** How much of the journey is done. */
  private share: (() => number) | undefined;

  constructor(machine: Machine, execution: Execution, history: History, scheduler: Scheduler, traveller: Traveller) {
    this.machine = machine;
    this.execution = execution;
    this.history = history;
    this.scheduler = scheduler;
    this.traveller = traveller;
  }

  /** One line, statement or instruction back; over calls and macros, or into them. @throws EvaluationError */
  stepBack(granularity: Granularity, into: boolean): void {
    this.go((here) => this.toLine(here, granularity, into));
  }

  /** To where a breakpoint of any kind held last. @throws EvaluationError */
  reverseContinue(): void {
    this.go((here) => this.toLast(here, { kind: "stops" }, 1));
  }

  /** To where a unit started or completed an operation last. @throws EvaluationError */
  stepUnitBack(unit: Unit): void {
    this.go((here) =>
      this.toLast(
        here,
        eventSearch((happened) => {
          const own = (which: Unit): void => {
            if (which === unit) happened();
          };
          return { started: own, completed: own };
        }),
        1,
      ),
    );
  }

  /** So many cycles, operations, completions or layers back. @throws EvaluationError */
  stepBackTo(kind: EventStep, count: number): void {
    if (kind === "cycle") {
      this.goTo(Math.max(0, this.machine.simulator.state.cycle - count));
      return;
    }
    const name = ({ operation: "issued", completion: "completed", layer: "layer" } as const)[kind];
    this.go((here) =>
      this.toLast(
        here,
        eventSearch((happened) => ({ [name]: happened })),
        count,
      ),
    );
  }

  /**
   * To where the CU came to one of the addresses last, with so many calls under way.
   * @throws EvaluationError
   */
  backTo(addresses: readonly number[], depth?: number): void {
    this.go((here) => this.toLast(here, placeSearch(this.machine, new Set(addresses), depth), 1));
  }

  /**
   * To the instruction that made a call which is under way, or to the first one of the function that it entered.
   * @param level how many calls further out, 0 = the innermost
   * @throws EvaluationError for the outermost function, which nobody has called
   */
  toCall(level: number, isEntry: boolean): void {
    const { state } = this.machine.simulator;
    const { depth, calls } = state.calls;
    const call = calls[level];
    if (!call) throw new EvaluationError("this is the outermost function: nothing has called it");
    const outside = depth - level - 1;
    this.go(async (here) => {
      // While a call is under way no more of them are than now, so the last time that fewer were is when it was made.
      const found = await this.toLast(here, placeSearch(this.machine, new Set([call.site]), outside), 1);
      if (!isEntry || found.kind !== "found") return found;
      this.prepareQuiet();
      const reached = () => state.calls.depth > outside && state.pc === call.target;
      await this.run({ singly: true, landings: [], reached });
      return { kind: "restart", open: undefined };
    });
  }

  /**
   * To where a macro call that the machine stands in was come to.
   * @param isEntry the call is looked into there
   */
  toMacroCall(call: Expansion, depth: number, isEntry: boolean): void {
    this.go(async (here) => {
      const found = await this.toLast(here, expansionSearch(this.machine, call, depth), 1, true);
      if (found.kind !== "found") return found;
      return isEntry ? { kind: "restart", open: call.depth + 1 } : { kind: "step", open: call.depth };
    });
  }

  /**
   * To any cycle of the known history, before or behind the machine.
   * @throws EvaluationError when it isn't known
   */
  goTo(cycle: number, kind: "cycle" | "restart" = "cycle"): void {
    const { end } = this.history;
    if (cycle > end.cycle) throw new EvaluationError(`cycle ${cycle} lies behind the end of the history, ${end.cycle}`);
    const { first } = this.history.moments;
    if (first && cycle < first.position.cycle) {
      throw new EvaluationError(
        `the history begins at cycle ${first.position.cycle}: what was before has been dropped to keep to ` +
          `"historyMegabytes" (${this.history.moments.budget / 2 ** 20})`,
      );
    }
    this.go(async () => {
      await this.toCycle(cycle);
      return kind === "cycle" ? { kind } : { kind, open: undefined };
    });
  }

  /** To be called while a journey runs, now and then. */
  sliced(): void {
    if (this.isUnderWay && this.share) this.traveller.progress(Math.min(1, Math.max(0, this.share())));
  }

  /** Nobody is to hear of the journey any more. */
  dispose(): void {
    this.isDisposed = true;
  }

  /** The journey that is under way ends; the machine comes back to where it began. */
  cancel(): void {
    this.isCancelled = true;
  }

  /** Does a journey from where the machine stands, and tells where it ended. @throws EvaluationError at once */
  private go(journey: (here: Moment) => Promise<Arrival>): void {
    const { history, traveller } = this;
    const { budget } = history.moments;
    if (budget === 0) throw new EvaluationError('there is no way back: "historyMegabytes" is 0 in the launch');
    history.leave();
    const here = history.take();
    if (!history.moments.first) {
      throw new EvaluationError(
        `there is no way back: a snapshot of this machine takes more than "historyMegabytes" (${budget / 2 ** 20}) in the launch`,
      );
    }
    this.isUnderWay = true;
    this.isCancelled = false;
    this.share = undefined;
    this.end(here, journey).catch((error: unknown) => traveller.failed(error));
  }

  private async end(here: Moment, journey: (here: Moment) => Promise<Arrival>): Promise<void> {
    const { history, traveller } = this;
    let arrival: Arrival;
    try {
      // The answer to the request goes out before what follows from it.
      await this.scheduler.yield();
      arrival = await journey(here);
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
      if (this.isDisposed) return;
      history.restore(here);
      arrival = { kind: "cancelled" };
    } finally {
      this.isUnderWay = false;
      traveller.restoreStops();
    }
    if (!this.isDisposed) traveller.arrived(arrival);
  }

  private async toCycle(cycle: number): Promise<void> {
    const { history } = this;
    // A stop in the cycle may be behind some of its effects; one in an earlier cycle isn't. After a change by hand there
    // is nothing else in the cycle.
    const from =
      history.moments.all.findLast(
        (moment) =>
          (moment.position.cycle < cycle || (moment.isEdit && moment.position.cycle === cycle)) &&
          history.isComplete(moment),
      ) ?? history.moments.first!;
    this.prepareQuiet();
    history.restore(from);
    const { state } = this.machine.simulator;
    const begun = from.position.cycle;
    this.share = () => (state.cycle - begun) / Math.max(1, cycle - begun);
    await this.run({ singly: false, landings: [], untilCycle: cycle, reached: this.isAt({ cycle }) });
  }

  private async toLine(here: Moment, granularity: Granularity, into: boolean): Promise<Arrival> {
    const { machine, history } = this;
    const { pc, calls } = machine.simulator.state;
    const chain = machine.sources.expansions.chainAt(pc);
    const open = machine.openCalls(pc);
    if (granularity !== "instruction" && open > enteredBefore(chain, pc)) return { kind: "step", open: open - 1 };
    const opened = chain.slice(0, open);
    const options = { machine, granularity, into, depth: calls.depth, opened };
    // Changes by hand are not stepped over: the machine stands there, as it did then.
    const floor =
      history.moments.edits.findLast(({ position }) => comparePositions(position, here.position) < 0) ??
      history.moments.first!;
    this.prepareQuiet();
    let start = here;
    for (let round = 0; ; round++) {
      start = await this.windowBefore(here, floor, start, round);
      const isFloor = start.position.retired <= floor.position.retired;
      const runs = new LineRuns(options, isFloor);
      await this.run(this.following(runs, here.position.retired));
      const { landing } = runs;
      if (landing) return this.toInstruction(here, landing);
      if (isFloor) {
        history.restore(floor);
        return floor.isEdit ? { kind: "step", open: undefined } : { kind: "beginning" };
      }
    }
  }

  /** Goes to a place before the one that was looked through from last, each time farther, and leaves a snapshot there. */
  private async windowBefore(here: Moment, floor: Moment, last: Moment, round: number): Promise<Moment> {
    const { history } = this;
    const window = WINDOW * WINDOW_GROWTH ** round;
    const earlier = history.moments.all.filter(
      (moment) =>
        moment.position.edits === floor.position.edits &&
        moment.position.retired < last.position.retired &&
        history.isComplete(moment),
    );
    const near = earlier.at(-Math.min(earlier.length, 2 ** round));
    if (near && near.position.retired >= here.position.retired - MOST_WINDOWS * window) {
      history.restore(near);
      return near;
    }
    const wanted = Math.max(floor.position.retired, last.position.retired - window);
    await this.toRetired(here, floor, wanted);
    return history.take();
  }

  /** The machine stands before the first effect behind so many retired instructions. */
  private async toRetired(here: Moment, floor: Moment, retired: number): Promise<void> {
    const { history } = this;
    const from = history.moments.all.findLast(
      (moment) =>
        // One with as many instructions may be within the wait of the next one.
        moment.position.retired < retired &&
        comparePositions(moment.position, floor.position) >= 0 &&
        comparePositions(moment.position, here.position) <= 0 &&
        history.isComplete(moment),
    );
    history.restore(from ?? floor);
    await this.run({ singly: false, landings: [], untilRetired: retired, reached: this.isAt({ retired }) });
  }

  private async toInstruction(here: Moment, { retired, open }: Landing): Promise<Arrival> {
    const floor =
      this.history.moments.edits.findLast(
        ({ position }) => position.retired <= retired && comparePositions(position, here.position) < 0,
      ) ?? this.history.moments.first!;
    if (floor.isEdit && floor.position.retired === retired) this.history.restore(floor);
    else await this.toRetired(here, floor, retired);
    return { kind: "step", open };
  }

  /** Follows every instruction up to a place; deeper calls than matter run through at full speed. */
  private following(runs: LineRuns, retired: number): Goal {
    const { machine } = this;
    const { state } = machine.simulator;
    const isPassing = (): boolean => state.calls.depth > runs.deepest;
    let landings: readonly number[] = [];
    return {
      get singly() {
        return !isPassing();
      },
      get landings() {
        return landings;
      },
      untilRetired: retired,
      reached() {
        if (state.retired >= retired) return true;
        if (!isPassing()) {
          landings = [];
          runs.visit();
        } else if (landings.length === 0) landings = returnAddresses(machine);
        return false;
      },
    };
  }

  /**
   * To the last but `count - 1` of what is looked for.
   * @param isHereMeant whether what is where the machine stands counts
   */
  private async toLast(here: Moment, search: Search, count: number, isHereMeant = false): Promise<Arrival> {
    const { history } = this;
    let wanted = count;
    let end = here;
    this.share = () => 1 - end.position.cycle / Math.max(1, here.position.cycle);
    const isHopeless = search.kind === "stops" && !this.traveller.hasStops();
    for (;;) {
      const start = isHopeless ? undefined : this.segmentBefore(end);
      if (!start) {
        history.restore(history.moments.first!);
        return { kind: "beginning" };
      }
      const isLast = end === here && !isHereMeant;
      const found = await this.count(start, end, isLast, search, undefined);
      if (found >= wanted) {
        await this.count(start, end, isLast, search, found - wanted + 1);
        return { kind: "found", isHit: search.kind === "stops" };
      }
      wanted -= found;
      end = start;
    }
  }

  private segmentBefore(end: Moment): Moment | undefined {
    const { all, first } = this.history.moments;
    if (!first || comparePositions(first.position, end.position) >= 0) return undefined;
    const earlier = (moment: Moment): boolean => comparePositions(moment.position, end.position) < 0;
    return all.findLast((moment) => earlier(moment) && this.history.isComplete(moment)) ?? first;
  }

  /**
   * Runs a piece of the past and counts what is looked for, behind its start and up to its end; or stops at a number of it.
   * @param isOpen what is at the end itself doesn't count
   */
  private async count(
    start: Moment,
    end: Moment,
    isOpen: boolean,
    search: Search,
    target: number | undefined,
  ): Promise<number> {
    const { history } = this;
    let found = 0;
    let last: Position | undefined;
    const judge = (): boolean => {
      const { position } = history;
      const order = comparePositions(position, end.position);
      if (order > 0 || (isOpen && order === 0)) return false;
      // Several things at one place are one stop.
      if (!last || comparePositions(last, position) !== 0) found++;
      last = position;
      return found === target;
    };
    this.traveller.prepare({ stops: true, judge, search });
    history.restore(start);
    const { cycle } = end.position;
    const goal = { singly: false, landings: [], untilCycle: cycle + 1, reached: this.isAt({ cycle: cycle + 1 }) };
    await this.run(goal);
    return found;
  }

  private isAt({ cycle, retired }: Partial<Pick<Position, "cycle" | "retired">>): () => boolean {
    const { state } = this.machine.simulator;
    return () => state.cycle >= (cycle ?? 0) && state.retired >= (retired ?? 0);
  }

  private prepareQuiet(): void {
    this.traveller.prepare({ stops: false, judge: () => false });
  }

  /** @throws Cancelled */
  private async run(goal: Goal): Promise<void> {
    if (goal.reached()) return;
    const end = this.isCancelled ? "pause" : await this.execution.run(goal);
    if (end === "pause" || end === "disposed" || this.isCancelled) throw new Cancelled();
  }
}
