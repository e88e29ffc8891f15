/** A debugger over a source text, without protocol and process. */
import { setImmediate } from "node:timers/promises";
import type { CheckOptions, Finding } from "@nnasm/sim-core/check";
import type { Mode } from "@nnasm/sim-core/engine";
import {
  BreakpointIds,
  Breakpoints,
  Debugger,
  type DebuggerListener,
  type Ending,
  EventFilters,
  type FileHost,
  type LoadedProgram,
  loadProgram,
  type OutputChunk,
  type Scheduler,
  type StopCause,
  Watchpoints,
} from "../../src/runtime/index.ts";

/** Files in memory; names are absolute with slashes. */
export function memoryFiles(files: Readonly<Record<string, string | Uint8Array>>): FileHost {
  const resolve = (folder: string, name: string): string => {
    const parts: string[] = [];
    for (const part of (name.startsWith("/") ? name : `${folder}/${name}`).split("/")) {
      if (part === "..") parts.pop();
      else if (part !== "" && part !== ".") parts.push(part);
    }
    return `/${parts.join("/")}`;
  };
  return {
    cwd: "/",
    resolve,
    folderOf: (name) => name.slice(0, name.lastIndexOf("/")) || "/",
    kindOf: (name) => {
      if (files[name] !== undefined) return "file";
      return Object.keys(files).some((file) => file.startsWith(`${name}/`)) ? "folder" : undefined;
    },
    read: (file) => {
      const contents = files[file];
      if (contents === undefined) return { problem: "no such file" };
      return { bytes: typeof contents === "string" ? new TextEncoder().encode(contents) : contents };
    },
    keyOf: (file) => file,
  };
}

export const scheduler: Scheduler = {
  now: () => performance.now(),
  yield: () => setImmediate() as Promise<unknown> as Promise<void>,
};

/** Everything that the debugger told, and a way to wait for it. */
class Listener implements DebuggerListener {
  readonly chunks: OutputChunk[] = [];
  readonly logs: string[] = [];
  readonly shares: (number | undefined)[] = [];
  private readonly events: (StopCause | Ending)[] = [];
  private wake: (() => void) | undefined;

  stopped(cause: StopCause): void {
    this.events.push(cause);
    this.wake?.();
  }

  ended(ending: Ending): void {
    this.events.push(ending);
    this.wake?.();
  }

  output(chunk: OutputChunk): void {
    this.chunks.push(chunk);
  }

  log(text: string): void {
    this.logs.push(text);
  }

  readonly findings: Finding[] = [];
  found(finding: Finding): void {
    this.findings.push(finding);
  }

  travelling(share: number | undefined): void {
    this.shares.push(share);
  }

  failed(error: unknown): void {
    throw error;
  }

  async next(): Promise<StopCause | Ending> {
    while (this.events.length === 0) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.events.shift()!;
  }
}

export const MAIN = "/main.nnasm";

export interface Debugged {
  readonly run: Debugger;
  readonly loaded: LoadedProgram;
  readonly listener: Listener;
  readonly breakpoints: Breakpoints;
  readonly watchpoints: Watchpoints;
  readonly eventFilters: EventFilters;
  /** Does something that runs the machine and waits for its end. */
  until(action: () => void): Promise<StopCause | Ending>;
}

export function debug(
  source: string,
  options: {
    noDebug?: boolean;
    maxCycles?: number;
    mode?: Mode;
    checks?: CheckOptions;
    historyBytes?: number;
    consoleCycles?: boolean;
    args?: readonly string[];
    files?: Record<string, string | Uint8Array>;
  } = {},
): Debugged {
  const { files = {}, ...rest } = options;
  const host = memoryFiles({ [MAIN]: source, ...files });
  const loaded = loadProgram(host, { program: MAIN });
  const listener = new Listener();
  const ids = new BreakpointIds();
  const breakpoints = new Breakpoints(ids);
  const watchpoints = new Watchpoints(ids);
  const eventFilters = new EventFilters();
  const run = new Debugger(loaded, { host, scheduler, listener, breakpoints, watchpoints, eventFilters, ...rest });
  const until = (action: () => void): Promise<StopCause | Ending> => {
    action();
    return listener.next();
  };
  return { run, loaded, listener, breakpoints, watchpoints, eventFilters, until };
}
