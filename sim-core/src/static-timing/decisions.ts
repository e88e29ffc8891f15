/** What registers decide where their values are known: ways of branches, and units that are waited for. */
import type { Op } from "../units/index.ts";
import { holds } from "./trips.ts";
import { Known, kindOf, numberOf, type Registers } from "./values.ts";

/** Ways of a block whose last instruction has two. */
export enum Way {
  unknown,
  taken,
  notTaken,
}

/** The value of a register, where it is known. */
export const constantOf = (registers: Registers, register: number): number | undefined =>
  kindOf(registers, register) === Known.constant ? numberOf(registers, register) : undefined;

/** Units whose last operation is complete when these tokens are. */
export function unitsOf(tokens: readonly number[], registers: Registers): number {
  let units = 0;
  for (const register of tokens) {
    if (kindOf(registers, register) === Known.token) units |= 1 << numberOf(registers, register);
  }
  return units;
}

/** The way of a conditional branch. */
export function wayOf(op: Op, registers: Registers, a: number, b: number): Way {
  const left = constantOf(registers, a);
  const right = constantOf(registers, b);
  if (a === b) return holds(op, 0, 0) ? Way.taken : Way.notTaken;
  if (left === undefined || right === undefined) return Way.unknown;
  return holds(op, left, right) ? Way.taken : Way.notTaken;
}
