/** C programs compiled by GCC on our machine and under qemu-riscv32: the same ELF file, the same output and exit code. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PRESETS } from "@nnasm/sim-core/config";
import { readElf } from "@nnasm/sim-core/elf";
import { Simulator } from "@nnasm/sim-core/engine";
import { checkedProfile } from "@nnasm/sim-core/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWith, EXTERNALS, scaled } from "../tools/index.ts";

const folderOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const PROGRAMS = folderOf("../../test-fixtures/c/");
const SDK = folderOf("../../sdk/");
const TARGET = ["-march=rv32im", "-mabi=ilp32", "-ffreestanding", "-nostdlib", "-Wall", "-Wextra", "-Werror"];
const LEVELS = scaled(["-O2"], ["-O0", "-O1", "-O2", "-O3", "-Os"]);
const NAMES = readdirSync(PROGRAMS)
  .filter((file) => file.endsWith(".c"))
  .map((file) => file.replace(/\.c$/, ""));

/** Runs an ELF file to its end; the accounting must add up. */
function runHere(elf: string): { exitCode: number; output: string } {
  const { program, errors } = readElf(new Uint8Array(readFileSync(elf)));
  if (!program) throw new Error(errors.map(({ message }) => message).join("\n"));
  const chunks: Uint8Array[] = [];
  const host = { write: (_: number, bytes: Uint8Array) => chunks.push(bytes.slice()) };
  const simulator = new Simulator({ program, config: PRESETS.default, host });
  const stop = simulator.run({ untilCycle: 1_000_000_000 });
  if (stop.reason !== "exit") throw new Error(JSON.stringify(stop));
  checkedProfile(simulator);
  return { exitCode: stop.exitCode, output: Buffer.concat(chunks).toString() };
}

describeWith([EXTERNALS.riscvGcc, EXTERNALS.qemuRiscv32], "C programs under qemu-riscv32", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "nnasm-c-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(NAMES.flatMap((name) => LEVELS.map((level) => [name, level] as const)))("%s %s", (name, level) => {
    const compile = (script: string): string => {
      const elf = join(folder, `${name}${level}.elf`);
      const sources = [join(SDK, "crt0.S"), join(SDK, "string.c"), join(PROGRAMS, `${name}.c`)];
      execFileSync("riscv64-unknown-elf-gcc", [...TARGET, level, "-T", script, ...sources, "-lgcc", "-o", elf]);
      return elf;
    };
    const both = compile(join(PROGRAMS, "both.ld"));
    const theirs = spawnSync("qemu-riscv32", [both]);
    const expected = { exitCode: theirs.status, output: theirs.stdout.toString() };
    expect(expected.exitCode).toBe(0);
    expect(expected.output.split("\n").length).toBeGreaterThan(3);
    expect(runHere(both)).toEqual(expected);
    // The kit's own script puts the code into PM, where QEMU has no memory.
    expect(runHere(compile(join(SDK, "nnp.ld")))).toEqual(expected);
  });
});
