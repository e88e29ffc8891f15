/** The sample with instructions of its own, from the instruction file to the profile, and from C. */
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assemble } from "@nnasm/sim-core/asm";
import { PRESETS } from "@nnasm/sim-core/config";
import { readElf } from "@nnasm/sim-core/elf";
import { LoadError, Simulator } from "@nnasm/sim-core/engine";
import { disassemble, encode, type InstructionSet } from "@nnasm/sim-core/isa";
import { bindModule, readUserInstructions } from "@nnasm/sim-core/user-isa";
import pc from "picocolors";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../../cli/src/command.ts";
import {
  describeWith,
  EXTERNALS,
  ROOT,
  runCommand,
  runNnasm,
  scaled,
  temporaryFolder,
} from "../../../test/tools/index.ts";
import { chooseLine, Random } from "../../asm/rows.ts";

const SAMPLE = fileURLToPath(new URL(".", import.meta.url));
const OWN = ["own.crc32.b", "own.crc32.w", "own.crc32.at", "own.motion"];

const sampleFile = (name: string): string => readFileSync(path.join(SAMPLE, name), "utf8");

/** What the sample's module exports; it has no declarations for the compiler. */
const sampleModule = (): Promise<{ default: Record<string, { execute(context: object): number }> }> =>
  import(new URL("own-instructions.mjs", import.meta.url).href);

function plainIsa(): InstructionSet {
  const { instructions, diagnostics } = readUserInstructions(
    sampleFile("own-instructions.json"),
    "own-instructions.json",
  );
  expect(diagnostics).toEqual([]);
  return instructions!.isa;
}

async function boundIsa(): Promise<InstructionSet> {
  const bound = bindModule(plainIsa(), await sampleModule(), "own-instructions.mjs");
  if ("problems" in bound) throw new Error(bound.problems.join("\n"));
  return bound.isa;
}

/** The words that a source assembles to. */
function wordsOf(source: string, isa: InstructionSet): number[] {
  const host = { resolve: (_: string, name: string) => name, readText: () => source, readBytes: () => undefined };
  const { placements, diagnostics } = assemble({ entry: "a.nnasm", host, config: PRESETS.default, isa });
  expect(diagnostics).toEqual([]);
  return placements.flatMap(({ words = [] }) => words);
}

/** Runs the command in this process: what it prints and its exit code. */
async function nnasm(args: readonly string[], cwd: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const text = { stdout: "", stderr: "" };
  const output = (stream: "stdout" | "stderr") => ({
    write: (data: string | Uint8Array) => {
      text[stream] += typeof data === "string" ? data : new TextDecoder().decode(data);
    },
    colors: pc.createColors(false),
    isTerminal: false,
  });
  const io = { out: output("stdout"), err: output("stderr"), readInput: () => new Uint8Array(), cwd };
  const code = await runCommandLine(io, args);
  return { code, ...text };
}

/** A copy of the sample to change. */
function copyOfSample(): string {
  const folder = temporaryFolder();
  for (const name of ["nnp.json", "own-instructions.json", "own-instructions.mjs", "main.nnasm"]) {
    cpSync(path.join(SAMPLE, name), path.join(folder, name));
  }
  return folder;
}

describe("the instructions", () => {
  it("come back from disassembly as they were written, with corner and random operands", () => {
    const isa = plainIsa();
    const random = new Random(7);
    const lines = OWN.flatMap((name) =>
      Array.from({ length: scaled(50, 1000) }, () => chooseLine(isa.get(name)!, random)),
    );
    const words = wordsOf(lines.map(({ text }) => text).join("\n"), isa);
    const texts = words.map((word) => disassemble(isa, word, 0, { numeric: true }));
    expect(texts).toEqual(lines.map(({ text }) => text));
    expect(wordsOf(texts.join("\n"), isa)).toEqual(words);
  });

  it("compute the CRC-32 of the standard's check and of random texts", async () => {
    const { default: module } = await sampleModule();
    const operands = { rs1: -1, rs2: 0x34333231 };
    const execute = (name: string, values: object): number => module[name]!.execute({ operands: values });
    // "1234", one step of "123456789": Python's zlib.crc32(b"1234") ^ 0xffffffff.
    expect(execute("own.crc32.w", operands) >>> 0).toBe(~0x9be3e0a3 >>> 0);
    const random = new Random(3);
    for (let round = 0; round < 50; round++) {
      const [crc, word] = [random.below(2 ** 32) | 0, random.below(2 ** 32) | 0];
      let bytewise = crc;
      for (let byte = 0; byte < 4; byte++)
        bytewise = execute("own.crc32.b", { rs1: bytewise, rs2: word >>> (8 * byte) });
      expect(execute("own.crc32.w", { rs1: crc, rs2: word })).toBe(bytewise);
    }
  });
});

