/** `nnasm isa`: the instruction table, one instruction with its encoding, or what another name of the language means. */

import { userCHeader } from "@nnasm/sim-core/c-header";
import { nearest } from "@nnasm/sim-core/diagnostics";
import {
  enumValues,
  type Field,
  type FieldName,
  FORMATS,
  type Instruction,
  type InstructionSet,
  type Operand,
  operandField,
} from "@nnasm/sim-core/isa";
import { UsageError, UserError } from "../errors.ts";
import { writeFile } from "../files.ts";
import type { Colors, Io } from "../io.ts";
import { findMachine } from "../project.ts";
import { alignColumns } from "../table.ts";
import { languageNames, languagePage, languageRows } from "./isa-language.ts";

export interface IsaOptions {
  readonly config?: string;
  /** A C header with the project's own instructions instead of the table. */
  readonly header?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

export function isa(io: Io, mnemonic: string | undefined, options: IsaOptions): void {
  if (options.output !== undefined && !options.header) throw new UsageError("-o says nothing without --header");
  const { isa: set } = findMachine(io.cwd, io.cwd, options.config === undefined ? {} : { config: options.config });
  if (options.header) {
    writeHeader(io, set, options.output);
    return;
  }
  const language = mnemonic === undefined ? [] : languageRows(mnemonic.toLowerCase());
  if (mnemonic !== undefined && language.length > 0 && !set.get(mnemonic.toLowerCase())) {
    const { out } = io;
    out.write(options.json ? `${JSON.stringify(language, null, 2)}\n` : languagePage(language, out.colors));
    return;
  }
  const chosen = mnemonic === undefined ? set.instructions : [find(set, mnemonic)];
  if (options.json) {
    io.out.write(`${JSON.stringify(mnemonic === undefined ? chosen.map(row) : row(chosen[0]!), null, 2)}\n`);
  } else if (mnemonic === undefined) {
    io.out.write(list(chosen, io.out.colors));
  } else {
    io.out.write(page(chosen[0]!, io.out.colors));
    if (language.length > 0) io.out.write(`\n${languagePage(language, io.out.colors)}`);
  }
}

function writeHeader(io: Io, set: InstructionSet, output: string | undefined): void {
  const text = userCHeader(set);
  if (text === undefined) {
    throw new UserError(
      "the project has no instructions of its own",
      'their file is named under "instructions" in nnp.json; sdk/nn.h has those of the machine',
    );
  }
  if (output === undefined) io.out.write(text);
  else writeFile(io.cwd, output, text);
}

function find(set: InstructionSet, mnemonic: string): Instruction {
  const found = set.get(mnemonic.toLowerCase());
  if (found) return found;
  const names = [...set.instructions.map((instruction) => instruction.mnemonic), ...languageNames()];
  const near = nearest(mnemonic.toLowerCase(), names);
  throw new UserError(
    `unknown mnemonic "${mnemonic}"`,
    near === undefined ? "`nnasm isa` lists all" : `did you mean "${near}"?`,
  );
}

const hex32 = (word: number): string => `0x${word.toString(16).padStart(8, "0")}`;

/** Fields of an instruction's format, from the highest bit down; a split field is there once per run of bits. */
function layout(instruction: Instruction) {
  const { row } = instruction;
  return (Object.entries(FORMATS[row.format]) as [FieldName, Field][])
    .flatMap(([name, field]) => field.segments.map((segment) => ({ name, field, ...segment })))
    .sort((a, b) => b.hi - a.hi)
    .map(({ name, field, hi, lo, at }) => {
      const fixed = row.fixed[name as keyof typeof row.fixed] as number | undefined;
      const operand = row.operands.find((candidate) => candidate.field === name)?.name;
      return { name, hi, lo, at, width: field.width, ...(fixed === undefined ? {} : { value: fixed }), operand };
    });
}

/** What `--json` gives for an instruction; docs/cli.md names the keys. */
function row(instruction: Instruction): object {
  const { mnemonic, mask, match, row: data } = instruction;
  return {
    mnemonic,
    family: data.family,
    unit: data.unit,
    timing: data.timing,
    format: data.format,
    opcode: match & 0x7f,
    mask,
    match,
    syntax: data.syntax,
    operands: data.operands.map((operand) => {
      const { signed, width } = operandField(data, operand);
      return { ...operand, signed, width };
    }),
    fields: layout(instruction).map(({ name, hi, lo, at, value, operand }) => ({ name, hi, lo, at, value, operand })),
    summary: data.summary,
    steps: data.steps,
    faults: data.faults ?? [],
    example: data.example,
  };
}

function list(instructions: readonly Instruction[], colors: Colors): string {
  const rows = instructions.map(({ mnemonic, match, mask, row: data }) => [
    `${mnemonic} ${data.syntax}`.trim(),
    data.unit,
    hex32(match),
    hex32(mask),
    data.summary,
  ]);
  const [header, ...lines] = alignColumns([["instruction", "unit", "match", "mask", "summary"], ...rows]);
  return `${colors.bold(header ?? "")}\n${lines.join("\n")}\n${instructions.length} instructions\n`;
}

const bitRange = (hi: number, lo: number): string => (hi === lo ? `${hi}` : `${hi}:${lo}`);

function operandLine({ row: data }: Instruction, operand: Operand): readonly string[] {
  const runs = operandField(data, operand).segments.map(({ hi, lo }) => bitRange(hi, lo));
  return [operand.name, operandKind(operand), `in ${runs.join(", ")}`];
}

function operandKind(operand: Operand): string {
  switch (operand.type) {
    case "x":
      return `register x0..x31, ${operand.access}`;
    case "td":
      return `descriptor td0..td31, ${operand.access}`;
    case "imm":
    case "offset": {
      const step = operand.scale === 1 ? "" : `, a multiple of ${operand.scale}`;
      const what = operand.type === "imm" ? "number" : "label, at distance";
      return `${what} ${operand.min}..${operand.max}${step}`;
    }
    case "csr":
      return "CSR by name or number 0..4095";
    case "enum":
      return `one of ${Object.keys(enumValues(operand.values)).join(", ")}`;
    case "set":
      return `some of ${Object.keys(enumValues(operand.values)).join(", ")}`;
  }
}

/** Bits of the written value that a run of an operand's field holds; a scaled value's low bits are zero and not stored. */
function valueBits(instruction: Instruction, operandName: string, at: number, bits: number): string {
  const operand = instruction.row.operands.find((candidate) => candidate.name === operandName);
  const shift = operand && "scale" in operand ? Math.log2(operand.scale) : 0;
  return `[${bitRange(at + bits - 1 + shift, at + shift)}]`;
}

function page(instruction: Instruction, colors: Colors): string {
  const { mnemonic, mask, match, row: data } = instruction;
  const lines = [`${colors.bold(`${mnemonic} ${data.syntax}`.trim())}    ${data.summary}`, ""];
  const fields = layout(instruction);
  const titles = fields.map(({ hi, lo }) => bitRange(hi, lo));
  const values = fields.map(({ name, hi, lo, at, value, operand }) => {
    const bits = hi - lo + 1;
    if (value !== undefined) return ((value >>> at) & (2 ** bits - 1)).toString(2).padStart(bits, "0");
    const whole = fields.filter((field) => field.name === name).length === 1;
    return operand === undefined ? name : `${operand}${whole ? "" : valueBits(instruction, operand, at, bits)}`;
  });
  lines.push(...alignColumns([titles, values]).map((line) => `  ${line}`), "");
  lines.push(`  unit ${data.unit}, format ${data.format}, match ${hex32(match)}, mask ${hex32(mask)}`, "");
  if (data.operands.length > 0) {
    lines.push(
      ...alignColumns(data.operands.map((operand) => operandLine(instruction, operand))).map((l) => `  ${l}`),
      "",
    );
  }
  lines.push(...data.steps.map((step, index) => `  ${index + 1}. ${step}`));
  if (data.faults?.length) lines.push("", "  Faults:", ...data.faults.map((fault) => `  - ${fault}`));
  lines.push("", `  Example: ${data.example}`);
  return `${lines.join("\n")}\n`;
}
