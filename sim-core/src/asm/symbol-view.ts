/**
 * The symbols of an assembled program, each made when somebody asks for it: an editor that shows one name must not wait
 * for those of a hundred thousand lines.
 */
import type { AsmSymbol, AsmSymbolKind, AsmSymbols } from "./model.ts";
import type { SymbolEntry } from "./object/symbols.ts";
import { symbolValue } from "./program.ts";
import { outermost, rangeAt } from "./reporter.ts";
import { documentationAbove } from "./syntax/comments.ts";
import type { Unit } from "./unit.ts";

export class SymbolView implements AsmSymbols {
  private readonly unit: Unit;
  private readonly made = new Map<string, AsmSymbol>();
  /** Numeric labels, by names such as `1@main.nnasm:12`. */
  private localMap: ReadonlyMap<string, AsmSymbol> | undefined;
  private allMap: ReadonlyMap<string, AsmSymbol> | undefined;

  constructor(unit: Unit) {
    this.unit = unit;
  }

  get(name: string): AsmSymbol | undefined {
    const known = this.made.get(name);
    if (known) return known;
    const entry = this.entry(name);
    if (!entry) return name.includes("@") ? this.locals.get(name) : undefined;
    const symbol = asmSymbol(this.unit, entry);
    this.made.set(name, symbol);
    return symbol;
  }

  has(name: string): boolean {
    return this.entry(name) !== undefined || (name.includes("@") && this.locals.has(name));
  }

  /** What a symbol is, without the rest. */
  kindOf(name: string): AsmSymbolKind | undefined {
    return this.entry(name)?.kind ?? (name.includes("@") ? this.locals.get(name)?.kind : undefined);
  }

  typeOf(name: string): AsmSymbol["type"] {
    return this.entry(name)?.type;
  }

  get size(): number {
    return this.all.size;
  }

  forEach(visit: (symbol: AsmSymbol, name: string, map: ReadonlyMap<string, AsmSymbol>) => void): void {
    for (const [name, symbol] of this.all) visit(symbol, name, this);
  }

  entries() {
    return this.all.entries();
  }

  keys() {
    return this.all.keys();
  }

  values() {
    return this.all.values();
  }

  [Symbol.iterator]() {
    return this.all[Symbol.iterator]();
  }

  private entry(name: string): SymbolEntry | undefined {
    const entry = this.unit.symbols.entries.get(name);
    return entry?.hidden ? undefined : entry;
  }

  /** All symbols: first those with names, in the order of their first mention, then numeric labels. */
  private get all(): ReadonlyMap<string, AsmSymbol> {
    if (!this.allMap) {
      const all = new Map<string, AsmSymbol>();
      for (const { name, hidden } of this.unit.symbols.entries.values()) if (!hidden) all.set(name, this.get(name)!);
      for (const [name, symbol] of this.locals) all.set(name, symbol);
      this.allMap = all;
    }
    return this.allMap;
  }

  private get locals(): ReadonlyMap<string, AsmSymbol> {
    this.localMap ??= localSymbols(this.unit);
    return this.localMap;
  }
}

function localSymbols(unit: Unit): Map<string, AsmSymbol> {
  const symbols = new Map<string, AsmSymbol>();
  for (const [label, definitions] of unit.symbols.locals) {
    for (const { place, span, section, offset } of definitions) {
      const outer = outermost(place, span);
      const range = rangeAt(outer.place, outer.span);
      const name = `${label}@${outer.place.file}:${range.start.line + 1}`;
      symbols.set(name, {
        name,
        kind: "local",
        file: outer.place.file,
        range,
        value: section.address + offset,
        section: section.name,
        global: false,
        weak: false,
      });
    }
  }
  return symbols;
}

function asmSymbol(unit: Unit, entry: SymbolEntry): AsmSymbol {
  const { place, span } = entry;
  const value = symbolValue(unit, entry);
  const outer = place && span && entry.defined ? outermost(place, span) : undefined;
  const file = outer && unit.files.get(outer.place.file);
  const documentation =
    outer && file ? documentationAbove(file, rangeAt(outer.place, outer.span).start.line) : undefined;
  return {
    name: entry.name,
    kind: entry.kind,
    ...(outer ? { file: outer.place.file, range: rangeAt(outer.place, outer.span) } : {}),
    ...(value !== undefined ? { value } : {}),
    ...(entry.section ? { section: entry.section.name } : {}),
    ...(entry.bytes !== undefined ? { bytes: entry.bytes } : {}),
    global: entry.global,
    weak: entry.weak,
    ...(entry.type ? { type: entry.type } : {}),
    ...(entry.tensor ? { tensor: entry.tensor } : {}),
    ...(documentation ? { documentation } : {}),
  };
}
