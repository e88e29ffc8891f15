/** Evaluates parsed expressions against the stopped machine. */
import { nearest } from "@nnasm/sim-core/diagnostics";
import { hex } from "@nnasm/sim-core/machine";
import type { Quad, TensorView } from "../tensor/view.ts";
import { callFunction } from "./functions.ts";
import type { BinaryOperator, Expression, Index, UnaryOperator } from "./parse.ts";
import {
  common,
  convert,
  decodeScalar,
  EvaluationError,
  encodeScalar,
  isReal,
  SCALAR_TYPES,
  type ScalarType,
} from "./types.ts";
import type { Environment, TypedValue, Value } from "./value.ts";

type Scalar = Extract<Value, { kind: "scalar" }>;

export interface EvaluationRules {
  /** False where an expression is evaluated again and again (watches, hovers, conditions): assignments are refused. */
  readonly mayAssign: boolean;
}

/** @throws EvaluationError */
export function evaluate(expression: Expression, environment: Environment, rules: EvaluationRules): Value {
  return new Evaluator(environment, rules).evaluate(expression);
}

/** Address that a pointer, address or tensor stands for. */
export function addressOf(value: Value): number {
  if (value.kind === "pointer") return value.address;
  if (value.kind === "tensor") return value.tensor.addressOf([0, 0, 0, 0]);
  if (value.kind === "typed")
    return value.typed.scalar ? value.typed.number() : (value.typed.address ?? value.typed.number());
  return value.value >>> 0;
}

/** The number that a value is. @throws EvaluationError for whole tensors */
export function numberOf(value: Value): number {
  if (value.kind === "scalar") return value.value;
  if (value.kind === "pointer") return value.address;
  if (value.kind === "typed") return value.typed.number();
  throw new EvaluationError(`${value.tensor.name} is a tensor: name an element, as in ${value.tensor.name}[0]`);
}

class Evaluator {
  private readonly environment: Environment;
  private readonly rules: EvaluationRules;

  constructor(environment: Environment, rules: EvaluationRules) {
    this.environment = environment;
    this.rules = rules;
  }

  evaluate(expression: Expression): Value {
    switch (expression.kind) {
      case "number":
        return { kind: "scalar", type: expression.type, value: expression.value };
      case "name":
        return this.name(expression.name);
      case "unary":
        return this.unary(expression.operator, expression.operand);
      case "binary":
        return this.binary(expression.operator, expression.left, expression.right);
      case "choice":
        return this.evaluate(isTrue(this.evaluate(expression.test)) ? expression.yes : expression.no);
      case "cast":
        return this.cast(expression.type, expression.pointer, this.evaluate(expression.operand));
      case "call":
        return callFunction(
          expression.name,
          expression.arguments.map((argument) => this.evaluate(argument)),
          this.environment,
        );
      case "member": {
        const base = this.evaluate(expression.base);
        return typedOf(base, `${expression.name} is a member of no structure`).member(expression.name);
      }
      case "index":
        return this.index(this.evaluate(expression.base), expression.indices);
      case "assign":
        return this.assign(expression.operator, expression.target, expression.value);
    }
  }

  private name(name: string): Value {
    const value = this.environment.name(name);
    if (value) return value;
    const near = nearest(name, this.environment.names());
    throw new EvaluationError(`there is no register or symbol ${name}${near ? `; did you mean ${near}?` : ""}`);
  }

  private unary(operator: UnaryOperator, operand: Expression): Value {
    const value = this.evaluate(operand);
    if (operator === "*" && value.kind === "typed") return value.typed.dereference();
    if (operator === "*") return this.memory(value.kind === "pointer" ? value.to : "int32", addressOf(value));
    if (operator === "&") return addressValue(value);
    const { type, value: number } = scalar(value);
    if (operator === "!") return integer(number === 0 ? 1 : 0);
    const wide = common(type, "int32");
    const result = operator === "-" ? -number : operator === "~" ? wholeOnly("~", type, ~number) : number;
    return { kind: "scalar", type: wide, value: convert(wide, result) };
  }

