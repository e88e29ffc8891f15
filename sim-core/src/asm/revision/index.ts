/**
 * Assembling after an edit of instructions, empty lines and comments: all other statements are what they were, and so is
 * what they say; what lies behind the edit only gets other addresses and line numbers. Whatever isn't certainly of this kind
 * is refused, and everything is assembled; both give the same (reassemble.test.ts).
 *
 * The new instructions are assembled as they would have been in their turn: at their place, in their section, with what was
 * defined until then. Then what lies behind is moved (move.ts), and if there are more bytes or fewer, sections are placed and
 * operands filled in again.
 */
import { type AssembledUnit, entryOf, settleAgain } from "../assemble.ts";
import type { InstructionFixup } from "../instructions/fixups.ts";
import type { AssembleOptions } from "../model.ts";
import type { SymbolEntry } from "../object/symbols.ts";
import type { Result } from "../result.ts";
import { namesIn } from "../syntax/names-in.ts";
import type { ParsedFile } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";
import { type Inserted, insert, moveLines } from "./move.ts";
import { forgetNames, isAlone, noteNames } from "./names.ts";
import { editedFile, type Hunk, hunksOf, type LineInstruction } from "./sources.ts";
import { type Spot, spotOf } from "./spot.ts";

/** What is said of the whole program, and found anew after each change. */
const OF_THE_WHOLE: ReadonlySet<string> = new Set(["no-code", "bad-entry"]);
/** What is said of labels, which aren't defined again. */
const OF_LABELS: ReadonlySet<string> = new Set(["duplicate-symbol", "register-name"]);
/** Suggestions end somewhere; an edit must not be what decides where. */
const MAX_SUGGESTIONS = 50;

/**
 * The unit of a result, which is taken from it, brought up to present sources.
 * @returns undefined when everything must be assembled
 */
export function revise(result: Result, options: AssembleOptions): AssembledUnit | undefined {
  const { unit } = result.whole;
  if (!unit.revisable || !sameSettings(unit.options, options) || unit.cutOff) return undefined;
  if (unit.reporter.isFull || unit.encoder.suggestions > MAX_SUGGESTIONS) return undefined;
  // What stands elsewhere may refer to the upper half of any instruction's distance.
  if (unit.evaluator.anchored > 0) return undefined;
  const edited = editedFile(unit, options);
  const hunks = edited && hunksOf(edited);
  if (!hunks?.every((hunk) => isPossible(unit, edited!.before, hunk))) return undefined;
  const assembled = result.handOver();
  const { before, after } = edited!;
  unit.files.set(after.name, after);
  unit.reporter.retract(({ id }) => OF_THE_WHOLE.has(id));
  unit.evaluator.forgetSuggestions();
  const fixups: InstructionFixup[] = [];
  let hasMoved = false;
  for (const hunk of hunks) {
    const spot = isBlank(hunk) ? undefined : spotOf(unit, before, hunk);
    const { line, endLine } = hunk;
    unit.reporter.retract(
      ({ id, file, range }) =>
        file === after.name && range.start.line >= line && range.start.line < endLine && !OF_LABELS.has(id),
    );
    if (hunk.by !== 0 && !moveLines(unit, after.name, endLine, hunk.by)) return undefined;
    if (isBlank(hunk)) continue;
    const replaced = spot && replace(unit, after, hunk, spot);
    if (!replaced || unit.evaluator.anchored > 0) return undefined;
    fixups.push(...replaced.fixups);
    hasMoved ||= replaced.by !== 0;
  }
  const revised = hasMoved ? settleAgain(unit) : filledIn(unit, fixups, assembled);
  const undefinedNames = unit.reporter.diagnostics.filter(({ id }) => id === "undefined-symbol");
  return unit.evaluator.suggestsFor(undefinedNames.length) ? revised : undefined;
}

/** A unit of which nothing has moved, with what its new instructions left to be filled in. */
function filledIn(unit: Unit, fixups: readonly InstructionFixup[], { placed }: AssembledUnit): AssembledUnit {
  unit.reporter.late = true;
  unit.encoder.resolve(fixups);
  return { unit, placed, entry: entryOf(unit, placed) };
}

function sameSettings(a: AssembleOptions, b: AssembleOptions): boolean {
  return (
    a.entry === b.entry &&
    a.config === b.config &&
    a.isa === b.isa &&
    a.defines === b.defines &&
    a.expansionLimit === b.expansionLimit &&
    !a.onStatement &&
    !b.onStatement
  );
}

/** Whether no instruction comes or goes. */
const isBlank = ({ removed, added }: Hunk): boolean => removed.length === 0 && added.length === 0;

function isPossible(unit: Unit, file: ParsedFile, hunk: Hunk): boolean {
  if (isBlank(hunk)) return true;
  const spot = spotOf(unit, file, hunk);
  return spot !== undefined && isAlone(unit, hunk, spot);
}

/** Assembles an edit's instructions in the place of the older ones; undefined when they have changed more than themselves. */
function replace(unit: Unit, { name: file }: ParsedFile, hunk: Hunk, spot: Spot): Inserted | undefined {
  const { encoder, log, symbols } = unit;
  const { section, offset, bytes, index } = spot;
  const { removed, added } = hunk;
  forgetNames(unit, hunk);
  const known = symbols.entries.size;
  encoder.fixups.drop(section, offset, bytes);
  for (const { statement } of removed) if (!encoder.formsOf(statement.name!.name)) encoder.suggestions--;
  let isExact = false;
  const inserted = insert(unit, {
    file,
    behind: hunk.endLine + hunk.by,
    spot,
    added: added.length,
    removed: removed.length,
    work: (isBehind) =>
      section.replace(offset, bytes, () => {
        isExact = log.replace(index, removed.length, added.length, () => assembleAt(unit, file, added, spot, isBehind));
      }),
  });
  return isExact && noteNames(unit, known) ? inserted : undefined;
}

/** Assembles instructions as if the pass had just come to them. */
function assembleAt(
  unit: Unit,
  file: string,
  instructions: readonly LineInstruction[],
  spot: Spot,
  isBehind: (entry: SymbolEntry) => boolean,
): void {
  const { evaluator, log, reporter, sections, symbols } = unit;
  const { sequence } = symbols;
  // What is defined further down is not known yet.
  const mentioned = instructions.flatMap(({ statement }) => namesIn(statement));
  const later = mentioned.flatMap((name) => symbols.entries.get(name) ?? []);
  const hidden = later.filter((entry) => entry.defined && isBehind(entry));
  for (const entry of hidden) entry.defined = false;
  symbols.horizon = spot.sequence;
  symbols.sequence = spot.sequence;
  evaluator.final = false;
  evaluator.notesDistances = true;
  reporter.late = false;
  sections.current = spot.section;
  for (const { statement, line } of instructions) {
    unit.place = unit.places.add({ file, firstLine: line, expansion: undefined, shape: undefined });
    symbols.moment = log.length;
    unit.execute(statement);
  }
  evaluator.final = true;
  evaluator.notesDistances = false;
  symbols.sequence = sequence;
  symbols.horizon = Number.POSITIVE_INFINITY;
  for (const entry of hidden) entry.defined = true;
}
