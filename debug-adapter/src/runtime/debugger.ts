/** One run of one program under the debugger's hand. Knows nothing of the protocol that drives it. */
import { ExpectationChecker, type ExpectationFailure, Simulator } from "@nnasm/sim-core/engine";
import type { Unit } from "@nnasm/sim-core/isa";
import type { WatchHit } from "@nnasm/sim-core/units";
import { evaluate, numberOf } from "./expression/evaluate.ts";
import { type ParsedExpression, parseExpression } from "./expression/parse.ts";
import { EvaluationError } from "./expression/types.ts";
import type { Environment, Value } from "./expression/value.ts";
import type { FileHost, Scheduler } from "./host.ts";
import { environmentOf } from "./inspect/environment.ts";
import { countText } from "./inspect/format.ts";
import type { Machine } from "./inspect/machine.ts";
import { shownPlace } from "./inspect/stack.ts";
import { valueNode } from "./inspect/value.ts";
import { declarationsOf } from "./program/declarations.ts";
import { enteredBefore } from "./program/expansions.ts";
import type { LoadedProgram } from "./program/load.ts";
import { SourceMap } from "./program/sources.ts";
import { SymbolTable } from "./program/symbols.ts";
import type { Breakpoints } from "./run/breakpoints.ts";
import type { EventFilters } from "./run/event-filters.ts";
import { EventCollector } from "./run/events.ts";
import { Execution, type ExecutionEnd } from "./run/execution.ts";
import { messageText } from "./run/log-message.ts";
import { OutputBuffer, type OutputChunk } from "./run/output.ts";
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
} from "./run/steps.ts";
import type { BreakpointHits, Ending, StopCause } from "./run/stops.ts";
import type { WatchPlace, Watchpoints } from "./run/watchpoints.ts";

const NO_HITS: BreakpointHits = { breakpoints: [], watches: [], events: [], problems: [] };

export interface DebuggerListener {
  stopped(cause: StopCause): void;
  ended(ending: Ending): void;
  /** What the program wrote. */
  output(chunk: OutputChunk): void;
  /** A line of the debugger's own: log points, problems of conditions. `pc` is the instruction that it is about. */
  log(text: string, pc: number): void;
  /** Something in the debugger or the simulator is broken: the run can't go on. */
  failed(error: unknown): void;
}

export interface DebuggerOptions {
  readonly host: FileHost;
  readonly scheduler: Scheduler;
  readonly listener: DebuggerListener;
  /** Kept by who owns the session: breakpoints outlive a restart. */
  readonly breakpoints: Breakpoints;
  readonly watchpoints: Watchpoints;
  readonly eventFilters: EventFilters;
  /** Run only: no breakpoints, faults end the program. */
  readonly noDebug?: boolean;
  readonly maxCycles?: number;
}

export class Debugger {
  readonly loaded: LoadedProgram;
  readonly machine: Machine;
  private readonly options: DebuggerOptions;
  private readonly execution: Execution;
  private readonly environment: Environment;
  private readonly output: OutputBuffer;
  private readonly events: EventCollector;
  /** What has been hit since the machine last went on. */
  private hits: BreakpointHits = NO_HITS;
  /** The program has stopped for good, and that has been shown. */
  private hasEnded = false;
  private readonly checker: ExpectationChecker;
  /** Expectations that were found not to hold at the instruction where the machine stands. */
  private unmet: readonly ExpectationFailure[] = [];
  private hasFinished = false;
  /** How many macro calls are looked into at the address where the machine stands. */
  private opened: { readonly address: number; readonly calls: number } | undefined;

