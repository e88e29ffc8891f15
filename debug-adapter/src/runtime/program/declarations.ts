/** Where names are declared. Only the assembler knows; an ELF file doesn't tell. */
import type { Assembly } from "@nnasm/sim-core/asm";
import { lineFromZero, type Place } from "./lines.ts";

export function declarationsOf(assembly: Assembly | undefined): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const { name, file, range } of assembly?.symbols.values() ?? []) {
    if (file === undefined || range === undefined) continue;
    places.set(name, { file, line: lineFromZero(range.start.line), column: range.start.character + 1 });
  }
  return places;
}
