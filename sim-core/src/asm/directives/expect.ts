/** `.expect`: what must hold when the program runs, for those who run it to check. */
import { nearest } from "../../diagnostics/index.ts";
import { ABI_NAMES, type DType, ENUMS, registerNumber } from "../../isa/index.ts";
import { elementRange } from "../../machine/elements.ts";
import { packedElements } from "../../machine/packed-elements.ts";
import type { ExpectedPlace, ProgramExpectation } from "../../program/index.ts";
import { isAddress } from "../expression/evaluate.ts";
import type { Deferred } from "../object/symbols.ts";
import { type Place, rangeAt } from "../reporter.ts";
import { readBinary } from "../source/binary.ts";
import {
  type BinaryNode,
  type Expression,
  isExpression,
  type KeywordNode,
  type NameNode,
  type Operand,
  type Statement,
  type StringNode,
} from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";
import type { Directive } from "./directive.ts";

/** An operand to be computed when addresses are known. */
interface Later {
  readonly node: Expression;
  readonly deferred: Deferred;
}

type Values = { readonly bytes: Uint8Array; readonly node: StringNode } | readonly Later[];

/** What is known of an expectation while the sources are read. */
interface Draft {
  readonly name: string;
  readonly values: Values;
  readonly dtype: DType | undefined;
  readonly target: Later | { readonly register: number };
  readonly at: { readonly name: string; readonly address: Later } | undefined;
  readonly statement: Statement;
  readonly place: Place;
}

export const EXPECT: Directive = {
  group: "neural",
  syntax:
    '.expect register == value [, at=label]  |  .expect tensor, value, ... | "file" [, at=label]  |  .expect address, dtype, value, ... | "file" [, at=label]',
  summary:
    "say what must hold when the program exits, or whenever it comes to the label: checked by `nnasm run` and the debugger",
  run(unit, statement, directive) {
    const draft = readDraft(unit, statement, directive);
    if (!draft) return;
    // Last of all, so that tensors declared below are known.
    unit.atLast.push(() => finish(unit, draft));
  },
};

function readDraft(unit: Unit, statement: Statement, directive: Directive): Draft | undefined {
  const { place } = unit;
  const wrong = (node?: Operand): undefined => unit.wrongOperands(directive, statement, node) as undefined;
  const last = statement.operands.at(-1);
  const option = last?.kind === "keyword" ? last : undefined;
  const operands = option ? statement.operands.slice(0, -1) : statement.operands;
  const [target, ...rest] = operands;
  if (!isExpression(target)) return wrong(target);
  const at = option && momentOf(unit, option);
  if (option && !at) return wrong(option);
  const common = { at, statement, place };
  const register = registerOf(unit, target);
  if (register === undefined && reportedUnknown(unit, target)) return undefined;
  if (register) {
    if (rest.length > 0) return wrong(rest[0]);
    const { left, right } = target as BinaryNode;
    return {
      ...common,
      name: (left as NameNode).name,
      values: [later(unit, right)],
      dtype: undefined,
      target: { register },
    };
  }
  const dtype = dtypeOf(rest[0]);
  const values = readValues(unit, dtype ? rest.slice(1) : rest);
  if (!values) return wrong();
  if (values === "unreadable") return undefined;
  if (!dtype && target.kind !== "name") return wrong(target);
  return { ...common, name: textOf(unit, target), values, dtype, target: later(unit, target) };
}

const later = (unit: Unit, node: Expression): Later => ({ node, deferred: unit.defer(node) });

const textOf = (unit: Unit, { start, end }: Operand): string => unit.stream.text.slice(start, end).trim();

/** The number of the register that `register == value` names; undefined when it says something else. */
function registerOf(unit: Unit, node: Expression): number | undefined {
  if (node.kind !== "binary" || node.operator !== "==" || node.left.kind !== "name") return undefined;
  if (unit.symbols.entries.get(node.left.name)?.defined) return undefined;
  return registerNumber(node.left.name);
}

/** Says that the name in `name == value`, which is no symbol either, is no register. */
function reportedUnknown(unit: Unit, node: Expression): boolean {
  if (node.kind !== "binary" || node.operator !== "==" || node.left.kind !== "name") return false;
  const { name } = node.left;
  if (registerNumber(name) !== undefined || unit.symbols.entries.get(name)?.defined) return false;
  const lower = name.toLowerCase();
  const near = registerNumber(lower) === undefined ? nearest(name, ABI_NAMES) : lower;
  const names = "x0..x31, zero, ra, sp, gp, tp, t0..t6, s0..s11, a0..a7";
  unit.report("unknown-register", { name, near, kind: "register", names }, unit.place, node.left);
  return true;
}

function momentOf(unit: Unit, { name, value }: KeywordNode): Draft["at"] {
  if (name.name !== "at" || value.kind === "string") return undefined;
  return { name: textOf(unit, value), address: later(unit, value) };
}

function dtypeOf(node: Operand | undefined): DType | undefined {
  return node?.kind === "name" && Object.hasOwn(ENUMS.dtype, node.name) ? (node.name as DType) : undefined;
}

