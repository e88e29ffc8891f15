/** Rows of the instruction table from the entries of an instruction file, as far as they make sense. */
import {
  encodingProblems,
  extractField,
  type FieldName,
  fieldOf,
  type InstructionRow,
  insertField,
  type Operand,
} from "../isa/index.ts";
import type { InstructionEntry, OperandEntry } from "./schema.ts";
import { OPERATION_DTYPES } from "./schema.ts";

/** The quarter of an opcode that belongs to users: custom-3 with funct3 6 and 7. */
const USER_OPCODE = 0x7b;
const USER_FUNCT3: readonly number[] = [6, 7];

/** Something wrong with an entry, at a path within it. */
export interface EntryProblem {
  readonly id: "encoding" | "reserved" | "operand" | "syntax";
  readonly message: string;
  readonly path: readonly (string | number)[];
  readonly hint?: string;
}

const REGISTER_FIELDS: readonly string[] = ["rd", "rs1", "rs2", "rs3"];

/** The entry as a row, with everything that is wrong with it. A row with problems is for messages only. */
export function rowOf(mnemonic: string, entry: InstructionEntry): { row: InstructionRow; problems: EntryProblem[] } {
  const problems: EntryProblem[] = [];
  const operands = entry.operands.map((operand, index) => operandOf(operand, entry, index, problems));
  const fixed = { opcode: USER_OPCODE, ...entry.fixed } as InstructionRow["fixed"];
  const syntax = entry.syntax ?? operands.map(({ name }) => name).join(", ");
  const latency = entry.unit === "cu" ? entry.latency : undefined;
  const row: InstructionRow = {
    family: "user",
    unit: entry.unit,
    timing: entry.unit === "cu" ? "user" : "issue",
    format: entry.format,
    fixed,
    operands,
    syntax,
    summary: entry.summary,
    steps: entry.steps,
    ...(entry.faults ? { faults: entry.faults } : {}),
    example: entry.example ?? exampleOf(mnemonic, syntax, operands),
    user: { cycles: latency?.cycles ?? 1, useDelay: latency?.useDelay ?? 0, dtypes: dtypesOf(entry) },
  };
  // Without the field of an operand every other field's owner is a guess.
  if (problems.length === 0) problems.push(...encodingOf(row, entry));
  problems.push(...operandRules(entry, operands), ...syntaxOf(syntax, operands, entry));
  return { row, problems };
}

function operandOf(operand: OperandEntry, entry: InstructionEntry, index: number, problems: EntryProblem[]): Operand {
  const { name } = operand;
  const path = ["operands", index];
  const field = (operand.field ?? name) as FieldName;
  if (operand.field === undefined && !REGISTER_FIELDS.includes(name)) {
    const message = `operand ${name} has no "field", and no field is called ${name}`;
    problems.push({ id: "operand", message, path, hint: `say where its number lies: ${REGISTER_FIELDS.join(", ")}` });
  }
  if (operand.type === "x") {
    return { type: "x", name, field, access: operand.access ?? (field === "rd" ? "write" : "read") };
  }
  if (operand.type === "td")
    return { type: "td", name, field, access: operand.access ?? (field === "rd" ? "write" : "read") };
  const scale = operand.scale ?? 1;
  const bits = fieldOf(entry.format, field);
  // Of a field that the format doesn't have the encoding's check will tell.
  const [low, high] = !bits
    ? [0, 0]
    : bits.signed
      ? [-(2 ** (bits.width - 1)), 2 ** (bits.width - 1) - 1]
      : [0, 2 ** bits.width - 1];
  const min = operand.min ?? low * scale;
  const max = operand.max ?? high * scale;
  if (bits && (min < low * scale || max > high * scale)) {
    const message = `operand ${name}: field ${field} with scale ${scale} holds ${low * scale}..${high * scale}, not ${min}..${max}`;
    problems.push({ id: "operand", message, path });
  } else if (min > max || min % scale !== 0 || max % scale !== 0) {
    const message = `operand ${name}: "min" ${min} and "max" ${max} must be multiples of "scale" ${scale}, the smaller one first`;
    problems.push({ id: "operand", message, path });
  }
  return { type: "imm", name, field, min, max, scale };
}

function dtypesOf({ operands }: InstructionEntry) {
  const tensors = operands.filter((operand) => operand.type === "td");
  return Object.fromEntries(tensors.map(({ name, dtypes }) => [name, dtypes ?? OPERATION_DTYPES]));
}

/** Path of what a field's problem is about: its constant, its operand, or all constants when it has neither. */
function pathOfField(field: FieldName, { fixed, operands }: InstructionEntry): (string | number)[] {
  const index = operands.findIndex((operand) => (operand.field ?? operand.name) === field);
  if (index >= 0) return ["operands", index];
  return Object.hasOwn(fixed, field) ? ["fixed", field] : ["fixed"];
}

