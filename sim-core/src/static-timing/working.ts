/**
 * Which units may work, and how many operations may be in their queues: a hexadecimal digit a unit, by its number. 0 stands
 * for an idle unit, 15 for as many as there may be.
 */
import type { MachineConfig } from "../config/index.ts";
import { UNITS } from "../isa/index.ts";
import type { CallEffects } from "./calls.ts";
import type { UnitSet } from "./columns.ts";

export type Working = number;

export const NONE_WORKING: Working = 0;
export const ALL_WORKING: Working = ~15;

const digit = (working: Working, unit: number): number => (working >>> (unit * 4)) & 15;
const withDigit = (working: Working, unit: number, value: number): Working =>
  (working & ~(15 << (unit * 4))) | (value << (unit * 4));

export function mostOf(a: Working, b: Working): Working {
  if (a === b) return a;
  let most = 0;
  for (let unit = 1; unit < UNITS.length; unit++)
    most = withDigit(most, unit, Math.max(digit(a, unit), digit(b, unit)));
  return most;
}

/** Behind an issue to a unit. */
export function addIssue(working: Working, units: UnitSet): Working {
  const unit = 31 - Math.clz32(units);
  return withDigit(working, unit, Math.min(15, digit(working, unit) + 1));
}

/** Behind a wait until these units are idle. */
export function idle(working: Working, units: UnitSet): Working {
  let left = working;
  for (let unit = 1; unit < UNITS.length; unit++) if ((units >>> unit) & 1) left = withDigit(left, unit, 0);
  return left;
}

/** Whether one of these units may work. */
export function mayWork(working: Working, units: UnitSet): boolean {
  for (let unit = 1; unit < UNITS.length; unit++) {
    if ((units >>> unit) & 1 && digit(working, unit) > 0) return true;
  }
  return false;
}

export function afterCall(working: Working, { keeps, leaves }: CallEffects): Working {
  let behind = 0;
  for (let unit = 1; unit < UNITS.length; unit++) {
    if ((leaves >>> unit) & 1) behind = withDigit(behind, unit, 15);
    else if ((keeps >>> unit) & 1) behind = withDigit(behind, unit, digit(working, unit));
  }
  return behind;
}

/** Operations that each unit's queue holds, by its number. */
export const queueDepths = ({ nu, vu, xu, dma }: MachineConfig): readonly number[] =>
  UNITS.map((unit) =>
    unit === "nu" ? nu.queueDepth : unit === "vu" ? vu.queueDepth : unit === "xu" ? xu.queueDepth : dma.queueDepth,
  );

/** T-Q-2: whether the queue of the unit may be full when another operation is issued to it. */
export function mayBeFull(working: Working, units: UnitSet, depths: readonly number[]): boolean {
  const unit = 31 - Math.clz32(units);
  const issued = digit(working, unit);
  return issued === 15 || issued >= depths[unit]!;
}
