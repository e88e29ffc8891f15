/** Which operand of an instruction a node is. */
import type { Operand as Node, Statement } from "@nnasm/sim-core/asm";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import { type Form, fits, formsOf, type SlotPart } from "./forms.ts";

/** The operands of a statement as written, without blanks at their ends. */
export function writtenOperands(lineText: string, statement: Statement): string[] {
  return statement.operands.map(({ start, end }) => lineText.slice(start, end));
}

/** The form of an instruction that the operands as written have; the first one when none fits. */
export function chosenForm(isa: InstructionSet, mnemonic: string, written: readonly string[]): Form | undefined {
  const forms = formsOf(isa, mnemonic);
  const complete = forms.find(
    (form) => form.slots.length === written.length && form.slots.every((slot, index) => fits(slot, written[index]!)),
  );
  return complete ?? forms[0];
}

/** The operand that a node within an instruction's operand `index` belongs to. */
export function slotPartOf(form: Form, operand: Node, index: number, node: Node): SlotPart | undefined {
  const slot = form.slots[index];
  if (!slot?.base) return slot?.outer;
  const base = operand.kind === "memory" ? operand.base : operand;
  return base.start <= node.start && node.end <= base.end ? slot.base : slot.outer;
}