function encodingOf(row: InstructionRow, entry: InstructionEntry): EntryProblem[] {
  const problems = encodingProblems(row).map(
    ({ kind, message, field }): EntryProblem => ({
      id: "encoding",
      message,
      path: pathOfField(field, entry),
      ...(kind === "unowned" ? { hint: `give ${field} a value in "fixed", 0 for instance, or an operand` } : {}),
    }),
  );
  const { opcode, funct3 } = row.fixed;
  const outside = (name: "opcode" | "funct3", value: number, hint: string) => {
    const field = fieldOf("R", name)!;
    if (extractField(field, insertField(field, value)) !== value) return;
    const shown = name === "opcode" ? `0x${value.toString(16)}` : value;
    const message = `${name} ${shown} lies outside the space of user instructions, opcode 0x7b with funct3 6 and 7`;
    problems.push({ id: "reserved", message, path: pathOfField(name, entry), hint });
  };
  if (opcode !== undefined && opcode !== USER_OPCODE) outside("opcode", opcode, 'leave "opcode" out');
  if (funct3 !== undefined && !USER_FUNCT3.includes(funct3)) outside("funct3", funct3, "use funct3 6 or 7");
  return problems;
}

/** What the two units take and give. */
function operandRules({ unit }: InstructionEntry, operands: readonly Operand[]): EntryProblem[] {
  const problems: EntryProblem[] = [];
  const add = (index: number, message: string, hint?: string) =>
    problems.push({
      id: "operand",
      message,
      path: index < 0 ? ["operands"] : ["operands", index],
      ...(hint ? { hint } : {}),
    });
  const seen = new Set<string>();
  operands.forEach((operand, index) => {
    const { name } = operand;
    if (seen.has(name)) add(index, `two operands are called ${name}`);
    seen.add(name);
    if (operand.type === "td" && unit === "cu") {
      add(
        index,
        `operand ${name}: the control unit takes no tensor descriptors`,
        'use "unit": "xu", or pass an address in a register',
      );
    }
    if (operand.type !== "x") return;
    const writes = operand.access !== "read";
    if (writes && unit === "xu") {
      add(
        index,
        `operand ${name}: an operation of the extension port writes no register`,
        'use "access": "read", and an output tensor for the result',
      );
    } else if (writes && operand.field !== "rd") {
      add(index, `operand ${name}: only field rd can be written, not ${operand.field}`);
    } else if (!writes && operand.field === "rd" && unit === "cu") {
      add(index, `operand ${name}: field rd holds the destination; a source goes to rs1, rs2 or rs3`);
    }
  });
  if (unit === "xu") {
    const outputs = operands.filter((operand) => operand.type === "td" && operand.access === "write");
    if (outputs.length !== 1) {
      const found = outputs.length === 0 ? "none" : outputs.map(({ name }) => name).join(" and ");
      add(
        -1,
        `an operation of the extension port writes exactly one tensor, this one: ${found}`,
        'give one operand of type "td" the access "write"',
      );
    }
  }
  return problems;
}

const PLAIN = /^[a-z][a-z0-9]*$/;
const MEMORY = /^([a-z][a-z0-9]*)?\(([a-z][a-z0-9]*)\)$/;

function syntaxOf(syntax: string, operands: readonly Operand[], entry: InstructionEntry): EntryProblem[] {
  const names: string[] = [];
  for (const part of syntax === "" ? [] : syntax.split(",")) {
    const written = part.trim();
    const memory = MEMORY.exec(written);
    if (memory) names.push(...memory.slice(1).filter((name) => name !== undefined));
    else if (PLAIN.test(written)) names.push(written);
    else {
      const message = `syntax: "${written}" is no operand`;
      return [
        {
          id: "syntax",
          message,
          path: ["syntax"],
          hint: "operands are written `name`, `(name)` or `name(name)`, with commas between",
        },
      ];
    }
  }
  const expected = operands.map(({ name }) => name);
  if ([...names].sort().join() === [...expected].sort().join()) return [];
  const message = `syntax names ${names.join(", ") || "nothing"}, the operands are ${expected.join(", ") || "none"}`;
  return [
    {
      id: "syntax",
      message,
      path: entry.syntax === undefined ? ["operands"] : ["syntax"],
      hint: "name every operand once",
    },
  ];
}

const REGISTERS = ["a0", "a1", "a2", "a3"];

/** Names stand for operands, as in the syntax; numbers are the smallest allowed one from 0 on. */
function exampleOf(mnemonic: string, syntax: string, operands: readonly Operand[]): string {
  const text = syntax.replace(/[a-z][a-z0-9]*/g, (name) => {
    const index = operands.findIndex((operand) => operand.name === name);
    const operand = operands[index];
    if (operand?.type === "imm") return String(Math.min(operand.max, Math.max(operand.min, 0)));
    return operand?.type === "td" ? `td${index}` : (REGISTERS[index] ?? "a4");
  });
  return `${mnemonic} ${text}`.trim();
}
