/** Look-ups by place and by name in an assembled program, built on first use and kept as long as the assembly. */
import type { AsmSymbol, Assembly, Placement, Reference } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";

export class ProgramIndex {
  private readonly assembly: Assembly;
  private placements: Map<string, Map<number, Placement[]>> | undefined;
  private byFile: Map<string, Map<number, Reference[]>> | undefined;
  private byName: Map<string, Reference[]> | undefined;

  constructor(assembly: Assembly) {
    this.assembly = assembly;
  }

  /** What the statements of a line put into memory, those of macros that it calls too. */
  placementsOn(file: string, line: number): readonly Placement[] {
    this.placements ??= groupByLine(this.assembly.placements, (placement) => placement.line);
    return this.placements.get(file)?.get(line) ?? [];
  }

  /** The symbol or macro mentioned at a position; the end of a name counts as in it. */
  referenceAt(file: string, position: Position): Reference | undefined {
    this.byFile ??= groupByLine(this.assembly.references, (reference) => reference.range.start.line);
    const onLine = this.byFile.get(file)?.get(position.line) ?? [];
    const touching = onLine.filter(({ range }) => contains(range, position));
    return touching.find(({ range }) => range.start.character === position.character) ?? touching[0];
  }

  /** All mentions of a symbol or macro, in source order of assembly; each place once. */
  referencesTo(name: string, macro: boolean): readonly Reference[] {
    if (!this.byName) {
      this.byName = new Map();
      for (const reference of this.assembly.references) {
        const key = keyOf(reference.name, reference.macro);
        const list = this.byName.get(key);
        if (list) list.push(reference);
        else this.byName.set(key, [reference]);
      }
    }
    const seen = new Set<string>();
    return (this.byName.get(keyOf(name, macro)) ?? []).filter(({ file, range }) => {
      const place = `${file}:${range.start.line}:${range.start.character}`;
      return !seen.has(place) && seen.add(place);
    });
  }

  symbol(name: string): AsmSymbol | undefined {
    return this.assembly.symbols.get(name);
  }
}

const keyOf = (name: string, macro: boolean): string => `${macro ? "macro" : "symbol"} ${name}`;

/** Names don't cross line ends, so the line is that of both ends. */
function contains({ start, end }: Range, { line, character }: Position): boolean {
  return start.line === line && start.character <= character && character <= end.character;
}

function groupByLine<T extends { readonly file: string }>(items: readonly T[], lineOf: (item: T) => number) {
  const files = new Map<string, Map<number, T[]>>();
  for (const item of items) {
    let lines = files.get(item.file);
    if (!lines) files.set(item.file, (lines = new Map()));
    const list = lines.get(lineOf(item));
    if (list) list.push(item);
    else lines.set(lineOf(item), [item]);
  }
  return files;
}

const indexes = new WeakMap<Assembly, ProgramIndex>();

export function indexOf(assembly: Assembly): ProgramIndex {
  let index = indexes.get(assembly);
  if (!index) indexes.set(assembly, (index = new ProgramIndex(assembly)));
  return index;
}
