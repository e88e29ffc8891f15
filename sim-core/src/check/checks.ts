/** The checks of a machine, each switchable; together they are one listener and one observer. */
import type { AccessObserver, CuListener, OperationListener } from "../units/index.ts";
import type { Check, Checked } from "./check.ts";
import { CHECK_IDS, type CheckId, type Finding } from "./finding.ts";
import { MaskedCheck } from "./masked.ts";
import { OverflowCheck } from "./overflow.ts";
import { RaceCheck } from "./race-check.ts";
import { StackCheck } from "./stack.ts";
import { UninitialisedCheck } from "./uninitialised.ts";

/** Which checks are on. */
export type CheckOptions = Readonly<Partial<Record<CheckId, boolean>>>;

export const DEFAULT_CHECKS: Readonly<Record<CheckId, boolean>> = {
  race: true,
  uninitialised: false,
  overflow: false,
  masked: false,
  stack: false,
};

/** One sentence each, for help and settings. */
export const CHECK_TEXT: Readonly<Record<CheckId, string>> = {
  race: "accesses of the same bytes that no token, fence or poll puts into an order",
  uninitialised: "reads of bytes that nothing has written",
  overflow: "accumulators that leave int32 and wrap around",
  masked: "weights of blocks that the sparsity mask leaves out, but that are not zero",
  stack: "stores through sp below the stack's limit (__stack_limit, or the end of DM's sections)",
};

export type ChecksState = Readonly<Partial<Record<CheckId, unknown>>>;

export class Checks {
  private readonly checks: Readonly<Partial<Record<CheckId, Check>>>;
  readonly listeners: readonly (OperationListener & Pick<CuListener, "awaited">)[];
  readonly observers: readonly AccessObserver[];

  /** @param found called for every finding the first time */
  constructor(options: CheckOptions, machine: Checked, found: (finding: Finding) => void) {
    const make: Readonly<Record<CheckId, () => Check>> = {
      race: () => new RaceCheck(machine.config, found),
      uninitialised: () => new UninitialisedCheck(machine, found),
      overflow: () => new OverflowCheck(machine, found),
      masked: () => new MaskedCheck(machine, found),
      stack: () => new StackCheck(machine, found),
    };
    const on = CHECK_IDS.filter((id) => options[id] ?? DEFAULT_CHECKS[id]);
    this.checks = Object.fromEntries(on.map((id) => [id, make[id]()]));
    this.listeners = this.all.map(({ listener }) => listener);
    this.observers = this.all.filter((check): check is Check & AccessObserver => check.accessed !== undefined);
  }

  /** What has been found, check by check, each in the order in which it was found. */
  get findings(): readonly Finding[] {
    return this.all.flatMap(({ findings }) => findings);
  }

  /** What checks had to leave out, as sentences that begin with the check's name. */
  get omissions(): readonly string[] {
    return Object.entries(this.checks).flatMap(([id, check]) => check.omissions.map((text) => `${id}: ${text}`));
  }

  /** Somebody outside of the program has written to memory: a debugger, a test bench. */
  wroteFromOutside(address: number, bytes: number): void {
    (this.checks.uninitialised as UninitialisedCheck | undefined)?.wroteFromOutside(address, bytes);
  }

  capture(): ChecksState {
    return Object.fromEntries(Object.entries(this.checks).map(([id, check]) => [id, check.capture()]));
  }

  /** Checks that were off when the snapshot was taken keep what they have. */
  restore(state: ChecksState): void {
    for (const [id, check] of Object.entries(this.checks)) if (id in state) check.restore(state[id as CheckId]);
  }

  private get all(): readonly Check[] {
    return Object.values(this.checks);
  }
}
