/** `.tensor` and what `.weights` shares with it: reads a declaration, writes its descriptor, places its elements. */
import { nearest } from "../../diagnostics/index.ts";
import { DTYPE_BITS, type DType, ENUMS, type Layout } from "../../isa/index.ts";
import { blockedBytes, DESCRIPTOR_BYTES, denseStrides } from "../../machine/descriptor.ts";
import type { ProgramTensor } from "../../program/index.ts";
import { isAddress } from "../expression/evaluate.ts";
import { low32 } from "../expression/integer.ts";
import type { Section } from "../object/section.ts";
import type { Deferred, SymbolEntry } from "../object/symbols.ts";
import { joinedName } from "../syntax/names.ts";
import type { Expression, KeywordNode, NameNode, Operand, Span, Statement } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";
import { align, realNumber } from "./data.ts";
import type { Directive } from "./directive.ts";

const OPTIONS = ["zp", "scale", "table", "layout", "at", "in", "flags"] as const;
export type Option = (typeof OPTIONS)[number];
export type Options = Partial<Record<Option, KeywordNode>>;

/** Descriptors lie together, read-only, in DM. */
const DESCRIPTOR_SECTION = ".nnasm.descriptors";
const DESCRIPTOR_ALIGNMENT = 16;
/** Elements begin at a DDR burst and at the widest bank line. */
const STORAGE_ALIGNMENT = 64;
const STORAGE_MEMORIES = ["dm", "wm", "ddr"] as const;

const AXES = ["the size n", "the size h", "the size w", "the size c"];
const DTYPES = Object.keys(ENUMS.dtype) as DType[];
const LAYOUTS = Object.keys(ENUMS.layout) as Layout[];

export interface Shape {
  readonly dtype: DType;
  readonly layout: Layout;
  readonly dims: readonly [n: number, h: number, w: number, c: number];
  readonly strides: readonly [n: number, h: number, w: number, c: number];
  readonly bytes: number;
}

function readOptions(
  unit: Unit,
  operands: readonly Operand[],
  statement: Statement,
  directive: Directive,
): Options | undefined {
  const options: Options = {};
  let good = true;
  for (const operand of operands) {
    if (operand.kind !== "keyword") {
      unit.wrongOperands(directive, statement, operand);
      good = false;
      continue;
    }
    const { name } = operand.name;
    if (!(OPTIONS as readonly string[]).includes(name)) {
      unit.report("tensor-option", { name, near: nearest(name, OPTIONS) }, unit.place, operand.name);
      good = false;
    } else options[name as Option] = operand;
  }
  return good ? options : undefined;
}

/** A name out of a list, or undefined after a message. */
function choice<T extends string>(
  unit: Unit,
  node: Operand | undefined,
  values: readonly T[],
  what: string,
): T | undefined {
  if (node?.kind === "name" && (values as readonly string[]).includes(node.name)) return node.name as T;
  const name = node?.kind === "name" ? node.name : "this";
  const parameters = { name, near: nearest(name, values), what, names: values.join(", ") };
  if (node) unit.report("unknown-value", parameters, unit.place, node);
  return undefined;
}

function readShape(unit: Unit, operands: readonly Operand[], options: Options): Shape | undefined {
  const dtype = choice(unit, operands[1], DTYPES, "data type");
  const sizes = AXES.map((what, index) => unit.bounded(operands[2 + index], what, 1, 2 ** 31 - 1));
  const layout = options.layout ? choice(unit, options.layout.value, LAYOUTS, "layout") : "nhwc";
  if (!dtype || !layout || sizes.includes(undefined)) return undefined;
  const dims = sizes as [number, number, number, number];
  const code = ENUMS.dtype[dtype];
  const { cip, cop } = unit.options.config.nu;
  const [n, h, w, c] = dims;
  if (layout === "blocked") {
    const bytes = blockedBytes({ n, h, w, c, dtype: code }, cip, cop);
    return { dtype, layout, dims, strides: [0, 0, 0, 0], bytes };
  }
  const { sn, sh, sw, sc } = denseStrides(ENUMS.layout[layout], code, dims);
  return { dtype, layout, dims, strides: [sn, sh, sw, sc], bytes: n * sn };
}

