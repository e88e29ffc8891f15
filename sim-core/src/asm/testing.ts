/** For tests: sources held in memory. */
import { type MachineConfig, PRESETS } from "../config/index.ts";
import { BASE_ISA } from "../isa/index.ts";
import { type AssembleOptions, type Assembly, assemble, type SourceHost } from "./index.ts";

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A host over files of one folder. */
export function memoryHost(files: Files): SourceHost {
  const get = (name: string) => (Object.hasOwn(files, name) ? files[name] : undefined);
  return {
    resolve: (_from, relative) => relative,
    readText: (name) => {
      const file = get(name);
      return typeof file === "string" ? file : undefined;
    },
    readBytes: (name) => {
      const file = get(name);
      return typeof file === "string" ? Uint8Array.from(file, (char) => char.charCodeAt(0)) : file;
    },
  };
}

/** Assembles `main.nnasm`, whose text is given, beside other files. */
export function assembleText(
  text: string,
  files: Files = {},
  config: MachineConfig = PRESETS.default,
  more: Partial<AssembleOptions> = {},
): Assembly {
  const host = memoryHost({ ...files, "main.nnasm": text });
  return assemble({ entry: "main.nnasm", host, config, isa: BASE_ISA, ...more });
}

/** The bytes at an address of the program; throws the diagnostics when there is none. */
export function bytesAt(assembly: Assembly, address: number, count: number): number[] {
  const { program } = assembly;
  if (!program) throw new Error(assembly.diagnostics.map((d) => `${d.range.start.line + 1}: ${d.message}`).join("\n"));
  const segment = program.segments.find((s) => address >= s.address && address + count <= s.address + s.memoryBytes);
  if (!segment) throw new Error(`nothing at ${address.toString(16)}`);
  return Array.from({ length: count }, (_, index) => segment.bytes[address - segment.address + index] ?? 0);
}

/** The 32-bit words from an address on. */
export function wordsAt(assembly: Assembly, address: number, count: number): number[] {
  const bytes = bytesAt(assembly, address, 4 * count);
  return Array.from({ length: count }, (_, index) =>
    [0, 1, 2, 3].reduce((word, byte) => (word | (bytes[4 * index + byte]! << (8 * byte))) >>> 0, 0),
  );
}
