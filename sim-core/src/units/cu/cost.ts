/**
 * What an instruction costs the control unit by itself, whatever values it works on: for those who say what code costs
 * before it runs. The numbers are the ones that the loop and the handlers use.
 */
import { extractField, type Instruction, operandField } from "../../isa/index.ts";
import { CU } from "../accounting.ts";
import { type CuTiming, DESCRIPTOR_LOAD_STALL, DESCRIPTOR_STORE_STALL } from "./timing.ts";

export interface InstructionCost {
  /** Cycles that it holds EX beyond its own one; those of branches, accesses to memory and waits come on top. */
  readonly hold: number;
  /** Column of the accounting that these are charged to. */
  readonly holdCause: number;
  /** Cycles behind its last one in EX that go by before the result can be used; 0: the next instruction can. */
  readonly late: number;
  readonly lateCause: number;
}

const FREE: InstructionCost = { hold: 0, holdCause: CU.branch, late: 0, lateCause: CU.execute };

/** Cost of an instruction; the words of one instruction don't differ. */
export function instructionCost({ mnemonic, row }: Instruction, timing: CuTiming): InstructionCost {
  switch (row.timing) {
    case "load":
      return { ...FREE, late: timing.loadLatency - 1, lateCause: CU.loadUse };
    case "mul":
      return { ...FREE, late: timing.mulLatency - 1, lateCause: CU.mulUse };
    case "div":
      return { ...FREE, hold: timing.divideCycles - 1, holdCause: CU.divide };
    case "jump":
      return { ...FREE, hold: timing.decodeRedirect };
    case "jumpReg":
      return { ...FREE, hold: timing.executeRedirect };
    case "user": {
      if (!row.user || row.unit !== "cu") return FREE;
      const { cycles, useDelay } = row.user;
      return { hold: cycles - 1, holdCause: CU.user, late: useDelay, lateCause: CU.user };
    }
    default:
      return OTHERS[mnemonic]?.(timing) ?? FREE;
  }
}

/** Instructions that cost something else than their class. */
const OTHERS: Readonly<Record<string, (timing: CuTiming) => InstructionCost>> = {
  "td.ld": () => ({ ...FREE, hold: DESCRIPTOR_LOAD_STALL, holdCause: CU.descriptor }),
  "td.st": () => ({ ...FREE, hold: DESCRIPTOR_STORE_STALL, holdCause: CU.descriptor }),
  mret: ({ executeRedirect }) => ({ ...FREE, hold: executeRedirect }),
  "fence.i": ({ executeRedirect }) => ({ ...FREE, hold: executeRedirect }),
};

/** T-CU-6: bubbles behind a conditional branch, by its direction and what becomes of it. */
export function branchHold(backward: boolean, taken: boolean, timing: CuTiming): number {
  if (backward) return taken ? timing.decodeRedirect : timing.executeRedirect;
  return taken ? timing.executeRedirect : 0;
}

/** General-purpose registers that an instruction waits for, in the order in which the control unit looks at them. */
export function waitedFor({ row }: Instruction, word: number): number[] {
  const found: number[] = [];
  for (const field of ["rs1", "rs2", "rs3", "rd"] as const) {
    const operand = row.operands.find((each) => each.type === "x" && each.field === field && each.access !== "write");
    const register = operand ? extractField(operandField(row, operand), word) : 0;
    if (register !== 0) found.push(register);
  }
  return found;
}
