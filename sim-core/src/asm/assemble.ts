/** From source files to a program. */

import { type Diagnostic, nearest } from "../diagnostics/index.ts";
import { type LayoutProblem, layOut, type OutputSection, placeProblemText } from "../link/layout.ts";
import { providedSymbols } from "../link/provided.ts";
import { isToolSection, KNOWN_SECTIONS } from "../link/rules.ts";
import type { Program } from "../program/index.ts";
import type { AsmSection, AssembleOptions, Assembly, Placement, Reference } from "./model.ts";
import type { Section } from "./object/section.ts";
import { entryPoint, makeProgram, symbolValue } from "./program.ts";
import { collectReferences } from "./references.ts";
import { SymbolView } from "./symbol-view.ts";
import { Unit } from "./unit.ts";

/** Assembles a program. Errors in the sources are diagnostics; nothing that a file holds makes this throw. */
export function assemble(options: AssembleOptions): Assembly {
  const unit = new Unit(options);
  unit.run();
  const { sections, problems } = layOut(unit.sections.all, options.config);
  // What was filled before assembling stopped says nothing about the program.
  if (!unit.cutOff) checkSections(unit, problems);
  unit.evaluator.provided = providedSymbols(sections, options.config);
  resolve(unit);
  const entry = unit.reporter.errors === 0 ? checkedEntry(unit, sections) : undefined;
  return new Result(unit, sections, entry);
}

export function checkSections(unit: Unit, problems: readonly LayoutProblem<Section>[]): void {
  for (const problem of problems) {
    const parts = problem.kind === "unplaced" ? [problem.part] : problem.section.parts;
    const origin = parts.find((part) => part.origin)?.origin;
    if (!origin) continue;
    const { place, span } = origin;
    switch (problem.kind) {
      case "overflow": {
        const { memory, section, needed, available } = problem;
        unit.report("section-overflow", { section: section.name, memory, needed, available }, place, span);
        break;
      }
      case "unplaced":
        unit.report("section-unplaced", { section: problem.part.name }, place, span);
        break;
      default:
        unit.report("section-place", { detail: placeProblemText(problem) }, place, span);
    }
  }
  for (const { name, flags, origin } of unit.sections.all) {
    if (flags.allocate || !origin || isToolSection(name)) continue;
    const near = nearest(name, KNOWN_SECTIONS);
    unit.report("section-not-loaded", { section: name, near }, origin.place, origin.span);
  }
}

/** Fills in what depends on addresses. */
function resolve(unit: Unit): void {
  const { evaluator, symbols } = unit;
  evaluator.final = true;
  unit.encoder.resolve();
  unit.data.resolve();
  for (const work of unit.whenPlaced) work();
  for (const entry of symbols.entries.values()) {
    if (entry.deferred && entry.defined) symbolValue(unit, entry);
    if (!entry.size) continue;
    const bytes = evaluator.evaluateDeferred(entry.size);
    if (typeof bytes === "number") entry.bytes = bytes;
  }
}

/** Where execution starts; undefined after a message. */
function checkedEntry(unit: Unit, sections: readonly OutputSection[]): number | undefined {
  const entry = entryPoint(unit, sections);
  const file = unit.options.entry;
  const start = { line: 0, character: 0 };
  if (entry === undefined) {
    unit.reporter.reportIn("no-code", {}, file, { start, end: start });
    return undefined;
  }
  const isCode = sections.some(
    ({ execute, address, bytes }) => execute && entry >= address && entry < address + bytes && entry % 4 === 0,
  );
  if (!isCode) {
    const symbol = unit.symbols.entries.get("_start");
    if (symbol?.place && symbol.span) unit.report("bad-entry", { name: "_start" }, symbol.place, symbol.span);
    else unit.reporter.reportIn("bad-entry", { name: "_start" }, file, { start, end: start });
    return undefined;
  }
  return entry;
}

/** Computes what not everybody asks for when it is asked for: editors want no program, and the command no references. */
class Result implements Assembly {
  private readonly unit: Unit;
  private readonly placed: readonly OutputSection[];
  /** Absent when there is an error. */
  private readonly entry: number | undefined;
  private made: Program | undefined;
  private diagnosticList: readonly Diagnostic[] | undefined;
  private symbolView: SymbolView | undefined;
  private placementList: readonly Placement[] | undefined;
  private referenceList: readonly Reference[] | undefined;

  constructor(unit: Unit, placed: readonly OutputSection[], entry: number | undefined) {
    this.unit = unit;
    this.placed = placed;
    this.entry = entry;
  }

  get program(): Program | undefined {
    if (this.entry !== undefined) this.made ??= makeProgram(this.unit, this.placed, this.entry);
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
    return this.placed.map(({ name, memory, address, bytes }) => ({ name, memory, address, bytes }));
  }

  get references(): readonly Reference[] {
    this.referenceList ??= collectReferences(this.files, this.symbols, this.macros);
    return this.referenceList;
  }

  get placements(): readonly Placement[] {
    this.placementList ??= this.unit.log.placements();
    return this.placementList;
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

/** The diagnostics that are not turned off, file by file in the order of inclusion, from top to bottom. */
export function inSourceOrder({ reporter, mutes, files }: Unit): Diagnostic[] {
  const order = new Map([...files.keys()].map((name, index) => [name, index]));
  return reporter.diagnostics
    .filter((diagnostic) => !mutes.covers(diagnostic))
    .sort(
      (a, b) =>
        (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) ||
        a.range.start.line - b.range.start.line ||
        a.range.start.character - b.range.start.character,
    );
}
