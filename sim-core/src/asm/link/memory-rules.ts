/** Which memory a section goes to, and into which section of the program it is merged. */
import type { MemoryName } from "../../config/index.ts";
import type { SectionFlags } from "../object/section.ts";

interface Rule {
  /** The section's name, or its name with a dot and anything behind it. */
  readonly prefix: string;
  /** Section of the program that it becomes part of; itself when absent. */
  readonly into?: string;
  readonly memory: MemoryName;
  readonly flags: SectionFlags;
  readonly nobits?: true;
}

const CODE: SectionFlags = { allocate: true, write: false, execute: true };
const DATA: SectionFlags = { allocate: true, write: true, execute: false };
const CONSTANT: SectionFlags = { allocate: true, write: false, execute: false };
const NOT_LOADED: SectionFlags = { allocate: false, write: false, execute: false };

/** In the order in which sections are placed within a memory. */
const RULES: readonly Rule[] = [
  { prefix: ".text", into: ".text", memory: "pm", flags: CODE },
  { prefix: ".nnasm.descriptors", memory: "dm", flags: CONSTANT },
  { prefix: ".rodata", into: ".rodata", memory: "dm", flags: CONSTANT },
  { prefix: ".srodata", into: ".rodata", memory: "dm", flags: CONSTANT },
  { prefix: ".data", into: ".data", memory: "dm", flags: DATA },
  { prefix: ".sdata", into: ".data", memory: "dm", flags: DATA },
  { prefix: ".dm", memory: "dm", flags: DATA },
  { prefix: ".wm", memory: "wm", flags: DATA },
  { prefix: ".ddr", memory: "ddr", flags: DATA },
  { prefix: ".sbss", into: ".bss", memory: "dm", flags: DATA, nobits: true },
  { prefix: ".bss", into: ".bss", memory: "dm", flags: DATA, nobits: true },
];

function ruleOf(name: string): Rule | undefined {
  return RULES.find(({ prefix }) => name === prefix || (name.startsWith(prefix) && name[prefix.length] === "."));
}

export interface SectionDefaults {
  readonly flags: SectionFlags;
  readonly nobits: boolean;
  /** True when the name says what the section is; others need their flags written. */
  readonly known: boolean;
}

/** What a section is when its directive gives no flags. */
export function sectionDefaults(name: string): SectionDefaults {
  const rule = ruleOf(name);
  return rule
    ? { flags: rule.flags, nobits: rule.nobits ?? false, known: true }
    : { flags: NOT_LOADED, nobits: false, known: false };
}

/** The memory of a section; code that the name doesn't place goes to PM, data to DM. */
export function memoryOf(name: string, flags: SectionFlags): MemoryName {
  return ruleOf(name)?.memory ?? (flags.execute ? "pm" : "dm");
}

/** Name of the program's section that a source's section becomes part of. */
export function outputName(name: string): string {
  return ruleOf(name)?.into ?? name;
}

/** Order of placement within a memory: by rule, what only reserves memory last. */
export function placementRank(name: string, nobits: boolean): number {
  const rule = ruleOf(name);
  return (nobits ? 1000 : 0) + (rule ? RULES.indexOf(rule) : RULES.length);
}

const TOOL_SECTIONS = [".comment", ".note", ".debug", ".riscv.attributes", ".gnu", ".stab", ".llvm", ".eh_frame"];

/** Whether a section that takes no memory is other tools' business, not forgotten data. */
export function isToolSection(name: string): boolean {
  return TOOL_SECTIONS.some((prefix) => name.startsWith(prefix));
}
