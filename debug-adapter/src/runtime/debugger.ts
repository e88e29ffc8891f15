/** One run of one program under the debugger's hand. Knows nothing of the protocol that drives it. */
import { ExpectationChecker, Simulator } from "@nnasm/sim-core/engine";
import type { Unit } from "@nnasm/sim-core/isa";
import type { WatchHit } from "@nnasm/sim-core/units";
import { CDebug } from "./c/c-frames.ts";
import { CProgram } from "./c/c-program.ts";
import { addressOf, evaluate, numberOf } from "./expression/evaluate.ts";
import { type ParsedExpression, parseExpression } from "./expression/parse.ts";
import { EvaluationError } from "./expression/types.ts";
import type { Environment, EventFacts, Value } from "./expression/value.ts";
import { History } from "./history/history.ts";
import { Past } from "./history/past.ts";
import type { Arrival } from "./history/search.ts";
import { Travel } from "./history/travel.ts";
import { traveller } from "./history/traveller.ts";
import { environmentOf } from "./inspect/environment.ts";
import { FORMATS } from "./inspect/format.ts";
import type { Machine } from "./inspect/machine.ts";
import type { StackFrame } from "./inspect/stack.ts";
import { DEFAULT_HISTORY_BYTES, type DebuggerOptions } from "./options.ts";
import { declarationsOf } from "./program/declarations.ts";
import { enteredBefore } from "./program/expansions.ts";
import { LaunchError } from "./program/launch-error.ts";
import type { LoadedProgram } from "./program/load.ts";
import { SourceMap } from "./program/sources.ts";
import { SymbolTable } from "./program/symbols.ts";
import { Arrivals } from "./run/arrivals.ts";
import { EventCollector } from "./run/events.ts";
import { Execution, type ExecutionEnd } from "./run/execution.ts";
import { callsToOpen } from "./run/open-calls.ts";
import { OutputBuffer } from "./run/output.ts";
import { resolverOf } from "./run/resolve.ts";
import {
  type EventStep,
  endless,
  type Goal,
  type Granularity,
  stepOn,
  stepOut,
  stepOutOfMacro,
  stepToEvent,
  stepUnit,
  stepWithin,
} from "./run/steps.ts";
import type { Ending, StopCause } from "./run/stops.ts";
import type { WatchPlace } from "./run/watchpoints.ts";

export class Debugger {
  readonly loaded: LoadedProgram;
  readonly machine: Machine;
  private readonly options: DebuggerOptions;
  private readonly execution: Execution;
  private readonly environment: Environment;
  private readonly output: OutputBuffer;
  private readonly events: EventCollector;
  private readonly arrivals: Arrivals;
  readonly history: History;
  readonly travel: Travel;
  readonly past: Past;
  /** A machine at reset, with the same program, configuration and arguments, that writes nowhere. */
  readonly freshMachine: () => Simulator;
  /** The program has stopped for good, and that has been shown. */
  private hasEnded = false;
  private readonly checker: ExpectationChecker;
  private hasFinished = false;
  /** The run has begun. */
  hasStarted = false;
  /** How many macro calls are looked into at the address where the machine stands. */
  private opened: { readonly address: number; readonly calls: number } | undefined;

