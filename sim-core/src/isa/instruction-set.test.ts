import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { disassemble } from "./disassemble.ts";
import { enumValues } from "./enums.ts";
import { BASE_ISA, buildInstructionSet, decodeOperands, encode, operandField } from "./instruction-set.ts";
import { RV32I } from "./rows/rv32i.ts";
import type { InstructionRow } from "./types.ts";

describe("instruction table", () => {
  it("refuses overlapping rows, naming both", () => {
    expect(() => buildInstructionSet({ add: RV32I.add, twin: RV32I.add })).toThrow("add and twin overlap");
  });

  it("refuses bits without an owner and bits with two", () => {
    const { funct7: _, ...fixed } = RV32I.add.fixed as { funct7: number };
    const unowned: InstructionRow = { ...RV32I.add, fixed };
    expect(() => buildInstructionSet({ unowned })).toThrow("funct7 (bits 31:25) of format R has no owner");
    const twice: InstructionRow = { ...RV32I.add, fixed: { ...RV32I.add.fixed, rd: 0 } };
    expect(() => buildInstructionSet({ twice })).toThrow("two owners");
  });

  it("decodes every word that it encodes to the same instruction and operands", () => {
    for (const instruction of BASE_ISA.instructions) {
      const fields = instruction.row.operands.map((operand) => operandField(instruction.row, operand));
      const values = fields.map(({ width, signed }) =>
        fc.integer(signed ? { min: -(2 ** (width - 1)), max: 2 ** (width - 1) - 1 } : { min: 0, max: 2 ** width - 1 }),
      );
      fc.assert(
        fc.property(fc.tuple(...values), (operands) => {
          const encoded = encode(instruction, operands);
          expect(BASE_ISA.decode(encoded)).toBe(instruction);
          expect(decodeOperands(instruction, encoded)).toEqual(operands);
          expect(disassemble(BASE_ISA, encoded, 0x1000)).toMatch(new RegExp(`^${instruction.mnemonic}( |$)`));
        }),
        { numRuns: 30 },
      );
    }
  });

  it("has words that encode nothing", () => {
    expect(BASE_ISA.decode(0)).toBeUndefined();
    expect(BASE_ISA.decode(0xffffffff)).toBeUndefined();
  });

  it("describes every row: syntax names its operands, enums fit their fields", () => {
    for (const { mnemonic, row } of BASE_ISA.instructions) {
      const named: readonly string[] = row.syntax.match(/[A-Za-z]\w*/g) ?? [];
      expect([...named].sort(), mnemonic).toEqual(row.operands.map(({ name }) => name).sort());
      expect(row.example.startsWith(mnemonic), mnemonic).toBe(true);
      expect(row.steps.length, mnemonic).toBeGreaterThan(0);
      for (const operand of row.operands) {
        if (operand.type !== "enum") continue;
        const { width } = operandField(row, operand);
        for (const value of Object.values(enumValues(operand.values))) expect(value).toBeLessThan(2 ** width);
      }
    }
  });
});
