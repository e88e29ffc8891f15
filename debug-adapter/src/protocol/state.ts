/** What a session remembers between requests, and the events that it sends of its own accord. */
import { formatDiagnostic } from "@nnasm/sim-core/diagnostics";
import { UNITS, type Unit } from "@nnasm/sim-core/isa";
import type { DebugProtocol } from "@vscode/debugprotocol";
import {
  BreakpointIds,
  Breakpoints,
  Debugger,
  type DebuggerListener,
  type Ending,
  EventFilters,
  endingText,
  type FileHost,
  findingReport,
  type Line,
  type LoadedProgram,
  lineFromZero,
  type ModuleLoader,
  type NodeList,
  needsModule,
  type OutputChunk,
  type Place,
  type ProblemReport,
  queueUnits,
  reportLines,
  type Scheduler,
  type StackFrame,
  type StepTarget,
  type StopCause,
  type Watchpoint,
  Watchpoints,
  type WatchRequest,
  withModule,
} from "../runtime/index.ts";
import { afterwards } from "./afterwards.ts";
import { baseName, ClientConventions, reference, sourceOf } from "./convert.ts";
import { type EndingFilters, wantsEnding } from "./ending-filters.ts";
import { Handles } from "./handles.ts";
import type { AttachAttributes, LaunchAttributes } from "./launch.ts";
import { reporting } from "./launch-problems.ts";
import { Recording } from "./profile.ts";
import { optionsOf, programOf } from "./programs.ts";
import { Progress } from "./progress.ts";
import { RequestError } from "./requests.ts";
import { ShownMemory } from "./shown-memory.ts";
import { endingReport, exitCode, stoppedBody } from "./stopped.ts";

import type { OutputCategory, SessionWorld, WaitingProgram } from "./world.ts";

export type SendEvent = (event: string, body?: object) => void;

/** Number of the control unit's thread; units follow in token order. */
export const CU_THREAD = 1;

export interface FrameHandle {
  readonly unit: Unit;
  readonly frame: StackFrame;
}

export class SessionState {
  readonly files: FileHost;
  private readonly ids = new BreakpointIds();
  readonly breakpoints = new Breakpoints(this.ids);
  readonly watchpoints = new Watchpoints(this.ids);
  private readonly watches: Record<"client" | "view", readonly WatchRequest[]> = { client: [], view: [] };
  readonly eventFilters = new EventFilters();
  readonly frames = new Handles<FrameHandle>();
  readonly lists = new Handles<NodeList>();
  readonly stepTargets = new Handles<StepTarget>();
  readonly gotoTargets = new Handles<number>();
  readonly locations = new Handles<Place>();
  /** Endings of a program that stop it first, each with a condition or none. */
  endingFilters: EndingFilters = new Map<string, string | undefined>([
    ["fault", undefined],
    ["deadlock", undefined],
  ]);
  client = new ClientConventions();
  attributes: LaunchAttributes | undefined;
  /** Why the machine stands still; undefined while it runs or before the first stop. */
  stop: StopCause | undefined;
  readonly scheduler: Scheduler;
  private readonly modules: ModuleLoader | undefined;
  private sendEvent: SendEvent;
  readonly waiting: WaitingProgram | undefined;
  /** No client is there: the program runs on by itself. */
  private isAlone = false;
  /** The machine is to stand still until the next client comes. */
  private isHeld = false;
  /** Whether the client has been told that it can go back in time; it is what `initialize` says. */
  private toldHistory = true;
  readonly progress: Progress;
  /** Runs that are made again for advice. */
  readonly recording: Recording;
  /** Memory that the client has been given, by reference: it may show it still. */
  private readonly given = new ShownMemory();
  private current: Debugger | undefined;
  private deferred: (() => void)[] = [];
  /** The problem that ends the program has been told at its stop. */
  private hasReported = false;
  /** Thread that the last step was asked for. */
  private stepThread = CU_THREAD;

  constructor({ files, scheduler, modules, waiting }: SessionWorld, sendEvent: SendEvent) {
    this.waiting = waiting;
    this.files = files;
    this.scheduler = scheduler;
    this.modules = modules;
    this.sendEvent = sendEvent;
    const { now } = scheduler;
    const progress = (prefix: string, title: string): Progress =>
      new Progress(
        prefix,
        title,
        () => now.call(scheduler),
        () => this.client,
        (event, body) => this.send(event, body),
      );
    this.progress = progress("travel", "Going through time");
    this.recording = new Recording(progress("advice", "Running the program again, for advice"));
  }

