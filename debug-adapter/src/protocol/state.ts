/** What a session remembers between requests, and the events that it sends of its own accord. */
import { formatDiagnostic } from "@nnasm/sim-core/diagnostics";
import { LoadError } from "@nnasm/sim-core/engine";
import { UNITS, type Unit } from "@nnasm/sim-core/isa";
import { buildProfile } from "@nnasm/sim-core/profile";
import type { DebugProtocol } from "@vscode/debugprotocol";
import {
  BreakpointIds,
  Breakpoints,
  Debugger,
  type DebuggerListener,
  type Ending,
  EvaluationError,
  EventFilters,
  endingText,
  FAULT_KINDS,
  type FileHost,
  findingReport,
  LaunchError,
  type Line,
  type LoadedProgram,
  lineFromZero,
  loadProgram,
  type ModuleLoader,
  type NodeList,
  needsModule,
  type OutputChunk,
  type Place,
  queueUnits,
  reportLines,
  type Scheduler,
  type StackFrame,
  type StepTarget,
  type StopCause,
  Watchpoints,
  withModule,
} from "../runtime/index.ts";
import { baseName, ClientConventions, reference, sourceOf } from "./convert.ts";
import { Handles } from "./handles.ts";
import type { LaunchAttributes } from "./launch.ts";
import { Progress } from "./progress.ts";
import { RequestError } from "./requests.ts";
import { endingReport, exitCode, stoppedBody } from "./stopped.ts";

export type SendEvent = (event: string, body?: object) => void;

/** Number of the control unit's thread; units follow in token order. */
export const CU_THREAD = 1;

export interface FrameHandle {
  readonly unit: Unit;
  readonly frame: StackFrame;
}

/** What a session asks of the world around it. */
export interface SessionWorld {
  readonly files: FileHost;
  readonly scheduler: Scheduler;
  readonly modules?: ModuleLoader;
}

export class SessionState {
  readonly files: FileHost;
  private readonly ids = new BreakpointIds();
  readonly breakpoints = new Breakpoints(this.ids);
  readonly watchpoints = new Watchpoints(this.ids);
  readonly eventFilters = new EventFilters();
  readonly frames = new Handles<FrameHandle>();
  readonly lists = new Handles<NodeList>();
  readonly stepTargets = new Handles<StepTarget>();
  readonly gotoTargets = new Handles<number>();
  readonly locations = new Handles<Place>();
  /** Endings of a program that stop it first, each with a condition or none. */
  endingFilters: ReadonlyMap<string, string | undefined> = new Map([
    ["fault", undefined],
    ["deadlock", undefined],
  ]);
  client = new ClientConventions();
  attributes: LaunchAttributes | undefined;
  /** Why the machine stands still; undefined while it runs or before the first stop. */
  stop: StopCause | undefined;
  private readonly scheduler: Scheduler;
  private readonly modules: ModuleLoader | undefined;
  private readonly sendEvent: SendEvent;
  readonly progress: Progress;
  /** Memory that the client has been given, by reference: it may show it still. */
  private readonly given = new Map<string, { readonly offset: number; readonly count: number }>();
  private current: Debugger | undefined;
  private deferred: (() => void)[] = [];
  /** The problem that ends the program has been told at its stop. */
  private hasReported = false;
  /** Thread that the last step was asked for. */
  private stepThread = CU_THREAD;

  constructor({ files, scheduler, modules }: SessionWorld, sendEvent: SendEvent) {
    this.files = files;
    this.scheduler = scheduler;
    this.modules = modules;
    this.sendEvent = sendEvent;
    const { now } = scheduler;
    this.progress = new Progress(
      () => now.call(scheduler),
      () => this.client,
      sendEvent,
    );
  }

  /** @throws RequestError when no program has been launched */
  get debugger(): Debugger {
    if (!this.current) throw new RequestError("no program is loaded: launch one first");
    return this.current;
  }

  get hasProgram(): boolean {
    return this.current !== undefined;
  }

  send(event: string, body?: object): void {
    this.sendEvent(event, body);
  }

  /** Runs after the answer to the current request has been sent. */
  defer(action: () => void): void {
    this.deferred.push(action);
  }

  runDeferred(): void {
    const actions = this.deferred;
    this.deferred = [];
    for (const action of actions) action();
  }

  dispose(): void {
    this.current?.dispose();
    this.current = undefined;
  }

  /**
   * Loads the program and makes it the session's; a program that was there before ends. Nothing runs yet.
   * @param done called when the program is there: at once, unless the project has instructions of its own
   * @throws LaunchError, also by the promise; what was loaded before then stays
   */
  load(attributes: LaunchAttributes, done: () => void): Promise<undefined> | undefined {
    return this.reporting(() => {
      const loaded = this.assembled(attributes);
      const use = (ready: LoadedProgram): undefined => {
        this.use(this.create(ready, attributes), attributes);
        done();
        return undefined;
      };
      if (!needsModule(loaded, this.modules)) return use(loaded);
      return withModule(loaded, this.modules!).then((ready) => this.reporting(() => use(ready)));
    });
  }

