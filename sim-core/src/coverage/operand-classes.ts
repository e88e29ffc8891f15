/** Classes of operands: what tests of an instruction should have tried. docs/testing.md lists them. */
import {
  abiName,
  csrName,
  enumNameOf,
  enumValues,
  extractField,
  type ImmediateOperand,
  type InstructionRow,
  type Operand,
  operandField,
} from "../isa/index.ts";

/** Registers with a role of their own, and the three groups of the calling convention. */
const REGISTER_CLASSES = ["zero", "ra", "sp", "gp/tp", "t0-t6", "s0-s11", "a0-a7"] as const;
const IMMEDIATE_CLASSES = ["min", "negative", "zero", "positive", "max"] as const;
const OFFSET_CLASSES = ["backward", "forward"] as const;

/** All classes that a word can have for an operand; none for descriptors, whose contents the word doesn't say. */
export function possibleClasses(operand: Operand): readonly string[] {
  switch (operand.type) {
    case "x":
      return REGISTER_CLASSES;
    case "td":
    case "csr":
      return [];
    case "imm":
      return IMMEDIATE_CLASSES.filter((name) => immediatePossible(name, operand));
    case "offset":
      // The end of a hardware loop lies behind its beginning.
      return OFFSET_CLASSES.filter((name) => name === "forward" || operand.min < 0);
    case "enum":
      return Object.keys(enumValues(operand.values));
    case "set":
      return ["none", ...Object.keys(enumValues(operand.values))];
  }
}

/** Classes of an operand in a word: one, or the members of a set. */
export function classesOf(row: InstructionRow, operand: Operand, word: number): readonly string[] {
  const value = extractField(operandField(row, operand), word);
  switch (operand.type) {
    case "x":
      return [registerClass(value)];
    case "td":
      return [];
    case "imm":
      return [immediateClass(value * operand.scale, operand)];
    case "offset":
      return [value < 0 ? "backward" : "forward"];
    case "csr":
      return [csrName(value) ?? `0x${value.toString(16)}`];
    case "enum":
      return [enumNameOf(operand.values, value) ?? String(value)];
    case "set": {
      const members = Object.entries(enumValues(operand.values)).filter(([, bit]) => value & (1 << bit));
      return members.length === 0 ? ["none"] : members.map(([name]) => name);
    }
  }
}

function registerClass(number: number): (typeof REGISTER_CLASSES)[number] {
  const name = abiName(number);
  if (name === "zero" || name === "ra" || name === "sp") return name;
  if (name === "gp" || name === "tp") return "gp/tp";
  return name[0] === "t" ? "t0-t6" : name[0] === "a" ? "a0-a7" : "s0-s11";
}

function immediateClass(value: number, { min, max }: ImmediateOperand): (typeof IMMEDIATE_CLASSES)[number] {
  // Zero comes before the limits: it is the least number of those without a sign.
  if (value === 0) return "zero";
  if (value === min) return "min";
  if (value === max) return "max";
  return value < 0 ? "negative" : "positive";
}

function immediatePossible(name: (typeof IMMEDIATE_CLASSES)[number], { min, max, scale }: ImmediateOperand): boolean {
  switch (name) {
    case "min":
      return min !== 0;
    case "negative":
      return min < -scale;
    case "zero":
      return min <= 0;
    case "positive":
      return max > Math.max(min, 0) + scale;
    case "max":
      return max !== 0;
  }
}