  /** @throws RequestError when no program has been launched */
  get debugger(): Debugger {
    if (!this.current) throw new RequestError("no program is loaded: launch one first");
    return this.current;
  }

  get hasProgram(): boolean {
    return this.current !== undefined;
  }

  /** Whether this run is still the session's: for what takes its time. */
  isAt(run: Debugger): boolean {
    return this.current === run;
  }

  /** A client is there, and hears of everything from now on. */
  connect(sendEvent: SendEvent): void {
    this.sendEvent = sendEvent;
    this.isAlone = false;
    this.toldHistory = true;
    this.resumed();
    this.given.clear();
  }

  /**
   * The client has left a program that goes on without it, or waits for the next client.
   * @param isSuspended the machine stands still until then
   */
  detach(isSuspended: boolean): void {
    this.isAlone = true;
    this.isHeld = isSuspended;
    this.endingFilters = new Map();
    this.breakpoints.clear();
    this.watches.client = [];
    this.watches.view = [];
    this.watchpoints.replace([]);
    this.eventFilters.replace(new Map());
    const { current } = this;
    if (!current || current.isFinished) return;
    current.plant();
    if (isSuspended) current.pause();
    else if (!current.isRunning) current.continue();
  }

  send(event: string, body?: object): void {
    if (!this.isAlone) this.sendEvent(event, body);
  }

  /** Replaces the data breakpoints of the client's list, or of its memory view. @returns those, in the same order */
  setWatches(whose: "client" | "view", requests: readonly WatchRequest[]): readonly Watchpoint[] {
    this.watches[whose] = requests;
    const { client, view } = this.watches;
    const all = this.watchpoints.replace([...client, ...view]);
    if (this.hasProgram) this.debugger.plant();
    return whose === "client" ? all.slice(0, client.length) : all.slice(client.length);
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
    return reporting(this, () => {
      const loaded = programOf(this.files, attributes);
      const use = (ready: LoadedProgram): undefined => {
        this.use(this.create(ready, attributes), attributes);
        done();
        return undefined;
      };
      if (!needsModule(loaded, this.modules)) return use(loaded);
      return withModule(loaded, this.modules!).then((ready) => reporting(this, () => use(ready)));
    });
  }

  /**
   * The program that waits becomes the session's, unless it was already.
   * @throws LaunchError by the promise
   */
  attach(waiting: WaitingProgram, attributes: AttachAttributes, done: () => void): Promise<undefined> | undefined {
    const wanted = { ...waiting.attributes, ...attributes };
    if (!this.current) return this.reload(wanted, done);
    this.attributes = wanted;
    done();
    return undefined;
  }

  /** The program from the beginning: its sources are assembled again. */
  reload(attributes: LaunchAttributes, done: () => void): Promise<undefined> | undefined {
    const { waiting } = this;
    if (!waiting) return this.load(attributes, done);
    return waiting.load().then((ready) =>
      reporting(this, () => {
        this.use(this.create(ready, attributes), attributes);
        done();
        return undefined;
      }),
    );
  }

  /** For a client that comes to a program which has been begun: where it stands, if it stands. */
  showAgain(): void {
    const { current } = this;
    if (current && !current.isRunning && !current.isFinished) this.stopped({ kind: "pause" }, false);
  }

