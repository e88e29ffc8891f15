/** The symbol table of an object: what the source names, and what relocations refer to. */
import type { ObjectFile, ObjectSection, ObjectSymbol } from "../../object/index.ts";
import { isAddress } from "../expression/evaluate.ts";
import type { Unit } from "../unit.ts";
import type { Address, Section } from "./section.ts";
import type { SymbolEntry } from "./symbols.ts";

interface Reference {
  readonly symbol: number;
  readonly addend: number;
}

export class ObjectSymbols {
  private readonly locals: ObjectSymbol[] = [];
  private readonly globals: ObjectSymbol[] = [];
  /** Numbers of global symbols are negative until all local ones are known. */
  private readonly globalNumbers = new Map<SymbolEntry, number>();
  private readonly sectionNumbers = new Map<string, number>();
  private readonly anchors = new Map<string, number>();
  /** Functions and objects by section and offset, for relocations that tools show by name. */
  private readonly named = new Map<string, number>();
  private readonly unit: Unit;

  constructor(unit: Unit) {
    this.unit = unit;
    for (const section of unit.sections.all) this.addSection(section.name, section.index);
    for (const entry of unit.symbols.inOrder()) this.addEntry(entry);
  }

  addSection(name: string, index: number): void {
    this.sectionNumbers.set(name, this.locals.length);
    this.locals.push({ name: "", value: 0, bytes: 0, kind: "section", binding: "local", place: index });
  }

  /** Number of a section's own symbol. */
  section(name: string): number {
    return this.sectionNumbers.get(name)!;
  }

  private addEntry(entry: SymbolEntry): void {
    if (entry.hidden) return;
    const symbol = this.symbolOf(entry);
    if (!symbol) return;
    const { place, value, binding } = symbol;
    if (binding === "local") {
      if (!symbol.name.startsWith(".L")) this.locals.push(symbol);
      return;
    }
    const number = -1 - this.globals.length;
    this.globals.push(symbol);
    this.globalNumbers.set(entry, number);
    // A weak definition may give way to another one: what means this place must not go by it.
    if (typeof place === "number" && binding === "global") this.named.set(`${place}:${value}`, number);
  }

  private symbolOf(entry: SymbolEntry): ObjectSymbol | undefined {
    const { name, section } = entry;
    const binding = entry.weak ? "weak" : entry.global ? "global" : "local";
    const shared = { name, bytes: entry.bytes ?? 0, kind: entry.type ?? "none" } as const;
    if (!entry.defined) {
      if (entry.kind === "common") return { ...shared, value: entry.commonAlignment, binding, place: "common" };
      // Names that nothing refers to and that no directive declares are of no interest to a linker.
      if (!entry.global && !this.unit.evaluator.isExternal(entry)) return undefined;
      return { ...shared, value: 0, binding: binding === "local" ? "global" : binding, place: "undefined" };
    }
    if (section) return { ...shared, value: Number(entry.value), binding, place: section.index };
    // A tensor's sizes are for its own file, unless it says otherwise.
    if (entry.kind === "field" && !entry.global) return undefined;
    const { evaluator } = this.unit;
    const value = evaluator.symbolValue(entry, entry.span ?? { start: 0, end: 0 });
    if (value === undefined) return undefined;
    if (!isAddress(value)) {
      const number = Number(BigInt.asUintN(32, BigInt(value)));
      return { ...shared, value: number, binding, place: "absolute" };
    }
    if (!value.minus && !value.section.symbol)
      return { ...shared, value: value.offset, binding, place: value.section.index };
    if (entry.global && entry.place && entry.span) {
      const detail = `\`${name}\` can't be global: its value depends on other objects`;
      this.unit.report("not-relocatable", { detail }, entry.place, entry.span);
    }
    return undefined;
  }

  /** What a relocation says to mean an address. */
  place({ section, offset }: Address): Reference {
    const entry = section.symbol;
    if (entry) return { symbol: this.globalNumbers.get(entry)!, addend: offset };
    const named = this.named.get(`${section.index}:${offset}`);
    if (named !== undefined) return { symbol: named, addend: 0 };
    return { symbol: this.section(section.name), addend: offset };
  }

  /** A local symbol at exactly an address. */
  anchor({ section, offset }: { readonly section: Section; readonly offset: number }): number {
    const key = `${section.index}:${offset}`;
    let number = this.anchors.get(key);
    if (number === undefined) {
      number = this.locals.length;
      this.anchors.set(key, number);
      const name = `.Lpcrel_hi${this.anchors.size}`;
      this.locals.push({ name, value: offset, bytes: 0, kind: "none", binding: "local", place: section.index });
    }
    return number;
  }

  /** The object, with all symbols in ELF's order. */
  finish(sections: readonly ObjectSection[]): ObjectFile {
    const { locals, globals } = this;
    const final = (symbol: number): number => {
      if (symbol === NO_SYMBOL) return -1;
      return symbol < 0 ? locals.length - 1 - symbol : symbol;
    };
    const renumbered = sections.map((section) => ({
      ...section,
      relocations: section.relocations.map((relocation) => ({ ...relocation, symbol: final(relocation.symbol) })),
    }));
    return { sections: renumbered, symbols: [...locals, ...globals], groups: [], flags: 0 };
  }
}

/** A relocation without symbol, before numbers are final. */
export const NO_SYMBOL = Number.MIN_SAFE_INTEGER;
