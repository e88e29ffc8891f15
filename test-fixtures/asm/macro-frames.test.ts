/** Macro calls in DWARF: foreign debuggers show them as inlined frames, and we read those of compilers. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { readElf, writeElf } from "@nnasm/sim-core/elf";
import { callChain, LineIndex, type Program } from "@nnasm/sim-core/program";
import { expect, it } from "vitest";
import { runCommand, temporaryFolder } from "../../test/tools/command.ts";
import { describeWith, EXTERNALS } from "../../test/tools/external.ts";
import { BINUTILS, ours, tool } from "./gnu.ts";

/** Macros within macros, in code without a function and in a function, with a piece in another section. */
const SOURCE = `        .macro inner x
        addi    a0, a0, \\x
        addi    a1, a1, \\x
        .endm
        .macro outer
        nop
        inner   3
        .pushsection .ddr.cold, "ax"
cold\\@: inner   4
        .popsection
        nop
        .endm
        .section .ddr.code, "ax"
        .globl _start
_start: li      a0, 0
        outer
        call    fn
        li      a7, 93
        ecall
        .globl fn
        .type fn, @function
fn:     .rept 2
        inner   1
        .endr
        outer
        ret
        .size fn, . - fn
        .macro make name
        .globl \\name
        .type \\name, @function
\\name:  inner   7
        ret
        .size \\name, . - \\name
        .endm
        make    made
        .data
        .word   1
`;

function build(source: string): Program {
  const { program, diagnostics } = ours(source);
  if (!program) throw new Error(diagnostics.map((diagnostic) => diagnostic.message).join("\n"));
  return program;
}

function folderOf(program: Program): string {
  const folder = temporaryFolder({ "a.s": SOURCE });
  writeFileSync(path.join(folder, "a.elf"), writeElf(program), { mode: 0o755 });
  return folder;
}

/** Each instruction's chain as `macro:call line`, outermost first, and the line of the body behind it. */
function chains(program: Program): string[] {
  const index = new LineIndex(program);
  return program.lines
    .filter(({ code }) => code)
    .map(({ address }) => {
      const chain = callChain(program.inlined, address).map(({ name, callLine }) => `${name}:${callLine}`);
      return [...chain, index.placeOf(address)?.line].join(" ");
    });
}

it("every instruction has the chain of calls that it came through, also when read from an ELF file", () => {
  const program = build(SOURCE);
  const inCode = ["outer:16 6", "outer:16 inner:7 2", "outer:16 inner:7 3", "outer:16 11"];
  const inFunction = inCode.map((text) => text.replace("outer:16", "outer:25"));
  expect(chains(program)).toEqual([
    "15",
    ...inCode,
    "17",
    "18",
    "19",
    ...["inner:23 2", "inner:23 3", "inner:23 2", "inner:23 3"],
    ...inFunction,
    "26",
    ...["make:35 inner:31 2", "make:35 inner:31 3", "make:35 32"],
    ...["outer:16 inner:9 2", "outer:16 inner:9 3", "outer:25 inner:9 2", "outer:25 inner:9 3"],
  ]);
  const read = readElf(writeElf(program)).program!;
  expect(read.inlined).toEqual(program.inlined);
  expect(chains(read)).toEqual(chains(program));
});

it("repetitions are no calls, and each call of a repetition is one of its own", () => {
  const { inlined } = build(SOURCE);
  expect(inlined.filter(({ callLine }) => callLine === 23)).toHaveLength(2);
  expect(new Set(inlined.map(({ name }) => name))).toEqual(new Set(["inner", "outer", "make"]));
});

