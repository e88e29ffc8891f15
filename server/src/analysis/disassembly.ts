/** A program's code as it lies in memory: labels, addresses, words, instructions, and the lines that they come from. */
import { disassemble } from "@nnasm/sim-core/isa";
import { hexWord } from "./numbers.ts";
import { codeName } from "./places.ts";
import type { Snapshot } from "./snapshot.ts";

/** More than anybody reads. */
const MAX_WORDS = 50_000;

export function disassembly(snapshot: Snapshot): string {
  const { assembly, isa } = snapshot;
  const labels = new Map<number, string[]>();
  for (const { name, kind, value, section } of assembly.symbols.values()) {
    if (kind !== "label" || value === undefined || section === undefined) continue;
    labels.set(value, [...(labels.get(value) ?? []), name]);
  }
  const sources = new Map(assembly.files.map((file) => [file.name, file.text.split(/\r\n|\r|\n/)]));
  const code = assembly.placements.filter(({ words }) => words !== undefined);
  const lines: string[] = [];
  let section = "";
  let count = 0;
  for (const placement of [...code].sort((a, b) => a.address - b.address)) {
    if (placement.section !== section) {
      section = placement.section;
      lines.push(...(lines.length > 0 ? [""] : []), `# section ${section}`);
    }
    for (const [index, word] of placement.words!.entries()) {
      if (++count > MAX_WORDS) {
        lines.push("# ... more");
        return `${lines.join("\n")}\n`;
      }
      const address = placement.address + 4 * index;
      for (const name of labels.get(address) ?? []) lines.push(`${name}:`);
      const text = disassemble(isa, word, address, { symbolize: (target) => codeName(snapshot, target) }) ?? ".word";
      const source = index === 0 ? (sources.get(placement.file)?.[placement.line]?.trim() ?? "") : "";
      const row = `${hexWord(address)}  ${hexWord(word)}  ${text}`;
      lines.push(source === "" ? row : `${row.padEnd(64)} # ${source}`);
    }
  }
  return lines.length > 0 ? `${lines.join("\n")}\n` : "# This program has no code.\n";
}