  private binary(operator: BinaryOperator, leftExpression: Expression, rightExpression: Expression): Value {
    const leftValue = this.evaluate(leftExpression);
    if (operator === "&&") return integer(isTrue(leftValue) && isTrue(this.evaluate(rightExpression)) ? 1 : 0);
    if (operator === "||") return integer(isTrue(leftValue) || isTrue(this.evaluate(rightExpression)) ? 1 : 0);
    const rightValue = this.evaluate(rightExpression);
    if (leftValue.kind === "pointer" && (operator === "+" || operator === "-")) {
      // As in C, a pointer moves by whole elements.
      const step = numberOf(rightValue) * SCALAR_TYPES[leftValue.to].bytes;
      return { ...leftValue, address: (leftValue.address + (operator === "+" ? step : -step)) >>> 0 };
    }
    if (leftValue.kind === "typed" && leftValue.typed.isPointer && (operator === "+" || operator === "-")) {
      if (rightValue.kind !== "typed" || !rightValue.typed.isPointer) {
        const count = numberOf(rightValue);
        return leftValue.typed.moved(operator === "+" ? count : -count);
      }
    }
    const left = scalar(leftValue);
    const right = scalar(rightValue);
    const type = common(left.type, right.type);
    const result = calculate(operator, type, convert(type, left.value), convert(type, right.value));
    return ["==", "!=", "<", "<=", ">", ">="].includes(operator)
      ? integer(result)
      : { kind: "scalar", type, value: convert(type, result), ...keepsAddress(operator, left, right) };
  }

  private cast(type: ScalarType, pointer: boolean, value: Value): Value {
    if (pointer) return { kind: "pointer", to: type, address: addressOf(value) };
    return { kind: "scalar", type, value: convert(type, numberOf(value)) };
  }

  private memory(type: ScalarType, address: number): Scalar {
    const bytes = this.environment.readMemory(address, SCALAR_TYPES[type].bytes);
    if (!bytes) throw new EvaluationError(`there is no memory at ${hex(address)}`);
    const set = (value: number): void => {
      if (!this.environment.writeMemory(address, encodeScalar(type, value))) {
        throw new EvaluationError(`there is no memory at ${hex(address)}`);
      }
    };
    return { kind: "scalar", type, value: decodeScalar(type, bytes), target: { address, set } };
  }

  private index(base: Value, indices: readonly Index[]): Value {
    if (base.kind === "tensor") return this.tensorIndex(base.tensor, indices);
    const [only] = indices;
    if (base.kind === "typed") return this.typedIndex(base, indices);
    if (indices.length !== 1 || only?.kind !== "at") throw new EvaluationError("memory takes one number as its index");
    const type = base.kind === "pointer" ? base.to : "int32";
    const offset = numberOf(this.evaluate(only.at)) * SCALAR_TYPES[type].bytes;
    return this.memory(type, (addressOf(base) + offset) >>> 0);
  }

  /** `a[1][2]`, or `a[1,2]` for the same. */
  private typedIndex(base: Value, indices: readonly Index[]): Value {
    return indices.reduce((value, index) => {
      if (index.kind !== "at") throw new EvaluationError("arrays of the program take numbers as indices, no ranges");
      return typedOf(value, "it has no elements").element(this.integerOf(index.at));
    }, base);
  }

  /** As many numbers or ranges as the tensor has axes (four), or as it has axes of more than one element. */
  private tensorIndex(tensor: TensorView, indices: readonly Index[]): Value {
    const { dims, longAxes } = tensor;
    const axes = indices.length === 4 ? [0, 1, 2, 3] : longAxes.length > 0 ? longAxes : [3];
    if (axes.length !== indices.length) {
      const few = longAxes.length === 4 ? "4" : `${axes.length} or 4`;
      throw new EvaluationError(`${tensor.name} has the shape ${dims.join("x")}: give ${few} indices`);
    }
    const from: [number, number, number, number] = [0, 0, 0, 0];
    const size: [number, number, number, number] = [1, 1, 1, 1];
    let isPart = false;
    indices.forEach((index, position) => {
      const axis = axes[position]!;
      const count = dims[axis]!;
      const start = index.kind === "at" ? this.integerOf(index.at) : index.from ? this.integerOf(index.from) : 0;
      const end = index.kind === "at" ? start + 1 : index.to ? this.integerOf(index.to) : count;
      if (start < 0 || end > count || end <= start) {
        const asked = index.kind === "at" ? `${start}` : `${start}:${end}`;
        throw new EvaluationError(`index ${asked} lies outside of 0:${count} (axis ${"nhwc"[axis]} of ${tensor.name})`);
      }
      from[axis] = start;
      size[axis] = end - start;
      isPart ||= index.kind === "range";
    });
    if (isPart) return { kind: "tensor", tensor: tensor.part(from, size, `${tensor.name}[...]`) };
    return elementValue(tensor, from);
  }

  private integerOf(expression: Expression): number {
    return Math.trunc(numberOf(this.evaluate(expression)));
  }

