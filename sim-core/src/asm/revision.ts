/**
 * Assembling after an edit that changed instructions and nothing else: the statements around them, and so all symbols and
 * addresses, are what they were. Whatever isn't certainly of this kind is refused, and everything is assembled; both give
 * the same (reassemble.test.ts).
 *
 * An edit is taken when every line that it changed held one instruction and holds one now, both of as many bytes and
 * behind the same labels, and when the names in them were mentioned and defined by other statements. The new instruction is then
 * assembled as it would have been in its turn: at its place, in its section, with what was defined until then.
 */
import { type AssembledUnit, entryOf } from "./assemble.ts";
import type { AssembleOptions } from "./model.ts";
import type { Moment } from "./object/log.ts";
import type { SymbolEntry } from "./object/symbols.ts";
import type { Result } from "./result.ts";
import { namesIn } from "./syntax/names-in.ts";
import type { ParsedFile, SourceLine, Statement } from "./syntax/tree.ts";
import type { Unit } from "./unit.ts";

/** More lines than these are changed by no typing: looking for each of them in the log would take longer. */
const MAX_LINES = 16;
/** What is said of the whole program, and found anew after each change. */
const OF_THE_WHOLE: ReadonlySet<string> = new Set(["no-code", "bad-entry"]);
/** What is said of labels, which aren't defined again. */
const OF_LABELS: ReadonlySet<string> = new Set(["duplicate-symbol", "register-name"]);
/** Suggestions end somewhere; an edit must not be what decides where. */
const MAX_SUGGESTIONS = 50;

/** The two versions of a file. */
interface Edited {
  readonly before: ParsedFile;
  readonly after: ParsedFile;
}

/** The two versions of an instruction, and where it stands. */
interface Change {
  readonly before: Statement;
  readonly after: Statement;
  readonly line: number;
}

interface PlacedChange extends Change {
  readonly file: string;
  readonly moment: Moment;
}

/**
 * The unit of a result, which is taken from it, brought up to present sources.
 * @returns undefined when everything must be assembled
 */
