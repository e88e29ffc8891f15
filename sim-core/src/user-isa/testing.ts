/** For tests: an instruction file with an instruction of each kind, and what they do. */
import { assemble } from "../asm/index.ts";
import { PRESETS } from "../config/index.ts";
import { formatDiagnostic } from "../diagnostics/index.ts";
import { Simulator } from "../engine/index.ts";
import type {
  ControlUnitInstruction,
  ExtensionPortInstruction,
  InstructionModule,
  InstructionSet,
} from "../isa/index.ts";
import { bindModule, readUserInstructions } from "./index.ts";

const text = { summary: "a test", steps: ["It does."] };
const r = (funct7: number) => ({ format: "R", fixed: { funct3: 6, funct7 } });
const rd = { name: "rd", type: "x" };
const rs1 = { name: "rs1", type: "x" };
const rs2 = { name: "rs2", type: "x" };
const rs3 = { name: "rs3", type: "x" };
const out = { name: "out", type: "td", field: "rd" };
const source = { name: "in", type: "td", field: "rs1" };

export const INSTRUCTIONS = {
  "own.add": { unit: "cu", ...r(0), operands: [rd, rs1, rs2], ...text },
  "own.slow": { unit: "cu", ...r(4), operands: [rd, rs1, rs2], ...text, latency: { cycles: 4, useDelay: 2 } },
  "own.mac": { unit: "cu", ...r(8), operands: [{ ...rd, access: "readwrite" }, rs1, rs2], ...text },
  "own.swap": {
    unit: "cu",
    format: "I",
    fixed: { funct3: "0b111" },
    operands: [rd, { name: "offset", type: "imm", field: "imm12", scale: 4, min: -8192, max: 8188 }, rs1],
    syntax: "rd, offset(rs1)",
    ...text,
  },
  "own.push": {
    unit: "cu",
    format: "R",
    fixed: { funct3: 6, funct7: "0xc", rd: 0, rs2: 0 },
    operands: [rs1],
    ...text,
  },
  "own.pop": { unit: "cu", format: "R", fixed: { funct3: 6, funct7: 16, rs1: 0, rs2: 0 }, operands: [rd], ...text },
  "own.gain": {
    unit: "xu",
    format: "R4",
    fixed: { funct3: 6, funct2: 3 },
    operands: [{ ...out, dtypes: ["int8", "int32"] }, source, { name: "factor", type: "x", field: "rs2" }, rs3],
    ...text,
  },
  "own.sum": {
    unit: "xu",
    format: "R4",
    fixed: { funct3: 6, funct2: 1, rd: 5 },
    operands: [
      { name: "shift", type: "imm", field: "rs3", max: 15 },
      { name: "to", type: "td", field: "rs1", access: "write" },
      { name: "from", type: "td", field: "rs2" },
    ],
    ...text,
  },
} as const;

const push: ControlUnitInstruction = {
  execute({ operands, state, fault }) {
    const depth = state[0]!;
    if (depth === 8) fault("the stack is full");
    state[1 + depth] = operands.rs1!;
    state[0] = depth + 1;
    return undefined;
  },
};

const pop: ControlUnitInstruction = {
  execute({ state, fault }) {
    const depth = state[0]!;
    if (depth === 0) fault("the stack is empty");
    state[0] = depth - 1;
    return state[depth];
  },
};

/** Swaps a word with the one behind it and gives what is in the first place then. */
const swap: ControlUnitInstruction = {
  execute({ operands: { rs1, offset }, load, store }) {
    const address = rs1! + offset!;
    const [first, second] = [load(address, 4), load(address + 4, 4)];
    store(address, 4, second);
    store(address + 4, 4, first);
    return load(address, 4);
  },
};

const gain: ExtensionPortInstruction = {
  check({ tensors, fault }) {
    if (tensors.in!.c !== tensors.out!.c) fault("input and output differ in c");
  },
  cycles: ({ tensors: { out }, config }) => Math.ceil((out!.h * out!.w * out!.c) / config.bytesPerCycle),
  execute: ({ read, operands: { factor, rs3 } }) => read("in").map((value) => value * factor! + rs3!),
};

const sum: ExtensionPortInstruction = {
  cycles: ({ state }) => state[0]!,
  execute: ({ read, operands }) => [read("from").reduce((a, b) => a + b, 0) >> operands.shift!],
};

const arithmetic = (compute: (operands: Readonly<Record<string, number>>) => number): ControlUnitInstruction => ({
  execute: ({ operands }) => compute(operands) | 0,
});

export const MODULE: InstructionModule = {
  "own.add": arithmetic(({ rs1, rs2 }) => rs1! + rs2!),
  "own.slow": arithmetic(({ rs1, rs2 }) => rs1! - rs2!),
  "own.mac": arithmetic(({ rd, rs1, rs2 }) => rd! + Math.imul(rs1!, rs2!)),
  "own.swap": swap,
  "own.push": push,
  "own.pop": pop,
  "own.gain": gain,
  "own.sum": sum,
};

export const FILE = { name: "test set", module: "own.mjs", instructions: INSTRUCTIONS };

/** The instruction set of a file; throws its diagnostics. */
export function isaOf(file: object = FILE): InstructionSet {
  const { instructions, diagnostics } = readUserInstructions(JSON.stringify(file), "own.json");
  if (!instructions) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return instructions.isa;
}

/** The same with what the instructions do. */
export function boundIsa(file: object = FILE, module: unknown = MODULE): InstructionSet {
  const bound = bindModule(isaOf(file), { default: module }, "own.mjs");
  if ("problems" in bound) throw new Error(bound.problems.join("\n"));
  return bound.isa;
}

/** A machine of the default configuration with the user instructions, with a program loaded. */
export function userMachine(source: string, isa: InstructionSet = boundIsa()): Simulator {
  const host = { resolve: (_: string, name: string) => name, readText: () => source, readBytes: () => undefined };
  const config = PRESETS.default;
  const { program, diagnostics } = assemble({ entry: "test.nnasm", host, config, isa });
  if (!program) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return new Simulator({ program, config, isa });
}
