/** The calling convention's registers (RISC-V psABI), as sets: bit n stands for register n. */
import { registerNumber } from "../isa/index.ts";

const setOf = (...names: readonly string[]): number =>
  names.reduce((set, name) => set | (1 << registerNumber(name)!), 0);
const numbered = (prefix: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `${prefix}${from + index}`);

export const SP = registerNumber("sp")!;
export const RA = registerNumber("ra")!;
export const ALL = -1;
/** a0 to a7. */
export const ARGUMENTS = setOf(...numbered("a", 0, 7));
export const RESULTS = setOf("a0", "a1");
/** s0 to s11. */
export const SAVED = setOf(...numbered("s", 0, 11));
const POINTERS = setOf("sp", "gp", "tp");
/** What holds something when a function is called. */
export const DEFINED_AT_ENTRY = ARGUMENTS | SAVED | POINTERS | setOf("ra");
/** What callers may look at when a function has returned. */
export const VISIBLE_AT_RETURN = RESULTS | SAVED | POINTERS;
/** What the host reads at an ecall. */
export const READ_BY_HOST = ARGUMENTS;

export const isSaved = (register: number): boolean => ((SAVED >>> register) & 1) === 1;

/** The registers of a set. */
export function registersIn(set: number): readonly number[] {
  if (set === 0) return NONE;
  const found: number[] = [];
  for (let register = 0; register < 32; register++) if ((set >>> register) & 1) found.push(register);
  return found;
}

const NONE: readonly number[] = [];