describe("the program", () => {
  it("runs in 209 cycles and finds the pixels that have moved", async () => {
    // Lines of main.nnasm, cycles from EX of their first instruction on (docs/timing.md):
    //   19..21  td.ld three times: auipc, addi, 6 cycles (T-CU-12)   4 .. 27, behind 4 cycles of T-CU-1
    //   22, 23  li; own.motion is issued                              28, 29; it starts at 30 and ends at 30 + 8 + 2 x 1 (T-USER-4)
    //   25..27  la (two), li, lw                                      30 .. 33
    //   28      own.crc32.w waits 2 for the load, 2 in EX             34 .. 37
    //   29      own.crc32.at waits 1 (T-USER-2), 2 in EX              38 .. 40
    //   30, 31  lbu; own.crc32.b waits 2 for s0 (T-USER-2), 1 in EX   41 .. 44
    //   32, 34  not; nn.fence, which the operation has preceded       45, 46
    //   35..37  la (two), li, addi                                    47 .. 50
    //   38..42  15 passes of 1 + 3 + 1 + 1 + 3, the last one 1 + 3 + 1 + 1 + 5: 146   51 .. 196
    //   44, 45  li (two), beq forward, taken: 5                       197 .. 203
    //   47, 48  li, ecall in EX at 205: the end is 4 later            204 .. 208
    const { code, stdout } = await runNnasm(["run", "--json"], { cwd: SAMPLE });
    expect(JSON.parse(stdout)).toMatchObject({ cycles: 209, retired: 110, stop: { reason: "exit", exitCode: 4 } });
    expect(code).toBe(4);
  });

  it("is profiled by line, and traced by operation", async () => {
    const folder = copyOfSample();
    const { code, stdout, stderr } = await nnasm(["profile", "--json", "--trace", "trace.json"], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    interface Line {
      readonly line: number;
      readonly cycles: number;
      readonly cu: Readonly<Record<string, number>>;
    }
    const profile = JSON.parse(stdout) as {
      lines: Line[];
      total: { cu: Record<string, number> };
      units: { unit: string; busy: number }[];
    };
    const at = (line: number) => profile.lines.find((found) => found.line === line)!;
    expect(at(28)).toMatchObject({ cycles: 4, cu: { execute: 1, loadUse: 2, user: 1 } });
    expect(at(29)).toMatchObject({ cycles: 3, cu: { execute: 1, user: 2 } });
    expect(at(31)).toMatchObject({ cycles: 3, cu: { execute: 1, user: 2 } });
    expect(profile.total.cu.user).toBe(5);
    expect(profile.units.find(({ unit }) => unit === "xu")?.busy).toBe(10);
    const trace = readFileSync(path.join(folder, "trace.json"), "utf8");
    const { traceEvents } = JSON.parse(trace) as {
      traceEvents: { name: string; ph: string; ts: number; dur?: number }[];
    };
    expect(traceEvents).toContainEqual(expect.objectContaining({ name: "own.motion", ts: 30, dur: 10 }));
  });

  it("is built, run as an ELF file, and disassembled with its own names", async () => {
    const folder = copyOfSample();
    expect((await nnasm(["build"], folder)).code).toBe(0);
    expect((await nnasm(["run", "-q", "main.elf"], folder)).code).toBe(4);
    const { stdout } = await nnasm(["disasm", "main.elf"], folder);
    expect(stdout).toContain("own.crc32.at s0, 4(s1)");
    expect(stdout).toContain("own.motion td2, td0, td1, a0");
    expect(stdout).not.toContain(".word");
  });

  it("does not run on a machine with other instructions", async () => {
    const folder = copyOfSample();
    await nnasm(["build"], folder);
    const { program } = readElf(new Uint8Array(readFileSync(path.join(folder, "main.elf"))));
    expect(program!.facts.user).toEqual({ name: "crc and motion", hash: plainIsa().user!.hash });
    expect(() => new Simulator({ program: program!, config: PRESETS.default })).toThrow(LoadError);
    const file = path.join(folder, "own-instructions.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"0b0000100"', '"0b0001000"'));
    const { code, stderr } = await nnasm(["run", "main.elf"], folder);
    expect(code).toBe(125);
    expect(stderr).toMatch(
      /cannot load main\.elf: the program uses the user instructions "crc and motion" \([\da-f]{8}\), this machine has "crc and motion" \([\da-f]{8}\): assemble it again/,
    );
    writeFileSync(path.join(folder, "nnp.json"), "{}");
    expect((await nnasm(["run", "main.elf"], folder)).stderr).toContain("this machine has none");
  });
});

describe("the command line", () => {
  it("lists and explains them", async () => {
    const all = JSON.parse((await nnasm(["isa", "--json"], SAMPLE)).stdout) as { mnemonic: string }[];
    expect(all.slice(-4).map(({ mnemonic }) => mnemonic)).toEqual(OWN);
    const { stdout } = await nnasm(["isa", "own.motion"], SAMPLE);
    expect(stdout).toContain("31:27      26:25  24:20   19:15  14:12  11:7  6:0");
    expect(stdout).toContain("threshold  11     before  now    110    out   1111011");
    expect((await nnasm(["isa", "own.motion"], temporaryFolder())).stderr).toContain('unknown mnemonic "own.motion"');
  });

  it("says what is wrong, where, and what to do", async () => {
    let folder = copyOfSample();
    const change = (name: string, from: string, to: string) =>
      writeFileSync(path.join(folder, name), sampleFile(name).replace(from, to));
    const failure = async (args: string[] = ["run"]): Promise<string> => {
      const { code, stderr } = await nnasm(args, folder);
      expect(code).toBe(args[0] === "run" ? 125 : 1);
      return stderr;
    };
    change("own-instructions.json", '"own.motion"', '"nu.conv"');
    expect(await failure(["build"])).toMatch(
      /own-instructions\.json:\d+:5: error: nu\.conv is an instruction of the machine \(.*\) already/,
    );
    change("own-instructions.json", '"own.motion"', '"own.motions"');
    // build runs no code, so only the program's own use is wrong; run says what the module lacks.
    expect(await failure(["build"])).toContain("unknown instruction or macro `own.motion`");
    writeFileSync(path.join(folder, "main.nnasm"), " li a7, 93\n ecall\n");
    expect(await failure()).toContain(
      "own-instructions.mjs: own.motion is no instruction of the instruction file; did you mean own.motions?",
    );
    // Modules are loaded once in a process: another folder, another module.
    folder = copyOfSample();
    change("own-instructions.mjs", "export default", "throw new Error('not today');\nexport default");
    expect(await failure()).toContain("cannot load own-instructions.mjs: not today");
    change("own-instructions.json", '"own-instructions.mjs"', '"gone.mjs"');
    expect(await failure()).toContain("cannot load gone.mjs: no such file");
    change("nnp.json", "own-instructions.json", "gone.json");
    expect(await failure()).toContain('nnp.json names gone.json under "instructions", and there is no such file');
  });
});

describe("the types that ship", () => {
  it("check the sample's module, and find mistakes", async () => {
    const folder = temporaryFolder();
    const wrong = path.join(folder, "wrong.mjs");
    const types = path.join(ROOT, "sdk/user-instructions.d.ts").replaceAll("\\", "/");
    writeFileSync(
      wrong,
      `/** @type {import("${types}").ControlUnitInstruction} */\nexport const a = { execute: ({ load }) => String(load(0, 3)) };\n`,
    );
    const flags = [
      "--noEmit",
      "--allowJs",
      "--checkJs",
      "--strict",
      "--target",
      "es2022",
      "--module",
      "nodenext",
      "--skipLibCheck",
      "--typeRoots",
      folder,
    ];
    const files = [path.join(SAMPLE, "own-instructions.mjs"), wrong];
    const { stdout } = await runCommand(process.execPath, [
      path.join(ROOT, "node_modules/typescript/bin/tsc"),
      ...flags,
      ...files,
    ]);
    const errors = stdout.split("\n").filter((line) => line.includes("error"));
    expect(errors.every((line) => line.includes("wrong.mjs"))).toBe(true);
    expect(errors.join("\n")).toContain("Type 'string' is not assignable to type 'number'");
    expect(errors.join("\n")).toContain("Argument of type '3'");
  });
});

describeWith([EXTERNALS.riscvGcc, EXTERNALS.gnuObjdump], "C", () => {
  const SDK = path.join(ROOT, "sdk");
  const GCC = "riscv64-unknown-elf-gcc";
  const FLAGS = ["-march=rv32im_zicsr_zifencei", "-mabi=ilp32", "-nostdlib", "-O2", "-Wall", "-Werror"];

  it("gets macros that compile to the same words", async () => {
    const folder = temporaryFolder();
    expect((await nnasm(["isa", "--header", "-o", path.join(folder, "own.h")], SAMPLE)).code).toBe(0);
    writeFileSync(
      path.join(folder, "words.c"),
      `#include "own.h"
int b(int p0, int p1) { return own_crc32_b(p0, p1); }
int w(int p0, int p1) { return own_crc32_w(p0, p1); }
int at(int p0, int p1) { return own_crc32_at(p0, -2048, p1); }
void motion(int p0) { own_motion(31, 0, 17, p0); }
`,
    );
    execFileSync(GCC, [...FLAGS, "-c", "words.c", "-o", "words.o"], { cwd: folder });
    const dump = execFileSync("riscv64-unknown-elf-objdump", ["-d", "words.o"], { cwd: folder }).toString();
    const words = new Set([...dump.matchAll(/:\s+([0-9a-f]{8})\s/g)].map((match) => Number.parseInt(match[1]!, 16)));
    const isa = plainIsa();
    // Parameters and results are a0 and a1; fields in the order of the operands.
    const expected = {
      "own.crc32.b": [10, 10, 11],
      "own.crc32.w": [10, 10, 11],
      "own.crc32.at": [10, -2048, 11],
      "own.motion": [31, 0, 17, 10],
    };
    for (const [name, fields] of Object.entries(expected))
      expect(words, name).toContain(encode(isa.get(name)!, fields));
  });

  it("runs a C program with them", async () => {
    const folder = temporaryFolder();
    await nnasm(["isa", "--header", "-o", path.join(folder, "own.h")], SAMPLE);
    writeFileSync(
      path.join(folder, "main.c"),
      'int crc32(const unsigned char *, int);\nint main(void) { return crc32((const unsigned char *)"123456789", 9) == (int)0xcbf43926 ? 42 : 1; }\n',
    );
    const sources = ["crt0.S", "string.c"].map((file) => path.join(SDK, file));
    const args = [
      ...FLAGS,
      "-I",
      folder,
      "-T",
      path.join(SDK, "nnp.ld"),
      ...sources,
      path.join(SAMPLE, "crc.c"),
      "main.c",
      "-o",
      "main.elf",
    ];
    execFileSync(GCC, args, { cwd: folder });
    const { program } = readElf(new Uint8Array(readFileSync(path.join(folder, "main.elf"))));
    const simulator = new Simulator({ program: program!, config: PRESETS.default, isa: await boundIsa() });
    expect(simulator.run({ untilCycle: 100_000 })).toMatchObject({ reason: "exit", exitCode: 42 });
  });
});
