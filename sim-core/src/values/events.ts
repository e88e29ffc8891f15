/** What a followed program is found to do. */
import type { MachineFault } from "../machine/index.ts";
import type { WorkTime } from "../units/index.ts";
import type { DecodedInstruction } from "./code.ts";
import type { IssuedOperation } from "./order.ts";
import type { KnownDescriptor, KnownState } from "./state.ts";

/**
 * How sure a finding is.
 * - `certain`: it happens in every run that comes to an end of its own
 * - `path`: it happens in every run that goes this way
 * - `possible`: something that decides it is not known
 */
export type Certainty = "certain" | "path" | "possible";

/** One side of a race. */
export interface StaticAccess {
  /** Number of the unit, or the control unit itself. */
  readonly unit: number | "cu";
  readonly pc: number;
  /** Mnemonic of the operation; `load` or `store` of the control unit. */
  readonly mnemonic: string;
  readonly write: boolean;
  /** What the bytes are to the operation; empty for the control unit. */
  readonly role: string;
  /** Whether it is the early read of declared weights. */
  readonly early: boolean;
}

export interface StaticRace {
  readonly first: StaticAccess;
  readonly second: StaticAccess;
  readonly address: number;
  readonly bytes: number;
  readonly certainty: Certainty;
}

export interface FollowedIssue {
  readonly pc: number;
  /** The nn.after that it waits behind. */
  readonly after: number | undefined;
  /** How long it works by itself; undefined where that isn't known. Computed when asked for. */
  readonly time: () => WorkTime | undefined;
  readonly instruction: DecodedInstruction;
  readonly operation: IssuedOperation;
  /** The operands' descriptors in the order of the instruction's operands. */
  readonly descriptors: readonly KnownDescriptor[];
  readonly state: KnownState;
  readonly certainty: Certainty;
}

export interface FollowedWait {
  readonly pc: number;
  readonly instruction: DecodedInstruction;
  /** Whether it may wait for anything, or order anything, that was not ordered before. */
  readonly needed: boolean;
  /** Whether all tokens are 0: nothing was issued to the unit before. */
  readonly nothing: boolean;
}

/** All are called as often as the program comes to the place. */
export interface FollowListener {
  /** Before an instruction. The state is the follower's: look, don't keep. */
  at?(state: KnownState): void;
  /** A fault that the machine would raise. */
  fault?(
    pc: number,
    fault: Pick<MachineFault, "kind" | "message" | "hint">,
    certainty: Certainty,
    descriptors: readonly KnownDescriptor[],
  ): void;
  /** Nothing can ever end this wait. */
  deadlock?(pc: number, certainty: Certainty): void;
  race?(race: StaticRace): void;
  issued?(issue: FollowedIssue): void;
  /** An operation that can't be checked. @param origin instruction that left something unknown, -1 = none */
  unchecked?(pc: number, why: string, origin: number): void;
  waited?(wait: FollowedWait): void;
  /** The program ends here, or what it does from here on can't be told. */
  ended?(state: KnownState, how: "exit" | "lost", why: string): void;
}