  private use(next: Debugger, attributes: LaunchAttributes): void {
    this.current?.dispose();
    this.current = next;
    this.attributes = attributes;
    this.hasReported = false;
    this.given.clear();
    this.resumed();
    for (const { file, range, ...warning } of next.loaded.warnings) {
      const text = `${formatDiagnostic({ file, range, ...warning })}\n`;
      this.output("console", text, { file, line: lineFromZero(range.start.line) });
    }
  }

  /** Everything that was handed out about the last stop is void. */
  resumed(thread = CU_THREAD): void {
    this.frames.clear();
    this.lists.clear();
    this.stepTargets.clear();
    this.gotoTargets.clear();
    this.locations.clear();
    this.stop = undefined;
    this.stepThread = thread;
  }

  /** The unit of a thread. @throws RequestError when there is none */
  unitOf(thread: number): Unit {
    const unit = UNITS[thread - CU_THREAD];
    if (unit === "cu" || (unit && queueUnits(this.debugger.machine).includes(unit))) return unit;
    throw new RequestError(`there is no thread ${thread}`, false);
  }

  threads(): DebugProtocol.Thread[] {
    const units: readonly Unit[] = ["cu", ...queueUnits(this.debugger.machine)];
    return units.map((unit) => ({ id: UNITS.indexOf(unit) + CU_THREAD, name: unit }));
  }

  /** A message of the debugger or the program, with the source line that it is about. */
  output(
    category: "console" | "important" | "stdout" | "stderr",
    text: string,
    place?: { file: string; line: Line },
  ): void {
    const where = place && { source: sourceOf(place.file), line: this.client.clientLine(place.line) };
    this.send("output", { category, output: text, ...where });
  }

  /** Tells the client that values which it shows may have changed by its own doing. */
  invalidate(areas: readonly DebugProtocol.InvalidatedAreas[]): void {
    if (this.client.understandsInvalidated) this.defer(() => this.send("invalidated", { areas }));
  }

  memoryChanged(address: number, count: number): void {
    if (!this.client.understandsMemory || count === 0) return;
    this.defer(() => this.send("memory", { memoryReference: reference(address), offset: 0, count }));
  }

  /** The client has read memory and may show it until it is told that it has changed. */
  remember(memoryReference: string, offset: number, count: number): void {
    const known = this.given.get(memoryReference) ?? { offset, count };
    const from = Math.min(known.offset, offset);
    const to = Math.max(known.offset + known.count, offset + count);
    this.given.delete(memoryReference);
    this.given.set(memoryReference, { offset: from, count: to - from });
    const [oldest] = this.given.keys();
    if (this.given.size > MAX_GIVEN) this.given.delete(oldest!);
  }

  private assembled({ cwd, program, config }: LaunchAttributes): LoadedProgram {
    return loadProgram(this.files, {
      program,
      ...(cwd === undefined ? {} : { folder: cwd }),
      ...(config === undefined ? {} : { config }),
    });
  }

  private create(loaded: LoadedProgram, attributes: LaunchAttributes): Debugger {
    const { noDebug, maxCycles, mode, checks, historyMegabytes, stopOnExit, consoleCycles } = attributes;
    return new Debugger(loaded, {
      host: this.files,
      scheduler: this.scheduler,
      listener: this.listener(),
      breakpoints: this.breakpoints,
      watchpoints: this.watchpoints,
      eventFilters: this.eventFilters,
      noDebug,
      mode,
      stopOnExit,
      consoleCycles,
      ...(maxCycles === undefined ? {} : { maxCycles }),
      ...(checks === undefined ? {} : { checks }),
      ...(historyMegabytes === undefined ? {} : { historyBytes: historyMegabytes * 2 ** 20 }),
    });
  }

