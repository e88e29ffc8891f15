/** Operations in the units' queues, and the tokens that name them. */
import { UNITS, type Unit } from "../isa/types.ts";
import type { Tensor } from "../machine/index.ts";

const SEQUENCE_BITS = 28;
const SEQUENCE_MASK = 2 ** SEQUENCE_BITS - 1;

/** Token of operation number `sequence` (1, 2, ...) of a unit; 0 never occurs. */
export function makeToken(unitIndex: number, sequence: number): number {
  return ((unitIndex << SEQUENCE_BITS) | (sequence & SEQUENCE_MASK)) >>> 0;
}

export const tokenUnit = (token: number): number => token >>> SEQUENCE_BITS;

/** Number of a token's operation in its unit, counted from 1 without end; `issued` is the number of a recent one. */
export function operationNumber(token: number, issued: number): number {
  return issued - ((issued - (token & SEQUENCE_MASK)) & SEQUENCE_MASK);
}

/** True when sequence number `a` is not before the token's, in the modular order of 28 bits. */
export function reached(a: number, token: number): boolean {
  return ((a - (token & SEQUENCE_MASK)) & SEQUENCE_MASK) < 2 ** (SEQUENCE_BITS - 1);
}

/** What every operation carries, whichever unit executes it. */
export interface Operation {
  readonly mnemonic: string;
  readonly token: number;
  /** Address of the issuing instruction and the layer that was current. */
  readonly pc: number;
  readonly layer: number;
  /** Set when it was issued in a region that nn.prof marks. */
  readonly profiled?: true;
  readonly issueCycle: number;
  /** Tokens that must be complete before the operation starts. */
  readonly dependencies: readonly number[];
  /** The tensors that it writes and reads, as they were when it was issued. */
  readonly out: Tensor;
  readonly inputs: readonly Tensor[];
  /** First cycle in which the unit works on it; -1 while it waits. */
  startCycle: number;
  /** Cycle in which its effects happen; -1 while unknown. */
  endCycle: number;
  /**
   * Cycles that it has lost over banks of the data memory, by the number of the unit that had the bank (T-DM-8), which
   * may be its own; set when it ends, and only if it has lost any.
   */
  lostTo?: readonly number[];
}

/** Cycles that an operation has lost over banks to one unit. */
export interface LostCycles {
  readonly unit: Unit;
  readonly cycles: number;
}

/** To whom a completed operation has lost how many cycles, in the order of units; empty when it has lost none. */
export function lostCycles({ lostTo = [] }: Operation): LostCycles[] {
  return lostTo.flatMap((cycles, index) => (cycles > 0 ? [{ unit: UNITS[index]!, cycles }] : []));
}
