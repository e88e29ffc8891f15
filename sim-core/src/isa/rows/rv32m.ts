/** The M extension: integer multiplication and division. */
import type { InstructionRow } from "../types.ts";
import { rd, rs1, rs2 } from "./operands.ts";

const row = (funct3: number, timing: "mul" | "div", summary: string, step: string, name: string): InstructionRow => ({
  family: "rv32m",
  unit: "cu",
  timing,
  format: "R",
  fixed: { opcode: 0x33, funct7: 1, funct3 },
  operands: [rd, rs1, rs2],
  syntax: "rd, rs1, rs2",
  summary,
  steps: [step],
  example: `${name} a0, a1, a2`,
});

export const RV32M = {
  mul: row(0, "mul", "multiply, low word", "rd = the low 32 bits of rs1 * rs2.", "mul"),
  mulh: row(1, "mul", "multiply signed, high word", "rd = the high 32 bits of rs1 * rs2 (signed).", "mulh"),
  mulhsu: row(
    2,
    "mul",
    "multiply signed by unsigned, high word",
    "rd = the high 32 bits of rs1 (signed) * rs2 (unsigned).",
    "mulhsu",
  ),
  mulhu: row(3, "mul", "multiply unsigned, high word", "rd = the high 32 bits of rs1 * rs2 (unsigned).", "mulhu"),
  div: row(4, "div", "divide, signed", "rd = rs1 / rs2 rounded towards zero; -1 if rs2 = 0; -2^31 on overflow.", "div"),
  divu: row(5, "div", "divide, unsigned", "rd = rs1 / rs2 (unsigned); 2^32-1 if rs2 = 0.", "divu"),
  rem: row(6, "div", "remainder, signed", "rd = rs1 - rs2 * (rs1 / rs2); rs1 if rs2 = 0; 0 on overflow.", "rem"),
  remu: row(7, "div", "remainder, unsigned", "rd = rs1 mod rs2 (unsigned); rs1 if rs2 = 0.", "remu"),
} as const satisfies Record<string, InstructionRow>;