/** Bounds of a zero point by data type. */
function zeroPointBounds(dtype: DType): [number, number] {
  const bits = DTYPE_BITS[ENUMS.dtype[dtype]] ?? 8;
  const unsigned = dtype === "uint8" || dtype === "bit";
  return unsigned ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

function expressionOf(unit: Unit, option: KeywordNode): Expression | undefined {
  if (option.value.kind !== "string") return option.value;
  unit.report("bad-expression", { detail: `${option.name.name}= takes an expression` }, unit.place, option.value);
  return undefined;
}

/** Gives the elements of a tensor their place and defines `name.base`; undefined after a message. */
export type PlaceElements = (
  unit: Unit,
  name: NameNode,
  options: Options,
  shape: Shape,
  statement: Statement,
) => Deferred | undefined;

const baseOf = ({ kind, start, end, name }: NameNode): NameNode => ({
  kind,
  start,
  end,
  name: joinedName(name, ".base"),
});

/** Defines `name.base` at the end of a section and lets `put` fill the elements in. */
export function storeElements(
  unit: Unit,
  name: NameNode,
  section: Section,
  bytes: number,
  statement: Statement,
  put: () => void,
): Deferred {
  align(unit, section, STORAGE_ALIGNMENT);
  const reference = baseOf(name);
  const entry = unit.defineLabel(reference.name, name, section);
  if (entry) {
    entry.kind = "field";
    entry.bytes = bytes;
    entry.type = "object";
  }
  const offset = section.size;
  put();
  unit.placed(statement, section, offset, false);
  return unit.defer(reference);
}

/** The memory that `in=` names; undefined after a message. */
export function storageMemory(unit: Unit, option: KeywordNode): "dm" | "wm" | "ddr" | undefined {
  return choice(unit, option.value, STORAGE_MEMORIES, "memory for elements");
}

/** Reserved storage with a symbol of its own, or an expression. */
const placeElements: PlaceElements = (unit, name, options, shape, statement) => {
  if (options.at && options.in) {
    unit.report("tensor-place-twice", { name: name.name }, unit.place, options.in);
    return undefined;
  }
  if (options.in) {
    const memory = storageMemory(unit, options.in);
    if (!memory) return undefined;
    const section = unit.sections.open(`.${memory}.tensors`, { allocate: true, write: true, execute: false }, true);
    return storeElements(unit, name, section, shape.bytes, statement, () => section.reserve(shape.bytes));
  }
  const at = options.at && expressionOf(unit, options.at);
  if (!at) {
    if (!options.at) unit.report("tensor-place", { name: name.name }, unit.place, name);
    return undefined;
  }
  const reference = baseOf(name);
  unit.assign(reference, at, false);
  const entry = unit.symbols.entries.get(reference.name);
  if (entry) entry.kind = "field";
  return unit.defer(reference);
};

function defineFields(unit: Unit, name: NameNode, shape: Shape, zeroPoint: number): void {
  const define = (field: string, value: number): void => {
    const entry = unit.define(joinedName(name.name, field), name, "field");
    if (entry) entry.value = value;
  };
  const [n, h, w, c] = shape.dims;
  define(".n", n);
  define(".h", h);
  define(".w", w);
  define(".c", c);
  define(".bytes", shape.bytes);
  define(".zp", zeroPoint);
}

interface Declaration {
  readonly shape: Shape;
  readonly base: Deferred;
  readonly table: Deferred | undefined;
  readonly zeroPoint: number;
  readonly scale: number;
  readonly flags: number;
}

const SINGLE = new Float32Array(1);
const BITS = new Int32Array(SINGLE.buffer);

/** A number in IEEE 754 single precision. */
function singleBits(value: number): number {
  SINGLE[0] = value;
  return BITS[0]!;
}

/** Writes the 64 bytes of machine.md's memory form, word by word in the order of ENUMS.tdfield. */
function writeDescriptor(unit: Unit, section: Section, declaration: Declaration): void {
  const { shape, base, table, zeroPoint, scale, flags } = declaration;
  const { cip, cop } = unit.options.config.nu;
  const words = new Array<number>(DESCRIPTOR_BYTES / 4).fill(0);
  const field = ENUMS.tdfield;
  for (let axis = 0; axis < 4; axis++) {
    words[field.n + axis] = shape.dims[axis]!;
    words[field.sn + axis] = shape.strides[axis]!;
  }
  words[field.type] = ENUMS.dtype[shape.dtype] | (ENUMS.layout[shape.layout] << 8) | (flags << 16);
  words[field.zp] = zeroPoint;
  words[field.scale] = singleBits(scale);
  words[field.block] = shape.layout === "blocked" ? cip | (cop << 16) : 0;
  const start = section.size;
  for (const word of words) section.word(word);
  unit.data.add(base, section, start + 4 * field.base, 4);
  if (table) unit.data.add(table, section, start + 4 * field.table, 4);
}

/** What debuggers and profilers get to know, once addresses are known. */
function metadata(unit: Unit, entry: SymbolEntry, declaration: Declaration): ProgramTensor {
  const number = (deferred: Deferred | undefined): number => {
    const value = deferred ? unit.evaluator.evaluateDeferred(deferred) : 0;
    if (isAddress(value)) return value.section.address + value.offset;
    return value === undefined ? 0 : low32(value) >>> 0;
  };
  const { shape, zeroPoint, scale } = declaration;
  return {
    name: entry.name,
    descriptorAddress: entry.section!.address + (entry.value as number),
    base: number(declaration.base),
    dtype: shape.dtype,
    layout: shape.layout,
    dims: shape.dims,
    strides: shape.strides,
    zeroPoint,
    table: number(declaration.table),
    scale,
  };
}

/**
 * Declares a tensor.
 * @param positional how many operands come before the options
 */
export function declare(
  unit: Unit,
  statement: Statement,
  directive: Directive,
  positional: number,
  place: PlaceElements,
): void {
  const { operands } = statement;
  const [name] = operands;
  if (name?.kind !== "name" || operands.length < positional) {
    unit.wrongOperands(directive, statement);
    return;
  }
  const early = operands.slice(0, positional).find(({ kind }) => kind === "keyword");
  if (early) {
    unit.wrongOperands(directive, statement, early);
    return;
  }
  const options = readOptions(unit, operands.slice(positional), statement, directive);
  const shape = options && readShape(unit, operands, options);
  if (!options || !shape) {
    // The name is known all the same: its uses are no errors of their own.
    unit.define(name.name, name, "tensor");
    return;
  }
  const section = unit.sections.open(DESCRIPTOR_SECTION);
  align(unit, section, DESCRIPTOR_ALIGNMENT);
  const entry = unit.defineLabel(name.name, name, section);
  if (!entry) return;
  entry.kind = "tensor";
  entry.type = "object";
  entry.bytes = DESCRIPTOR_BYTES;
  const [low, high] = zeroPointBounds(shape.dtype);
  const zeroPoint = options.zp ? unit.bounded(options.zp.value, "the zero point", low, high) : 0;
  const scale = options.scale ? realNumber(options.scale.value) : 0;
  if (scale === undefined) unit.wrongOperands(directive, statement, options.scale as Span);
  const flags = options.flags ? unit.bounded(options.flags.value, "the flags", 0, 0xffff) : 0;
  const tableNode = options.table && expressionOf(unit, options.table);
  defineFields(unit, name, shape, zeroPoint ?? 0);
  const base = place(unit, name, options, shape, statement);
  if (!base) return;
  const declaration: Declaration = {
    shape,
    base,
    table: tableNode ? unit.defer(tableNode) : undefined,
    zeroPoint: zeroPoint ?? 0,
    scale: scale ?? 0,
    flags: flags ?? 0,
  };
  const offset = section.size;
  writeDescriptor(unit, section, declaration);
  unit.placed(statement, section, offset, false);
  if (shape.layout === "blocked") unit.usesBlocks = true;
  unit.whenPlaced.push(() => {
    entry.tensor = metadata(unit, entry, declaration);
    unit.tensors.push(entry.tensor);
  });
}

export const TENSOR: Directive = {
  group: "neural",
  syntax:
    ".tensor name, dtype, n, h, w, c [, zp=number] [, scale=number] [, table=address] [, layout=nhwc|nchw|blocked] [, flags=number], in=dm|wm|ddr or at=address",
  summary: "declare a tensor: `name` is its descriptor, name.base its elements, name.bytes, name.n .. name.c its sizes",
  run: (unit, statement, directive) => declare(unit, statement, directive, POSITIONAL, placeElements),
};

/** name, data type, n, h, w, c */
const POSITIONAL = 6;
