/** Why the machine stands still, and how a program ended. */

import type { Finding } from "@nnasm/sim-core/check";
import type { ExpectationFailure } from "@nnasm/sim-core/engine";
import type { Fault } from "@nnasm/sim-core/machine";
import type { Breakpoint } from "./breakpoints.ts";
import type { WatchHit } from "./watchpoints.ts";

/** Everything that says stop at one place. */
export interface BreakpointHits {
  readonly breakpoints: readonly Breakpoint[];
  readonly watches: readonly WatchHit[];
  /** Texts of events that the user wanted to stop at. */
  readonly events: readonly string[];
  /** Of the machine's checks, where the user wanted to stop at them. */
  readonly findings: readonly Finding[];
  /** Conditions that could not be evaluated. */
  readonly problems: readonly string[];
}

export type StopCause =
  | { readonly kind: "entry" | "step" | "pause" | "goto" | "restart" }
  /** Went back as far as the history reaches. */
  | { readonly kind: "beginning" }
  | ({ readonly kind: "breakpoint" } & BreakpointHits)
  /** The program has ended and can only be looked at; going on ends the session. */
  | { readonly kind: "fault"; readonly fault: Fault }
  | { readonly kind: "deadlock"; readonly pc: number }
  /** The same, by the program's own exit, where the launch wants to stop there. */
  | { readonly kind: "exited"; readonly code: number }
  /** The source expects something else: at a label, or at the exit, where going on ends the session. */
  | { readonly kind: "expectation"; readonly failures: readonly ExpectationFailure[] }
  /** The launch's limit is reached; going on allows as many cycles again. */
  | { readonly kind: "cycleLimit"; readonly cycles: number };

export type Ending =
  | {
      readonly kind: "exit";
      readonly code: number;
      /** Expectations of the source that didn't hold. */
      readonly failures: readonly ExpectationFailure[];
    }
  | { readonly kind: "fault"; readonly fault: Fault }
  | { readonly kind: "deadlock"; readonly pc: number }
  | { readonly kind: "cycleLimit"; readonly cycles: number };

/** Exit codes of endings that the program didn't choose; the command line's `run` uses the same ones. */
const ENDING_CODES = { differs: 123, cycleLimit: 124, fault: 126, deadlock: 127 } as const;

export function exitCodeOf(ending: Ending): number {
  if (ending.kind !== "exit") return ENDING_CODES[ending.kind];
  return ending.failures.length > 0 ? ENDING_CODES.differs : ending.code;
}