function readValues(unit: Unit, operands: readonly Operand[]): Values | "unreadable" | undefined {
  const [first] = operands;
  if (first?.kind === "string") {
    if (operands.length > 1) return undefined;
    const bytes = readBinary(unit, first, undefined, undefined);
    return bytes ? { bytes, node: first } : "unreadable";
  }
  const values: Later[] = [];
  for (const operand of operands) {
    if (!isExpression(operand)) return undefined;
    values.push(later(unit, operand));
  }
  return values.length > 0 ? values : undefined;
}

function finish(unit: Unit, draft: Draft): void {
  const { name, statement, place, at } = draft;
  const found = placeOf(unit, draft);
  const moment = at && { name: at.name, address: addressOf(unit, at.address) };
  if (!found || (moment && moment.address === undefined)) return;
  const values = valuesOf(unit, draft, found);
  if (!values) return;
  const { start } = rangeAt(place, statement);
  const expectation: ProgramExpectation = {
    name,
    place: found.place,
    values,
    ...(moment ? { at: { name: moment.name, address: moment.address! } } : {}),
    file: place.file,
    line: start.line + 1,
    column: start.character + 1,
  };
  unit.expectations.push(expectation);
}

interface Found {
  readonly place: ExpectedPlace;
  readonly dtype: DType;
  /** How many values there must be; undefined: as many as are given. */
  readonly count: number | undefined;
  /** Elements of a row that begins with a byte of its own. */
  readonly row: number;
}

function placeOf(unit: Unit, { target, dtype, name, place, statement }: Draft): Found | undefined {
  if ("register" in target) {
    return { place: { kind: "register", register: target.register }, dtype: "int32", count: 1, row: 1 };
  }
  const tensor = target.node.kind === "name" ? unit.symbols.entries.get(target.node.name)?.tensor : undefined;
  if (dtype) {
    if (tensor) {
      const detail = `\`${name}\` is a tensor: leave its data type out, or name \`${name}.base\` for the memory there`;
      unit.report("expectation", { detail }, place, target.node);
      return undefined;
    }
    const address = addressOf(unit, target);
    return address === undefined
      ? undefined
      : { place: { kind: "memory", address, dtype }, dtype, count: undefined, row: Number.POSITIVE_INFINITY };
  }
  if (!tensor) {
    const detail = `\`${name}\` is no tensor: say the data type of the memory there, as in \`.expect ${name}, int8, 1, 2\``;
    unit.report("expectation", { detail }, place, target.node);
    return undefined;
  }
  if (tensor.layout === "blocked") {
    unit.report("expectation", { detail: `\`${name}\` is arranged in blocks for the MAC array` }, place, statement);
    return undefined;
  }
  const { descriptorAddress, dims } = tensor;
  const count = dims.reduce((product, size) => product * size, 1);
  return { place: { kind: "tensor", descriptorAddress }, dtype: tensor.dtype, count, row: dims[3] };
}

function addressOf(unit: Unit, { deferred }: Later): number | undefined {
  const value = unit.evaluator.evaluateDeferred(deferred);
  if (isAddress(value)) return value.section.address + value.offset;
  return value === undefined ? undefined : Number(BigInt.asUintN(32, BigInt(value)));
}

function valuesOf(unit: Unit, draft: Draft, found: Found): Int32Array | undefined {
  const { values: given, place, statement } = draft;
  const values = "bytes" in given ? elementsOf(given.bytes, found) : numbersOf(unit, given, found, place);
  if (!values) return undefined;
  if (found.count === undefined || found.count === values.length) return values;
  const what = "bytes" in given ? "the file holds" : "there are";
  const detail = `${what} ${values.length} values, \`${draft.name}\` has ${found.count} elements`;
  unit.report("expectation", { detail }, place, "bytes" in given ? given.node : statement);
  return undefined;
}

function numbersOf(unit: Unit, given: readonly Later[], { dtype, place }: Found, at: Place): Int32Array | undefined {
  const [min, max] = elementRange(ENUMS.dtype[dtype]);
  // Words are written as signed or unsigned numbers, and addresses are words.
  const highest = dtype === "int32" ? 2 ** 32 - 1 : max;
  const values = new Int32Array(given.length);
  for (const [index, one] of given.entries()) {
    const value = dtype === "int32" ? (wordOf(unit, one) ?? undefined) : unit.evaluator.evaluateDeferred(one.deferred);
    if (value === undefined) return undefined;
    if (isAddress(value) || value < min || value > highest) {
      const what = place.kind === "register" ? "the value" : `the ${dtype} value`;
      const text = isAddress(value) ? "(an address)" : String(value);
      unit.report("directive-range", { what, value: text, min: String(min), max: String(highest) }, at, one.node);
      return undefined;
    }
    values[index] = Number(value);
  }
  return values;
}

function wordOf(unit: Unit, { deferred }: Later): number | bigint | undefined {
  const value = unit.evaluator.evaluateDeferred(deferred);
  return isAddress(value) ? value.section.address + value.offset : value;
}

function elementsOf(bytes: Uint8Array, { dtype, row, count }: Found): Int32Array {
  const { values, rest } = packedElements(bytes, ENUMS.dtype[dtype], row);
  // Bytes that make no whole row are values too many.
  return count === values.length && rest > 0 ? new Int32Array(values.length + 1) : values;
}
