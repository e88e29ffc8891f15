/**
 * `.insn`: instructions by their fields, as GNU as takes them. The shapes are rows like those of the instruction
 * table whose constant fields are operands too, so that the same matcher and encoder serve them.
 */
import type { FieldName, FormatName, InstructionRow, Operand } from "../../isa/index.ts";
import type { Operand as SourceOperand } from "../syntax/tree.ts";
import { type Form, formOfRow } from "./forms.ts";

/** Names of major opcodes (RISC-V unprivileged manual, table 70). */
const OPCODES: Readonly<Record<string, number>> = {
  LOAD: 0x03,
  LOAD_FP: 0x07,
  CUSTOM_0: 0x0b,
  MISC_MEM: 0x0f,
  OP_IMM: 0x13,
  AUIPC: 0x17,
  OP_IMM_32: 0x1b,
  STORE: 0x23,
  STORE_FP: 0x27,
  CUSTOM_1: 0x2b,
  AMO: 0x2f,
  OP: 0x33,
  LUI: 0x37,
  OP_32: 0x3b,
  MADD: 0x43,
  MSUB: 0x47,
  NMSUB: 0x4b,
  NMADD: 0x4f,
  OP_FP: 0x53,
  CUSTOM_2: 0x5b,
  BRANCH: 0x63,
  JALR: 0x67,
  JAL: 0x6f,
  SYSTEM: 0x73,
  CUSTOM_3: 0x7b,
};

const number = (name: FieldName, max: number): Operand => ({ type: "imm", name, field: name, min: 0, max, scale: 1 });
const signed: Operand = { type: "imm", name: "simm12", field: "imm12", min: -2048, max: 2047, scale: 1 };
const x = (field: "rd" | "rs1" | "rs2" | "rs3"): Operand => ({ type: "x", name: field, field, access: "read" });
const target = (field: FieldName, reach: number): Operand => ({
  type: "offset",
  name: "target",
  field,
  min: -reach,
  max: reach - 2,
  scale: 2,
});

const opcode = number("opcode", 127);
const funct3 = number("funct3", 7);
const [rd, rs1, rs2, rs3] = [x("rd"), x("rs1"), x("rs2"), x("rs3")];
const branch = target("offset12", 4096);
const jump = target("offset20", 1 << 20);

function shape(format: FormatName, syntax: string, operands: readonly Operand[]): Form {
  const row: InstructionRow = {
    family: "rv32i",
    unit: "cu",
    timing: "alu",
    format,
    fixed: {},
    operands,
    syntax,
    summary: "",
    steps: [],
    example: "",
  };
  return formOfRow({ mnemonic: ".insn", index: -1, row, mask: 0, match: 0 });
}

const R = shape("R", "opcode, funct3, funct7, rd, rs1, rs2", [opcode, funct3, number("funct7", 127), rd, rs1, rs2]);
const R4 = shape("R4", "opcode, funct3, funct2, rd, rs1, rs2, rs3", [
  opcode,
  funct3,
  number("funct2", 3),
  rd,
  rs1,
  rs2,
  rs3,
]);
const I = shape("I", "opcode, funct3, rd, rs1, simm12", [opcode, funct3, rd, rs1, signed]);
const I_MEMORY = shape("I", "opcode, funct3, rd, simm12(rs1)", [opcode, funct3, rd, signed, rs1]);
const S = shape("S", "opcode, funct3, rs2, simm12(rs1)", [opcode, funct3, rs2, signed, rs1]);
const B = shape("B", "opcode, funct3, rs1, rs2, target", [opcode, funct3, rs1, rs2, branch]);
const U = shape("U", "opcode, rd, imm20", [opcode, rd, number("imm20", 0xfffff)]);
const J = shape("J", "opcode, rd, target", [opcode, rd, jump]);

/** The shapes by the word that names them. */
export const INSN_SHAPES: ReadonlyMap<string, readonly Form[]> = new Map([
  ["r", [R, R4]],
  ["r4", [R4]],
  ["i", [I, I_MEMORY]],
  ["s", [S]],
  ["b", [B]],
  ["sb", [B]],
  ["u", [U]],
  ["j", [J]],
  ["uj", [J]],
]);

/** An operand with the name of a major opcode replaced by its number. */
export function withOpcode(operand: SourceOperand): SourceOperand {
  if (operand.kind !== "name" || !Object.hasOwn(OPCODES, operand.name)) return operand;
  return { kind: "number", start: operand.start, end: operand.end, value: OPCODES[operand.name]! };
}