  /** @throws LoadError when the program doesn't fit the machine */
  constructor(loaded: LoadedProgram, options: DebuggerOptions) {
    this.loaded = loaded;
    this.options = options;
    const { program, config, isa } = loaded;
    this.output = new OutputBuffer(
      () => simulator.state.pc,
      (chunk) => options.listener.output(chunk),
    );
    const simulator = new Simulator({ program, config, isa, host: this.output });
    this.checker = new ExpectationChecker(simulator);
    this.machine = {
      simulator,
      program,
      config,
      isa,
      symbols: new SymbolTable(program),
      sources: new SourceMap(program, options.host, options.host.folderOf(loaded.file)),
      declarations: declarationsOf(loaded.assembly),
      openCalls: (address) =>
        this.opened?.address === address
          ? this.opened.calls
          : enteredBefore(this.machine.sources.expansions.chainAt(address), address),
      number: (text) => this.number(text),
    };
    this.environment = environmentOf(this.machine);
    this.execution = new Execution(simulator, options.scheduler, {
      arrived: (address) => this.arrived(address),
      sliced: () => this.output.flush(),
    });
    if (options.maxCycles !== undefined) this.execution.cycleLimit = options.maxCycles;
    this.events = new EventCollector(simulator);
    options.breakpoints.bind(resolverOf(this.machine));
    options.watchpoints.bind(this.machine, (text) => {
      const parsed = parseExpression(text);
      return () => this.value(parsed);
    });
    this.plant();
  }

  get isRunning(): boolean {
    return this.execution.running;
  }

  /** True when the program's end has been told; what it left can still be looked at. */
  get isFinished(): boolean {
    return this.hasFinished;
  }

