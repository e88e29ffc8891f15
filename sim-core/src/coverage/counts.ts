/** How often instructions retired and which way branches went, from what the machine counts anyway: a run isn't slowed. */
import type { Simulator } from "../engine/index.ts";
import { BASE_ISA, extractField, type Instruction, operandField } from "../isa/index.ts";
import { branchHold, CU, CU_CAUSE_COUNT, cycleTiming } from "../units/index.ts";

export interface BranchWays {
  readonly taken: number;
  readonly notTaken: number;
}

/** Counts by the addresses of instructions. */
export interface InstructionCounts {
  retired(address: number): number;
  /** Of a conditional branch. */
  branch(address: number): BranchWays;
}

/** What coverage needs to know of a machine. */
type CountedMachine = Pick<Simulator, "cu" | "mode" | "config">;

/**
 * Counts of a machine that has run in cycle mode. Directions follow from the cycles that a branch has held up those behind
 * it: each way costs its own number of them (T-CU-6), so that count and cycles give two equations for the two ways.
 * @throws RangeError in functional mode, which counts nothing
 */
export function machineCounts({ cu, mode, config }: CountedMachine): InstructionCounts {
  if (mode !== "cycle") throw new RangeError("functional mode doesn't count instructions: run in cycle mode");
  const timing = cycleTiming(config.cu.divideCycles);
  const columnAt = (address: number, cause: number): number => {
    const page = cu.code.pages.get(address >>> 12);
    return page?.cycles[((address & 0xfff) >> 2) * CU_CAUSE_COUNT + cause] ?? 0;
  };
  const retired = (address: number): number => columnAt(address, CU.execute);
  return {
    retired,
    branch(address) {
      const count = retired(address);
      const distance = branchDistance(cu.code.word(address));
      // A branch whose target lies within an instruction faults when it is taken, and doesn't retire.
      if (distance === undefined || (distance & 3) !== 0) return { taken: 0, notTaken: count };
      const whenTaken = branchHold(distance < 0, true, timing);
      const whenNot = branchHold(distance < 0, false, timing);
      // The divisor is negative where the branch is predicted as taken: without the sum, never would be -0.
      const taken = (columnAt(address, CU.branch) - count * whenNot) / (whenTaken - whenNot) + 0;
      return { taken, notTaken: count - taken };
    },
  };
}

export const isBranch = ({ row }: Instruction): boolean => row.timing === "branch";

/** Bytes from a conditional branch to its target; undefined for other words. Instructions of workspaces are no branches. */
export function branchDistance(word: number): number | undefined {
  const instruction = BASE_ISA.decode(word);
  if (!instruction || !isBranch(instruction)) return undefined;
  const operand = instruction.row.operands.find(({ type }) => type === "offset");
  if (operand?.type !== "offset") return undefined;
  return extractField(operandField(instruction.row, operand), word) * operand.scale;
}
