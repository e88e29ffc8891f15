/** What an assembled unit says to those who ask. */
import type { Diagnostic } from "../diagnostics/index.ts";
import type { Program } from "../program/index.ts";
import { type AssembledUnit, assembleUnit, inSourceOrder } from "./assemble.ts";
import type { AsmSection, AssembleOptions, Assembly, Placement, Reference } from "./model.ts";
import { makeProgram } from "./program.ts";
import { collectReferences } from "./references.ts";
import { SymbolView } from "./symbol-view.ts";
import type { Unit } from "./unit.ts";

/** Assembles a program. Errors in the sources are diagnostics; nothing that a file holds makes this throw. */
export function assemble(options: AssembleOptions): Assembly {
  return new Result(assembleUnit(options));
}

/** Computes what not everybody asks for when it is asked for: editors want no program, and the command no references. */
export class Result implements Assembly {
  private assembled: AssembledUnit | undefined;
  /** Set when the unit was handed over: its sources. */
  private sources: AssembleOptions | undefined;
  private made: Program | undefined;
  private diagnosticList: readonly Diagnostic[] | undefined;
  private symbolView: SymbolView | undefined;
  /** As long as somebody has it: in a large program it is larger than all the rest. */
  private placementList: WeakRef<readonly Placement[]> | undefined;
  private referenceList: readonly Reference[] | undefined;

  constructor(assembled: AssembledUnit) {
    this.assembled = assembled;
  }

  /**
   * Gives the unit away to somebody who changes it. What nobody has asked for yet is from then on assembled anew from the
   * same sources: whoever still has the result notices nothing.
   */
  handOver(): AssembledUnit {
    const { whole } = this;
    this.sources = sameSources(whole.unit);
    this.assembled = undefined;
    this.symbolView = undefined;
    return whole;
  }

  /** For those who work with the unit itself. */
  get whole(): AssembledUnit {
    this.assembled ??= assembleUnit(this.sources!);
    return this.assembled;
  }

  private get unit(): Unit {
    return this.whole.unit;
  }

  get program(): Program | undefined {
    if (this.made) return this.made;
    const { unit, placed, entry } = this.whole;
    if (entry !== undefined) this.made = makeProgram(unit, placed, entry);
    return this.made;
  }

  get diagnostics(): readonly Diagnostic[] {
    this.diagnosticList ??= inSourceOrder(this.unit);
    return this.diagnosticList;
  }

  get files() {
    return [...this.unit.files.values()];
  }

  get symbols(): SymbolView {
    this.symbolView ??= new SymbolView(this.unit);
    return this.symbolView;
  }

  get macros() {
    return this.unit.macros.definitions;
  }

  get layers() {
    return this.unit.layers;
  }

  get sections(): AsmSection[] {
    return this.whole.placed.map(({ name, memory, address, bytes }) => ({ name, memory, address, bytes }));
  }

  get references(): readonly Reference[] {
    this.referenceList ??= collectReferences(this.files, this.symbols, this.macros);
    return this.referenceList;
  }

  get placements(): readonly Placement[] {
    const known = this.placementList?.deref();
    if (known) return known;
    const list = this.unit.log.placements();
    this.placementList = new WeakRef(list);
    return list;
  }

  placementsOn(file: string, line: number): readonly Placement[] {
    return this.unit.log.placementsOn(file, line);
  }

  get codeSections(): ReadonlySet<string> {
    return this.unit.log.codeSections;
  }

  get includes() {
    return this.unit.includes;
  }

  get dependencies() {
    return [...this.unit.dependencies];
  }

  isMuted(finding: Diagnostic): boolean {
    return this.unit.mutes.coversPlace(finding);
  }
}

/** Options that assemble what a unit has read, whatever becomes of its files. */
function sameSources({ options, files, binaries }: Unit): AssembleOptions {
  const { parse: _, onStatement: __, host, ...rest } = options;
  const kept = new Map(files);
  const bytes = new Map(binaries);
  return {
    ...rest,
    host: {
      resolve: (from, relative) => host.resolve(from, relative),
      readText: (name) => kept.get(name)?.text,
      readBytes: (name) => bytes.get(name),
    },
    parse: (name) => kept.get(name)!,
  };
}