describeWith(BINUTILS, "GNU binutils and the inlined frames", () => {
  it("take the debug sections without a warning", () => {
    const folder = folderOf(build(SOURCE));
    for (const [command, args] of [
      ["readelf", ["--debug-dump=info,abbrev,ranges,decodedline", "a.elf"]],
      ["objdump", ["--dwarf", "a.elf"]],
    ] as const) {
      const { status, stdout, stderr } = spawnSync(`riscv64-unknown-elf-${command}`, args, {
        cwd: folder,
        encoding: "utf8",
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout.match(/DW_TAG_inlined_subroutine/g)?.length).toBeGreaterThan(10);
      expect(stdout).not.toMatch(/warning|corrupt|unknown/i);
    }
  });

  it("addr2line -i says our chain for every instruction", () => {
    const program = build(SOURCE);
    const folder = folderOf(program);
    const index = new LineIndex(program);
    for (const { address, code } of program.lines) {
      if (!code) continue;
      const said = tool("addr2line", ["-i", "-e", "a.elf", address.toString(16)], folder)
        .trim()
        .split("\n");
      const calls = callChain(program.inlined, address).map(({ callLine }) => callLine);
      const lines = [...calls, index.placeOf(address)!.line].reverse();
      expect(said.map((line) => Number(line.split(":")[1]))).toEqual(lines);
    }
  });
});

/** A port that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** gdb's output for commands on the program that runs under qemu. */
async function gdb(folder: string, commands: readonly string[]): Promise<string> {
  const port = await freePort();
  const machine: ChildProcess = spawn("qemu-riscv32", ["-g", String(port), "a.elf"], { cwd: folder, stdio: "ignore" });
  try {
    const connect = ["set architecture riscv:rv32", "set tcp connect-timeout 30", `target remote 127.0.0.1:${port}`];
    const args = [...connect, ...commands].flatMap((command) => ["-ex", command]);
    const { stdout } = await runCommand("gdb-multiarch", ["-batch", "-nx", ...args, "a.elf"], { cwd: folder });
    return stdout;
  } finally {
    machine.kill();
  }
}

const backtraces = (output: string): string[] =>
  [...output.matchAll(/^#\d+ .*$/gm)].map(([line]) => line.replace(/0x[0-9a-f]+ in /, "").replace(/ +/g, " "));

describeWith([EXTERNALS.gdb, EXTERNALS.qemuRiscv32], "gdb and the inlined frames", () => {
  it("shows macro calls as frames, with the lines of the calls", async () => {
    const folder = folderOf(build(SOURCE));
    const output = await gdb(folder, [
      "break a.s:3",
      "continue",
      "bt",
      "up",
      "finish",
      "continue",
      "bt",
      "continue",
      "continue",
      "bt",
    ]);
    expect(backtraces(output)).toEqual([
      ...["#0 inner () at a.s:3", "#1 outer () at a.s:7", "#2 _start () at a.s:16"],
      // up, and then out of the outer macro
      ...["#1 outer () at a.s:7"],
      ...["#0 inner () at a.s:3", "#1 fn () at a.s:23", "#2 _start () at a.s:17"],
      ...["#0 inner () at a.s:3", "#1 outer () at a.s:7", "#2 fn () at a.s:25", "#3 _start () at a.s:17"],
    ]);
    expect(output).toContain("_start () at a.s:17");
  });

  it("steps over a macro call as over a function's", async () => {
    const folder = folderOf(build(SOURCE));
    const output = await gdb(folder, ["break a.s:16", "continue", "next", "info source", "info symbol made"]);
    expect(output).toMatch(/^17\s+call {4}fn$/m);
    expect(output).toContain("made in section .ddr.code");
  });
});

const C = `
static inline __attribute__((always_inline)) int inner(int x) { return x * 3 + 1; }
static inline __attribute__((always_inline)) int outer(int x) { int y = inner(x); volatile int z = y; return z + inner(y); }
int main(void) { int r = outer(4);
  r += outer(r);
  return r; }
`;

describeWith([EXTERNALS.riscvGcc, ...BINUTILS], "inlined functions of GCC", () => {
  for (const version of [3, 4, 5]) {
    for (const level of ["-O1", "-O2"]) {
      it(`DWARF ${version}, ${level}: the same chain as addr2line -i`, () => {
        const folder = temporaryFolder({ "a.c": C });
        const flags = ["-march=rv32im_zicsr", "-mabi=ilp32", level, `-gdwarf-${version}`, "-nostdlib", "-Wl,-e,main"];
        tool("gcc", [...flags, "-Wl,-Ttext=0x1000", "-Wl,--no-relax", "-static", "a.c", "-o", "a.elf"], folder);
        const { program, warnings } = readElf(new Uint8Array(readFileSync(path.join(folder, "a.elf"))));
        expect(warnings).toEqual([]);
        expect(program!.inlined.some(({ parent }) => parent >= 0)).toBe(true);
        const text = program!.sections.find(({ name }) => name === ".text")!;
        const index = new LineIndex(program!);
        for (let address = text.address; address < text.address + text.bytes; address += 4) {
          const said = tool("addr2line", ["-f", "-i", "-e", "a.elf", address.toString(16)], folder)
            .trim()
            .split("\n");
          const theirs = said.map((line) => line.replace(/.*a\.c:(\d+).*/, "$1"));
          const chain = callChain(program!.inlined, address);
          const lines = [...chain.map(({ callLine }) => callLine), index.placeOf(address)!.line].reverse();
          const names = ["main", ...chain.map(({ name }) => name)].reverse();
          expect({ address, chain: names.flatMap((name, at) => [name, String(lines[at])]) }).toEqual({
            address,
            chain: theirs,
          });
        }
      });
    }
  }
});
