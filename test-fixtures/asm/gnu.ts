/** GNU's tools as oracles, and our assembler in the same form. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Assembly, assemble, type SourceHost } from "@nnasm/sim-core/asm";
import { PRESETS } from "@nnasm/sim-core/config";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { EXTERNALS } from "../../test/tools/external.ts";

const PREFIX = "riscv64-unknown-elf-";
const AS_FLAGS = ["-march=rv32im_zicsr_zifencei", "-mabi=ilp32", "-mno-relax"];

/** GNU's assembler, linker and friends come in one package; where as is, they all are. */
export const BINUTILS = [EXTERNALS.gnuAs, EXTERNALS.gnuLd, EXTERNALS.gnuObjdump, EXTERNALS.gnuReadelf] as const;

/** A folder that is gone after `use`. */
export function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), "nnasm-gnu-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function tool(name: string, args: readonly string[], folder?: string): string {
  return execFileSync(name.startsWith("gdb") ? name : PREFIX + name, args, {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "pipe"],
    ...(folder ? { cwd: folder } : {}),
  });
}

/** Sections of a program linked at the addresses that ours get. */
export interface Image {
  readonly text: Uint8Array;
  readonly data: Uint8Array;
}

/** Assembles and links with GNU: .text at 0, .data at DM. */
export function gnuImage(source: string): Image {
  return inFolder((folder) => {
    writeFileSync(path.join(folder, "a.s"), source);
    tool("as", [...AS_FLAGS, "a.s", "-o", "a.o"], folder);
    const placed = ["-Ttext=0", "-Tdata=0x10000000", "-e", "0", "--no-warn-rwx-segments"];
    tool("ld", ["-m", "elf32lriscv", "--no-relax", ...placed, "a.o", "-o", "a.elf"], folder);
    const section = (name: string): Uint8Array => {
      tool("objcopy", ["-O", "binary", "-j", name, "a.elf", "a.bin"], folder);
      return new Uint8Array(readFileSync(path.join(folder, "a.bin")));
    };
    return { text: section(".text"), data: section(".data") };
  });
}

/** Lines that GNU as refuses. */
export function gnuErrors(source: string): Set<number> {
  return inFolder((folder) => {
    writeFileSync(path.join(folder, "a.s"), source);
    const { stderr } = spawnSync(`${PREFIX}as`, [...AS_FLAGS, "a.s", "-o", "a.o"], { cwd: folder, encoding: "utf8" });
    return new Set([...stderr.matchAll(/^a\.s:(\d+): (?:Fatal e|E)rror/gm)].map((match) => Number(match[1])));
  });
}

/** A host over texts and bytes held in memory. */
export function memoryHost(files: Readonly<Record<string, string | Uint8Array>>): SourceHost {
  const get = (name: string) => (Object.hasOwn(files, name) ? files[name] : undefined);
  return {
    resolve: (from, relative) => path.posix.join(path.posix.dirname(from), relative),
    readText: (name) => {
      const file = get(name);
      return file instanceof Uint8Array ? new TextDecoder().decode(file) : file;
    },
    readBytes: (name) => {
      const file = get(name);
      return typeof file === "string" ? new TextEncoder().encode(file) : file;
    },
  };
}

/** Assembles a text with ours. */
export function ours(source: string, files: Readonly<Record<string, string | Uint8Array>> = {}): Assembly {
  const host = memoryHost({ ...files, "a.s": source });
  return assemble({ entry: "a.s", host, config: PRESETS.default, isa: BASE_ISA });
}

/** Our sections; throws the diagnostics as one text when there are errors. */
export function ourImage(source: string, files: Readonly<Record<string, string | Uint8Array>> = {}): Image {
  const { program, diagnostics } = ours(source, files);
  if (!program) {
    const lines = source.split("\n");
    const text = diagnostics.map(
      (d) => `${d.range.start.line + 1}: ${d.message} [${d.id}]  ${lines[d.range.start.line]}`,
    );
    throw new Error(text.slice(0, 20).join("\n"));
  }
  const section = (address: number) => program.segments.find((s) => s.address === address)?.bytes ?? new Uint8Array(0);
  return { text: section(0), data: section(0x10000000) };
}

/** Little-endian words of a section. */
export function words(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length >> 2 }, (_, index) => view.getUint32(4 * index, true));
}