  /** Begins to run, or stops before the first instruction. */
  start(stopOnEntry: boolean): void {
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

  /** Until a unit starts or completes an operation. */
  stepUnit(unit: Unit): void {
    this.run(stepUnit(this.machine, unit));
  }

  /** To one of the machine's events: a number of cycles, the next operation, completion or layer. */
  stepToEvent(kind: EventStep, count: number): void {
    this.run(stepToEvent(this.machine, kind, count));
  }

  /** Goes on at another instruction; what lies between is not executed. @throws EvaluationError */
  goto(address: number): void {
    evaluate(parseExpression(`pc = ${address}`).expression, this.environment, { mayAssign: true });
    this.stop({ kind: "goto" });
  }

  pause(): void {
    this.execution.pause();
  }

  /** Ends this run; nothing is told any more. */
  dispose(): void {
    this.execution.dispose();
  }

  /** Call after the session's breakpoints, watchpoints or event filters have changed. */
  plant(): void {
    const { noDebug, breakpoints, watchpoints, eventFilters } = this.options;
    this.execution.setBreakpoints(new Set([...this.checker.addresses, ...(noDebug ? [] : breakpoints.addresses)]));
    const kinds = noDebug ? new Set<never>() : eventFilters.kinds;
    const ranges = noDebug ? [] : watchpoints.ranges;
    this.events.listen(kinds);
    this.machine.simulator.setWatch(ranges);
    const singly = !noDebug && watchpoints.hasRegisters;
    const isObserved = kinds.size > 0 || ranges.length > 0 || singly;
    this.execution.observer = isObserved ? { singly, after: (hits) => this.observed(hits) } : undefined;
  }

  /**
   * @returns the value, and the format that stood behind the expression's last comma
   * @throws EvaluationError
   */
  evaluate(text: string, mayAssign: boolean): { value: Value; format: string | undefined } {
    const { expression, format } = parseExpression(text);
    return { value: evaluate(expression, this.environment, { mayAssign }), format };
  }

  /** What a data breakpoint would watch. @throws EvaluationError when it is nothing that can change */
  describeWatch(place: WatchPlace): { readonly text: string; readonly isRegister: boolean } {
    return this.options.watchpoints.describe(place);
  }

  /** Whether a condition holds. @throws EvaluationError */
  holds(condition: string): boolean {
    return numberOf(this.evaluate(condition, false).value) !== 0;
  }

  /** The number that a person wrote, also in the form in which numbers are shown: `42 (0x2a)`. */
  private number(text: string): number {
    const shown = /^\s*([-+]?\w+)\s+[(<].*[)>]\s*$/.exec(text);
    return numberOf(this.evaluate(shown?.[1] ?? text, false).value);
  }

  private run(goal: Goal): void {
    this.hits = NO_HITS;
    this.unmet = [];
    this.options.watchpoints.begin();
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
        if (this.unmet.length > 0) this.stop({ kind: "expectation", failures: this.unmet });
        else this.stop({ kind: "breakpoint", ...this.hits });
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

  /** The program has ended: a fault is shown first, so that its state can be looked at. */
  private end(): void {
    const { end } = this.machine.simulator;
    if (!end) return;
    const seen = this.hasEnded || this.options.noDebug;
    this.hasEnded = true;
    if (end.reason === "exit") {
      const failures = this.checker.finish();
      if (failures.length > 0 && !seen) this.stop({ kind: "expectation", failures });
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
  private stop(cause: StopCause, calls = this.callsToOpen(cause)): void {
    const { pc } = this.machine.simulator.state;
    this.execution.markPassed();
    this.opened = { address: pc, calls };
    // A stop for another reason just before an instruction at which something is to be checked.
    const unmet = this.checker.addresses.has(pc) ? this.checker.arrive(pc) : [];
    this.options.listener.stopped(unmet.length > 0 ? { kind: "expectation", failures: unmet } : cause);
  }

  /** At a breakpoint of a macro's body the body is shown, and wherever something went wrong; the call otherwise. */
  private callsToOpen(cause: StopCause): number {
    const { machine } = this;
    const { pc } = machine.simulator.state;
    const chain = machine.sources.expansions.chainAt(pc);
    const entered = enteredBefore(chain, pc);
    if (cause.kind === "fault" || cause.kind === "expectation" || cause.kind === "deadlock" || cause.kind === "pause")
      return chain.length;
    if (cause.kind !== "breakpoint") return entered;
    for (let open = entered; open <= chain.length; open++) {
      const place = shownPlace(machine, pc, chain, open);
      if (cause.breakpoints.some(({ file, line }) => file === place?.file && line === place?.line)) return open;
    }
    return entered;
  }

  private finish(ending: Ending): void {
    this.hasEnded = true;
    this.hasFinished = true;
    this.output.end();
    this.options.listener.ended(ending);
  }

  /** True when a watchpoint or an event says stop. */
  private observed(accesses: readonly WatchHit[]): boolean {
    const { watchpoints, eventFilters } = this.options;
    const events = this.events.take();
    const watched = watchpoints.after(accesses, this.isTrue);
    const filtered = eventFilters.after(this.machine, events, this.isTrue);
    if (watched.hits.length === 0 && filtered.texts.length === 0) return false;
    const problems = [...watched.problems, ...filtered.problems];
    this.hits = { breakpoints: [], watches: watched.hits, events: filtered.texts, problems };
    return true;
  }

  /** True when a breakpoint at the address says stop. */
  private arrived(address: number): boolean {
    const { noDebug, breakpoints } = this.options;
    const unmet = this.checker.addresses.has(address) ? this.checker.arrive(address) : [];
    if (noDebug) return false;
    this.unmet = unmet;
    const { stops, messages, problems } = breakpoints.arrive(address, {
      isTrue: this.isTrue,
      text: (message) => messageText(message, (expression) => this.valueText(expression)),
    });
    // What the program wrote before the log point comes before it.
    if (messages.length > 0) this.output.flush();
    const { cycle } = this.machine.simulator.state;
    for (const message of messages) this.options.listener.log(`[cycle ${countText(cycle)}] ${message}`, address);
    this.hits = { ...this.hits, breakpoints: stops, problems: [...this.hits.problems, ...problems] };
    return stops.length > 0 || unmet.length > 0;
  }

  private readonly isTrue = (condition: ParsedExpression): boolean => numberOf(this.value(condition)) !== 0;

  private value({ expression }: ParsedExpression): Value {
    return evaluate(expression, this.environment, { mayAssign: false });
  }

  /** Text of an expression in a log message; its error instead when it has none, because the program runs on. */
  private valueText(parsed: ParsedExpression): string {
    try {
      return valueNode(this.machine, "", this.value(parsed), { hex: false }, parsed.format).value;
    } catch (error) {
      if (error instanceof EvaluationError) return `<${error.message}>`;
      throw error;
    }
  }
}