  /** Tells what is wrong with a program in the words of a launch. */
  private reporting<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof LoadError) throw new LaunchError(error.message);
      if (error instanceof LaunchError) throw this.withDiagnostics(error);
      throw error;
    }
  }

  /** Tells each problem beside its line, and all of them (or the first few) in the answer. */
  private withDiagnostics({ message, diagnostics }: LaunchError): LaunchError {
    for (const diagnostic of diagnostics) {
      const line = lineFromZero(diagnostic.range.start.line);
      this.output("stderr", `${formatDiagnostic(diagnostic)}\n`, { file: diagnostic.file, line });
    }
    if (diagnostics.length === 0) return new LaunchError(message);
    const shown = diagnostics.filter(({ severity }) => severity === "error").slice(0, MAX_DIAGNOSTICS);
    const lines = shown.map(formatDiagnostic);
    const more = diagnostics.length > shown.length ? ["(more in the Debug Console)"] : [];
    return new LaunchError([`${message}:`, ...lines, ...more].join("\n"), diagnostics);
  }

  private listener(): DebuggerListener {
    const place = (pc: number) => this.current?.machine.sources.placeOf(pc);
    return {
      stopped: (cause, travelled) => this.stopped(cause, travelled === true),
      ended: (ending) => this.ended(ending),
      output: ({ stream, text, pc }: OutputChunk) => this.output(stream, text, place(pc)),
      log: (text, pc) => this.output("console", `${text}\n`, place(pc)),
      found: (finding) => {
        const { machine } = this.debugger;
        const lines = reportLines(findingReport(machine, finding));
        this.output("important", `${lines.join("\n")}\n`, place(finding.pc));
      },
      travelling: (share) => this.progress.tell(share),
      failed: (error) => this.failed(error),
    };
  }

  private stopped(cause: StopCause, travelled: boolean): void {
    const { machine, history } = this.debugger;
    if ((cause.kind === "fault" || cause.kind === "deadlock") && !this.isWanted(cause)) {
      // Not wanted as a stop: the program ends at once, and the report says why.
      this.debugger.continue();
      return;
    }
    this.stop = cause;
    if (cause.kind === "breakpoint") {
      for (const problem of cause.problems)
        this.output("stderr", `${problem}\n`, machine.sources.placeOf(machine.simulator.state.pc));
    }
    const report = endingReport(machine, cause);
    // What a check has found has been told when it was found.
    const isFinding = cause.kind === "breakpoint";
    this.hasReported = report !== undefined && !isFinding;
    if (report && !isFinding && !travelled)
      this.output("stderr", `${reportLines(report).join("\n")}\n`, machine.sources.placeOf(report.pc));
    const thread = this.threadOf(cause);
    const { isPast, end, position } = history;
    const when = travelled || isPast ? { cycle: position.cycle, end: isPast ? end.cycle : undefined } : undefined;
    if (travelled) this.everythingChanged();
    this.send("stopped", { ...stoppedBody(cause, report, when), threadId: thread, allThreadsStopped: true });
  }

  /** Memory that the client shows is of another time now. */
  private everythingChanged(): void {
    if (this.client.understandsMemory) {
      for (const [memoryReference, range] of this.given) this.send("memory", { memoryReference, ...range });
    }
    if (this.client.understandsInvalidated) this.send("invalidated", { areas: ["all"] });
  }

  /** The thread to look at: the one that was stepped, or the unit that found a fault and shows the issuing line. */
  private threadOf(cause: StopCause): number {
    if (cause.kind === "step") return this.stepThread;
    return cause.kind === "fault" ? UNITS.indexOf(cause.fault.unit) + CU_THREAD : CU_THREAD;
  }

  /** Whether the user wants to stop at an ending of this kind; a condition that can't be evaluated counts as yes. */
  private isWanted(cause: Extract<StopCause, { kind: "fault" | "deadlock" }>): boolean {
    const { kind } = cause;
    const condition = this.endingFilters.get(kind);
    if (condition === undefined || condition.trim() === "") return this.endingFilters.has(kind);
    try {
      return this.debugger.holds(
        condition,
        cause.kind === "fault"
          ? { unit: UNITS.indexOf(cause.fault.unit), fault: FAULT_KINDS.indexOf(cause.fault.kind) }
          : {},
      );
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      this.output("stderr", `condition "${condition}" of the exception filter: ${error.message}\n`);
      return true;
    }
  }

  /** Better an end that says what happened than a program that seems to run for ever. */
  private failed(error: unknown): void {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.output("stderr", `internal error of the NNASM debugger: ${what}\n`);
    this.dispose();
    this.send("terminated");
  }

  private ended(ending: Ending): void {
    const { debugger: run, attributes } = this;
    const { machine } = run;
    const report = this.hasReported ? undefined : endingReport(machine, ending);
    if (report) this.output("stderr", `${reportLines(report).join("\n")}\n`, machine.sources.placeOf(report.pc));
    this.output("console", `${baseName(run.loaded.file)}: ${endingText(machine, ending)}\n`);
    if (attributes?.profile) this.send("nnasm/profile", { profile: buildProfile(machine.simulator) });
    this.send("exited", { exitCode: exitCode(ending) });
    this.send("terminated");
  }
}

/** Places of memory that a client is told of when it changes; older ones it won't show any more. */
const MAX_GIVEN = 32;

/** Errors in the answer to a launch; the Debug Console shows all. */
const MAX_DIAGNOSTICS = 10;
