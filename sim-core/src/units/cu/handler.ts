/** What a handler of the CU is: the part that the tables of handlers and the control unit share. */
import type { Mnemonic } from "../../isa/index.ts";
import type { ControlUnit } from "./control-unit.ts";
import type { LoopMnemonic } from "./op.ts";

/** Answers of a handler that are no stall. */
export const CONTROL = {
  /** The run's cycle limit came before the instruction could take effect: nothing has happened. */
  limit: -1,
  /** Nothing can ever end this wait. */
  deadlock: -2,
} as const;

/** Executes `word` at cycle `cycle`, the first in which it may take effect. */
export type Handler = (cu: ControlUnit, word: number, cycle: number) => number;

export type HandlerMnemonic = Exclude<Mnemonic, LoopMnemonic>;

export const rdOf = (word: number): number => (word >>> 7) & 31;
export const rs1Of = (word: number): number => (word >>> 15) & 31;
export const rs2Of = (word: number): number => (word >>> 20) & 31;
export const rs3Of = (word: number): number => word >>> 27;
export const imm12Of = (word: number): number => word >>> 20;
