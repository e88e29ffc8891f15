/**
 * Semantics of the instructions that the CU's loop leaves to functions: system, CSR, loops, descriptors, tokens,
 * markers and issues. A handler reads operands from the word, changes state, and answers how many cycles the
 * instruction holds EX beyond its own one; or a negative code (see CONTROL).
 */
import type { Mnemonic } from "../../isa/index.ts";
import type { ControlUnit } from "./control-unit.ts";
import { DESCRIPTOR_HANDLERS } from "./descriptor-handlers.ts";
import { ISSUE_HANDLERS } from "./issue-handlers.ts";
import type { LoopMnemonic } from "./op.ts";
import { SYNC_HANDLERS } from "./sync-handlers.ts";
import { SYSTEM_HANDLERS } from "./system-handlers.ts";

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

export const HANDLERS: { readonly [M in HandlerMnemonic]: Handler } = {
  ...SYSTEM_HANDLERS,
  ...DESCRIPTOR_HANDLERS,
  ...SYNC_HANDLERS,
  ...ISSUE_HANDLERS,
};

export const rdOf = (word: number): number => (word >>> 7) & 31;
export const rs1Of = (word: number): number => (word >>> 15) & 31;
export const rs2Of = (word: number): number => (word >>> 20) & 31;
export const imm12Of = (word: number): number => word >>> 20;
