/** Hover over words of the language that are no symbols: data types, memories, sections, modifiers, ids of findings. */
import { WARNING_IDS } from "@nnasm/sim-core/asm";
import { type EnumName, enumValues } from "@nnasm/sim-core/isa";
import { lintKind } from "@nnasm/sim-core/lint";
import { byteCount } from "../numbers.ts";
import { memoryPlace } from "../places.ts";
import type { Snapshot } from "../snapshot.ts";
import { valueText } from "../value-texts.ts";

export const MEMORIES: Readonly<Record<string, string>> = {
  dm: "data memory: what the units read and write",
  wm: "weight memory: weights and tables of the neural unit",
  ddr: "external memory, which DMA copies from and to",
};

/** A value of a list: `**relu**: activation 1, nothing below the zero point`. */
export function enumText(list: EnumName, name: string): string | undefined {
  const values = enumValues(list);
  if (!Object.hasOwn(values, name)) return undefined;
  return `**${name}**: ${list === "dtype" ? "data type" : list} ${values[name]}, ${valueText(list, name)}`;
}

const MODIFIERS: Readonly<Record<string, string>> = {
  hi: "upper 20 bits of an address, for `lui`; the lower 12, which `%lo` gives, are added as a signed number",
  lo: "lower 12 bits of an address, as a signed number",
  pcrel_hi: "upper 20 bits of the distance to an address, for `auipc`",
  pcrel_lo: "lower 12 bits of the distance that the `%pcrel_hi` at a label has begun",
};

export function modifierText(name: string): string | undefined {
  return Object.hasOwn(MODIFIERS, name) ? `**%${name}**: ${MODIFIERS[name]}` : undefined;
}

/** Where a section lies, and how large it is. */
export function sectionText({ assembly, ...snapshot }: Snapshot, name: string): string | undefined {
  const section = assembly.sections.find((each) => each.name === name);
  if (!section) return undefined;
  const { address, bytes } = section;
  const place = memoryPlace({ assembly, ...snapshot }, address);
  return `**${name}**: section, ${byteCount(bytes)}${bytes > 0 && place ? ` from ${place} on` : ""}`;
}

/** What a warning or lint is about. */
export function findingText(id: string): string | undefined {
  const lint = lintKind(id);
  if (lint) return `**${id}**: ${lint.summary} · lint, level ${lint.level}`;
  return WARNING_IDS.includes(id) ? `**${id}**: warning of the assembler` : undefined;
}
