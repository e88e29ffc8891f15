/**
 * The instruction set that everything downstream receives as a value: built-in rows plus, later, a workspace's
 * own. Building it checks that every bit of every row is owned and that no two rows overlap.
 */
import { extractField, type Field, type FieldName, FORMATS, fieldMask, fieldOf, insertField } from "./formats.ts";
import { INSTRUCTIONS, type Mnemonic } from "./instructions.ts";
import type { InstructionRow, Operand } from "./types.ts";

/** A row with what follows from it. */
export interface Instruction {
  readonly mnemonic: string;
  /** Dense number of the instruction in its set; decoded programs store it. */
  readonly index: number;
  readonly row: InstructionRow;
  /** Word bits that are constant for this instruction. */
  readonly mask: number;
  /** Their values: a word is this instruction when (word & mask) === match. */
  readonly match: number;
}

export interface InstructionSet {
  /** All instructions, at their `index`. */
  readonly instructions: readonly Instruction[];
  /** Looks up a mnemonic (lower case). */
  get(mnemonic: string): Instruction | undefined;
  /** The instruction that a 32-bit word encodes, or undefined for an illegal word. */
  decode(word: number): Instruction | undefined;
}

/** The operand's field in the row's format. */
export function operandField(row: InstructionRow, operand: Operand): Field {
  const field = fieldOf(row.format, operand.field);
  if (!field) throw new Error(`format ${row.format} has no field ${operand.field}`);
  return field;
}

/** Encodes an instruction from its operands' field values, in the order of the row's operands. */
export function encode(instruction: Instruction, fieldValues: readonly number[]): number {
  let word = instruction.match;
  instruction.row.operands.forEach((operand, position) => {
    word |= insertField(operandField(instruction.row, operand), fieldValues[position] ?? 0);
  });
  return word >>> 0;
}

/** The operands' field values of a word that encodes the instruction. */
export function decodeOperands(instruction: Instruction, word: number): number[] {
  return instruction.row.operands.map((operand) => extractField(operandField(instruction.row, operand), word));
}

function link(mnemonic: string, row: InstructionRow, index: number): Instruction {
  let mask = 0;
  let match = 0;
  let owned = 0;
  const own = (name: FieldName, field: Field) => {
    const bits = fieldMask(field);
    if (owned & bits) throw new Error(`${mnemonic}: two owners for the bits of field ${name}`);
    owned |= bits;
    return bits;
  };
  for (const [name, value] of Object.entries(row.fixed) as [FieldName, number][]) {
    const field = fieldOf(row.format, name);
    if (!field) throw new Error(`${mnemonic}: format ${row.format} has no field ${name}`);
    mask |= own(name, field);
    match |= insertField(field, value);
    if (extractField(field, insertField(field, value)) !== value) {
      throw new Error(`${mnemonic}: ${value} does not fit field ${name}`);
    }
  }
  for (const operand of row.operands) own(operand.field, operandField(row, operand));
  if (owned >>> 0 !== 0xffffffff) {
    const names = Object.keys(FORMATS[row.format]).join(", ");
    throw new Error(`${mnemonic}: not every bit of format ${row.format} (${names}) has an owner`);
  }
  return { mnemonic, index, row, mask: mask >>> 0, match: match >>> 0 };
}

/**
 * Builds an instruction set.
 * @throws Error naming the rows when bits have no or two owners, or when two rows could decode the same word.
 */
export function buildInstructionSet(rows: Readonly<Record<string, InstructionRow>>): InstructionSet {
  const instructions = Object.entries(rows).map(([mnemonic, row], index) => link(mnemonic, row, index));
  const byMnemonic = new Map(instructions.map((instruction) => [instruction.mnemonic, instruction]));
  // Opcode and funct3 lie at the same bits in all formats but U and J, so 1024 buckets make decoding short.
  const buckets: Instruction[][] = Array.from({ length: 1024 }, () => []);
  for (const instruction of instructions) {
    for (let key = 0; key < 1024; key++) {
      const bits = (((key >> 7) << 12) | (key & 0x7f)) >>> 0;
      if (((bits ^ instruction.match) & instruction.mask & 0x707f) === 0) buckets[key]?.push(instruction);
    }
  }
  for (const bucket of buckets) {
    for (const a of bucket) {
      for (const b of bucket) {
        if (a.index < b.index && ((a.match ^ b.match) & a.mask & b.mask) === 0) {
          throw new Error(`the encodings of ${a.mnemonic} and ${b.mnemonic} overlap`);
        }
      }
    }
  }
  return {
    instructions,
    get: (mnemonic) => byMnemonic.get(mnemonic),
    decode(word) {
      const bucket = buckets[(((word >>> 12) & 7) << 7) | (word & 0x7f)] ?? [];
      for (const instruction of bucket) {
        if (((word & instruction.mask) ^ instruction.match) === 0) return instruction;
      }
      return undefined;
    },
  };
}

/** The built-in instruction set. */
export const BASE_ISA: InstructionSet = buildInstructionSet(INSTRUCTIONS);

/** Dense index of a built-in mnemonic. */
export function baseIndex(mnemonic: Mnemonic): number {
  return BASE_ISA.get(mnemonic)?.index ?? -1;
}
