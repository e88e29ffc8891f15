/** Short constructors for the operands that the row files repeat. */
import type { EnumName } from "../enums.ts";
import type { FieldName } from "../formats.ts";
import type {
  CsrOperand,
  DescriptorOperand,
  EnumOperand,
  ImmediateOperand,
  OffsetOperand,
  RegisterOperand,
  SetOperand,
} from "../types.ts";

const x = (name: "rd" | "rs1" | "rs2" | "rs3", access: "read" | "write" | "readwrite"): RegisterOperand => ({
  type: "x",
  name,
  field: name,
  access,
});

export const rd = x("rd", "write");
export const rs1 = x("rs1", "read");
export const rs2 = x("rs2", "read");
export const rs3 = x("rs3", "read");
/** A target that is also a source: accumulators. */
export const rdAccumulator = x("rd", "readwrite");

/** A tensor descriptor operand `name` in register field `field`. */
export const td = (
  name: string,
  field: "rd" | "rs1" | "rs2",
  access: "read" | "write" | "readwrite" = "read",
): DescriptorOperand => ({ type: "td", name, field, access });

export const imm = (name: string, field: FieldName, min: number, max: number, scale = 1): ImmediateOperand => ({
  type: "imm",
  name,
  field,
  min,
  max,
  scale,
});

export const offset = (name: string, field: FieldName, min: number, max: number, scale: number): OffsetOperand => ({
  type: "offset",
  name,
  field,
  min,
  max,
  scale,
});

export const choice = (name: string, field: FieldName, values: EnumName): EnumOperand => ({
  type: "enum",
  name,
  field,
  values,
});

export const flags = (name: string, field: FieldName, values: EnumName, separator: "|" | ""): SetOperand => ({
  type: "set",
  name,
  field,
  values,
  separator,
});

export const csr: CsrOperand = { type: "csr", name: "csr", field: "uimm12" };

/** Signed 12-bit immediate of the I and S formats. */
export const imm12 = (name = "imm"): ImmediateOperand => imm(name, "imm12", -2048, 2047);

/** Major opcodes of the four RISC-V custom spaces. */
export const CUSTOM_0 = 0x0b;
export const CUSTOM_1 = 0x2b;
export const CUSTOM_2 = 0x5b;
export const CUSTOM_3 = 0x7b;
