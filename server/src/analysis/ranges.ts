/** Which values an operand takes. */
import type { InstructionSet } from "@nnasm/sim-core/isa";
import { type Form, formsOf, type SlotPart } from "./forms.ts";

export interface ValueRange {
  readonly min: number;
  readonly max: number;
  /** Values are multiples of it. */
  readonly scale: number;
}

const UNBOUNDED: ValueRange = { min: -(2 ** 31), max: 2 ** 32 - 1, scale: 1 };

/**
 * The values that an operand takes, in the unit in which it is written (for targets: the distance in bytes). Those
 * of pseudo-instructions follow from the instruction that their expansion puts the operand into.
 */
export function rangeOf(isa: InstructionSet, form: Form, part: SlotPart): ValueRange {
  const { operand } = part;
  if ("scale" in operand) return operand;
  if (form.kind === "instruction") return UNBOUNDED;
  for (const line of form.pseudo.expansion) {
    const [mnemonic = "", ...rest] = line.split(" ");
    const real = formsOf(isa, mnemonic).find((candidate) => candidate.kind === "instruction");
    const written = rest.join(" ").split(",");
    for (const [index, slot] of (real?.slots ?? []).entries()) {
      const text = written[index]?.trim() ?? "";
      const inner = slot.base ? text.replace(/\(.*$/, "") : text;
      if (inner === part.name && slot.outer && "scale" in slot.outer.operand) return slot.outer.operand;
    }
  }
  return UNBOUNDED;
}

export function inRange({ min, max, scale }: ValueRange, value: number): boolean {
  return value >= min && value <= max && value % scale === 0;
}
