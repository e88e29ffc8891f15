/** Hover over words of the language that are no symbols: data types, memories, sections, modifiers, ids of findings. */
import { WARNING_IDS } from "@nnasm/sim-core/asm";
import { ENUMS } from "@nnasm/sim-core/isa";
import { lintKind } from "@nnasm/sim-core/lint";
import { byteCount } from "../numbers.ts";
import { memoryPlace } from "../places.ts";
import type { Snapshot } from "../snapshot.ts";

export const MEMORIES: Readonly<Record<string, string>> = {
  dm: "data memory: what the units read and write",
  wm: "weight memory: weights and tables of the neural unit",
  ddr: "external memory, which DMA copies from and to",
};

export const LAYOUTS: Readonly<Record<string, string>> = {
  nhwc: "channels lie next to each other",
  nchw: "pixels of a row lie next to each other, channel by channel",
  blocked: "weights arranged for the MAC array",
};

/** Values of a data type. */
const DTYPES: Readonly<Record<string, string>> = {
  int8: "8 bits, -128 .. 127",
  uint8: "8 bits, 0 .. 255",
  int16: "16 bits, -32768 .. 32767",
  int32: "32 bits, -2147483648 .. 2147483647",
  int4: "4 bits, -8 .. 7, two in a byte",
  bit: "1 bit, eight in a byte; binary convolutions read 1 as +1 and 0 as -1",
};

export function dtypeText(name: string): string | undefined {
  const number = Object.hasOwn(ENUMS.dtype, name) ? ENUMS.dtype[name as keyof typeof ENUMS.dtype] : undefined;
  return number === undefined ? undefined : `**${name}**: data type ${number}, ${DTYPES[name]}`;
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
