/** Sections of a program that take no memory: debug information and metadata of all objects, one behind the other. */
import { attributesSection, Corrupt, type ExtraSection, NOTE_SECTION, readFacts, writeFacts } from "../elf/index.ts";
import type { ProgramFacts } from "../program/index.ts";
import type { LinkedObject, LinkSection } from "./input.ts";
import type { LinkReporter } from "./reporter.ts";

/** Numbers the layers (asm/object/make-object.ts); nothing is left of it in the program. */
const LAYER_NUMBERS = ".nnasm.layer-numbers";
const MAX_LAYERS = 4095;
const SHT_NOTE = 7;
const SHT_RISCV_ATTRIBUTES = 0x70000003;

/** What only linkers read. */
const LEFT_OUT: ReadonlySet<string> = new Set([".note.GNU-stack", LAYER_NUMBERS, NOTE_SECTION]);

interface Extras {
  /** The sections, after their contents were relocated. */
  finish(): ExtraSection[];
}

/** Places the sections: their addresses are offsets in what they become part of. */
export function extrasOf(
  objects: readonly LinkedObject[],
  facts: ProgramFacts | undefined,
  reporter: LinkReporter,
): Extras {
  const groups = new Map<string, LinkSection[]>();
  for (const { sections } of objects) {
    for (const section of sections) {
      if (section.flags.allocate || section.dropped || section.type === SHT_RISCV_ATTRIBUTES) continue;
      const group = groups.get(section.name);
      if (group) group.push(section);
      else groups.set(section.name, [section]);
    }
  }
  const sizes = new Map<string, number>();
  for (const [name, sections] of groups) {
    let end = 0;
    for (const section of sections) {
      section.address = Math.ceil(end / section.alignment) * section.alignment;
      end = section.address + section.contents.length;
    }
    sizes.set(name, end);
  }
  const layers = sizes.get(LAYER_NUMBERS) ?? 0;
  if (layers > MAX_LAYERS) reporter.reportFile("link-layers", { layers }, objects[0]?.name ?? "");
  const finish = (): ExtraSection[] => {
    const extras: ExtraSection[] = [];
    if (facts) extras.push({ name: NOTE_SECTION, type: SHT_NOTE, bytes: writeFacts(facts), alignment: 4 });
    extras.push(attributesSection());
    for (const [name, sections] of groups) {
      if (LEFT_OUT.has(name)) continue;
      const bytes = new Uint8Array(sizes.get(name)!);
      for (const { contents, address } of sections) bytes.set(contents, address);
      const alignment = Math.max(...sections.map((section) => section.alignment));
      extras.push({ name, type: sections[0]!.type, bytes, alignment });
    }
    return extras;
  };
  return { finish };
}

/** What all objects were assembled for; reports those that disagree. Undefined when no object says anything. */
export function mergeFacts(objects: readonly LinkedObject[], reporter: LinkReporter): ProgramFacts | undefined {
  let merged: { facts: ProgramFacts; object: LinkedObject } | undefined;
  /** The objects that first said something, by what they said. */
  const sources = new Map<keyof ProgramFacts, LinkedObject>();
  for (const object of objects) {
    const facts = factsOf(object, reporter);
    if (!facts) continue;
    if (!merged) merged = { facts, object };
    for (const { key, text } of compare(merged.facts, facts)) {
      const first = (sources.get(key) ?? merged.object).name;
      reporter.reportFile("link-facts", { first, second: object.name, detail: text }, object.name);
    }
    merged = { facts: { ...facts, ...merged.facts }, object: merged.object };
    for (const key of Object.keys(facts) as (keyof ProgramFacts)[]) if (!sources.has(key)) sources.set(key, object);
  }
  return merged?.facts;
}

function factsOf(object: LinkedObject, reporter: LinkReporter): ProgramFacts | undefined {
  try {
    for (const { name, type, contents } of object.sections) {
      const facts = type === SHT_NOTE && name === NOTE_SECTION ? readFacts(contents) : undefined;
      if (facts) return facts;
    }
  } catch (error) {
    if (!(error instanceof Corrupt)) throw error;
    const detail = `${object.name}: section ${NOTE_SECTION} can't be read: ${error.message}`;
    reporter.reportFile("link-file", { detail, hint: "the object is damaged: assemble it again" }, object.name);
  }
  return undefined;
}

/** In what two objects disagree; what only one of them says is no disagreement. */
function compare(a: ProgramFacts, b: ProgramFacts): { key: keyof ProgramFacts; text: string }[] {
  const differences: { key: keyof ProgramFacts; text: string }[] = [];
  const check = (key: keyof ProgramFacts, what: string): void => {
    if (a[key] === undefined || b[key] === undefined || JSON.stringify(a[key]) === JSON.stringify(b[key])) return;
    const value = (fact: unknown): string => (typeof fact === "object" ? JSON.stringify(fact) : String(fact));
    differences.push({ key, text: `${what} ${value(a[key])} and ${value(b[key])}` });
  };
  check("isaVersion", "version of the instruction set");
  check("cip", "blocked weights for nu.cip");
  check("cop", "blocked weights for nu.cop");
  check("user", "the workspace's instructions");
  return differences;
}
