/** Compiler output: what GCC writes for the C files here assembles to the bytes and symbol values of GNU as and ld. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { formatText } from "@nnasm/server/format";
import { readElf } from "@nnasm/sim-core/elf";
import type { Program } from "@nnasm/sim-core/program";
import { expect, it } from "vitest";
import { describeWith, EXTERNALS } from "../../test/tools/external.ts";
import { BINUTILS, inFolder, ours, tool } from "./gnu.ts";

const here = path.dirname(fileURLToPath(import.meta.url));
const C = path.join(here, "c");
const TARGET = ["-march=rv32im_zicsr", "-mabi=ilp32"];
// Merging equal strings is the linker's business and would move everything behind them.
const COMPILE = ["-S", "-ffreestanding", "-fno-builtin", "-fno-merge-constants", ...TARGET];
const AS = ["-march=rv32im_zicsr_zifencei", "-mabi=ilp32", "-mno-relax"];

interface Built {
  readonly source: string;
  readonly program: Program;
}

/** Compiles a file and links it with GNU's tools; functions that C expects of a library become empty ones. */
function build(file: string, optimisation: string): Built {
  return inFolder((folder) => {
    tool("gcc", [...COMPILE, optimisation, path.join(C, file), "-o", "a.s"], folder);
    let source = readFileSync(path.join(folder, "a.s"), "utf8");
    tool("as", [...AS, "a.s", "-o", "a.o"], folder);
    const missing = [...tool("nm", ["a.o"], folder).matchAll(/^ +U (\S+)$/gm)].map((match) => match[1]!);
    source += ["", "\t.text", ...missing.map((name) => `${name}:\tret`), "\t.globl _start", "_start:\tnop", ""].join(
      "\n",
    );
    writeFileSync(path.join(folder, "a.s"), source);
    tool("as", [...AS, "a.s", "-o", "a.o"], folder);
    tool("ld", ["-m", "elf32lriscv", "--no-relax", "-T", path.join(here, "link.ld"), "a.o", "-o", "a.elf"], folder);
    const { program, errors } = readElf(new Uint8Array(readFileSync(path.join(folder, "a.elf"))));
    if (!program) throw new Error(errors.map((error) => error.message).join("\n"));
    return { source, program };
  });
}

/** Memory contents by address, without what is zero anyway. */
function memory(program: Program): Map<number, number> {
  const bytes = new Map<number, number>();
  for (const segment of program.segments) {
    segment.bytes.forEach((byte, index) => {
      if (byte !== 0) bytes.set(segment.address + index, byte);
    });
  }
  return bytes;
}

const symbols = (program: Program) =>
  program.symbols
    .filter(({ name, kind }) => kind !== "section" && kind !== "file" && name !== "")
    .map(({ name, address, bytes, kind, global }) => `${name} ${address.toString(16)} ${bytes} ${kind} ${global}`)
    .sort();

describeWith([EXTERNALS.riscvGcc, ...BINUTILS], "GCC output", () => {
  for (const file of readdirSync(C).filter((name) => name.endsWith(".c"))) {
    for (const optimisation of ["-O0", "-O2"]) {
      it(`${file} ${optimisation}`, () => {
        const theirs = build(file, optimisation);
        const { program, diagnostics } = ours(theirs.source);
        expect(diagnostics).toEqual([]);
        expect(symbols(program!)).toEqual(symbols(theirs.program));
        expect(memory(program!)).toEqual(memory(theirs.program));
        expect(program!.entry).toBe(theirs.program.entry);
        expect(memory(ours(formatText(theirs.source, { insertSpaces: true })).program!)).toEqual(memory(program!));
      });
    }
  }
});
