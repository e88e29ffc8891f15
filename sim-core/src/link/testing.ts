/** For tests: programs of several sources held in memory. */
import { assembleObject } from "../asm/index.ts";
import { type Files, memoryHost } from "../asm/testing.ts";
import { type MachineConfig, PRESETS } from "../config/index.ts";
import { formatDiagnostic } from "../diagnostics/index.ts";
import { readObject, writeObject } from "../elf/index.ts";
import { BASE_ISA } from "../isa/index.ts";
import { type LinkInput, type LinkObject, type LinkOptions, type LinkResult, link } from "./index.ts";

/** An object of one source; throws the diagnostics when there are errors. */
export function objectOf(name: string, text: string, config: MachineConfig = PRESETS.default): LinkObject {
  const host = memoryHost({ [name]: text });
  const { object, diagnostics, placeOf } = assembleObject({ entry: name, host, config, isa: BASE_ISA });
  if (!object) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return { name, object, placeOf };
}

/** The same object, read from its file: places in sources are then known by its line table alone. */
export function throughFile({ name, object }: LinkObject): LinkObject {
  const { object: read } = readObject(writeObject(object));
  return { name: name.replace(/\.nnasm$/, ".o"), object: read! };
}

/** Links sources, each an object of its own. */
export function linkTexts(files: Files, more: Partial<LinkOptions> = {}): LinkResult {
  const config = more.config ?? PRESETS.default;
  const inputs = Object.entries(files).map(
    ([name, text]): LinkInput => (typeof text === "string" ? objectOf(name, text, config) : { name, bytes: text }),
  );
  return link({ inputs, config, ...more });
}

/** A library of objects in the format of ar. */
export function archiveOf(members: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const chunks: Uint8Array[] = [ascii("!<arch>\n")];
  for (const [name, bytes] of Object.entries(members)) {
    const fields = [`${name}/`.padEnd(16), "0".padEnd(12), "0".padEnd(6), "0".padEnd(6), "644".padEnd(8)];
    chunks.push(ascii(`${fields.join("")}${String(bytes.length).padEnd(10)}\`\n`), bytes);
    if (bytes.length % 2 !== 0) chunks.push(ascii("\n"));
  }
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
