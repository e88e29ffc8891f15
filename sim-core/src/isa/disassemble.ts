/** Words back to source text, from the table alone. */
import { csrName } from "./csrs.ts";
import { enumNameOf, enumValues } from "./enums.ts";
import { extractField } from "./formats.ts";
import { type Instruction, type InstructionSet, operandField } from "./instruction-set.ts";
import { abiName } from "./registers.ts";
import type { Operand } from "./types.ts";

export interface DisassembleOptions {
  /** Numeric register names (x10) instead of ABI names (a0). */
  readonly numeric?: boolean;
  /** Text for a code address, for example `main+8`; the default is hexadecimal. */
  readonly symbolize?: (address: number) => string;
}

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

function setText(operand: Extract<Operand, { type: "set" }>, value: number): string {
  const bits = Object.entries(enumValues(operand.values)).sort((a, b) => b[1] - a[1]);
  const known = bits.reduce((mask, [, bit]) => mask | (1 << bit), 0);
  if (value === 0 || (value & ~known) !== 0) return String(value);
  const members = bits.filter(([, bit]) => value & (1 << bit)).map(([name]) => name);
  if (operand.separator === "|") members.reverse();
  return members.join(operand.separator);
}

/** Text of one operand of `word`, an instruction at byte address `address`. */
export function operandText(
  instruction: Instruction,
  operand: Operand,
  word: number,
  address: number,
  options: DisassembleOptions = {},
): string {
  const value = extractField(operandField(instruction.row, operand), word);
  switch (operand.type) {
    case "x":
      return options.numeric ? `x${value}` : abiName(value);
    case "td":
      return `td${value}`;
    case "imm":
      return instruction.row.format === "U" ? hex(value) : String(value * operand.scale);
    case "offset":
      return (options.symbolize ?? hex)((address + value * operand.scale) >>> 0);
    case "csr":
      return csrName(value) ?? hex(value);
    case "enum":
      return enumNameOf(operand.values, value) ?? String(value);
    case "set":
      return setText(operand, value);
  }
}

/** Source text of a word, or undefined when it encodes no instruction. */
export function disassemble(
  isa: InstructionSet,
  word: number,
  address: number,
  options: DisassembleOptions = {},
): string | undefined {
  const instruction = isa.decode(word);
  if (!instruction) return undefined;
  const { row, mnemonic } = instruction;
  if (row.operands.length === 0) return mnemonic;
  const byName = new Map(row.operands.map((operand) => [operand.name, operand]));
  const operands = row.syntax.replace(/[A-Za-z]\w*/g, (name) => {
    const operand = byName.get(name);
    return operand ? operandText(instruction, operand, word, address, options) : name;
  });
  return `${mnemonic} ${operands}`;
}