export function revise(result: Result, options: AssembleOptions): AssembledUnit | undefined {
  const { unit } = result.whole;
  if (!sameSettings(unit.options, options) || unit.cutOff) return undefined;
  if (unit.reporter.isFull || unit.encoder.suggestions > MAX_SUGGESTIONS) return undefined;
  // What stands elsewhere may refer to the upper half of any instruction's distance.
  if (unit.evaluator.anchored > 0) return undefined;
  const edited = editedFile(unit, options);
  const changes = edited && changedInstructions(edited);
  if (!changes) return undefined;
  const file = edited.after.name;
  const placed: PlacedChange[] = [];
  for (const change of changes) {
    const moment = unit.log.soleOf(file, change.line);
    if (!moment || !isAlone(unit, file, change, moment)) return undefined;
    placed.push({ ...change, file, moment });
  }
  const assembled = result.handOver();
  unit.files.set(file, edited.after);
  const lines = new Set(changes.map(({ line }) => line));
  unit.reporter.retract(({ id, file: where, range }) => {
    if (OF_THE_WHOLE.has(id)) return true;
    return where === file && lines.has(range.start.line) && !OF_LABELS.has(id);
  });
  if (!placed.every((change) => applied(unit, change))) return undefined;
  return { ...assembled, entry: entryOf(unit, assembled.placed) };
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

/** The only file that differs from what the unit has read; undefined when there are none or several. */
function editedFile(unit: Unit, { host, parse }: AssembleOptions): Edited | undefined {
  // Without kept trees, comparing the lines would take longer than assembling them.
  if (!parse) return undefined;
  let edited: Edited | undefined;
  for (const name of unit.dependencies) {
    if (unit.binaries.has(name) && host.readBytes(name) !== unit.binaries.get(name)) return undefined;
    const before = unit.files.get(name);
    if (!before && unit.binaries.has(name)) continue;
    const text = host.readText(name);
    if (text === before?.text) continue;
    if (edited || !before || text === undefined) return undefined;
    edited = { before, after: parse(name, text) };
  }
  return edited;
}

/** The instructions that differ; undefined when anything else does. */
function changedInstructions({ before, after }: Edited): Change[] | undefined {
  const [old, now] = [before.lines, after.lines];
  if (old.length !== now.length) return undefined;
  let end = now.length;
  while (end > 0 && old[end - 1] === now[end - 1]) end--;
  const changes: Change[] = [];
  for (let index = 0; index < end; index++) {
    const [a, b] = [old[index]!, now[index]!];
    if (a === b) continue;
    if (a.height !== b.height) return undefined;
    if (a.text === b.text || (a.statements.length === 0 && b.statements.length === 0)) continue;
    const [was, is] = [loneInstruction(a), loneInstruction(b)];
    if (!was || !is || changes.length === MAX_LINES || !sameLabels(was, is)) return undefined;
    changes.push({ before: was, after: { ...is, labels: [] }, line: after.firstLines[index]! });
  }
  return changes;
}

function loneInstruction({ statements, height }: SourceLine): Statement | undefined {
  const [statement] = statements;
  if (statements.length !== 1 || height !== 1 || !statement?.name) return undefined;
  return statement.form === "instruction" ? statement : undefined;
}

/** Whether the labels in front of two statements are the same: then they are defined already. */
const sameLabels = (a: Statement, b: Statement): boolean =>
  a.labels.length === b.labels.length &&
  a.labels.every(({ name, start, end }, index) => {
    const other = b.labels[index]!;
    return name === other.name && start === other.start && end === other.end;
  });

/** Whether nothing but the statement's own words depends on it. */
function isAlone(unit: Unit, file: string, { before, after, line }: Change, moment: Moment): boolean {
  const { section, offset, bytes } = moment;
  const origin = section.origin?.place;
  if (origin?.file === file && origin.firstLine === line) return false;
  if (!section.flags.execute || offset % 4 !== 0 || section.beyond(offset + bytes)) return false;
  return [before, after].every(
    (statement) => isInstruction(unit, statement, moment) && namesAreSettled(unit, statement, moment),
  );
}

/** Whether a statement is an instruction or unknown, but no macro's call. */
function isInstruction({ encoder, macros }: Unit, { name }: Statement, { index }: Moment): boolean {
  const { definitions } = macros;
  if (definitions.has(name!.name) || definitions.has(name!.name.toLowerCase())) return false;
  const forms = encoder.formsOf(name!.name);
  // A suggestion may be a macro that was known at the moment.
  if (!forms) return macros.changedAt < index || definitions.size === 0;
  // That a program uses instructions of the workspace is noted once for all.
  return !forms.some(({ instruction }) => instruction?.row.user);
}

/** Whether all symbols in a statement are other statements' and have had one value from their definition on. */
function namesAreSettled({ symbols }: Unit, statement: Statement, { index }: Moment): boolean {
  return namesIn(statement).every((name) => {
    const entry = symbols.entries.get(name);
    return !entry || isSettled(entry, index);
  });
}

function isSettled(entry: SymbolEntry, index: number): boolean {
  if (!entry.defined || entry.deferred || entry.reassigned || entry.kind === "common") return false;
  // A copy is made of an address that could change.
  if (entry.assignable && entry.section) return false;
  return entry.mentionedAt < index && entry.definedAt !== index;
}

/** Assembles an instruction in the place of its older version; false when it has changed more than itself. */
function applied(unit: Unit, { file, line, before, after, moment }: PlacedChange): boolean {
  const { encoder, evaluator, log, sections, symbols } = unit;
  const { section, offset, bytes, index } = moment;
  const { sequence } = symbols;
  const known = symbols.entries.size;
  encoder.drop(section, offset, bytes);
  if (!encoder.formsOf(before.name!.name)) encoder.suggestions--;
  const first = encoder.fixups.length;
  // What is defined further down is not known yet.
  const later = namesIn(after).flatMap((name) => symbols.entries.get(name) ?? []);
  const hidden = later.filter(({ defined, definedAt }) => defined && definedAt > index);
  for (const entry of hidden) entry.defined = false;
  symbols.horizon = moment.sequence;
  symbols.sequence = moment.sequence;
  evaluator.final = false;
  sections.current = section;
  unit.place = { file, firstLine: line, expansion: undefined, shape: undefined };
  let isOne = false;
  const isSame = section.refill(offset, bytes, () => {
    isOne = log.rewrite(index, () => unit.execute(after));
  });
  evaluator.final = true;
  symbols.sequence = sequence;
  symbols.horizon = Number.POSITIVE_INFINITY;
  for (const entry of hidden) entry.defined = true;
  if (!isOne || !isSame || evaluator.anchored > 0) return false;
  encoder.resolveFrom(first);
  return symbols.entries.size === known;
}