  private assign(operator: BinaryOperator | undefined, target: Expression, value: Expression): Value {
    if (!this.rules.mayAssign) throw new EvaluationError("no assignments here: use the Debug Console");
    const place = this.evaluate(target);
    if (place.kind === "typed" && place.typed.scalar) {
      const written = operator === undefined ? this.evaluate(value) : this.binary(operator, target, value);
      place.typed.set(numberOf(written));
      return this.evaluate(target);
    }
    if (place.kind !== "scalar" || !place.target) {
      throw new EvaluationError("only registers, memory and elements of tensors can be assigned to");
    }
    const result = operator === undefined ? this.evaluate(value) : this.binary(operator, target, value);
    place.target.set(convert(place.type, numberOf(result)));
    return this.evaluate(target);
  }
}

/** An element of a tensor as a value that can be assigned to. */
export function elementValue(tensor: TensorView, index: Quad): Scalar {
  const value = tensor.element(index);
  const address = tensor.addressOf(index);
  if (value === undefined) throw new EvaluationError(`${tensor.name} leaves the memory at ${hex(address)}`);
  const [low, high] = tensor.range;
  const set = (written: number): void => {
    if (written < low || written > high) throw new EvaluationError(`${written} lies outside of ${low}..${high}`);
    if (!tensor.setElement(index, written)) throw new EvaluationError(`there is no memory at ${hex(address)}`);
  };
  return { kind: "scalar", type: tensor.elementType, value, target: { address, set } };
}

const integer = (value: number): Scalar => ({ kind: "scalar", type: "int32", value });

function scalar(value: Value): Scalar {
  if (value.kind === "scalar") return value;
  const type = value.kind === "typed" ? (value.typed.scalar ?? "uint32") : "uint32";
  return { kind: "scalar", type, value: numberOf(value) };
}

const isTrue = (value: Value): boolean => numberOf(value) !== 0;

/** Sums of an address and a number are addresses. */
function keepsAddress(operator: BinaryOperator, left: Scalar, right: Scalar): { isAddress?: true } {
  const moved = operator === "+" ? left.isAddress !== right.isAddress : operator === "-" && !right.isAddress;
  return moved && (left.isAddress || right.isAddress) ? { isAddress: true } : {};
}

function typedOf(value: Value, otherwise: string): TypedValue {
  const typed = value.kind === "typed" || value.kind === "scalar" ? value.typed : undefined;
  if (!typed) throw new EvaluationError(otherwise);
  return typed;
}

function addressValue(value: Value): Value {
  if (value.kind === "typed") return value.typed.pointer();
  if (value.kind === "scalar" && value.typed) return value.typed.pointer();
  if (value.kind === "tensor") {
    return { kind: "scalar", type: "uint32", value: addressOf(value), isAddress: true };
  }
  const address = value.kind === "scalar" ? value.target?.address : undefined;
  if (address !== undefined) return { kind: "scalar", type: "uint32", value: address, isAddress: true };
  // A symbol's value is its address already.
  if (value.kind === "scalar" && value.isAddress && !value.target) return value;
  throw new EvaluationError("only what lies in memory has an address");
}

function wholeOnly(operator: string, type: ScalarType, value: number): number {
  if (isReal(type)) throw new EvaluationError(`${operator} takes whole numbers`);
  return value;
}

function calculate(operator: BinaryOperator, type: ScalarType, a: number, b: number): number {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return type === "int32" || type === "uint32" ? Math.imul(a, b) : a * b;
    case "/":
      if (!isReal(type) && b === 0) throw new EvaluationError("division by zero");
      return isReal(type) ? a / b : Math.trunc(a / b);
    case "%":
      if (b === 0) throw new EvaluationError("division by zero");
      return a % b;
    case "==":
      return a === b ? 1 : 0;
    case "!=":
      return a !== b ? 1 : 0;
    case "<":
      return a < b ? 1 : 0;
    case "<=":
      return a <= b ? 1 : 0;
    case ">":
      return a > b ? 1 : 0;
    case ">=":
      return a >= b ? 1 : 0;
    default:
      return wholeOnly(operator, type, bitwise(operator, type, a, b));
  }
}

const WORD = 4294967296;

function bitwise(operator: BinaryOperator, type: ScalarType, a: number, b: number): number {
  if (operator === "<<") return type === "int64" ? a * 2 ** b : b > 31 ? 0 : a << b;
  if (operator === ">>") {
    if (type === "int64") return Math.floor(a / 2 ** b);
    const count = Math.min(b, 31);
    if (type === "uint32") return b > 31 ? 0 : a >>> count;
    return a >> count;
  }
  const apply = (x: number, y: number): number => (operator === "&" ? x & y : operator === "|" ? x | y : x ^ y);
  if (type !== "int64") return apply(a, b);
  return apply(Math.floor(a / WORD), Math.floor(b / WORD)) * WORD + (apply(a % WORD, b % WORD) >>> 0);
}
