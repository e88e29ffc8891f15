/**
 * What can be written behind a mnemonic. Rows of the instruction table and of the pseudo-instructions compile into
 * the same shape, so that the matcher and the encoder know no instruction by name.
 */
import {
  type EnumName,
  enumValues,
  type Field,
  type Instruction,
  type InstructionSet,
  insertField,
  operandField,
  type Operand as RowOperand,
} from "../../isa/index.ts";
import { parseLine } from "../syntax/file.ts";
import type { Expression, Modifier, Operand, Span } from "../syntax/tree.ts";
import { PSEUDO_INSTRUCTIONS, type PseudoInstruction, type PseudoOperand, type PseudoVariant } from "./pseudo.ts";

export type SlotType = "x" | "td" | "imm" | "offset" | "csr" | "enum" | "set";

/** One operand: what it takes, and where its value goes in the word. */
export interface Slot {
  readonly name: string;
  /** Position among the form's arguments. */
  readonly index: number;
  readonly type: SlotType;
  /** What pseudo-instructions say of the operand; undefined for those of the instruction table. */
  readonly what: string | undefined;
  /** Takes no bare number: `lw a0, 4` is a forgotten register, not the word at address 4. */
  readonly notNumber: boolean;
  /** Bounds and unit of written numbers. */
  readonly min: number;
  readonly max: number;
  readonly scale: number;
  readonly values: EnumName | undefined;
  /** Between the members of a set. */
  readonly separator: "|" | "" | undefined;
  readonly field: Field | undefined;
  /** Lowest bit of a field in one piece, or -1. */
  readonly shift: number;
  readonly mask: number;
}

/** An operand as written: alone, or `offset(base)` or `(base)`. */
export type Written =
  | { readonly shape: "plain"; readonly slot: Slot }
  | { readonly shape: "memory"; readonly offset: Slot | undefined; readonly base: Slot };

/** An argument of an instruction in an expansion. */
export type ArgumentTemplate =
  | { readonly kind: "constant"; readonly node: Expression }
  | { readonly kind: "operand"; readonly index: number }
  | { readonly kind: "modifier"; readonly modifier: Modifier; readonly index: number };

export interface Step {
  readonly form: RealForm;
  readonly templates: readonly ArgumentTemplate[];
}

interface FormBase {
  readonly mnemonic: string;
  /** As a message shows it: `lw rd, offset(rs1)`. */
  readonly usage: string;
  readonly slots: readonly Slot[];
  readonly written: readonly Written[];
}

export interface RealForm extends FormBase {
  readonly instruction: Instruction;
  readonly pseudo?: undefined;
}

export interface CompiledVariant {
  readonly when: PseudoVariant["when"];
  readonly operand: number;
  readonly steps: readonly Step[];
}

export interface PseudoForm extends FormBase {
  readonly instruction?: undefined;
  readonly pseudo: PseudoInstruction;
  readonly steps: readonly Step[];
  readonly variants: readonly CompiledVariant[];
}

export type Form = RealForm | PseudoForm;

/** All forms by mnemonic, the real instruction first. */
export type FormTable = ReadonlyMap<string, readonly Form[]>;

function makeSlot(operand: RowOperand, index: number, field: Field): Slot {
  const bounds =
    "min" in operand
      ? operand
      : { min: field.signed ? -(2 ** (field.width - 1)) : 0, max: 2 ** field.width - 1, scale: 1 };
  const segment = field.segments.length === 1 ? field.segments[0]! : undefined;
  return {
    name: operand.name,
    index,
    type: operand.type,
    what: undefined,
    notNumber: false,
    min: bounds.min,
    max: bounds.max,
    scale: bounds.scale,
    values: operand.type === "enum" || operand.type === "set" ? operand.values : undefined,
    separator: operand.type === "set" ? operand.separator : undefined,
    field,
    shift: segment ? segment.lo : -1,
    mask: 2 ** field.width - 1,
  };
}

/** The bits of a slot's field value in the word. */
export function slotBits(slot: Slot, value: number): number {
  if (slot.shift >= 0) return (value & slot.mask) << slot.shift;
  return insertField(slot.field!, value) | 0;
}

const PSEUDO_TYPES: Readonly<Record<PseudoOperand["type"], SlotType>> = {
  x: "x",
  td: "td",
  imm: "imm",
  symbol: "imm",
  location: "imm",
  target: "offset",
  csr: "csr",
};

function pseudoSlot(operand: PseudoOperand, index: number): Slot {
  return {
    name: operand.name,
    index,
    type: PSEUDO_TYPES[operand.type],
    what: operand.description,
    notNumber: operand.type === "location",
    min: 0,
    max: 0,
    scale: 1,
    values: undefined,
    separator: undefined,
    field: undefined,
    shift: -1,
    mask: 0,
  };
}

