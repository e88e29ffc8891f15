/** Which operand of an instruction a node is. */
import type { Operand as Node, Statement } from "@nnasm/sim-core/asm";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import { type Form, fits, formsOf, type SlotPart } from "./forms.ts";

/** The form of an instruction that its operands as written have; the first one when none fits. */
export function chosenForm(isa: InstructionSet, lineText: string, statement: Statement): Form | undefined {
  const { operands, name } = statement;
  const forms = formsOf(isa, name?.name.toLowerCase() ?? "");
  if (forms.length < 2) return forms[0];
  // Looked at only when the count of operands alone doesn't tell.
  const counted = forms.filter((form) => form.slots.length === operands.length);
  if (counted.length < 2) return counted[0] ?? forms[0];
  const written = operands.map(({ start, end }) => lineText.slice(start, end));
  return counted.find((form) => form.slots.every((slot, index) => fits(slot, written[index]!))) ?? counted[0];
}

/** The operand that a node within an instruction's operand `index` belongs to. */
export function slotPartOf(form: Form, operand: Node, index: number, node: Node): SlotPart | undefined {
  const slot = form.slots[index];
  if (!slot?.base) return slot?.outer;
  const base = operand.kind === "memory" ? operand.base : operand;
  return base.start <= node.start && node.end <= base.end ? slot.base : slot.outer;
}
