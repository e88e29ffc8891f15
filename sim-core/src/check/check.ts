/** What a check is: it hears of the machine's events, changes nothing, and has findings. */

import type { MachineConfig } from "../config/index.ts";
import type { Memories } from "../machine/index.ts";
import type { Program } from "../program/index.ts";
import type { AccessObserver, CuListener, OperationListener } from "../units/index.ts";
import type { Finding } from "./finding.ts";

/** What checks see of the machine. */
export interface Checked {
  readonly config: MachineConfig;
  readonly program: Program;
  readonly memories: Memories;
}

export type Found = (finding: Finding) => void;

export interface Check extends Partial<AccessObserver> {
  readonly findings: readonly Finding[];
  /** What it had to leave out, as sentences: then silence proves less. */
  readonly omissions: readonly string[];
  /** What it hears beside the CU's accesses. */
  readonly listener: OperationListener & Pick<CuListener, "awaited">;
  /** Plain data for a snapshot. */
  capture(): unknown;
  restore(state: unknown): void;
}
