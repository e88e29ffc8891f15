/**
 * The instruction set that everything downstream receives as a value: built-in rows and, where a workspace adds
 * some, its own. Building it checks that every bit of every row is owned and that no two rows overlap.
 */
import { extractField, type Field, type FieldName, FORMATS, fieldMask, fieldOf, insertField } from "./formats.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import type { InstructionRow, Operand } from "./types.ts";
import type { UserSemantics } from "./user-module.ts";

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

/** The part of an instruction set that a workspace brings. */
export interface UserExtension {
  /** Name of the workspace's set, for messages. */
  readonly name: string;
  /** Unsigned 32 bits over all that code depends on: mnemonics, encodings, operands. Programs record it. */
  readonly hash: number;
  /** What the instructions do; absent where nothing runs, as in a language server. */
  readonly semantics?: UserSemantics;
}

export interface InstructionSet {
  /** All instructions, at their `index`. */
  readonly instructions: readonly Instruction[];
  /** Present when a workspace adds instructions. */
  readonly user?: UserExtension;
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

/** Something wrong with a field of a row's encoding. */
export interface EncodingProblem {
  readonly kind: "unknown" | "owners" | "value" | "unowned";
  readonly field: FieldName;
  readonly message: string;
}

const bitsText = ({ segments }: Field): string =>
  `bit${segments.length === 1 && segments[0]!.hi === segments[0]!.lo ? "" : "s"} ${segments
    .map(({ hi, lo }) => (hi === lo ? `${hi}` : `${hi}:${lo}`))
    .join(", ")}`;

/** Everything that is wrong with the encoding of a row: fields that don't exist, values that don't fit, bits with no or two owners. */
export function encodingProblems(row: Pick<InstructionRow, "format" | "fixed" | "operands">): EncodingProblem[] {
  const problems: EncodingProblem[] = [];
  const owners = new Map<FieldName, string>();
  const own = (name: FieldName, owner: string): Field | undefined => {
    const field = fieldOf(row.format, name);
    if (!field) {
      const known = Object.keys(FORMATS[row.format]).join(", ");
      problems.push({
        kind: "unknown",
        field: name,
        message: `format ${row.format} has no field ${name}; its fields are ${known}`,
      });
      return undefined;
    }
    const before = owners.get(name);
    if (before !== undefined) {
      problems.push({
        kind: "owners",
        field: name,
        message: `field ${name} (${bitsText(field)}) has two owners: ${before} and ${owner}`,
      });
      return undefined;
    }
    owners.set(name, owner);
    return field;
  };
  for (const [name, value] of Object.entries(row.fixed) as [FieldName, number][]) {
    const field = own(name, `the constant ${value}`);
    if (field && extractField(field, insertField(field, value)) !== value) {
      problems.push({
        kind: "value",
        field: name,
        message: `${value} does not fit field ${name}, which has ${field.width} bits`,
      });
    }
  }
  for (const operand of row.operands) own(operand.field, `operand ${operand.name}`);
  for (const [name, field] of Object.entries(FORMATS[row.format]) as [FieldName, Field][]) {
    if (!owners.has(name)) {
      problems.push({
        kind: "unowned",
        field: name,
        message: `field ${name} (${bitsText(field)}) of format ${row.format} has no owner`,
      });
    }
  }
  return problems;
}

/** Whether some word is both instructions. */
export function overlap(a: Instruction, b: Instruction): boolean {
  return ((a.match ^ b.match) & a.mask & b.mask) === 0;
}

/** @throws Error when the row's encoding has a problem */
export function linkRow(mnemonic: string, row: InstructionRow, index: number): Instruction {
  const [problem] = encodingProblems(row);
  if (problem) throw new Error(`${mnemonic}: ${problem.message}`);
  let mask = 0;
  let match = 0;
  for (const [name, value] of Object.entries(row.fixed) as [FieldName, number][]) {
    const field = fieldOf(row.format, name)!;
    mask |= fieldMask(field);
    match |= insertField(field, value);
  }
  return { mnemonic, index, row, mask: mask >>> 0, match: match >>> 0 };
}

/**
 * Builds an instruction set.
 * @throws Error naming the rows when bits have no or two owners, or when two rows could decode the same word.
 */
export function buildInstructionSet(rows: Readonly<Record<string, InstructionRow>>): InstructionSet {
  const instructions = Object.entries(rows).map(([mnemonic, row], index) => linkRow(mnemonic, row, index));
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
        if (a.index < b.index && overlap(a, b)) {
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

/**
 * The built-in instructions and a workspace's own, which come behind them.
 * @param name of the workspace's set
 * @throws Error like buildInstructionSet
 */
export function extendInstructionSet(rows: Readonly<Record<string, InstructionRow>>, name: string): InstructionSet {
  const set = buildInstructionSet({ ...INSTRUCTIONS, ...rows });
  return { ...set, user: { name, hash: hashOf(set.instructions.slice(BASE_ISA.instructions.length)) } };
}

/** The same instruction set with what its user instructions do. */
export function withSemantics(isa: InstructionSet, semantics: UserSemantics): InstructionSet {
  if (!isa.user) throw new Error("the instruction set has no user instructions");
  return { ...isa, user: { ...isa.user, semantics } };
}

/** FNV-1a over what code depends on, in an order that doesn't depend on the file's. */
function hashOf(instructions: readonly Instruction[]): number {
  const lines = instructions.map(({ mnemonic, mask, match, row }) => {
    const operands = row.operands.map((operand) => [
      operand.name,
      operand.field,
      operand.type,
      "scale" in operand ? operand.scale : "",
    ]);
    return JSON.stringify([mnemonic, row.unit, row.format, mask, match, operands]);
  });
  let hash = 0x811c9dc5;
  for (const char of lines.sort().join("\n")) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  return hash >>> 0;
}
