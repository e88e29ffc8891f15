/** Coverage of one run: counts of instructions, laid over the source lines that they come from. */
import { BASE_ISA, extractField, type Instruction, type InstructionSet, operandField } from "../isa/index.ts";
import { CodeSymbols, type CodeWords, LineIndex, type Program } from "../program/index.ts";
import { type InstructionCounts, isBranch } from "./counts.ts";
import type { Coverage, CoveredBranch, CoveredFunction, FileCoverage, FormCoverage } from "./model.ts";
import { classesOf, possibleClasses } from "./operand-classes.ts";
import { tensorKey } from "./tensor-types.ts";

export interface MeasuredProgram extends Pick<Program, "entry" | "files" | "lines" | "symbols"> {
  readonly code: readonly CodeWords[];
}

interface File {
  readonly lines: Map<number, number[]>;
  readonly branches: CoveredBranch[];
  readonly functions: CoveredFunction[];
}

interface Form {
  readonly instruction: Instruction;
  count: number;
  readonly operands: Record<string, number>[];
}

/** x1: the register in which calls leave where to return to. */
const LINK_REGISTER = 1;

/**
 * @param program code without line information (data in a code section, say) isn't covered and isn't counted
 * @param types data types that descriptor operands had, by `tensorKey`
 */
export function measureCoverage(
  program: MeasuredProgram,
  counts: InstructionCounts,
  isa: InstructionSet = BASE_ISA,
  types: ReadonlyMap<string, Readonly<Record<string, number>>> = new Map(),
): Coverage {
  const index = new LineIndex(program);
  const files = new Map<string, File>();
  const fileOf = (name: string): File => {
    const found = files.get(name) ?? { lines: new Map(), branches: [], functions: [] };
    files.set(name, found);
    return found;
  };
  const forms = new Map<string, Form>();
  const functions = new Set([program.entry]);
  for (const { kind, address } of program.symbols) if (kind === "function") functions.add(address);
  for (const { address: first, words } of program.code) {
    words.forEach((word, i) => {
      const address = first + 4 * i;
      const place = index.placeOf(address);
      if (!place) return;
      const file = fileOf(place.file);
      const count = counts.retired(address);
      const line = file.lines.get(place.line);
      if (line) line.push(count);
      else file.lines.set(place.line, [count]);
      const instruction = isa.decode(word);
      if (!instruction) return;
      if (isBranch(instruction)) {
        file.branches.push({ line: place.line, column: place.column, ...counts.branch(address) });
      }
      const callee = calledFunction(isa, instruction, word, address, words[i - 1]);
      if (callee !== undefined) functions.add(callee);
      if (count > 0) addForm(forms, instruction, word, count);
    });
  }
  const isCode = (address: number): boolean => index.placeOf(address) !== undefined;
  const names = new CodeSymbols(program.symbols, isCode);
  for (const address of [...functions].sort((a, b) => a - b)) {
    const place = index.placeOf(address);
    if (!place) continue;
    fileOf(place.file).functions.push({
      line: place.line,
      name: names.nameOf(address),
      count: counts.retired(address),
    });
  }
  return {
    version: 1,
    files: [...files].map(([file, covered]) => fileCoverage(file, covered)),
    forms: [...forms.values()]
      .sort((a, b) => a.instruction.index - b.instruction.index)
      .map((form) => formCoverage(form, types)),
  };
}

function fileCoverage(file: string, { lines, branches, functions }: File): FileCoverage {
  const sorted = [...lines].sort(([a], [b]) => a - b);
  return { file, lines: sorted.map(([line, instructions]) => ({ line, instructions })), branches, functions };
}

/** The value of an operand in a word, in its written unit; undefined when the row has none of this name. */
function operandValue({ row }: Instruction, name: string, word: number): number | undefined {
  const operand = row.operands.find((each) => each.name === name);
  if (!operand) return undefined;
  const value = extractField(operandField(row, operand), word);
  return operand.type === "offset" || operand.type === "imm" ? value * operand.scale : value;
}

/**
 * Where a call to a known address goes: `jal ra`, or what `call` becomes, `auipc` and `jalr ra` with its result.
 * @param before the word in front of it
 */
function calledFunction(
  isa: InstructionSet,
  instruction: Instruction,
  word: number,
  address: number,
  before: number | undefined,
): number | undefined {
  const { mnemonic } = instruction;
  if (mnemonic !== "jal" && mnemonic !== "jalr") return undefined;
  if (operandValue(instruction, "rd", word) !== LINK_REGISTER) return undefined;
  if (mnemonic === "jal") return (address + operandValue(instruction, "target", word)!) >>> 0;
  const upper = before === undefined ? undefined : isa.decode(before);
  if (before === undefined || upper?.mnemonic !== "auipc") return undefined;
  if (operandValue(upper, "rd", before) !== operandValue(instruction, "rs1", word)) return undefined;
  return (address - 4 + (before & 0xfffff000) + operandValue(instruction, "offset", word)!) >>> 0;
}

function addForm(forms: Map<string, Form>, instruction: Instruction, word: number, count: number): void {
  let form = forms.get(instruction.mnemonic);
  if (!form) {
    form = { instruction, count: 0, operands: instruction.row.operands.map(() => ({})) };
    forms.set(instruction.mnemonic, form);
  }
  form.count += count;
  for (const [position, operand] of instruction.row.operands.entries()) {
    const counted = form.operands[position]!;
    for (const name of classesOf(instruction.row, operand, word)) counted[name] = (counted[name] ?? 0) + count;
  }
}

function formCoverage(
  { instruction, count, operands }: Form,
  types: ReadonlyMap<string, Readonly<Record<string, number>>>,
): FormCoverage {
  const { mnemonic, row } = instruction;
  return {
    mnemonic,
    count,
    operands: row.operands.map((operand, position) => ({
      name: operand.name,
      possible: possibleClasses(operand),
      counts: { ...operands[position], ...types.get(tensorKey(mnemonic, operand.name)) },
    })),
  };
}
