/** Values of symbols once everything has its address. */
import { nearest } from "../diagnostics/index.ts";
import type { ProgramSymbol } from "../program/index.ts";
import type { LinkRelocation, LinkSection, LinkSymbol } from "./input.ts";
import type { OutputSection } from "./layout.ts";
import type { ProvidedSymbol } from "./provided.ts";
import type { RelocationHost, RelocationProblem } from "./relocate.ts";
import type { LinkReporter, Use } from "./reporter.ts";
import type { GlobalSymbols } from "./symbol-table.ts";

/** What debug information holds in place of addresses of dropped code: no address of the machine, and no end of a list. */
const TOMBSTONE = 0xffffffff;
const TOMBSTONE_IN_LIST = 0xfffffffe;
const LISTS: ReadonlySet<string> = new Set([".debug_ranges", ".debug_loc"]);

export class Targets implements RelocationHost {
  /** Symbols of the layout that the program uses. */
  readonly usedProvided = new Map<string, ProvidedSymbol>();
  private readonly provided: ReadonlyMap<string, ProvidedSymbol>;
  private readonly reporter: LinkReporter;
  private readonly missing = new Map<LinkSymbol, Use[]>();

  constructor(provided: ReadonlyMap<string, ProvidedSymbol>, reporter: LinkReporter) {
    this.provided = provided;
    this.reporter = reporter;
  }

  target(relocation: LinkRelocation, section: LinkSection): number | undefined {
    const { symbol, addend } = relocation;
    if (!symbol) return addend >>> 0;
    const { definition } = symbol;
    switch (definition?.kind) {
      case "absolute":
        return (definition.value + addend) >>> 0;
      case "section":
        if (definition.section.dropped) return this.dropped(relocation, symbol, section);
        // A section's own symbol means what lies at the addend, which merging may have moved.
        return symbol.kind === "section"
          ? definition.section.addressAt(definition.value + addend) >>> 0
          : (definition.section.addressAt(definition.value) + addend) >>> 0;
      default:
        return this.undefined(relocation, symbol, section);
    }
  }

  private undefined({ addend, offset }: LinkRelocation, symbol: LinkSymbol, section: LinkSection): number | undefined {
    const provided = symbol.local ? undefined : this.provided.get(symbol.name);
    if (provided) {
      this.usedProvided.set(symbol.name, provided);
      return (provided.value + addend) >>> 0;
    }
    if (!symbol.needed) return addend >>> 0;
    const uses = this.missing.get(symbol);
    const use = { section, offset };
    // Both parts of an address ask for it, the lower one by the place of the upper.
    if (uses?.some((other) => other.section === section && other.offset === offset)) return undefined;
    if (uses) uses.push(use);
    else this.missing.set(symbol, [use]);
    return undefined;
  }

  private dropped({ offset }: LinkRelocation, symbol: LinkSymbol, section: LinkSection): number | undefined {
    if (!section.flags.allocate) return LISTS.has(section.name) ? TOMBSTONE_IN_LIST : TOMBSTONE;
    this.reporter.reportAt("link-discarded", { section, offset }, (user) => ({ name: symbol.name, user }));
    return undefined;
  }

  problem(section: LinkSection, { symbol, offset }: LinkRelocation, problem: RelocationProblem): void {
    const name = symbol?.name || "its target";
    const use = { section, offset };
    switch (problem.kind) {
      case "range":
        this.reporter.reportAt("link-range", use, (user) => ({ name, user, ...problem }));
        return;
      case "misaligned":
        this.reporter.reportAt("link-misaligned", use, (user) => ({ name, user, distance: problem.distance }));
        return;
      case "unsupported":
        this.reporter.reportAt("link-relocation", use, (user) => ({ user, ...problem }));
        return;
      case "broken": {
        const hint = "the object is damaged or its assembler is at fault: assemble it again";
        this.reporter.reportAt("link-relocation", use, (user) => ({ user, detail: problem.detail, hint }));
      }
    }
  }

  /** Names every symbol that nothing defines, each once with its places. */
  reportUndefined(globals: GlobalSymbols): void {
    const known = [...globals.symbols.values()].filter(({ definition }) => definition).map(({ name }) => name);
    for (const [symbol, uses] of this.missing) {
      const { name } = symbol;
      const near = nearest(name, known);
      const others = uses.length - 1;
      this.reporter.reportAt("link-undefined", uses[0]!, (user) => ({ name, user, near, others }), uses.slice(1));
    }
  }
}

/** `$x` and `$d` mark code and data for disassemblers. */
const MAPPING = /^\$[xd]/;

/** The symbols that the program's file names. */
export function outputSymbols(globals: GlobalSymbols, targets: Targets): ProgramSymbol[] {
  const list: ProgramSymbol[] = [];
  const seen = new Set<LinkSymbol>();
  for (const { symbols } of globals.objects) {
    for (const symbol of symbols) {
      if (!symbol.local || seen.has(symbol)) continue;
      seen.add(symbol);
      const { name, kind } = symbol;
      if (name === "" || kind === "section" || name.startsWith(".L") || MAPPING.test(name)) continue;
      const output = outputSymbol(symbol);
      if (output) list.push(output);
    }
  }
  for (const symbol of globals.symbols.values()) {
    const output = outputSymbol(symbol);
    if (output) list.push(output);
  }
  for (const [name, { value, absolute }] of targets.usedProvided) {
    list.push({ name, address: value, bytes: 0, kind: "none", global: true, absolute });
  }
  return list;
}

function outputSymbol({ name, bytes, kind, local, definition }: LinkSymbol): ProgramSymbol | undefined {
  const shared = { name, bytes, kind, global: !local };
  if (definition?.kind === "absolute") return { ...shared, address: definition.value, absolute: true };
  if (definition?.kind !== "section") return undefined;
  const { section, value } = definition;
  if (section.dropped || !section.flags.allocate) return undefined;
  return { ...shared, address: section.addressAt(value) >>> 0, absolute: false };
}

/**
 * Where execution starts: the entry symbol, or the lowest code.
 * @param firstInput the file that is named where no object is part of the program: of a library nothing may be needed
 */
export function entryAddress(
  globals: GlobalSymbols,
  sections: readonly OutputSection[],
  name: string,
  reporter: LinkReporter,
  firstInput: string,
): number | undefined {
  const code = sections.filter(({ execute, bytes }) => execute && bytes > 0);
  const first = code.find((section) => section.name === ".text") ?? code[0];
  if (!first) {
    reporter.reportFile("link-no-code", {}, globals.objects[0]?.name ?? firstInput);
    return undefined;
  }
  const symbol = globals.symbols.get(name);
  const { definition, owner } = symbol ?? {};
  if (definition?.kind === "section") {
    const address = definition.section.addressAt(definition.value);
    const isCode = code.some((section) => address >= section.address && address < section.address + section.bytes);
    if (isCode && address % 4 === 0) return address;
  }
  if (definition) {
    reporter.reportFile("link-entry", { name, detail: "is not an address in code" }, owner?.name ?? "");
    return undefined;
  }
  const near = nearest(
    name,
    [...globals.symbols.values()].filter((other) => other.definition).map((other) => other.name),
  );
  reporter.reportFile("link-no-entry", { name, near }, globals.objects[0]?.name ?? "");
  return first.address;
}
