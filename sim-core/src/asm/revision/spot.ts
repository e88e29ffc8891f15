/** Where in an assembled unit an edit belongs. */
import type { Moment } from "../object/log.ts";
import type { Section } from "../object/section.ts";
import type { ParsedFile } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";
import type { Hunk, LineInstruction } from "./sources.ts";

/** The moment of the pass at which an edit's lines are assembled, and what they placed before. */
export interface Spot {
  /** How many statements had placed something until then. */
  readonly index: number;
  readonly section: Section;
  readonly offset: number;
  /** What the removed lines placed, in bytes. */
  readonly bytes: number;
  /** Numeric labels until then. */
  readonly sequence: number;
}

/** How far a neighbour is looked for. */
const MAX_DISTANCE = 50;

/**
 * The spot of lines of which at least one holds or held an instruction.
 * @returns undefined where it isn't certain, in bodies of macros, in branches that are not taken, among data
 */
export function spotOf(unit: Unit, file: ParsedFile, hunk: Hunk): Spot | undefined {
  const spot = hunk.removed.length > 0 ? spotOfRemoved(unit, file, hunk.removed) : spotBeside(unit, file, hunk);
  if (!spot || !takesInstructions(spot.section, spot.offset)) return undefined;
  const place = spot.section.origin?.place;
  // The section begins with other statements than before.
  if (!place || (place.file === file.name && !place.expansion && place.firstLine >= hunk.line)) return undefined;
  return spot;
}

const takesInstructions = (section: Section, offset: number): boolean =>
  section.flags.execute && !section.nobits && offset % 4 === 0 && !section.beyond(section.size + ROOM);
/** More bytes than an edit's lines can place. */
const ROOM = 1024;

function spotOfRemoved(unit: Unit, file: ParsedFile, removed: readonly LineInstruction[]): Spot | undefined {
  let first: Moment | undefined;
  let end = 0;
  for (const [count, { line }] of removed.entries()) {
    const moment = unit.log.soleOf(file.name, line);
    if (!moment) return undefined;
    first ??= moment;
    const isNext = moment.index === first.index + count && moment.section === first.section;
    if (!isNext || (count > 0 && moment.offset !== end)) return undefined;
    end = moment.offset + moment.bytes;
  }
  return first && { ...first, bytes: end - first.offset };
}

/** The spot between an instruction and lines without any in front of it or behind it. */
function spotBeside(unit: Unit, file: ParsedFile, hunk: Hunk): Spot | undefined {
  const above = neighbour(unit, file, hunk.first - 1, -1);
  if (above) {
    const { index, section, offset, bytes, sequence } = above.moment;
    return { index: index + 1, section, offset: offset + bytes, bytes: 0, sequence: sequence + above.labels };
  }
  const below = neighbour(unit, file, hunk.end, 1);
  return below && { ...below.moment, bytes: 0, sequence: below.moment.sequence - below.labels };
}

interface Neighbour {
  readonly moment: Moment;
  /** Numeric labels between it and the edit. */
  readonly labels: number;
}

function neighbour(unit: Unit, file: ParsedFile, from: number, step: 1 | -1): Neighbour | undefined {
  let labels = 0;
  for (let index = from; Math.abs(index - from) < MAX_DISTANCE; index += step) {
    const line = file.lines[index];
    if (!line || line.statements.length > 1) return undefined;
    const [statement] = line.statements;
    if (!statement) continue;
    if (statement.problem || (statement.name && statement.form !== "instruction")) return undefined;
    const numeric = statement.labels.filter((label) => label.numeric).length;
    if (statement.name) {
      const moment = unit.log.soleOf(file.name, file.firstLines[index]!);
      return moment && { moment, labels: labels + (step > 0 ? numeric : 0) };
    }
    labels += numeric;
  }
  return undefined;
}
