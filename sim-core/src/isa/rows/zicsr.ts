/** The Zicsr extension: control and status register access. */
import type { InstructionRow } from "../types.ts";
import { csr, imm, rd, rs1 } from "./operands.ts";

const FAULTS = ["illegal instruction when the CSR doesn't exist, or on a write to a read-only CSR"];

const register = (funct3: number, summary: string, step: string, name: string): InstructionRow => ({
  family: "zicsr",
  unit: "cu",
  timing: "csr",
  format: "IU",
  fixed: { opcode: 0x73, funct3 },
  operands: [rd, csr, rs1],
  syntax: "rd, csr, rs1",
  summary,
  steps: [step],
  faults: FAULTS,
  example: `${name} a0, mscratch, a1`,
});

const immediate = (funct3: number, summary: string, step: string, name: string): InstructionRow => ({
  family: "zicsr",
  unit: "cu",
  timing: "csr",
  format: "IU",
  fixed: { opcode: 0x73, funct3 },
  operands: [rd, csr, imm("uimm", "rs1", 0, 31)],
  syntax: "rd, csr, uimm",
  summary,
  steps: [step],
  faults: FAULTS,
  example: `${name} a0, mscratch, 5`,
});

export const ZICSR = {
  csrrw: register(1, "exchange a CSR and a register", "rd = csr and csr = rs1, at once.", "csrrw"),
  csrrs: register(2, "read a CSR and set bits", "rd = csr; csr = csr | rs1 (no write when rs1 is x0).", "csrrs"),
  csrrc: register(3, "read a CSR and clear bits", "rd = csr; csr = csr & ~rs1 (no write when rs1 is x0).", "csrrc"),
  csrrwi: immediate(5, "read a CSR and write an immediate", "rd = csr; csr = uimm.", "csrrwi"),
  csrrsi: immediate(
    6,
    "read a CSR and set immediate bits",
    "rd = csr; csr = csr | uimm (no write when uimm = 0).",
    "csrrsi",
  ),
  csrrci: immediate(
    7,
    "read a CSR and clear immediate bits",
    "rd = csr; csr = csr & ~uimm (no write when uimm = 0).",
    "csrrci",
  ),
} as const satisfies Record<string, InstructionRow>;
