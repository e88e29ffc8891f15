/** Moves what lies behind an edit: to other lines, to other offsets of its section. */
import type { InstructionFixup, IsBehind } from "../instructions/fixups.ts";
import type { Section } from "../object/section.ts";
import type { SymbolEntry } from "../object/symbols.ts";
import { moveRange, outermost, type Place } from "../reporter.ts";
import type { Unit } from "../unit.ts";
import type { Spot } from "./spot.ts";

type Range = Parameters<typeof moveRange>[0];

/**
 * Gives the lines of a file from `from` on other numbers, wherever they are noted.
 * @returns false when that isn't possible; the unit is then worth nothing
 */
export function moveLines(unit: Unit, file: string, from: number, by: number): boolean {
  if (!unit.places.moveLines(file, from, by) || !unit.reporter.moveLines(file, from, by)) return false;
  if (!unit.mutes.moveLines(file, from, by)) return false;
  unit.log.moveLines(file, from, by);
  const moved = <At extends { readonly range: Range }>(at: At, where: string): At =>
    where === file ? { ...at, range: moveRange(at.range, from, by) } : at;
  // New lists: the old ones are others' by now.
  unit.layers = unit.layers.map((layer) => moved(layer, layer.file));
  unit.includes = unit.includes.map((edge) => moved(edge, edge.from));
  const { macros } = unit;
  macros.definitions = new Map([...macros.definitions].map(([name, macro]) => [name, moved(macro, macro.file)]));
  unit.expectations = unit.expectations.map((expectation) =>
    expectation.file === file && expectation.line > from
      ? { ...expectation, line: expectation.line + by }
      : expectation,
  );
  return true;
}

/** An edit's instructions on their way into a unit. */
export interface Insertion {
  readonly file: string;
  /** Number of the line behind the edit. */
  readonly behind: number;
  readonly spot: Spot;
  /** How many statements place something, and how many did. */
  readonly added: number;
  readonly removed: number;
  /** Assembles them, which is told what is defined behind them, and gives the number of bytes that there are more. */
  readonly work: (isBehind: (entry: SymbolEntry) => boolean) => number;
}

export interface Inserted {
  /** What the instructions left to be filled in. */
  readonly fixups: readonly InstructionFixup[];
  /** How many bytes there are more. */
  readonly by: number;
}

/**
 * Lets instructions be placed, and moves what stands behind them.
 * @returns undefined when anything else depends on how many bytes lie in front of it; the unit is then worth nothing
 */
export function insert(unit: Unit, insertion: Insertion): Inserted | undefined {
  const sides = new Sides(insertion);
  const { section } = insertion.spot;
  const noted = unit.evaluator.distances.length;
  let by = 0;
  const fixups = unit.encoder.fixups.insert(section, sides.isBehind, () => {
    by = insertion.work((entry) => sides.isDefinedBehind(entry));
    return by;
  });
  moveMoments(unit, insertion, sides);
  if (by !== 0 && !moveBytes(unit, insertion, sides, by, noted)) return undefined;
  return sides.areCertain ? { fixups, by } : undefined;
}

/** Which side of an edit something lies on. */
class Sides {
  /** False when it could not always be told. */
  areCertain = true;
  private readonly insertion: Insertion;

  constructor(insertion: Insertion) {
    this.insertion = insertion;
  }

  /** By the offset in the section; where nothing lay between, the line decides. */
  readonly isBehind: IsBehind = (at, place) => {
    const { offset, bytes } = this.insertion.spot;
    if (at === offset && bytes === 0) return this.isLineBehind(place);
    return at >= offset + bytes;
  };

  isLineBehind(place: Place): boolean {
    const { file, behind } = this.insertion;
    const outer = outermost(place, NOWHERE).place;
    // Lines of other files could stand on either side.
    if (outer.file !== file) this.areCertain = false;
    return outer.firstLine >= behind;
  }

  /** Whether a symbol is defined behind the edit, in the order of the pass. */
  isDefinedBehind({ definedAt, place }: SymbolEntry): boolean {
    const { spot, removed } = this.insertion;
    if (definedAt !== spot.index || removed > 0) return definedAt > spot.index;
    return place !== undefined && this.isLineBehind(place);
  }

  /** The same of an address of which nobody knows the line. */
  of(at: number): "front" | "behind" | "unknown" {
    const { offset, bytes } = this.insertion.spot;
    if (at < offset || (at === offset && bytes > 0)) return "front";
    return at >= offset + Math.max(bytes, 1) ? "behind" : "unknown";
  }
}

const NOWHERE = { start: 0, end: 0 };

/** Numbers the moments behind the edit anew. */
function moveMoments({ symbols, macros }: Unit, { spot, added, removed }: Insertion, sides: Sides): void {
  const more = added - removed;
  if (more === 0) return;
  const { index } = spot;
  for (const entry of symbols.entries.values()) {
    // Those of the edit itself aren't marked yet.
    if (entry.provisional && entry.mentionedAt >= index) entry.mentionedAt += more;
    if (entry.defined && sides.isDefinedBehind(entry)) entry.definedAt += more;
  }
  if (macros.changedAt > index || (macros.changedAt === index && more > 0)) macros.changedAt += more;
}

/** @param noted how many distances had been noted in front of the edit */
function moveBytes(unit: Unit, { spot, added }: Insertion, sides: Sides, by: number, noted: number): boolean {
  const { section, index, sequence } = spot;
  if (section.beyond(section.size)) return false;
  for (const pin of section.pins) {
    if (!sides.isBehind(pin.offset, pin.place)) continue;
    if (by % pin.alignment !== 0) return false;
    pin.offset += by;
  }
  if (!moveDistances(unit.evaluator.distances, section, sides, by, noted)) return false;
  for (const entry of unit.symbols.entries.values()) {
    if (entry.section !== section || !entry.defined) continue;
    // Copies of addresses don't say of what.
    if (entry.kind !== "label" || entry.hidden || !entry.place) return false;
    if (sides.isBehind(entry.value as number, entry.place)) entry.value = (entry.value as number) + by;
  }
  for (const labels of unit.symbols.locals.values()) {
    for (const label of labels) if (label.section === section && label.sequence > sequence) label.offset += by;
  }
  for (const moment of unit.moments) {
    if (moment.section === section && sides.isBehind(moment.offset, moment.place)) moment.offset += by;
  }
  unit.data.move(section, sides.isBehind, by);
  unit.log.moveBytes(index + added, section, by);
  return true;
}

/** Distances that have become numbers must not reach across the edit. */
function moveDistances(distances: number[], section: Section, sides: Sides, by: number, noted: number): boolean {
  for (let at = 0; at < noted; at += 3) {
    if (distances[at] !== section.index) continue;
    const side = sides.of(distances[at + 1]!);
    if (side === "unknown" || side !== sides.of(distances[at + 2]!)) return false;
    if (side === "front") continue;
    distances[at + 1]! += by;
    distances[at + 2]! += by;
  }
  return true;
}
