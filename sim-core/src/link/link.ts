/** Links objects and libraries into a program: places, merges and relocates their sections. */
import type { MachineConfig, MemoryName } from "../config/index.ts";
import type { Diagnostic } from "../diagnostics/index.ts";
import { readElf, writeImage } from "../elf/index.ts";
import type { Program } from "../program/index.ts";
import { cutAlignments } from "./align.ts";
import { collect, type LinkInput } from "./collect.ts";
import { extrasOf, mergeFacts } from "./extras.ts";
import { dropUnused } from "./garbage.ts";
import { LinkedObject, type LinkSection } from "./input.ts";
import { type Layout, layOut, type OutputSection } from "./layout.ts";
import { mergeSections } from "./merge.ts";
import { providedSymbols } from "./provided.ts";
import { relocateSection } from "./relocate.ts";
import { LinkReporter } from "./reporter.ts";
import { LayoutRules } from "./rules.ts";
import { segmentsOf } from "./segments.ts";
import type { GlobalSymbols } from "./symbol-table.ts";
import { entryAddress, outputSymbols, Targets } from "./targets.ts";

export interface LinkOptions {
  readonly inputs: readonly LinkInput[];
  readonly config: MachineConfig;
  /** Symbol at which execution starts; `_start` by default. */
  readonly entry?: string;
  /** Leaves out compilers' sections that nothing refers to. */
  readonly gcSections?: boolean;
}

export interface LinkedSection {
  readonly name: string;
  readonly memory: MemoryName;
  readonly address: number;
  readonly bytes: number;
}

export interface LinkResult {
  readonly diagnostics: readonly Diagnostic[];
  /** The executable file; absent when there is an error. */
  readonly elf?: Uint8Array;
  /** What the file holds. */
  readonly program?: Program;
  readonly sections: readonly LinkedSection[];
  /** The objects of the program by name, those taken out of libraries among them. */
  readonly objects: readonly string[];
  /** Where a byte of an object's section lies (both by what they are in their file); undefined when it was left out. */
  addressOf(object: string, section: number, offset: number): number | undefined;
}

/** Links a program. Errors are diagnostics; whatever an object holds, this doesn't throw. */
export function link({ inputs, config, entry = "_start", gcSections = false }: LinkOptions): LinkResult {
  const reporter = new LinkReporter();
  const { globals, problems } = collect(inputs, entry);
  for (const { file, detail, hint } of problems) reporter.reportFile("link-file", { detail, hint }, file);
  for (const object of globals.objects) {
    const broken = cutAlignments(object);
    if (!broken) continue;
    const detail = `${object.name}: the padding of section ${broken.name} (R_RISCV_ALIGN) is impossible`;
    reporter.reportFile("link-file", { detail, hint: "the object is damaged: compile it again" }, object.name);
  }
  if (gcSections) dropUnused(globals, entry);
  const common = placeCommon(globals);
  mergeAll(globals, config);
  const loaded = globals.objects.flatMap(({ sections }) => sections.filter(isLoaded));
  const layout = layOut(common ? [...loaded, common] : loaded, config);
  reporter.layout(layout);
  const facts = mergeFacts(globals.objects, reporter);
  const extras = extrasOf(globals.objects, facts, reporter);
  const provided = providedSymbols(layout.sections, config);
  const targets = new Targets(provided, reporter);
  for (const { sections } of globals.objects) {
    for (const section of sections) if (!section.dropped) relocateSection(section, targets);
  }
  for (const { symbol, object, definition } of globals.duplicates) reporter.duplicate(symbol, object, definition);
  const start = entryAddress(globals, layout.sections, entry, reporter, inputs[0]?.name ?? "");
  const shared = {
    sections: layout.sections.map(({ name, memory, address, bytes }) => ({ name, memory, address, bytes })),
    objects: globals.objects.map(({ name }) => name),
    addressOf: (object: string, index: number, offset: number): number | undefined => {
      const sections = globals.objects.find(({ name }) => name === object)?.sections;
      const section = sections?.find((each) => each.index === index);
      return section && isLoaded(section) ? section.addressAt(offset) : undefined;
    },
  };
  // Sections that don't fit their memory need not fit anything: no file is made of them.
  const image =
    layout.problems.length > 0 ? undefined : makeImage(layout, globals, targets, extras.finish(), start ?? 0);
  const { program, warnings } = image ? readElf(image) : {};
  if (program) reporter.lines(program);
  targets.reportUndefined(globals);
  const diagnostics = reporter.finish();
  if (!image || !program || reporter.errors > 0) return { ...shared, diagnostics };
  for (const { message, hint } of warnings ?? []) reporter.reportFile("link-metadata", { detail: message, hint }, "");
  return { ...shared, diagnostics: reporter.finish(), elf: image, program };
}

const isLoaded = (section: LinkSection): boolean => section.flags.allocate && !section.dropped;

/** Storage that objects share by name alone becomes a section of its own. */
function placeCommon(globals: GlobalSymbols): LinkSection | undefined {
  const owner = new LinkedObject({
    name: "common storage",
    object: {
      sections: [
        {
          name: "COMMON",
          type: 8,
          flags: { allocate: true, write: true, execute: false, merge: false, strings: false },
          alignment: 1,
          size: 0,
          bytes: new Uint8Array(0),
          entryBytes: 0,
          relocations: [],
        },
      ],
      symbols: [],
      groups: [],
      flags: 0,
    },
  });
  const section = owner.sections[0]!;
  for (const symbol of globals.symbols.values()) {
    const { definition } = symbol;
    if (definition?.kind !== "common") continue;
    section.alignment = Math.max(section.alignment, definition.alignment);
    const value = Math.ceil(section.size / definition.alignment) * definition.alignment;
    section.size = value + definition.bytes;
    symbol.definition = { kind: "section", section, value };
    symbol.owner = owner;
  }
  return section.size > 0 ? section : undefined;
}

/** Merges the entries of sections that become part of one section. */
function mergeAll(globals: GlobalSymbols, config: MachineConfig): void {
  const rules = new LayoutRules(config.layout);
  const groups = new Map<string, LinkSection[]>();
  for (const section of globals.objects.flatMap(({ sections }) => sections)) {
    const { name, flags, entryBytes, alignment, dropped, relocations, nobits, contents } = section;
    if (!flags.merge || dropped || nobits || relocations.length > 0) continue;
    if (entryBytes === 0 || contents.length % entryBytes !== 0 || alignment < entryBytes) continue;
    const into = flags.allocate ? rules.destination(name, flags)?.into : name;
    const key = `${into} ${flags.allocate} ${flags.strings} ${entryBytes} ${alignment}`;
    const group = groups.get(key);
    if (group) group.push(section);
    else groups.set(key, [section]);
  }
  for (const group of groups.values()) mergeSections(group);
}

function makeImage(
  layout: Layout<LinkSection>,
  globals: GlobalSymbols,
  targets: Targets,
  extras: Parameters<typeof writeImage>[0]["extras"],
  entry: number,
): Uint8Array {
  const sections: readonly OutputSection[] = layout.sections;
  return writeImage({
    entry,
    segments: segmentsOf(sections),
    sections: sections.map(({ name, address, bytes }) => ({ name, address, bytes })),
    symbols: outputSymbols(globals, targets),
    extras,
  });
}
