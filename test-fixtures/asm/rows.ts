/** Random and corner operands for rows of the instruction table, as source text. */
import {
  enumValues,
  extractField,
  type FieldName,
  type Instruction,
  insertField,
  type Operand,
  operandField,
} from "@nnasm/sim-core/isa";

/** A small deterministic generator: a failing test must fail again. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** An integer in 0..below-1. */
  below(below: number): number {
    // Numerical Recipes' linear congruential generator; the upper bits are good enough here.
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * below);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** An operand as written, and the value that its field must hold. */
export interface Choice {
  readonly text: string;
  readonly value: number;
}

function numbers(min: number, max: number, scale: number, random: Random): number {
  const steps = (max - min) / scale;
  const corner = random.pick([min, max, 0, min + scale, max - scale, scale, -scale]);
  const value = random.below(2) === 0 ? corner : min + scale * random.below(steps + 1);
  return Math.min(max, Math.max(min, value));
}

function chooseOperand(instruction: Instruction, operand: Operand, random: Random): Choice {
  const field = operandField(instruction.row, operand);
  const raw = (value: number) => extractField(field, insertField(field, value));
  switch (operand.type) {
    case "x":
    case "td": {
      const register = random.pick([0, 31, random.below(32)]);
      return { text: `${operand.type}${register}`, value: register };
    }
    case "imm": {
      const value = numbers(operand.min, operand.max, operand.scale, random);
      return { text: String(value), value: raw(value / operand.scale) };
    }
    case "offset": {
      const distance = numbers(operand.min, operand.max, operand.scale, random);
      return { text: distance < 0 ? `. - ${-distance}` : `. + ${distance}`, value: raw(distance / operand.scale) };
    }
    case "csr": {
      const csr = random.pick([0, 4095, 0x300, 0x341, 0xc00, random.below(4096)]);
      return { text: String(csr), value: csr };
    }
    case "enum": {
      const [text, value] = random.pick(Object.entries(enumValues(operand.values)));
      return { text, value };
    }
    case "set": {
      const members = Object.entries(enumValues(operand.values)).sort((a, b) => b[1] - a[1]);
      const chosen = members.filter(() => random.below(2) === 0);
      const used = chosen.length > 0 ? chosen : members;
      return {
        text: used.map(([name]) => name).join(operand.separator),
        value: used.reduce((bits, [, bit]) => bits | (1 << bit), 0),
      };
    }
  }
}

export interface Line {
  readonly text: string;
  readonly fields: ReadonlyMap<FieldName, number>;
}

/** A line of source for an instruction, and the fields that it must encode to. */
export function chooseLine(instruction: Instruction, random: Random): Line {
  const { row, mnemonic } = instruction;
  const fields = new Map(Object.entries(row.fixed) as [FieldName, number][]);
  const choices = new Map<string, string>();
  for (const operand of row.operands) {
    const choice = chooseOperand(instruction, operand, random);
    fields.set(operand.field, choice.value);
    choices.set(operand.name, choice.text);
  }
  const text = row.syntax.replace(/[A-Za-z]\w*/g, (name) => choices.get(name) ?? name);
  return { text: `${mnemonic} ${text}`.trim(), fields };
}
