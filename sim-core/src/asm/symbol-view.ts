/**
 * The symbols of an assembled program, each made when somebody asks for it: an editor that shows one name must not wait
 * for those of a hundred thousand lines.
 */
import type { Range } from "../diagnostics/index.ts";
import type { AsmSymbol, AsmSymbolKind, AsmSymbols } from "./model.ts";
import type { SymbolEntry } from "./object/symbols.ts";
import { symbolValue } from "./program.ts";
import { outermost, type Place, rangeAt } from "./reporter.ts";
import { documentationAbove } from "./syntax/comments.ts";
import type { Span } from "./syntax/tree.ts";
import type { Unit } from "./unit.ts";

export class SymbolView implements AsmSymbols {
  private readonly unit: Unit;
  private readonly made = new Map<string, AsmSymbol>();
  /** Numeric labels, by names such as `1@main.nnasm:12`. */
  private localMap: ReadonlyMap<string, AsmSymbol> | undefined;
  private allMap: ReadonlyMap<string, AsmSymbol> | undefined;
  private last: Definition | undefined;

  constructor(unit: Unit) {
    this.unit = unit;
  }

  get(name: string): AsmSymbol | undefined {
    const known = this.made.get(name);
    if (known) return known;
    const entry = this.entry(name);
    if (!entry) return name.includes("@") ? this.locals.get(name) : undefined;
    const symbol = asmSymbol(this.unit, entry, this.definitionOf(entry));
    this.made.set(name, symbol);
    return symbol;
  }

  private definitionOf({ place, span, defined }: SymbolEntry): Definition | undefined {
    if (!place || !span || !defined) return undefined;
    // The fields of a tensor are all defined where it is.
    if (this.last?.place !== place || this.last.span !== span) this.last = definitionAt(this.unit, place, span);
    return this.last;
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

  /** All symbols: first those with names, in the table's order, then numeric labels. */
  private get all(): ReadonlyMap<string, AsmSymbol> {
    if (!this.allMap) {
      const all = new Map<string, AsmSymbol>();
      for (const { name, hidden } of this.unit.symbols.inOrder()) if (!hidden) all.set(name, this.get(name)!);
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

/** Where a name is defined. */
interface Definition {
  readonly place: Place;
  readonly span: Span;
  readonly file: string;
  readonly range: Range;
  readonly documentation: string | undefined;
}

function definitionAt(unit: Unit, place: Place, span: Span): Definition {
  const outer = outermost(place, span);
  const range = rangeAt(outer.place, outer.span);
  const file = unit.files.get(outer.place.file);
  const documentation = file && documentationAbove(file, range.start.line);
  return { place, span, file: outer.place.file, range, documentation };
}

/** Property by property: an object put together of parts takes several times as long, and completion wants all of them. */
function asmSymbol(unit: Unit, entry: SymbolEntry, definition: Definition | undefined): AsmSymbol {
  const { name, kind, global, weak } = entry;
  const symbol: { -readonly [Key in keyof AsmSymbol]: AsmSymbol[Key] } = { name, kind, global, weak };
  if (definition) {
    symbol.file = definition.file;
    symbol.range = definition.range;
  }
  const value = symbolValue(unit, entry);
  if (value !== undefined) symbol.value = value;
  if (entry.section) symbol.section = entry.section.name;
  if (entry.bytes !== undefined) symbol.bytes = entry.bytes;
  if (entry.type) symbol.type = entry.type;
  if (entry.tensor) symbol.tensor = entry.tensor;
  if (definition?.documentation) symbol.documentation = definition.documentation;
  return symbol;
}
