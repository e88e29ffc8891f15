/**
 * Which memory a section goes to, and into which section of the program it is merged: the rules of `nnp.json`'s layout,
 * and behind them the built-in ones.
 */
import type { LayoutConfig, LayoutRule, MemoryName } from "../config/index.ts";

export interface SectionFlags {
  readonly allocate: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

interface BuiltInRule {
  /** The section's name, or its name with a dot and anything behind it. */
  readonly prefix: string;
  /** Section of the program that it becomes part of; itself when absent. */
  readonly into?: string;
  readonly memory: MemoryName;
  readonly flags: SectionFlags;
  readonly nobits?: true;
  readonly alignment?: number;
}

const CODE: SectionFlags = { allocate: true, write: false, execute: true };
const DATA: SectionFlags = { allocate: true, write: true, execute: false };
const CONSTANT: SectionFlags = { allocate: true, write: false, execute: false };
const NOT_LOADED: SectionFlags = { allocate: false, write: false, execute: false };

/** Start-up code clears .bss word by word. */
const WORD = 4;

/** In the order in which sections are placed within a memory. */
const BUILT_IN: readonly BuiltInRule[] = [
  { prefix: ".text", into: ".text", memory: "pm", flags: CODE },
  { prefix: ".nnasm.descriptors", memory: "dm", flags: CONSTANT },
  { prefix: ".rodata", into: ".rodata", memory: "dm", flags: CONSTANT },
  { prefix: ".srodata", into: ".rodata", memory: "dm", flags: CONSTANT },
  { prefix: ".preinit_array", into: ".preinit_array", memory: "dm", flags: DATA },
  { prefix: ".init_array", into: ".init_array", memory: "dm", flags: DATA },
  { prefix: ".fini_array", into: ".fini_array", memory: "dm", flags: DATA },
  { prefix: ".data", into: ".data", memory: "dm", flags: DATA },
  { prefix: ".sdata", into: ".data", memory: "dm", flags: DATA },
  { prefix: ".dm", memory: "dm", flags: DATA },
  { prefix: ".wm", memory: "wm", flags: DATA },
  { prefix: ".ddr", memory: "ddr", flags: DATA },
  { prefix: ".sbss", into: ".bss", memory: "dm", flags: DATA, nobits: true, alignment: WORD },
  { prefix: ".bss", into: ".bss", memory: "dm", flags: DATA, nobits: true, alignment: WORD },
  { prefix: "COMMON", into: ".bss", memory: "dm", flags: DATA, nobits: true, alignment: WORD },
];

/** Names of sections that need no flags, each also with a dot and anything behind it. */
export const KNOWN_SECTIONS: readonly string[] = BUILT_IN.map(({ prefix }) => prefix);

const builtInOf = (name: string): BuiltInRule | undefined =>
  BUILT_IN.find(({ prefix }) => name === prefix || (name.startsWith(prefix) && name[prefix.length] === "."));

export interface SectionDefaults {
  readonly flags: SectionFlags;
  readonly nobits: boolean;
  /** True when the name says what the section is; others need their flags written. */
  readonly known: boolean;
}

/** What a section is when its directive gives no flags. */
export function sectionDefaults(name: string): SectionDefaults {
  const rule = builtInOf(name);
  return rule
    ? { flags: rule.flags, nobits: rule.nobits ?? false, known: true }
    : { flags: NOT_LOADED, nobits: false, known: false };
}

/** Where a section goes. */
export interface Destination {
  readonly memory: MemoryName;
  /** Section of the program that it becomes part of. */
  readonly into: string;
  /** Sections of a memory are placed in ascending rank, those that only reserve memory last. */
  readonly rank: number;
  /** Address at which the section of the program begins; wherever there is room when absent. */
  readonly at?: number;
  readonly alignment?: number;
}

interface CompiledRule {
  readonly rule: LayoutRule;
  readonly pattern: RegExp;
}

/** The rules of a configuration. */
export class LayoutRules {
  private readonly own: readonly CompiledRule[];
  private readonly defaults: boolean;
  private readonly known = new Map<string, Destination | undefined>();

  constructor(layout: LayoutConfig | undefined) {
    this.own = (layout?.sections ?? []).map((rule) => ({ rule, pattern: patternOf(rule.match) }));
    this.defaults = layout?.defaults ?? true;
  }

  /** Where a section goes; code that the name doesn't place goes to PM, data to DM. Undefined when no rule fits. */
  destination(name: string, flags: SectionFlags): Destination | undefined {
    const key = `${flags.execute} ${name}`;
    if (!this.known.has(key)) this.known.set(key, this.find(name, flags));
    return this.known.get(key);
  }

  private find(name: string, flags: SectionFlags): Destination | undefined {
    const index = this.own.findIndex(({ pattern }) => pattern.test(name));
    if (index >= 0) {
      const { memory, into, at, align } = this.own[index]!.rule;
      return {
        memory,
        into: into ?? name,
        rank: index,
        ...(at === undefined ? {} : { at: Number(at) }),
        ...(align === undefined ? {} : { alignment: align }),
      };
    }
    if (!this.defaults) return undefined;
    const rule = builtInOf(name);
    const rank = this.own.length + (rule ? BUILT_IN.indexOf(rule) : BUILT_IN.length);
    if (!rule) return { memory: flags.execute ? "pm" : "dm", into: name, rank };
    const { memory, into, alignment } = rule;
    return { memory, into: into ?? name, rank, ...(alignment ? { alignment } : {}) };
  }
}

/** `*` stands for any characters, everything else for itself. */
function patternOf(match: string): RegExp {
  const literal = match.split("*").map((text) => text.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`);
}

const TOOL_SECTIONS = [".comment", ".note", ".debug", ".riscv.attributes", ".gnu", ".stab", ".llvm", ".eh_frame"];

/** Whether a section that takes no memory is other tools' business, not forgotten data. */
export function isToolSection(name: string): boolean {
  return TOOL_SECTIONS.some((prefix) => name.startsWith(prefix));
}
