/** GDB on a program that our server has, and programs for it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { cHeader } from "@nnasm/sim-core/c-header";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { afterAll } from "vitest";
import { serveGdb } from "../../debug-adapter/src/index.ts";
import { ROOT, runCommand } from "../tools/index.ts";

const SDK = path.join(ROOT, "sdk");
const FLAGS = ["-march=rv32im", "-mabi=ilp32", "-ffreestanding", "-nostdlib", "-g", "-Wall", "-Werror"];

let folder: string | undefined;

/** A folder for the files of a test file. */
export function workFolder(): string {
  folder ??= mkdtempSync(path.join(tmpdir(), "nnasm-gdb-"));
  return folder;
}

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Compiles a C file with the kit's start-up code. @returns the ELF file's name */
export function compile(source: string, level: string): string {
  const out = workFolder();
  writeFileSync(path.join(out, "nn.h"), cHeader(BASE_ISA));
  const elf = path.join(out, `${path.basename(source, ".c")}${level}.elf`);
  const sources = [path.join(SDK, "crt0.S"), path.join(SDK, "string.c"), source];
  const script = path.join(SDK, "nnp.ld");
  execFileSync("riscv64-unknown-elf-gcc", [...FLAGS, level, "-I", out, "-T", script, ...sources, "-lgcc", "-o", elf]);
  return elf;
}

export interface Served {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * One session of GDB in batch mode with our server in this process.
 * @param args behind `target remote`, unless `connects` is false: then NNASM_PORT tells where the server is
 */
export async function gdbOn(
  elf: string,
  args: readonly string[],
  {
    env = {},
    connects = true,
    stopOnExit = false,
    historyMegabytes = 64,
  }: {
    env?: Readonly<Record<string, string>>;
    connects?: boolean;
    stopOnExit?: boolean;
    historyMegabytes?: number;
  } = {},
): Promise<Served> {
  const log: string[] = [];
  let served: Promise<void> = Promise.resolve();
  const port = await new Promise<number>((listening, failed) => {
    const report = (text: string) => log.push(text);
    served = serveGdb({ program: elf, port: 0, once: true, stopOnExit, historyMegabytes, listening, log: report });
    served.catch(failed);
  });
  const setup = ["-nx", "-batch", "-ex", "set pagination off", "-ex", "set confirm off", "-ex", "set width 0"];
  const connect = connects ? ["-ex", `target remote 127.0.0.1:${port}`] : [];
  const result = await runCommand("gdb-multiarch", [...setup, ...connect, ...args, elf], {
    env: { ...env, NNASM_PORT: String(port) },
    timeoutMs: 50_000,
  });
  await served;
  if (log.some((text) => text.includes("error"))) throw new Error(log.join("\n"));
  return result;
}

/** `-ex` before each command. */
export const commands = (...texts: readonly string[]): string[] => texts.flatMap((text) => ["-ex", text]);
