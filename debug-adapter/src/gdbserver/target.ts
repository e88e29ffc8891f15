/** The program under the hand of a remote debugger: loaded, run, started again. */
import type { Mode } from "@nnasm/sim-core/engine";
import {
  BreakpointIds,
  Breakpoints,
  Debugger,
  type Ending,
  EventFilters,
  type FileHost,
  findingReport,
  type LoadedProgram,
  type Machine,
  reportLines,
  type Scheduler,
  type StopCause,
  Watchpoints,
} from "../runtime/index.ts";
import { BreakpointTable } from "./breakpoints.ts";

export interface TargetOptions {
  readonly mode?: Mode;
  /** Megabytes for the history; 0: there is no way back. */
  readonly historyMegabytes?: number;
  /** Stop where the program exits, so that one can go back from there. */
  readonly stopOnExit?: boolean;
}

/** Why the machine stands still. */
export type TargetStop =
  | { readonly kind: "stop"; readonly cause: StopCause }
  | { readonly kind: "end"; readonly ending: Ending };

export interface TargetListener {
  stopped(stop: TargetStop): void;
  /** What the program wrote, and lines of the debugger's own. */
  output(text: string): void;
  failed(error: unknown): void;
}

export class RemoteTarget {
  listener: TargetListener | undefined;
  readonly loaded: LoadedProgram;
  readonly breakpoints: BreakpointTable;
  /** What was told last. */
  stop: TargetStop = { kind: "stop", cause: { kind: "entry" } };
  private readonly files: FileHost;
  private readonly scheduler: Scheduler;
  private readonly options: TargetOptions;
  private readonly ids = new BreakpointIds();
  private readonly eventFilters = new EventFilters();
  private readonly stops = new Breakpoints(this.ids);
  private readonly watches = new Watchpoints(this.ids);
  private run: Debugger;

  /** @throws LoadError when the program doesn't fit the machine */
  constructor(loaded: LoadedProgram, files: FileHost, scheduler: Scheduler, options: TargetOptions) {
    this.loaded = loaded;
    this.files = files;
    this.scheduler = scheduler;
    this.options = options;
    this.run = this.create();
    this.breakpoints = new BreakpointTable(this.stops, this.watches, () => this.run.plant());
  }

  get debugger(): Debugger {
    return this.run;
  }

  get machine(): Machine {
    return this.run.machine;
  }

  get isRunning(): boolean {
    return this.run.isRunning;
  }

  get hasHistory(): boolean {
    return this.options.historyMegabytes !== 0;
  }

  /** True when the program's end has been told: only a restart goes on from there. */
  get hasEnded(): boolean {
    return this.stop.kind === "end";
  }

  /** The program stands before its first instruction again; breakpoints stay. */
  restart(): void {
    this.run.dispose();
    this.run = this.create();
    this.stop = { kind: "stop", cause: { kind: "entry" } };
  }

  dispose(): void {
    this.run.dispose();
  }

  private create(): Debugger {
    const { mode, historyMegabytes, stopOnExit = false } = this.options;
    const told = (stop: TargetStop): void => {
      this.stop = stop;
      this.listener?.stopped(stop);
    };
    const tell = (text: string): void => this.listener?.output(text);
    const run: Debugger = new Debugger(this.loaded, {
      host: this.files,
      scheduler: this.scheduler,
      breakpoints: this.stops,
      watchpoints: this.watches,
      eventFilters: this.eventFilters,
      stopOnExit,
      ...(mode === undefined ? {} : { mode }),
      ...(historyMegabytes === undefined ? {} : { historyBytes: historyMegabytes * 2 ** 20 }),
      listener: {
        stopped: (cause) => told({ kind: "stop", cause }),
        ended: (ending) => told({ kind: "end", ending }),
        output: ({ text }) => tell(text),
        log: (text) => tell(`${text}\n`),
        found: (finding) => tell(`${reportLines(findingReport(run.machine, finding)).join("\n")}\n`),
        travelling: () => {},
        failed: (error) => this.listener?.failed(error),
      },
    });
    return run;
  }
}
