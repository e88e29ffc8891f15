/** How long the operations of a program work, as far as following it tells what they are given. */
import type { MachineConfig } from "../config/index.ts";
import type { InstructionSet } from "../isa/index.ts";
import type { Program } from "../program/index.ts";
import { follow } from "./follow.ts";

/** Cycles of all operations that one instruction issues, the fewest and the most. */
export interface OperationCycles {
  readonly least: number;
  readonly most: number;
}

/**
 * By address of the instruction, how long its operations work by themselves (`cyclesOfWork`); instructions of which one is
 * not known are left out. An operation whose weights were declared before may take less.
 */
export function operationCycles(
  program: Program,
  config: MachineConfig,
  isa: InstructionSet,
): ReadonlyMap<number, OperationCycles> {
  const found = new Map<number, OperationCycles>();
  const unknown = new Set<number>();
  const issued = ({ pc, cycles }: { readonly pc: number; readonly cycles: () => number | undefined }): void => {
    if (unknown.has(pc)) return;
    const count = cycles();
    if (count === undefined) {
      unknown.add(pc);
      found.delete(pc);
      return;
    }
    const before = found.get(pc) ?? { least: count, most: count };
    found.set(pc, { least: Math.min(before.least, count), most: Math.max(before.most, count) });
  };
  const { complete } = follow({ program, config, isa, listener: { issued } });
  // Ways that weren't followed may issue something else.
  return complete ? found : new Map();
}
