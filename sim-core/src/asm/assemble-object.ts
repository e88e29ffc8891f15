/** From a source file to an object that a linker takes. */
import type { Diagnostic, Range } from "../diagnostics/index.ts";
import { layOut } from "../link/layout.ts";
import { type ObjectFile, R_RISCV } from "../object/index.ts";
import { checkSections, inSourceOrder } from "./assemble.ts";
import type { AssembleOptions, Placement } from "./model.ts";
import { layerNumbers, makeObject, spreadOut } from "./object/make-object.ts";
import { rangeStart } from "./object/ranges.ts";
import { RelocationLog } from "./object/relocation-log.ts";
import { ObjectSources } from "./object/sources.ts";
import { Unit } from "./unit.ts";

export interface ObjectAssembly {
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when there is an error. */
  readonly object?: ObjectFile;
  /** What the sources say beside the bytes. */
  readonly sources: ObjectSources;
  /** Every file that the result depends on. */
  readonly dependencies: readonly string[];
  /** The statement that put a byte of a section (by its index in the object) in place. */
  placeOf(section: number, offset: number): { readonly file: string; readonly range: Range } | undefined;
}

/**
 * Assembles one file of a program. What other files define is left to the linker; nothing that a file holds makes this
 * throw.
 */
export function assembleObject(options: AssembleOptions): ObjectAssembly {
  const unit = new Unit(options, true);
  unit.run();
  // An object that doesn't even fit alone is refused here, where its statements are known.
  const { problems } = layOut(unit.sections.all, options.config);
  if (!unit.cutOff) {
    checkSections(
      unit,
      problems.filter(({ kind }) => kind === "overflow" || kind === "unplaced"),
    );
  }
  spreadOut(unit);
  const log = new RelocationLog();
  resolve(unit, log);
  const object = unit.reporter.errors === 0 ? makeObject(unit, log) : undefined;
  let placements: readonly Placement[] | undefined;
  return {
    diagnostics: inSourceOrder(unit),
    ...(object && unit.reporter.errors === 0 ? { object } : {}),
    sources: new ObjectSources(unit),
    dependencies: [...unit.dependencies],
    placeOf(section, offset) {
      placements ??= unit.log.placements();
      const address = rangeStart(section) + offset;
      return placements.find(
        (placement) => address >= placement.address && address < placement.address + placement.bytes,
      );
    },
  };
}

/** Fills in what the file decides alone, and notes relocations for the rest. */
function resolve(unit: Unit, log: RelocationLog): void {
  const { evaluator } = unit;
  evaluator.final = true;
  unit.encoder.relocate(log);
  unit.data.relocate(log);
  if (unit.layers.length > 0) {
    const target = { section: layerNumbers(unit), offset: 0 };
    target.section.reserve(unit.layers.length);
    for (const { section, offset, id } of unit.layerMarks) {
      section.patch(offset + 2, (section.readWord(offset) >>> 16) & 0xf, 2);
      log.add(section, { offset, type: R_RISCV.LO12_I, target, addend: id });
    }
  }
  for (const work of unit.whenPlaced) work();
  for (const work of unit.atLast) work();
  for (const entry of unit.symbols.entries.values()) {
    if (!entry.size) continue;
    const bytes = evaluator.evaluateDeferred(entry.size);
    if (typeof bytes === "number") entry.bytes = bytes;
  }
}
