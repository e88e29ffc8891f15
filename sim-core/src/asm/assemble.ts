/** From source files to a unit whose sections are placed and filled. */

import { type Diagnostic, nearest } from "../diagnostics/index.ts";
import { type LayoutProblem, layOut, type OutputSection, placeProblemText } from "../link/layout.ts";
import { providedSymbols } from "../link/provided.ts";
import { isToolSection, KNOWN_SECTIONS } from "../link/rules.ts";
import type { AssembleOptions } from "./model.ts";
import type { Section } from "./object/section.ts";
import { entryPoint, symbolValue } from "./program.ts";
import { Unit } from "./unit.ts";

/** A unit whose sections are placed and filled. */
export interface AssembledUnit {
  readonly unit: Unit;
  readonly placed: readonly OutputSection[];
  /** Where execution starts; undefined when there is an error. */
  readonly entry: number | undefined;
}

export function assembleUnit(options: AssembleOptions): AssembledUnit {
  const unit = new Unit(options);
  unit.run();
  return settle(unit, () => unit.encoder.resolve());
}

/** Gives the sections their addresses and fills in what depends on them. */
function settle(unit: Unit, fillIn: () => void): AssembledUnit {
  const { config } = unit.options;
  unit.reporter.late = true;
  const { sections: placed, problems } = layOut(unit.sections.all, config);
  // What was filled before assembling stopped says nothing about the program.
  if (!unit.cutOff) checkSections(unit, problems);
  unit.evaluator.provided = providedSymbols(placed, config);
  resolve(unit, fillIn);
  return { unit, placed, entry: entryOf(unit, placed) };
}

/** The same again, for sections in which something has moved. */
export function settleAgain(unit: Unit): AssembledUnit {
  const { data, evaluator, reporter, symbols } = unit;
  reporter.retract((_, isLate) => isLate);
  evaluator.forget();
  for (const entry of symbols.entries.values()) entry.circular = false;
  data.clear();
  unit.tensors = [];
  unit.expectations = [];
  return settle(unit, () => unit.encoder.resolveAgain());
}

/** Where execution starts; undefined when there is an error, or after a message. */
export function entryOf(unit: Unit, placed: readonly OutputSection[]): number | undefined {
  return unit.reporter.errors === 0 ? checkedEntry(unit, placed) : undefined;
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
function resolve(unit: Unit, fillIn: () => void): void {
  const { evaluator, symbols } = unit;
  evaluator.final = true;
  evaluator.notesDistances = false;
  fillIn();
  unit.data.resolve();
  for (const work of unit.whenPlaced) work();
  for (const work of unit.atLast) work();
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
