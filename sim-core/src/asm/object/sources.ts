/** What an object's sources say beside its bytes. Computed when it is asked for. */
import type { Diagnostic } from "../../diagnostics/index.ts";
import type { AsmSymbol, Placement, ProgramSources, Reference } from "../model.ts";
import { collectReferences } from "../references.ts";
import { SymbolView } from "../symbol-view.ts";
import type { ParsedFile } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";
import { isRanged, rangeOffset, rangeOwner } from "./ranges.ts";

/** Where the linker has put a byte of an object's section; undefined when it has left the section out. */
export type AddressOf = (section: number, offset: number) => number | undefined;

export class ObjectSources {
  private readonly unit: Unit;
  private view: SymbolView | undefined;

  constructor(unit: Unit) {
    this.unit = unit;
  }

  get files(): readonly ParsedFile[] {
    return [...this.unit.files.values()];
  }

  private get symbols(): SymbolView {
    this.view ??= new SymbolView(this.unit);
    return this.view;
  }

  get references(): readonly Reference[] {
    return collectReferences(this.files, this.symbols, this.unit.macros.definitions);
  }

  isMuted(finding: Diagnostic): boolean {
    return this.unit.mutes.coversPlace(finding);
  }

  /** Statements and what they were assembled to, where the linker has put it. */
  placements(addressOf: AddressOf): readonly Placement[] {
    return this.unit.log.placements().flatMap((placement) => {
      const address = finalAddress(placement.address, addressOf);
      return address === undefined ? [] : [{ ...placement, address }];
    });
  }

  /** Symbols that the sources define. */
  definitions(addressOf: AddressOf): readonly AsmSymbol[] {
    return [...this.symbols.values()].flatMap((symbol) => {
      if (symbol.file === undefined || symbol.kind === "external") return [];
      const { value: before, ...rest } = symbol;
      const value = before === undefined ? undefined : finalAddress(before, addressOf);
      return [value === undefined ? rest : { ...rest, value }];
    });
  }
}

/** Made-up addresses name a section and an offset; other numbers stay. */
const finalAddress = (value: number, addressOf: AddressOf): number | undefined =>
  isRanged(value) ? addressOf(rangeOwner(value), rangeOffset(value)) : value;

/** An object of a linked program. */
export interface LinkedSources {
  readonly sources: ObjectSources;
  readonly addressOf: AddressOf;
}

/** The sources of several objects as those of one program. A private name that two of them have means neither. */
export function linkedSources(objects: readonly LinkedSources[]): ProgramSources {
  const files = new Map<string, ParsedFile>();
  const symbols = new Map<string, AsmSymbol>();
  const twice = new Set<string>();
  for (const { sources, addressOf } of objects) {
    for (const file of sources.files) files.set(file.name, file);
    for (const symbol of sources.definitions(addressOf)) {
      const before = symbols.get(symbol.name);
      if (before && !before.global && !symbol.global) twice.add(symbol.name);
      if (!before?.global) symbols.set(symbol.name, symbol);
    }
  }
  for (const name of twice) if (!symbols.get(name)!.global) symbols.delete(name);
  return {
    files: [...files.values()],
    symbols,
    get references() {
      return objects.flatMap(({ sources }) => sources.references);
    },
    placements: objects.flatMap(({ sources, addressOf }) => sources.placements(addressOf)),
    isMuted: (finding) => objects.some(({ sources }) => sources.isMuted(finding)),
  };
}
