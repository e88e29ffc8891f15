/** What the time of code that hasn't run consists of. Everything here is data; the contract stands in index.ts. */
import type { CuCause } from "../units/index.ts";

/** Why a time is only a lower bound, one bit each; REASON_TEXT says it in words. */
export const REASON = {
  address: 1 << 0,
  branch: 1 << 1,
  count: 1 << 2,
  wait: 1 << 3,
  queue: 1 << 4,
  banks: 1 << 5,
  bus: 1 << 6,
  fetch: 1 << 7,
  call: 1 << 8,
  pending: 1 << 9,
  trap: 1 << 10,
  user: 1 << 11,
  recursion: 1 << 12,
  loops: 1 << 13,
  unknown: 1 << 14,
  units: 1 << 15,
} as const;

export type Reason = keyof typeof REASON;

export const REASON_TEXT: Readonly<Record<Reason, string>> = {
  address: "the memory of a load or store isn't known",
  branch: "the way of a branch isn't known",
  count: "a loop's number of passes isn't known",
  wait: "it waits for a unit",
  queue: "a unit's queue may be full",
  banks: "a unit that may be running can hold the bank of the data memory",
  bus: "a unit that may be running can hold the DDR bus",
  fetch: "code in DDR may have to be fetched",
  call: "a call goes where isn't known",
  pending: "a load or multiplication before it may still be under way",
  trap: "it may trap",
  user: "the instruction's own code may access memory",
  recursion: "it calls itself",
  loops: "the bounds of a hardware loop aren't known",
  units: "units may be working when it is called",
  unknown: "control may come from or go where isn't known",
};

/** Cycles: exact when `reasons` is 0, else at least as many. */
export interface StaticTime {
  readonly cycles: number;
  /** Bits of REASON. */
  readonly reasons: number;
}

export function reasonsOf(bits: number): Reason[] {
  return (Object.keys(REASON) as Reason[]).filter((reason) => (bits & REASON[reason]) !== 0);
}

/** Cycles that an instruction takes beyond its own one, by what they are charged to. */
export interface Stall {
  readonly cause: CuCause;
  readonly cycles: number;
  /** The register that it waits for, when it does. */
  readonly register?: number;
}

/** An instruction where it stands: behind what runs before it. */
export interface InstructionTime extends StaticTime {
  readonly address: number;
  /** They sum to `cycles - 1`. Those of a conditional branch are the fewer of both ways. */
  readonly stalls: readonly Stall[];
  /** Of a conditional branch whose way isn't known: cycles when it is taken, and when it is not. */
  readonly branch?: { readonly taken: number; readonly notTaken: number };
}

/** Instructions that run one after the other, entered with an empty pipeline while no unit works. */
export interface BlockTime extends StaticTime {
  /** Index in the flow graph. */
  readonly block: number;
}

/** All passes of a loop, from its first instruction to the one behind it, entered with an empty pipeline while no unit works. */
export interface LoopTime extends StaticTime {
  readonly header: number;
  /** Passes, where known. */
  readonly passes: number | undefined;
  /** A pass but the first and the last, where there is one. */
  readonly pass: StaticTime | undefined;
}

/**
 * A function from its first instruction to behind the one that returns, with what it calls; of one that doesn't return, to
 * behind the one that ends the program. Entered with an empty pipeline while no unit works.
 */
export interface FunctionTime extends StaticTime {
  readonly entry: number;
  readonly returns: boolean;
}

/** From an nn.layer up to the next one, or to where its function is left. */
export interface LayerTime extends StaticTime {
  readonly address: number;
  readonly id: number;
}
