/** Results of the control unit's arithmetic: exact for exact operands, else intervals. */
import { mulHigh, mulHighSignedUnsigned, mulHighUnsigned } from "../machine/index.ts";
import { Op } from "../units/index.ts";
import {
  ANY,
  add,
  and,
  type Comparison,
  divide,
  exactly,
  type Interval,
  interval,
  merge,
  multiply,
  remainder,
  shiftLeft,
  shiftRight,
  subtract,
  where,
} from "./interval.ts";

/** Whether an operation is arithmetic: a result from rs1 and rs2 or an immediate, nothing else. */
export const isArithmetic = (op: Op): boolean => op >= Op.ADDI && op <= Op.REMU;

/** Whether the second operand is the immediate. */
export const hasImmediate = (op: Op): boolean => op >= Op.ADDI && op <= Op.SRAI;

/** The result of an arithmetic operation. */
export function compute(op: Op, a: number, b: number): number {
  switch (op) {
    case Op.ADDI:
    case Op.ADD:
      return (a + b) | 0;
    case Op.SUB:
      return (a - b) | 0;
    case Op.SLTI:
    case Op.SLT:
      return a < b ? 1 : 0;
    case Op.SLTIU:
    case Op.SLTU:
      return a >>> 0 < b >>> 0 ? 1 : 0;
    case Op.XORI:
    case Op.XOR:
      return a ^ b;
    case Op.ORI:
    case Op.OR:
      return a | b;
    case Op.ANDI:
    case Op.AND:
      return a & b;
    case Op.SLLI:
    case Op.SLL:
      return a << b;
    case Op.SRLI:
    case Op.SRL:
      return (a >>> b) | 0;
    case Op.SRAI:
    case Op.SRA:
      return a >> b;
    case Op.MUL:
      return Math.imul(a, b);
    case Op.MULH:
      return mulHigh(a, b);
    case Op.MULHU:
      return mulHighUnsigned(a, b);
    case Op.MULHSU:
      return mulHighSignedUnsigned(a, b);
    case Op.DIV:
      return b === 0 ? -1 : (a / b) | 0;
    case Op.DIVU:
      return b === 0 ? -1 : Math.floor((a >>> 0) / (b >>> 0)) | 0;
    case Op.REM:
      return b === 0 ? a : (a % b) | 0;
    case Op.REMU:
      return b === 0 ? a : ((a >>> 0) % (b >>> 0)) | 0;
    default:
      throw new Error(`${Op[op]} is no arithmetic`);
  }
}

const truth = (comparison: Comparison, a: Interval, b: Interval): Interval => {
  if (!where(comparison, a, b)) return exactly(0);
  return where(comparison === "lt" ? "ge" : "geu", a, b) ? interval(0, 1) : exactly(1);
};

/** The same for operands that are not both exact. */
export function computeInterval(op: Op, a: Interval, b: Interval): Interval {
  switch (op) {
    case Op.ADDI:
    case Op.ADD:
      return add(a, b);
    case Op.SUB:
      return subtract(a, b);
    case Op.SLTI:
    case Op.SLT:
      return truth("lt", a, b);
    case Op.SLTIU:
    case Op.SLTU:
      return truth("ltu", a, b);
    case Op.XORI:
    case Op.XOR:
    case Op.ORI:
    case Op.OR:
      return merge(a, b);
    case Op.ANDI:
    case Op.AND:
      return and(a, b);
    case Op.SLLI:
    case Op.SLL:
      return shiftLeft(a, b);
    case Op.SRLI:
    case Op.SRL:
      return shiftRight(a, b, false);
    case Op.SRAI:
    case Op.SRA:
      return shiftRight(a, b, true);
    case Op.MUL:
      return multiply(a, b);
    case Op.DIV:
    case Op.DIVU:
      return divide(a, b);
    case Op.REM:
      return remainder(a, b, true);
    case Op.REMU:
      return remainder(a, b, false);
    default:
      return ANY;
  }
}

const COMPARISONS: Readonly<Partial<Record<Op, Comparison>>> = {
  [Op.BEQ]: "eq",
  [Op.BNE]: "ne",
  [Op.BLT]: "lt",
  [Op.BGE]: "ge",
  [Op.BLTU]: "ltu",
  [Op.BGEU]: "geu",
};

/** What a branch compares by; undefined for anything else. */
export const comparisonOf = (op: Op): Comparison | undefined => COMPARISONS[op];

/** What a load of that operation makes of memory's bytes. */
export function loaded(op: Op, raw: number): number {
  if (op === Op.LB) return (raw << 24) >> 24;
  return op === Op.LH ? (raw << 16) >> 16 : raw | 0;
}

/** Everything that a load of that operation can give. */
export function loadable(op: Op): Interval {
  switch (op) {
    case Op.LB:
      return interval(-128, 127);
    case Op.LBU:
      return interval(0, 255);
    case Op.LH:
      return interval(-32768, 32767);
    case Op.LHU:
      return interval(0, 65535);
    default:
      return ANY;
  }
}
