/** Section headers and symbol codes, as executables and objects have them. */
import type { SymbolKind } from "../program/index.ts";
import type { ByteWriter } from "./bytes.ts";
import * as elf from "./constants.ts";
import type { SectionHeader } from "./headers.ts";

/** A section of a file that is being written; its place among the others gives its index. */
export type SectionPlan = Omit<SectionHeader, "index">;

export const KIND_CODES: Readonly<Record<SymbolKind, number>> = {
  none: elf.STT_NOTYPE,
  object: elf.STT_OBJECT,
  function: elf.STT_FUNC,
  section: elf.STT_SECTION,
  file: elf.STT_FILE,
};

export const KIND_NAMES: readonly SymbolKind[] = ["none", "object", "function", "section", "file"];

export function bindingCode(binding: "local" | "global" | "weak"): number {
  return { local: elf.STB_LOCAL, global: elf.STB_GLOBAL, weak: elf.STB_WEAK }[binding];
}

export function writeSectionHeader(writer: ByteWriter, section: SectionPlan, name: number): void {
  writer.u32(name);
  writer.u32(section.type);
  writer.u32(section.flags);
  writer.u32(section.address);
  writer.u32(section.offset);
  writer.u32(section.size);
  writer.u32(section.link);
  writer.u32(section.info);
  writer.u32(section.alignment);
  writer.u32(section.entryBytes);
}
