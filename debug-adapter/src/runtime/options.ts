/** What the debugger is given and whom it tells. */
import type { CheckOptions, Finding } from "@nnasm/sim-core/check";
import type { Mode } from "@nnasm/sim-core/engine";
import type { FileHost, Scheduler } from "./host.ts";
import type { Breakpoints } from "./run/breakpoints.ts";
import type { EventFilters } from "./run/event-filters.ts";
import type { OutputChunk } from "./run/output.ts";
import type { Ending, StopCause } from "./run/stops.ts";
import type { Watchpoints } from "./run/watchpoints.ts";

export interface DebuggerListener {
  /** @param travelled the machine has come here through its history, in whatever direction */
  stopped(cause: StopCause, travelled?: boolean): void;
  ended(ending: Ending): void;
  /** What the program wrote. */
  output(chunk: OutputChunk): void;
  /** A line of the debugger's own: log points, problems of conditions. `pc` is the instruction that it is about. */
  log(text: string, pc: number): void;
  /** One of the machine's checks has found something, for the first time. */
  found(finding: Finding): void;
  /** How far a long journey through time has come, 0..1; undefined when it is over. */
  travelling(share: number | undefined): void;
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
  readonly mode?: Mode;
  readonly checks?: CheckOptions;
  /** Bytes that snapshots of the past may take; 0: there is no way back. */
  readonly historyBytes?: number;
  /** Expressions whose values a0, a1, ... have at the start. */
  readonly args?: readonly string[];
  /** Stop when the program has exited, so that one can go back from there. */
  readonly stopOnExit?: boolean;
  /** Lines of the program's output begin with the cycle. */
  readonly consoleCycles?: boolean;
}

export const DEFAULT_HISTORY_BYTES = 256 * 2 ** 20;
