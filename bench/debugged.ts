/** A program under the debugger, without a protocol. */
import { setImmediate } from "node:timers/promises";
import {
  BreakpointIds,
  Breakpoints,
  Debugger,
  EventFilters,
  loadProgram,
  Watchpoints,
} from "../debug-adapter/src/runtime/index.ts";

export const FILE = "/bench.nnasm";

/** Files, of which there is one. */
export const hostOf = (source: string) => ({
  cwd: "/",
  resolve: (_: string, name: string) => (name.startsWith("/") ? name : `/${name}`),
  folderOf: () => "/",
  kindOf: (name: string) => (name === FILE ? ("file" as const) : undefined),
  read: (name: string) =>
    name === FILE ? { bytes: new TextEncoder().encode(source) } : { problem: "there is no such file" },
  keyOf: (name: string) => name,
});

export const scheduler = {
  now: () => performance.now(),
  yield: () => setImmediate() as Promise<unknown> as Promise<void>,
};

/** @param historyBytes bytes that snapshots may take */
export function debugSession(source: string, historyBytes = 256 * 2 ** 20) {
  let stopped: () => void = () => {};
  const host = hostOf(source);
  const ids = new BreakpointIds();
  const breakpoints = new Breakpoints(ids);
  const watchpoints = new Watchpoints(ids);
  const run = new Debugger(loadProgram(host, { program: FILE }), {
    host,
    scheduler,
    breakpoints,
    watchpoints,
    eventFilters: new EventFilters(),
    historyBytes,
    listener: {
      stopped: () => stopped(),
      ended: () => {
        throw new Error("the program has ended");
      },
      output: () => {},
      log: () => {},
      found: () => {},
      travelling: () => {},
      failed: (error) => {
        throw error;
      },
    },
  });
  /** Milliseconds until the machine stands still again. */
  const timed = async (action: () => void): Promise<number> => {
    const started = performance.now();
    await new Promise<void>((resolve) => {
      stopped = resolve;
      action();
    });
    return performance.now() - started;
  };
  return { run, timed, breakpoints, watchpoints };
}

/** The time that a share of all times doesn't exceed. */
export const at = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) * share)]!;
