/**
 * 64-bit integer arithmetic as GNU as does it. Values are numbers while they are exact and small; whatever leaves
 * the safe range is computed with bigints, wrapped to 64 bits and signed.
 */
import type { BinaryOperator, Integer, UnaryOperator } from "../syntax/tree.ts";

const SAFE_MIN = BigInt(Number.MIN_SAFE_INTEGER);
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

function wrap(value: bigint): Integer {
  const wide = BigInt.asIntN(64, value);
  return wide >= SAFE_MIN && wide <= SAFE_MAX ? Number(wide) : wide;
}

const truth = (condition: boolean): number => (condition ? -1 : 0);

/** Result of an operator, or undefined for a division by zero. */
export function binary(operator: BinaryOperator, left: Integer, right: Integer): Integer | undefined {
  if (typeof left === "number" && typeof right === "number") {
    const fast = binaryFast(operator, left, right);
    if (fast !== undefined) return fast;
  }
  return binaryWide(operator, left, right);
}

/** The cases that need no bigint; undefined when the case is none of them. */
function binaryFast(operator: BinaryOperator, left: number, right: number): number | undefined {
  switch (operator) {
    case "+": {
      const sum = left + right;
      return Number.isSafeInteger(sum) ? sum : undefined;
    }
    case "-": {
      const difference = left - right;
      return Number.isSafeInteger(difference) ? difference : undefined;
    }
    case "*": {
      const product = left * right;
      return Number.isSafeInteger(product) ? product + 0 : undefined;
    }
    case "/":
      return right === 0 ? undefined : Math.trunc(left / right) + 0;
    case "%":
      return right === 0 ? undefined : (left % right) + 0;
    case "==":
      return truth(left === right);
    case "!=":
      return truth(left !== right);
    case "<":
      return truth(left < right);
    case ">":
      return truth(left > right);
    case "<=":
      return truth(left <= right);
    case ">=":
      return truth(left >= right);
    // The logical operators give 1, unlike comparisons.
    case "&&":
      return left !== 0 && right !== 0 ? 1 : 0;
    case "||":
      return left !== 0 || right !== 0 ? 1 : 0;
    case "<<": {
      if (right < 0 || right > 52) return undefined;
      const shifted = left * 2 ** right;
      return Number.isSafeInteger(shifted) ? shifted : undefined;
    }
    case ">>":
      return left >= 0 && right >= 0 && right <= 63 ? Math.floor(left / 2 ** right) : undefined;
    default:
      break;
  }
  if ((left | 0) !== left || (right | 0) !== right) return undefined;
  switch (operator) {
    case "&":
      return left & right;
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "!":
      return left | ~right;
    default:
      return undefined;
  }
}

function binaryWide(operator: BinaryOperator, left: Integer, right: Integer): Integer | undefined {
  const a = BigInt(left);
  const b = BigInt(right);
  switch (operator) {
    case "+":
      return wrap(a + b);
    case "-":
      return wrap(a - b);
    case "*":
      return wrap(a * b);
    case "/":
      return b === 0n ? undefined : wrap(a / b);
    case "%":
      return b === 0n ? undefined : wrap(a % b);
    case "<<":
      return b < 0n || b > 63n ? 0 : wrap(a << b);
    // Shifts right fill with zeros.
    case ">>":
      return b < 0n || b > 63n ? 0 : wrap(BigInt.asUintN(64, a) >> b);
    case "&":
      return wrap(a & b);
    case "|":
      return wrap(a | b);
    case "^":
      return wrap(a ^ b);
    case "!":
      return wrap(a | ~b);
    case "==":
      return truth(a === b);
    case "!=":
      return truth(a !== b);
    case "<":
      return truth(a < b);
    case ">":
      return truth(a > b);
    case "<=":
      return truth(a <= b);
    case ">=":
      return truth(a >= b);
    case "&&":
      return a !== 0n && b !== 0n ? 1 : 0;
    case "||":
      return a !== 0n || b !== 0n ? 1 : 0;
  }
}

export function unary(operator: UnaryOperator, value: Integer): Integer {
  switch (operator) {
    case "+":
      return value;
    case "-":
      return typeof value === "number" ? 0 - value : wrap(-value);
    case "~":
      return typeof value === "number" ? -1 - value : wrap(~value);
    case "!":
      return value === 0 ? 1 : 0;
  }
}

/** The low 32 bits as a signed number. */
export function low32(value: Integer): number {
  if (typeof value === "bigint") return Number(BigInt.asIntN(32, value));
  const low = value % 4294967296;
  return low | 0;
}

/** `%hi`: the upper 20 bits that, with the signed lower 12 added, give the low 32 bits of the value. */
export function upper20(value: Integer): number {
  return ((low32(value) + 0x800) >>> 12) & 0xfffff;
}

/** `%lo`: the signed lower 12 bits. */
export function lower12(value: Integer): number {
  return (low32(value) << 20) >> 20;
}

/** Decimal, and hexadecimal beside it for values that people write in hexadecimal. */
export function integerText(value: Integer): string {
  const magnitude = value < 0 ? -value : value;
  return magnitude < 4096 ? String(value) : `${value} (${value < 0 ? "-" : ""}0x${magnitude.toString(16)})`;
}
