/** Look-ups by place and by name in an assembled program; what they are made of is found when it is asked for. */
import {
  type AsmSymbol,
  type Assembly,
  FileReferences,
  lineIndexAt,
  type ParsedFile,
  type Placement,
  type Reference,
} from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";

class ProgramIndex {
  private readonly assembly: Assembly;
  private readonly files = new Map<string, FileReferences>();
  private callList: readonly Reference[] | undefined;

  constructor(assembly: Assembly) {
    this.assembly = assembly;
  }

  /** What the statements of a line put into memory, those of macros that it calls too. */
  placementsOn(file: string, line: number): readonly Placement[] {
    return this.assembly.placementsOn(file, line);
  }

  /** The symbol or macro mentioned at a position; the end of a name counts as in it. */
  referenceAt(file: string, position: Position): Reference | undefined {
    const tree = this.assembly.files.find(({ name }) => name === file);
    const index = tree ? lineIndexAt(tree, position.line) : -1;
    if (!tree || index < 0) return undefined;
    const touching = this.referencesIn(tree)
      .onLine(index)
      .filter(({ range }) => contains(range, position));
    return touching.find(({ range }) => range.start.character === position.character) ?? touching[0];
  }

  /** All mentions of a symbol or macro that are wanted, in source order of assembly; each place once. */
  referencesTo(name: string, macro: boolean, wanted: (one: Reference) => boolean = () => true): readonly Reference[] {
    const seen = new Set<string>();
    const found = this.assembly.files.flatMap((file) => this.referencesIn(file).to(name, macro));
    return found.filter(wanted).filter(({ file, range }) => {
      const place = `${file}:${range.start.line}:${range.start.character}`;
      return !seen.has(place) && seen.add(place);
    });
  }

  /** Targets of calls and of jumps that may be calls, in source order. */
  get calls(): readonly Reference[] {
    this.callList ??= this.assembly.files.flatMap((file) => this.referencesIn(file).calls());
    return this.callList;
  }

  private referencesIn(file: ParsedFile): FileReferences {
    let found = this.files.get(file.name);
    if (!found) {
      found = new FileReferences(file, this.assembly.symbols, this.assembly.macros);
      this.files.set(file.name, found);
    }
    return found;
  }

  symbol(name: string): AsmSymbol | undefined {
    return this.assembly.symbols.get(name);
  }
}

/** Names don't cross line ends, so the line is that of both ends. */
function contains({ start, end }: Range, { line, character }: Position): boolean {
  return start.line === line && start.character <= character && character <= end.character;
}

const indexes = new WeakMap<Assembly, ProgramIndex>();

export function indexOf(assembly: Assembly): ProgramIndex {
  let index = indexes.get(assembly);
  if (!index) indexes.set(assembly, (index = new ProgramIndex(assembly)));
  return index;
}