  /** @throws LoadError when the program doesn't fit the machine */
  constructor(loaded: LoadedProgram, options: DebuggerOptions) {
    this.loaded = loaded;
    this.options = options;
    const { program, config, isa } = loaded;
    const { listener, scheduler, breakpoints, watchpoints, eventFilters, mode, checks } = options;
    this.output = new OutputBuffer(
      () => simulator.state,
      (chunk) => listener.output(chunk),
      options.consoleCycles,
    );
    const machineOptions = {
      program,
      config,
      isa,
      ...(mode === undefined ? {} : { mode }),
      ...(checks === undefined ? {} : { checks }),
    };
    const simulator = new Simulator({ ...machineOptions, host: this.output });
    this.checker = new ExpectationChecker(simulator);
    this.machine = {
      simulator,
      program,
      config,
      isa,
      symbols: new SymbolTable(program),
      sources: new SourceMap(program, options.host, options.host.folderOf(loaded.file)),
      c: loaded.debugInfo && new CDebug(() => this.machine, new CProgram(loaded.debugInfo, program.lines)),
      event: {},
      declarations: declarationsOf(loaded.assembly),
      openCalls: (address) =>
        this.opened?.address === address
          ? this.opened.calls
          : enteredBefore(this.machine.sources.expansions.chainAt(address), address),
      number: (text) => this.number(text),
    };
    this.environment = environmentOf(this.machine);
    this.execution = new Execution(simulator, scheduler, {
      arrived: (address, isBehindEvent) => this.arrivals.arrived(address, isBehindEvent),
      horizon: () => this.history.horizon(),
      sliced: () => {
        this.output.flush();
        this.history.record(this.travel.isUnderWay);
        this.travel.sliced();
      },
    });
    if (options.maxCycles !== undefined) this.execution.cycleLimit = options.maxCycles;
    this.events = new EventCollector(simulator, (finding) => travels.found(finding));
    const { machine, checker, execution, events, output } = this;
    breakpoints.bind(resolverOf(machine));
    watchpoints.bind(machine, (text) => {
      const parsed = parseExpression(text);
      return () => this.value(parsed);
    });
    this.arrivals = new Arrivals({
      machine,
      breakpoints,
      watchpoints,
      eventFilters,
      events,
      checker,
      noDebug: options.noDebug === true,
      value: (expression) => this.value(expression),
      log: (text, address) => this.log(text, address),
    });
    const travels = traveller({
      machine,
      execution,
      output,
      checker,
      arrivals: this.arrivals,
      breakpoints,
      watchpoints,
      listener,
      log: (text) => this.log(text, simulator.state.pc),
      plant: () => this.plant(),
      arrived: (arrival) => this.travelled(arrival),
    });
    const args = (options.args ?? []).map((text) => this.argument(text));
    const begin = (fresh: Simulator): Simulator => {
      for (const [index, value] of args.entries()) fresh.state.x[A0 + index] = value;
      return fresh;
    };
    begin(simulator);
    this.freshMachine = () => begin(new Simulator(machineOptions));
    const historyBytes = options.noDebug ? 0 : (options.historyBytes ?? DEFAULT_HISTORY_BYTES);
    this.history = new History(simulator, scheduler, travels, historyBytes);
    this.past = new Past(simulator, this.history, scheduler, this.freshMachine);
    this.travel = new Travel(machine, execution, this.history, scheduler, travels);
    this.plant();
  }

  get isRunning(): boolean {
    return this.execution.running || this.travel.isUnderWay;
  }

  /** True when the program's end has been told; what it left can still be looked at. */
  get isFinished(): boolean {
    return this.hasFinished;
  }

  /** Begins to run, or stops before the first instruction. */
  start(stopOnEntry: boolean): void {
    this.hasStarted = true;
    if (stopOnEntry && !this.options.noDebug) this.stop({ kind: "entry" });
    else this.run(endless);
  }

  continue(): void {
    if (this.execution.cycleLimit <= this.machine.simulator.state.cycle) {
      this.execution.cycleLimit += this.options.maxCycles ?? Number.POSITIVE_INFINITY;
    }
    this.run(endless);
  }

  /** One line, statement or instruction on, into calls and macros or over them. */
  step(granularity: Granularity, into: boolean): void {
    const { pc } = this.machine.simulator.state;
    const open = this.machine.openCalls(pc);
    if (into && granularity !== "instruction" && open < this.machine.sources.expansions.chainAt(pc).length) {
      this.open(pc, open + 1);
      return;
    }
    this.run(stepOn(this.machine, granularity, into));
  }

  /**
   * Out of the macro that is looked into, or out of the innermost call.
   * @throws EvaluationError when there is none
   */
  stepOut(): void {
    const { pc, calls } = this.machine.simulator.state;
    const innermost = this.machine.sources.expansions.chainAt(pc)[this.machine.openCalls(pc) - 1];
    if (innermost) this.run(stepOutOfMacro(this.machine, innermost));
    else if (calls.depth > 0) this.run(stepOut(this.machine));
    else throw new EvaluationError("there is no call to step out of: this is the outermost function");
  }

  /** Exactly one instruction on, or until the pc leaves [start, end): what foreign debuggers make their steps of. */
  stepWithin(start = 0, end = 0): void {
    this.run(stepWithin(this.machine, start, end));
  }

  /** Until the goal is reached, or something else stops the machine. */
  follow(goal: Goal): void {
    this.run(goal);
  }

  /** Until a unit starts or completes an operation. */
  stepUnit(unit: Unit): void {
    this.run(stepUnit(this.machine, unit));
  }

  /** To one of the machine's events: a number of cycles, the next operation, completion or layer. */
  stepToEvent(kind: EventStep, count: number): void {
    this.run(stepToEvent(this.machine, kind, count));
  }

