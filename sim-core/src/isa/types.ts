/**
 * Vocabulary of the instruction table. Rows are data only: everything that encodes, decodes, documents,
 * completes or executes instructions reads these rows and knows nothing else about an instruction's shape.
 */
import type { DType, EnumName } from "./enums.ts";
import type { FieldName, FormatName } from "./formats.ts";

/** Execution units, in the numbering that tokens carry in bits 31:28. */
export const UNITS = ["cu", "nu", "vu", "xu", "dma0", "dma1", "dma2", "dma3"] as const;
export type Unit = (typeof UNITS)[number];

/** The unit (or group of units) that executes an instruction's work. `dma` stands for any channel. */
export type RowUnit = "cu" | "dma" | "nu" | "vu" | "xu";

/** Groups of instructions that share timing rules; docs/timing.md lists the rules by these names. */
export type TimingClass =
  | "alu"
  | "mul"
  | "div"
  | "load"
  | "store"
  | "branch"
  | "jump"
  | "jumpReg"
  | "csr"
  | "system"
  | "loop"
  | "descriptor"
  | "sync"
  | "issue"
  | "marker"
  | "user";

export type Family =
  | "rv32i"
  | "rv32m"
  | "zicsr"
  | "zifencei"
  | "privileged"
  | "hwloop"
  | "simd"
  | "descriptor"
  | "sync"
  | "trace"
  | "dma"
  | "nu"
  | "vu"
  | "xu"
  | "user";

export type Access = "read" | "write" | "readwrite";

interface OperandBase {
  /** Name in syntax lines and documentation, for example `rd` or `out`. */
  readonly name: string;
  /** Encoding field that holds the operand. */
  readonly field: FieldName;
}

/** A general-purpose register x0..x31. */
export interface RegisterOperand extends OperandBase {
  readonly type: "x";
  readonly access: Access;
}

/** A tensor descriptor register td0..td31. */
export interface DescriptorOperand extends OperandBase {
  readonly type: "td";
  readonly access: Access;
}

/** An immediate; `min` and `max` bound the written value, which is a multiple of `scale`. */
export interface ImmediateOperand extends OperandBase {
  readonly type: "imm";
  readonly min: number;
  readonly max: number;
  /** The encoded value is the written value divided by `scale`. */
  readonly scale: number;
}

/** A code address written as label or expression and encoded relative to the instruction's own address. */
export interface OffsetOperand extends OperandBase {
  readonly type: "offset";
  readonly min: number;
  readonly max: number;
  /** The encoded value is the byte distance divided by `scale`. */
  readonly scale: number;
}

/** A control and status register, by name or number 0..4095. */
export interface CsrOperand extends OperandBase {
  readonly type: "csr";
}

/** One value out of a named list (a unit, data type, layout, ...). */
export interface EnumOperand extends OperandBase {
  readonly type: "enum";
  readonly values: EnumName;
}

/** A set of values out of a named list, encoded as one bit per value. */
export interface SetOperand extends OperandBase {
  readonly type: "set";
  readonly values: EnumName;
  /** Written between members: `nu|dma0`, or nothing as in `fence rw, rw`. */
  readonly separator: "|" | "";
}

export type Operand =
  | RegisterOperand
  | DescriptorOperand
  | ImmediateOperand
  | OffsetOperand
  | CsrOperand
  | EnumOperand
  | SetOperand;

/** What a workspace says of an instruction of its own beyond what every row says. */
export interface UserRow {
  /** Control unit: cycles that the instruction keeps EX busy (T-USER-1). */
  readonly cycles: number;
  /** Control unit: cycles that the result comes later than that of an addition (T-USER-2). */
  readonly useDelay: number;
  /** Extension port: data types that each descriptor operand takes. */
  readonly dtypes: Readonly<Record<string, readonly DType[]>>;
}

export interface InstructionRow {
  readonly family: Family;
  readonly unit: RowUnit;
  readonly timing: TimingClass;
  readonly format: FormatName;
  /** Constant fields. Together with the operands' fields they own every bit of the word. */
  readonly fixed: Readonly<Partial<Record<FieldName, number>>>;
  /** Operands in the order in which they are written. */
  readonly operands: readonly Operand[];
  /** Written form of the operands, for example `rd, offset(rs1)`; operand names stand for operands. */
  readonly syntax: string;
  /** One line without a full stop. */
  readonly summary: string;
  /** What the instruction does, as numbered steps (one string a step). */
  readonly steps: readonly string[];
  /** Faults beside illegal encoding, one line each. */
  readonly faults?: readonly string[];
  /** A line of source that assembles. */
  readonly example: string;
  /** Present in rows that a workspace adds. */
  readonly user?: UserRow;
}

/** What a family's row constructor leaves to each row. */
export type RowParts = Pick<InstructionRow, "operands" | "syntax" | "summary" | "steps" | "example"> &
  Partial<Pick<InstructionRow, "fixed" | "faults">>;
