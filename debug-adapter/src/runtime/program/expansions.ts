/**
 * Macro calls. The line table tells the lines of a macro's body; which call put them there, the assembler tells. Of
 * macros within macros the outermost call is known. Programs from ELF files have no calls: their macros are body lines.
 */
import type { Assembly } from "@nnasm/sim-core/asm";
import { lineFromZero, type Place } from "./lines.ts";

export interface Expansion {
  readonly macro: string;
  readonly call: Place;
  /** Addresses of the first instruction, and behind the last one. */
  readonly start: number;
  readonly end: number;
}

/** Code that macro calls made, in address order. */
export function expansionsOf(assembly: Assembly | undefined): readonly Expansion[] {
  if (!assembly) return [];
  const macros = new Map<string, string>();
  for (const { macro, kind, name, file, range } of assembly.references) {
    if (macro && kind === "call") macros.set(`${file}:${range.start.line}:${range.start.character}`, name);
  }
  const expansions: { macro: string; call: Place; start: number; end: number; key: string }[] = [];
  const code = assembly.placements.filter(({ words }) => words !== undefined);
  for (const { file, line, range, address, bytes } of [...code].sort((a, b) => a.address - b.address)) {
    const key = `${file}:${range.start.line}:${range.start.character}`;
    const macro = macros.get(key);
    if (macro === undefined) continue;
    const last = expansions.at(-1);
    if (last?.key === key && last.end === address) last.end = address + bytes;
    else {
      const call = { file, line: lineFromZero(line), column: range.start.character + 1 };
      expansions.push({ macro, call, start: address, end: address + bytes, key });
    }
  }
  return expansions;
}

/** The expansion that holds the instruction at an address. */
export function expansionAt(expansions: readonly Expansion[], address: number): Expansion | undefined {
  let low = 0;
  let high = expansions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (expansions[middle]!.start <= address) low = middle + 1;
    else high = middle;
  }
  const found = expansions[low - 1];
  return found && address < found.end ? found : undefined;
}