  /** What can be gone back to depends on the launch. */
  tellHistory(): void {
    const supportsStepBack = this.debugger.history.moments.budget > 0;
    if (supportsStepBack === this.toldHistory) return;
    this.toldHistory = supportsStepBack;
    this.send("capabilities", { capabilities: { supportsStepBack, supportsRestartFrame: supportsStepBack } });
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
  output(category: OutputCategory, text: string, place?: { file: string; line: Line }): void {
    if (this.isAlone || category === "stdout" || category === "stderr") this.waiting?.output(category, text);
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
    this.given.remember(memoryReference, offset, count);
  }

  private create(loaded: LoadedProgram, attributes: LaunchAttributes): Debugger {
    return new Debugger(loaded, {
      host: this.files,
      scheduler: this.scheduler,
      listener: this.listener(),
      breakpoints: this.breakpoints,
      watchpoints: this.watchpoints,
      eventFilters: this.eventFilters,
      ...optionsOf(attributes),
    });
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
        // Without a style: clients show what is important in notifications, too, which have none.
        this.output("important", `${reportLines(findingReport(machine, finding)).join("\n")}\n`, place(finding.pc));
      },
      travelling: (share) => this.progress.tell(share),
      failed: (error) => this.failed(error),
    };
  }

  /** The title stands out; what is below it is to be read. */
  private problemText(report: ProblemReport): string {
    const [title, ...others] = reportLines(report);
    return `${[this.client.styled("problem", title!), ...others].join("\n")}\n`;
  }

  private stopped(cause: StopCause, travelled: boolean): void {
    const { machine, history } = this.debugger;
    // It waits for the next client, which is shown where it stands.
    if (this.isAlone && this.isHeld) return;
    if (this.isAlone) {
      // Nobody is there to look: the program goes on, or ends with what it has come to.
      if (cause.kind === "cycleLimit") this.ended(cause);
      else this.debugger.continue();
      return;
    }
    const isEnding = cause.kind === "fault" || cause.kind === "deadlock";
    const problem = (text: string): void => this.output("stderr", text);
    if (isEnding && !wantsEnding(this.debugger, this.endingFilters, cause, problem)) {
      // Not wanted as a stop: the program ends at once, and the report says why.
      this.debugger.continue();
      return;
    }
    this.stop = cause;
    if (cause.kind === "breakpoint") {
      for (const problem of cause.problems)
        this.output(
          "stderr",
          this.client.styled("problem", `${problem}\n`),
          machine.sources.placeOf(machine.simulator.state.pc),
        );
    }
    const report = endingReport(machine, cause);
    // What a check has found has been told when it was found.
    const isFinding = cause.kind === "breakpoint";
    this.hasReported = report !== undefined && !isFinding;
    if (report && !isFinding && !travelled)
      this.output("stderr", this.problemText(report), machine.sources.placeOf(report.pc));
    const thread = this.threadOf(cause);
    const { isPast, end, position } = history;
    const when = travelled || isPast ? { cycle: position.cycle, end: isPast ? end.cycle : undefined } : undefined;
    if (travelled) this.everythingChanged();
    this.send("stopped", { ...stoppedBody(cause, report, when), threadId: thread, allThreadsStopped: true });
  }

  /** Memory that the client shows is of another time now. */
  private everythingChanged(): void {
    if (this.client.understandsMemory) {
      for (const place of this.given.all) this.send("memory", place);
    }
    if (this.client.understandsInvalidated) this.send("invalidated", { areas: ["all"] });
  }

  /** The thread to look at: the one that was stepped, or the unit that found a fault and shows the issuing line. */
  private threadOf(cause: StopCause): number {
    if (cause.kind === "step") return this.stepThread;
    return cause.kind === "fault" ? UNITS.indexOf(cause.fault.unit) + CU_THREAD : CU_THREAD;
  }

  /** Better an end that says what happened than a program that seems to run for ever. */
  private failed(error: unknown): void {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.output("stderr", `internal error of the NNASM debugger: ${what}\n`);
    this.dispose();
    this.send("terminated");
    this.waiting?.ended(undefined);
  }

  private ended(ending: Ending): void {
    const { debugger: run, attributes } = this;
    const { machine } = run;
    const report = this.hasReported ? undefined : endingReport(machine, ending);
    if (report) this.output("stderr", this.problemText(report), machine.sources.placeOf(report.pc));
    for (const text of machine.simulator.checks.omissions) {
      this.output("console", this.client.styled("dim", `check ${text}\n`));
    }
    this.output("console", this.client.styled("dim", `${baseName(run.loaded.file)}: ${endingText(machine, ending)}\n`));
    const end = (): void => {
      this.send("exited", { exitCode: exitCode(ending) });
      this.send("terminated");
      this.waiting?.ended(exitCode(ending));
    };
    if (!attributes || (attributes.trace === undefined && !attributes.profile)) end();
    else {
      // Who has ended the session meanwhile has been told so.
      void afterwards(this, attributes).then(
        () => this.isAt(run) && end(),
        (error: unknown) => this.isAt(run) && this.failed(error),
      );
    }
  }
}
