/** Which registers an instruction reads and writes, from the table alone. */
import { ENUMS } from "./enums.ts";
import type { Instruction } from "./instruction-set.ts";
import { type TimingClass, UNITS, type Unit } from "./types.ts";

/**
 * Registers as sets: bit n stands for register n. The numbers are signed 32-bit words, so ask with
 * `(set >>> n) & 1`. x0, which is a constant, is left out.
 */
export interface RegisterEffects {
  /** General-purpose registers whose value the instruction uses. */
  readonly reads: number;
  readonly writes: number;
  /** Tensor descriptor registers that it uses: those of tensors that an operation writes, too. */
  readonly descriptorReads: number;
  /** Descriptor registers of which it changes at least a field. */
  readonly descriptorWrites: number;
}

/** @param operands the operands' field values, as `decodeOperands` gives them */
export function registerEffects({ row }: Instruction, operands: readonly number[]): RegisterEffects {
  let reads = 0;
  let writes = 0;
  let descriptorReads = 0;
  let descriptorWrites = 0;
  for (let position = 0; position < row.operands.length; position++) {
    const operand = row.operands[position]!;
    if (operand.type !== "x" && operand.type !== "td") continue;
    const bit = 1 << operands[position]!;
    const isRead = operand.access !== "write";
    const isWritten = operand.access !== "read";
    if (operand.type === "x") {
      if (isRead) reads |= bit;
      if (isWritten) writes |= bit;
    } else {
      if (isRead) descriptorReads |= bit;
      if (isWritten) descriptorWrites |= bit;
    }
  }
  return { reads: reads & ~1, writes: writes & ~1, descriptorReads, descriptorWrites };
}

const ENDS_NO_LOOP: ReadonlySet<TimingClass> = new Set(["branch", "jump", "jumpReg", "loop", "system", "sync"]);

/** Whether an instruction may not be the last one of a hardware loop's body. */
export const mayNotEndLoop = ({ row }: Instruction): boolean => ENDS_NO_LOOP.has(row.timing);

/** The unit to whose queue an instruction issues an operation; undefined for instructions that issue none. */
export function issuedUnit({ row }: Instruction, operands: readonly number[]): Unit | undefined {
  if (row.timing !== "issue") return undefined;
  if (row.unit !== "dma") return row.unit;
  const channel = row.operands.findIndex(({ field }) => field === "channel");
  return UNITS[ENUMS.unit.dma0 + (operands[channel] ?? 0)];
}
