/** The C kit with the real compiler: every macro gives the word that the table encodes, and the sample runs. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cHeader } from "@nnasm/sim-core/c-header";
import { PRESETS } from "@nnasm/sim-core/config";
import { readElf } from "@nnasm/sim-core/elf";
import { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA, encode, enumValues, type Instruction, type Operand, operandField } from "@nnasm/sim-core/isa";
import { expect, it } from "vitest";
import { describeWith, EXTERNALS } from "../test/tools/index.ts";

const SDK = fileURLToPath(new URL(".", import.meta.url));
const GCC = "riscv64-unknown-elf-gcc";
const FLAGS = ["-march=rv32im_zicsr_zifencei", "-mabi=ilp32", "-nostdlib", "-Wall", "-Werror"];

const WITH_MACRO = BASE_ISA.instructions.filter(
  ({ row }) => !["rv32i", "rv32m", "zicsr", "zifencei", "privileged", "hwloop"].includes(row.family),
);

/** A constant operand that fits, different for each place. */
function sample(instruction: Instruction, operand: Operand, place: number): number {
  if (operand.type === "enum") return Object.values(enumValues(operand.values))[place % 2] ?? 0;
  if (operand.type === "imm") return Math.min(operand.max, operand.min + 3 + place);
  if (operand.type !== "set") return 5 + place;
  return 0x802 & (2 ** operandField(instruction.row, operand).width - 1);
}

/** A function that holds nothing but the instruction, its register operands fixed to a0, a1, ... */
function cFunction(instruction: Instruction): { text: string; fields: number[] } {
  const { mnemonic, row } = instruction;
  const result = row.operands.find((operand) => operand.type === "x" && operand.access !== "read");
  const parameters: string[] = [];
  const values: string[] = [];
  const fields = row.operands.map((operand, place) => {
    if (operand.type !== "x") {
      const value = sample(instruction, operand, place);
      values.push(String(value));
      return value;
    }
    // Parameters come in a0, a1, ..., results leave in a0; accumulators are the first parameter.
    if (operand === result && operand.access === "write") return 10;
    const register = 10 + parameters.length;
    values.push(`p${parameters.length}`);
    parameters.push(`int p${parameters.length}`);
    return register;
  });
  const name = mnemonic.replaceAll(".", "_");
  const body = `${result ? "return " : ""}${name}(${values.join(", ")});`;
  return { text: `${result ? "int" : "void"} f_${name}(${parameters.join(", ") || "void"}) { ${body} }`, fields };
}

describeWith([EXTERNALS.riscvGcc, EXTERNALS.gnuObjdump], "C kit", () => {
  const folder = mkdtempSync(join(tmpdir(), "nnasm-sdk-"));

  it("every macro compiles to the word that the table encodes", () => {
    writeFileSync(join(folder, "nn.h"), cHeader(BASE_ISA));
    const functions = WITH_MACRO.map(cFunction);
    writeFileSync(join(folder, "all.c"), `#include "nn.h"\n${functions.map(({ text }) => text).join("\n")}\n`);
    execFileSync(GCC, [...FLAGS, "-O2", "-c", "-ffunction-sections", "all.c", "-o", "all.o"], { cwd: folder });
    const dump = execFileSync("riscv64-unknown-elf-objdump", ["-d", "-M", "numeric,no-aliases", "all.o"], {
      cwd: folder,
    });
    const words = new Map<string, number[]>();
    let current: number[] = [];
    for (const line of dump.toString().split("\n")) {
      const label = /<f_(\w+)>:/.exec(line);
      const code = /^\s+[0-9a-f]+:\s+([0-9a-f]{8})\s/.exec(line);
      if (label) words.set(label[1]!, (current = []));
      else if (code) current.push(Number.parseInt(code[1]!, 16));
    }
    WITH_MACRO.forEach((instruction, i) => {
      const expected = encode(instruction, functions[i]!.fields);
      expect(words.get(instruction.mnemonic.replaceAll(".", "_")), instruction.mnemonic).toContain(expected);
    });
  });

  it("the sample runs on the machine", () => {
    writeFileSync(join(folder, "nn.h"), cHeader(BASE_ISA));
    const sources = ["crt0.S", "string.c", "sample.c"].map((file) => join(SDK, file));
    const args = [...FLAGS, "-g", "-O2", "-I", folder, "-T", join(SDK, "nnp.ld"), ...sources, "-o", "sample.elf"];
    execFileSync(GCC, args, { cwd: folder });
    const result = readElf(new Uint8Array(readFileSync(join(folder, "sample.elf"))));
    if (!result.program) throw new Error(JSON.stringify(result));
    const simulator = new Simulator({ program: result.program, config: PRESETS.default });
    expect(simulator.run({ untilCycle: 1_000_000 })).toMatchObject({ reason: "exit", exitCode: 42 });
  });
});
