/** Names of what can go wrong in a machine, short and stable: for exception views, and for conditions. */
import { CHECK_IDS, type CheckId } from "@nnasm/sim-core/check";
import { UNITS } from "@nnasm/sim-core/isa";
import type { FaultKind } from "@nnasm/sim-core/machine";

export const FAULT_TITLES: Readonly<Record<FaultKind, string>> = {
  instructionMisaligned: "Misaligned jump target",
  instructionAccess: "No code at this address",
  illegalInstruction: "Illegal instruction",
  breakpoint: "Breakpoint instruction",
  loadMisaligned: "Misaligned load",
  loadAccess: "Load access fault",
  storeMisaligned: "Misaligned store",
  storeAccess: "Store access fault",
  environmentCall: "Unknown host service",
  shape: "Tensor shapes don't fit",
  type: "Data type or layout not supported",
  tensorMemory: "Tensor in the wrong memory",
  token: "Token was never issued",
  loopRule: "Hardware loop rule broken",
  late: "A unit's operation failed",
  descriptor: "Bad tensor descriptor",
  user: "User instruction",
};

export const CHECK_TITLES: Readonly<Record<CheckId, string>> = {
  race: "Race",
  uninitialised: "Uninitialised read",
  overflow: "Accumulator overflow",
  masked: "Masked weights",
  stack: "Stack overflow",
};

export const FAULT_KINDS = Object.keys(FAULT_TITLES) as readonly FaultKind[];

/** Numbers by which conditions tell units, checks and faults: `unit() == nu`, `fault() == loadAccess`. */
export function conditionConstant(name: string): number | undefined {
  for (const names of [UNITS, CHECK_IDS, FAULT_KINDS] as const) {
    const at = (names as readonly string[]).indexOf(name);
    if (at >= 0) return at;
  }
  return undefined;
}