  /** To a cycle: through the history as far as it is known, or on to there with everything that may stop a run. */
  goToCycle(cycle: number): void {
    const { end } = this.history;
    if (cycle <= end.cycle) this.travel.goTo(cycle);
    else this.stepToEvent("cycle", cycle - this.machine.simulator.state.cycle);
  }

  /** Goes on at another instruction; what lies between is not executed. @throws EvaluationError */
  goto(address: number): void {
    this.edit(() => evaluate(parseExpression(`pc = ${address}`).expression, this.environment, { mayAssign: true }));
    this.stop({ kind: "goto" });
  }

  pause(): void {
    this.travel.cancel();
    this.execution.pause();
  }

  /** Changes the machine by hand, which becomes a part of its history. @throws whatever the change throws */
  edit<T>(change: () => T): T {
    if (this.travel.isUnderWay) throw new EvaluationError("the machine is on its way through time: wait, or pause it");
    const result = change();
    this.history.edited();
    return result;
  }

  /** Ends this run; nothing is told any more. */
  dispose(): void {
    this.travel.dispose();
    this.execution.dispose();
  }

  /** Call after the session's breakpoints, watchpoints or event filters have changed. */
  plant(): void {
    // A replay decides for itself what it stops at; behind it this is called again.
    if (this.travel.isUnderWay) return;
    const { noDebug, breakpoints, watchpoints, eventFilters } = this.options;
    this.execution.setBreakpoints(new Set([...this.checker.addresses, ...(noDebug ? [] : breakpoints.addresses)]));
    const kinds = noDebug ? new Set<never>() : eventFilters.kinds;
    const ranges = noDebug ? [] : watchpoints.ranges;
    this.events.listen(kinds);
    this.machine.simulator.setWatch(ranges);
    const singly = !noDebug && watchpoints.hasRegisters;
    const isObserved = kinds.size > 0 || ranges.length > 0 || singly;
    const { timed } = eventFilters;
    const lookAt = noDebug || timed.isEmpty ? {} : { lookAt: () => timed.plan(this.machine) };
    const after = (hits: readonly WatchHit[]) => this.arrivals.observed(hits);
    this.execution.observer = isObserved ? { singly, after, ...lookAt } : undefined;
  }

  /**
   * @param frame whose variables are meant; absent: those of the innermost one
   * @returns the value, and the format that stood behind the expression's last comma
   * @throws EvaluationError
   */
  evaluate(text: string, mayAssign: boolean, frame?: StackFrame): { value: Value; format: string | undefined } {
    const { expression, format } = parseExpression(text);
    const { c } = this.machine;
    if (c) c.selected = frame?.c;
    try {
      return { value: evaluate(expression, this.environment, { mayAssign }), format };
    } finally {
      if (c) c.selected = undefined;
    }
  }

  /** What a data breakpoint would watch. @throws EvaluationError when it is nothing that can change */
  describeWatch(place: WatchPlace): { readonly text: string; readonly isRegister: boolean } {
    return this.options.watchpoints.describe(place);
  }

  /**
   * Whether a condition about an event holds.
   * @throws EvaluationError
   */
  holds(condition: string, event: EventFacts = {}): boolean {
    this.machine.event = event;
    try {
      return numberOf(this.evaluate(condition, false).value) !== 0;
    } finally {
      this.machine.event = {};
    }
  }

  /** @throws LaunchError that names the argument */
  private argument(text: string): number {
    try {
      const { value } = this.evaluate(text, false);
      return (value.kind === "tensor" ? addressOf(value) : numberOf(value)) | 0;
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      throw new LaunchError(`"args": ${text}: ${error.message}`);
    }
  }

  /** The number that a person wrote, also in the form in which numbers are shown: `42 (0x2a)`. */
  private number(text: string): number {
    const shown = /^\s*([-+]?\w+)\s+[(<].*[)>]\s*$/.exec(text);
    const { value, format } = this.evaluate(shown?.[1] ?? text, false);
    const fraction = /^q(\d{1,2})$/.exec(format ?? "")?.[1];
    const number = numberOf(value);
    if (fraction !== undefined) return Math.round(number * 2 ** Number(fraction));
    if (format === undefined || Object.hasOwn(FORMATS, format)) return number;
    throw new EvaluationError(`there is no format ${format} to write a number in: q7 (or any number of) fraction bits`);
  }

