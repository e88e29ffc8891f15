/** The ways in which a mnemonic can be written: instruction rows and pseudo-instructions in one shape. */
import { PSEUDO_INSTRUCTIONS, type PseudoInstruction, type PseudoOperand } from "@nnasm/sim-core/asm";
import {
  descriptorNumber,
  type Instruction,
  type InstructionSet,
  type Operand,
  registerNumber,
} from "@nnasm/sim-core/isa";

/** One operand within a comma-separated slot. */
export interface SlotPart {
  readonly name: string;
  readonly operand: Operand | PseudoOperand;
}

/** What stands between two commas. */
export interface Slot {
  /** As in the syntax line: `rd`, `offset(rs1)`, `(rs1)`. */
  readonly text: string;
  /** The operand in front of the parenthesis; absent in `(rs1)`. */
  readonly outer: SlotPart | undefined;
  /** The register in parentheses. */
  readonly base: SlotPart | undefined;
}

interface FormBase {
  readonly mnemonic: string;
  /** The operands as written. */
  readonly syntax: string;
  readonly summary: string;
  /** A line of source that assembles. */
  readonly example: string;
  readonly slots: readonly Slot[];
}

export type Form =
  | (FormBase & { readonly kind: "instruction"; readonly instruction: Instruction })
  | (FormBase & { readonly kind: "pseudo"; readonly pseudo: PseudoInstruction });

function slotsOf(syntax: string, operands: readonly (Operand | PseudoOperand)[]): Slot[] {
  if (syntax === "") return [];
  const byName = new Map(operands.map((operand) => [operand.name, operand]));
  const part = (name: string | undefined): SlotPart | undefined => {
    const operand = name === undefined ? undefined : byName.get(name);
    return operand && name !== undefined ? { name, operand } : undefined;
  };
  return syntax.split(",").map((written) => {
    const text = written.trim();
    const match = /^(\w*)(?:\((\w+)\))?$/.exec(text);
    return { text, outer: part(match?.[1]), base: part(match?.[2]) };
  });
}

function instructionForm(instruction: Instruction): Form {
  const { mnemonic, row } = instruction;
  const { syntax, summary, example } = row;
  return { kind: "instruction", mnemonic, syntax, summary, example, slots: slotsOf(syntax, row.operands), instruction };
}

function pseudoForm(pseudo: PseudoInstruction): Form {
  const { mnemonic, syntax, summary, example } = pseudo;
  return { kind: "pseudo", mnemonic, syntax, summary, example, slots: slotsOf(syntax, pseudo.operands), pseudo };
}

const tables = new WeakMap<InstructionSet, ReadonlyMap<string, readonly Form[]>>();

/** All forms of all mnemonics, the machine's own instructions before pseudo-instructions. */
export function allForms(isa: InstructionSet): ReadonlyMap<string, readonly Form[]> {
  let table = tables.get(isa);
  if (!table) {
    const forms = [...isa.instructions.map(instructionForm), ...PSEUDO_INSTRUCTIONS.map(pseudoForm)];
    const built = new Map<string, Form[]>();
    for (const form of forms) {
      const list = built.get(form.mnemonic);
      if (list) list.push(form);
      else built.set(form.mnemonic, [form]);
    }
    table = built;
    tables.set(isa, table);
  }
  return table;
}

/** The forms of a mnemonic; empty when there is no such instruction. */
export function formsOf(isa: InstructionSet, mnemonic: string): readonly Form[] {
  return allForms(isa).get(mnemonic) ?? [];
}

/** Whether an operand as written can stand in a slot, judged by its outer appearance alone. */
export function fits(slot: Slot, written: string): boolean {
  const memory = written.endsWith(")") ? /^(.*)\(\s*([\w.$]+)\s*\)$/s.exec(written) : null;
  const isMemory = memory !== null && registerNumber(memory[2]!) !== undefined && !memory[1]!.startsWith("%");
  if (slot.base) return isMemory || (slot.outer !== undefined && /^%\w+\(.*\)\(/s.test(written));
  switch (slot.outer?.operand.type) {
    case "x":
      return registerNumber(written) !== undefined;
    case "td":
      return descriptorNumber(written) !== undefined;
    default:
      return !isMemory && registerNumber(written) === undefined && descriptorNumber(written) === undefined;
  }
}

/** The forms that the operands written so far leave open and that have a slot `index`. */
export function formsAt(isa: InstructionSet, mnemonic: string, before: readonly string[]): readonly Form[] {
  return formsOf(isa, mnemonic).filter(
    (form) => form.slots.length > before.length && before.every((written, index) => fits(form.slots[index]!, written)),
  );
}
