/**
 * C programs of several objects and a library, compiled by GCC and linked by our linker: they do under qemu-riscv32 and on
 * our machine what the files of GNU ld do there. The C kit's sample, which uses the machine's own instructions, runs too.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { assembleObject } from "@nnasm/sim-core/asm";
import { cHeader } from "@nnasm/sim-core/c-header";
import { type MachineConfig, PRESETS } from "@nnasm/sim-core/config";
import { formatDiagnostic } from "@nnasm/sim-core/diagnostics";
import { readElf, readObject, writeObject } from "@nnasm/sim-core/elf";
import { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { isArchive, type LinkInput, link } from "@nnasm/sim-core/link";
import { LineIndex, type Program } from "@nnasm/sim-core/program";
import { expect, it } from "vitest";
import { ROOT } from "../tools/command.ts";
import { describeWith, EXTERNALS } from "../tools/index.ts";

const PREFIX = "riscv64-unknown-elf-";
const FLAGS = ["-march=rv32im_zicsr_zifencei", "-mabi=ilp32", "-ffreestanding", "-O2", "-g", "-Wall", "-Werror"];
const SDK = path.join(ROOT, "sdk");

/** qemu maps no page at 0, so code lies in DDR; the stack is part of .bss, since qemu maps only what the file asks for. */
const IN_DDR: MachineConfig = {
  ...PRESETS.default,
  layout: { sections: [{ match: ".text*", memory: "ddr", into: ".text" }] },
};
const SCRIPT = `ENTRY(_start)
SECTIONS
{
  . = 0x10000000;
  .rodata : { *(.rodata .rodata.* .srodata .srodata.*) }
  .data : { *(.data .data.* .sdata .sdata.*) }
  .bss (NOLOAD) : { *(.bss .bss.* .sbss .sbss.* COMMON) }
  .text 0x80000000 : { *(.text .text.*) }
}
`;

const START = `        .globl  _start
        .weak   before_main
_start: la      sp, stack_end
        la      t0, before_main
        beqz    t0, 1f
        jalr    t0
1:      call    main
        li      a7, 93
        ecall
        .globl  print
print:  mv      a2, a1
        mv      a1, a0
        li      a0, 1
        li      a7, 64
        ecall
        ret
        .bss
        .align  4
        .space  8192
stack_end:
`;

const SOURCES: Readonly<Record<string, string>> = {
  "main.c": `#include "parts.h"
static const char *const words[] = { "pear", "apple", "quince", "fig", "apple pie" };
int shared;
int main(void)
{
    const char *sorted[5];
    memcpy(sorted, words, sizeof words);
    sort(sorted, 5);
    for (int i = 0; i < 5; i++) say(sorted[i]);
    say_number(shared);
    say_number(sum_of_squares(1000));
    return shared % 100;
}
`,
  "sort.c": `#include "parts.h"
void sort(const char **list, int count)
{
    for (int i = 1; i < count; i++)
        for (int j = i; j > 0 && compare(list[j - 1], list[j]) > 0; j--) {
            const char *other = list[j];
            list[j] = list[j - 1];
            list[j - 1] = other;
            shared++;
        }
}
`,
  "text.c": `#include "parts.h"
int compare(const char *a, const char *b)
{
    while (*a && *a == *b) a++, b++;
    return *a - *b;
}
void say(const char *text)
{
    int length = 0;
    while (text[length]) length++;
    print(text, length);
    print("\\n", 1);
}
void say_number(unsigned value)
{
    char digits[12];
    char *at = digits + sizeof digits;
    *--at = 0;
    do *--at = '0' + value % 10; while (value /= 10);
    say(at);
}
`,
  "squares.c": `#include "parts.h"
static unsigned table[8] = { 0, 1, 4, 9, 16, 25, 36, 49 };
unsigned sum_of_squares(int n)
{
    unsigned sum = 0;
    for (int i = 0; i < n; i++) sum += i < 8 ? table[i] : (unsigned)(i * i);
    return sum;
}
void before_main(void) { say("apple pie" + 6); }
`,
};
const HEADER = `#include <stddef.h>
void *memcpy(void *restrict, const void *restrict, size_t);
void print(const char *, int);
void say(const char *);
void say_number(unsigned);
int compare(const char *, const char *);
void sort(const char **, int);
unsigned sum_of_squares(int);
extern int shared;
`;
const EXPECTED = "pie\napple\napple pie\nfig\npear\nquince\n6\n332833500\n";

function inFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(path.join(tmpdir(), "nnasm-c-"));
  try {
    use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const tool = (name: string, args: readonly string[], cwd: string): void => {
  execFileSync(PREFIX + name, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
};

function inputOf(folder: string, name: string): LinkInput {
  const bytes = new Uint8Array(readFileSync(path.join(folder, name)));
  if (isArchive(bytes)) return { name, bytes };
  const { object, errors } = readObject(bytes);
  if (!object) throw new Error(`${name}: ${errors[0]?.message}`);
  return { name, object };
}

function linked(
  folder: string,
  names: readonly string[],
  config: MachineConfig,
): { elf: Uint8Array; program: Program } {
  const inputs = names.map((name) => inputOf(folder, name));
  const { elf, program, diagnostics } = link({ inputs, config });
  if (!elf || !program || diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return { elf, program };
}

function onMachine(program: Program, config: MachineConfig): { code: number | undefined; text: string } {
  const chunks: Uint8Array[] = [];
  const simulator = new Simulator({ program, config, host: { write: (_, bytes) => chunks.push(bytes) } });
  const end = simulator.run({ untilCycle: 5_000_000 });
  return { code: end.reason === "exit" ? end.exitCode : undefined, text: Buffer.concat(chunks).toString() };
}

describeWith([EXTERNALS.riscvGcc, EXTERNALS.gnuLd], "C of several objects", () => {
  it("the C kit and its sample need no other linker", () => {
    inFolder((folder) => {
      writeFileSync(path.join(folder, "nn.h"), cHeader(BASE_ISA));
      const sources = ["sample.c", "crt0.S", "string.c"].map((file) => path.join(SDK, file));
      const flags = FLAGS.filter((flag) => flag !== "-ffreestanding");
      tool("gcc", [...flags, "-I", folder, "-c", ...sources], folder);
      tool("ar", ["rcs", "libkit.a", "crt0.o", "string.o"], folder);
      const { program } = linked(folder, ["sample.o", "libkit.a"], PRESETS.default);
      expect(onMachine(program, PRESETS.default)).toEqual({ code: 42, text: "" });
      const main = program.symbols.find(({ name }) => name === "main")!;
      const place = new LineIndex(program).placeOf(main.address);
      expect(place?.file).toBe(path.join(SDK, "sample.c"));
    });
  });
});

describeWith(
  [EXTERNALS.riscvGcc, EXTERNALS.gnuLd, EXTERNALS.qemuRiscv32],
  "C of several objects under qemu-riscv32",
  () => {
    it("does what the file of GNU ld does, there and on our machine", () => {
      inFolder((folder) => {
        writeFileSync(path.join(folder, "parts.h"), HEADER);
        writeFileSync(path.join(folder, "script.ld"), SCRIPT);
        for (const [name, text] of Object.entries(SOURCES)) writeFileSync(path.join(folder, name), text);
        tool("gcc", [...FLAGS, "-c", ...Object.keys(SOURCES), path.join(SDK, "string.c")], folder);
        tool("ar", ["rcs", "libparts.a", "string.o", "text.o", "squares.o"], folder);
        const host = { resolve: (_: string, name: string) => name, readText: () => START, readBytes: () => undefined };
        const start = assembleObject({ entry: "start.nnasm", host, config: IN_DDR, isa: BASE_ISA });
        writeFileSync(path.join(folder, "start.o"), writeObject(start.object!));
        const names = ["start.o", "main.o", "sort.o", "libparts.a"];
        const mine = linked(folder, names, IN_DDR);
        writeFileSync(path.join(folder, "mine.elf"), mine.elf, { mode: 0o755 });
        const script = ["-m", "elf32lriscv", "--no-relax", "-T", "script.ld"];
        tool("ld", [...script, ...names, "-o", "gnu.elf"], folder);
        const gnu = readElf(new Uint8Array(readFileSync(path.join(folder, "gnu.elf"))));
        for (const file of ["mine.elf", "gnu.elf"]) {
          const { status, stdout } = spawnSync("qemu-riscv32", [path.join(folder, file)], { encoding: "utf8" });
          expect({ file, code: status, text: stdout }).toEqual({ file, code: 6, text: EXPECTED });
        }
        for (const program of [mine.program, gnu.program!]) {
          expect(onMachine(program, IN_DDR)).toEqual({ code: 6, text: EXPECTED });
        }
      });
    });
  },
);