  private run(goal: Goal): void {
    this.history.leave();
    this.arrivals.begin();
    // Never at once, so that the answer to the request goes out before what follows from it.
    const isOver = this.machine.simulator.end !== undefined;
    const finished = isOver
      ? this.options.scheduler.yield().then(() => this.end())
      : this.execution.run(goal).then((end) => this.finished(end, goal));
    finished.catch((error: unknown) => this.options.listener.failed(error));
  }

  /** Into a macro: nothing is executed, only looked at from nearer by. */
  private open(address: number, calls: number): void {
    const opened = this.options.scheduler.yield().then(() => {
      this.opened = { address, calls };
      this.options.listener.stopped({ kind: "step" });
    });
    opened.catch((error: unknown) => this.options.listener.failed(error));
  }

  private finished(end: ExecutionEnd, goal: Goal): void {
    switch (end) {
      case "goal":
        this.stop({ kind: "step" }, goal.openCalls?.());
        return;
      case "breakpoint":
        this.stop(this.hit());
        return;
      case "pause":
        this.stop({ kind: "pause" });
        return;
      case "cycleLimit": {
        const cycles = this.machine.simulator.state.cycle;
        if (this.options.noDebug) this.finish({ kind: "cycleLimit", cycles });
        else this.stop({ kind: "cycleLimit", cycles });
        return;
      }
      case "ended":
        this.end();
        return;
      case "disposed":
    }
  }

  /** What has been hit, in words of a stop. */
  private hit(): StopCause {
    const { unmet, hits } = this.arrivals;
    if (unmet.length > 0) return { kind: "expectation", failures: unmet };
    return { kind: "breakpoint", ...hits };
  }

  private travelled(arrival: Arrival): void {
    const { pc } = this.machine.simulator.state;
    this.hasEnded = this.machine.simulator.end !== undefined;
    this.checker.wentBack();
    const cause: StopCause =
      arrival.kind === "found" && arrival.isHit
        ? this.hit()
        : { kind: ARRIVALS[arrival.kind === "found" ? "step" : arrival.kind] };
    // Who goes on from here doesn't meet the breakpoints of this instruction: they count as met.
    if (!this.execution.isPassed) this.arrivals.pass(pc);
    this.execution.markPassed();
    const open = arrival.kind === "step" || arrival.kind === "restart" ? arrival.open : undefined;
    this.opened = { address: pc, calls: open ?? callsToOpen(this.machine, cause) };
    this.options.listener.stopped(cause, true);
  }

  private log(text: string, address: number): void {
    // What the program wrote before comes before it.
    this.output.flush();
    this.options.listener.log(text, address);
  }

  /** The program has ended: a fault is shown first, so that its state can be looked at. */
  private end(): void {
    const { end } = this.machine.simulator;
    if (!end) return;
    const seen = this.hasEnded || this.options.noDebug;
    this.hasEnded = true;
    if (end.reason === "exit") {
      const failures = this.checker.finish();
      if (failures.length > 0 && !seen) this.stop({ kind: "expectation", failures });
      else if (this.options.stopOnExit && !seen) this.stop({ kind: "exited", code: end.exitCode });
      else this.finish({ kind: "exit", code: end.exitCode, failures: this.checker.failures });
    } else if (end.reason === "fault") {
      if (seen) this.finish({ kind: "fault", fault: end.fault });
      else this.stop({ kind: "fault", fault: end.fault });
    } else if (end.reason === "deadlock") {
      if (seen) this.finish({ kind: "deadlock", pc: end.pc });
      else this.stop({ kind: "deadlock", pc: end.pc });
    }
  }

  /** @param calls how many macro calls are looked into, where it is known */
  private stop(cause: StopCause, calls = callsToOpen(this.machine, cause)): void {
    const { pc } = this.machine.simulator.state;
    this.execution.markPassed();
    this.history.stopped();
    this.opened = { address: pc, calls };
    // A stop for another reason just before an instruction at which something is to be checked.
    const unmet = this.checker.addresses.has(pc) ? this.checker.arrive(pc) : [];
    this.options.listener.stopped(unmet.length > 0 ? { kind: "expectation", failures: unmet } : cause);
  }

  private finish(ending: Ending): void {
    this.hasEnded = true;
    this.hasFinished = true;
    this.output.end();
    this.options.listener.ended(ending);
  }

  private value({ expression }: ParsedExpression): Value {
    return evaluate(expression, this.environment, { mayAssign: false });
  }
}

/** Number of the register a0. */
const A0 = 10;

/** Where a journey through time ended, as a stop. */
const ARRIVALS = {
  step: "step",
  restart: "restart",
  cycle: "goto",
  beginning: "beginning",
  cancelled: "pause",
} as const;