/** Splits a syntax text such as `rd, offset(rs1)` along its commas into written operands. */
function compileSyntax(mnemonic: string, syntax: string, slots: readonly Slot[]): Written[] {
  if (syntax === "") return [];
  const byName = (name: string): Slot => {
    const slot = slots.find((candidate) => candidate.name === name);
    if (!slot) throw new Error(`${mnemonic}: the syntax names no operand ${name}`);
    return slot;
  };
  return syntax.split(",").map((part) => {
    const text = part.trim();
    const open = text.indexOf("(");
    if (open < 0) return { shape: "plain", slot: byName(text) };
    return {
      shape: "memory",
      offset: open > 0 ? byName(text.slice(0, open)) : undefined,
      base: byName(text.slice(open + 1, -1)),
    };
  });
}

/** The form of one row. */
export function formOfRow(instruction: Instruction): RealForm {
  const { row, mnemonic } = instruction;
  const slots = row.operands.map((operand, index) => makeSlot(operand, index, operandField(row, operand)));
  return {
    mnemonic,
    usage: row.syntax ? `${mnemonic} ${row.syntax}` : mnemonic,
    slots,
    written: compileSyntax(mnemonic, row.syntax, slots),
    instruction,
  };
}

const ZERO: Expression = { kind: "number", value: 0, start: 0, end: 0 };

/** Distributes written operands over a form's slots; undefined where a shape doesn't fit, with its position. */
export function bind(form: FormBase, operands: readonly Operand[], into: Expression[]): number {
  const { written } = form;
  for (let position = 0; position < written.length; position++) {
    const operand = operands[position]!;
    const target = written[position]!;
    if (target.shape === "plain") {
      if (
        operand.kind === "memory" ||
        operand.kind === "string" ||
        operand.kind === "keyword" ||
        operand.kind === "at"
      ) {
        return position;
      }
      into[target.slot.index] = operand;
    } else if (operand.kind === "memory" && target.offset) {
      into[target.offset.index] = operand.offset;
      into[target.base.index] = operand.base;
    } else if (operand.kind === "group") {
      if (target.offset) into[target.offset.index] = ZERO;
      into[target.base.index] = operand.inner;
    } else return position;
  }
  return -1;
}

function compileStep(line: string, row: PseudoInstruction, real: ReadonlyMap<string, RealForm>): Step {
  const statement = parseLine(line).statements[0]!;
  const form = real.get(statement.name?.name ?? "");
  if (!form) throw new Error(`${row.mnemonic}: no instruction for \`${line}\``);
  const args: Expression[] = [];
  if (statement.operands.length !== form.written.length || bind(form, statement.operands, args) >= 0) {
    throw new Error(`${row.mnemonic}: \`${line}\` is not \`${form.usage}\``);
  }
  const indexOf = (name: string) => row.operands.findIndex((operand) => operand.name === name);
  const templates = args.map((node): ArgumentTemplate => {
    if (node.kind === "name" && indexOf(node.name) >= 0) return { kind: "operand", index: indexOf(node.name) };
    if (node.kind === "modifier" && node.inner.kind === "name" && indexOf(node.inner.name) >= 0) {
      return { kind: "modifier", modifier: node.modifier, index: indexOf(node.inner.name) };
    }
    return { kind: "constant", node };
  });
  return { form, templates };
}

function pseudoForm(row: PseudoInstruction, real: ReadonlyMap<string, RealForm>): PseudoForm {
  const slots = row.operands.map(pseudoSlot);
  const steps = (lines: readonly string[]) => lines.map((line) => compileStep(line, row, real));
  return {
    mnemonic: row.mnemonic,
    usage: row.syntax ? `${row.mnemonic} ${row.syntax}` : row.mnemonic,
    slots,
    written: compileSyntax(row.mnemonic, row.syntax, slots),
    pseudo: row,
    steps: steps(row.expansion),
    variants: (row.variants ?? []).map((variant) => ({
      when: variant.when,
      operand: row.operands.findIndex((operand) => operand.name === variant.operand),
      steps: steps(variant.expansion),
    })),
  };
}

const compiled = new WeakMap<InstructionSet, FormTable>();

/** The forms of an instruction set; compiled once per set. */
export function formsOf(isa: InstructionSet): FormTable {
  const known = compiled.get(isa);
  if (known) return known;
  const real = new Map(isa.instructions.map((instruction) => [instruction.mnemonic, formOfRow(instruction)]));
  const table = new Map<string, Form[]>();
  for (const [mnemonic, form] of real) table.set(mnemonic, [form]);
  for (const row of PSEUDO_INSTRUCTIONS) {
    const form = pseudoForm(row, real);
    const forms = table.get(row.mnemonic);
    if (forms) forms.push(form);
    else table.set(row.mnemonic, [form]);
  }
  compiled.set(isa, table);
  return table;
}

/** An argument with the operands put in; keeps the columns of what was written. */
export function instantiate(template: ArgumentTemplate, args: readonly Expression[]): Expression {
  if (template.kind === "constant") return template.node;
  const node = args[template.index]!;
  if (template.kind === "operand") return node;
  const { start, end }: Span = node;
  return { kind: "modifier", start, end, modifier: template.modifier, inner: node };
}

/** Names that an enum or set slot takes. */
export function slotValues(slot: Slot): Readonly<Record<string, number>> {
  return slot.values ? enumValues(slot.values) : {};
}
