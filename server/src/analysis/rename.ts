/** Renaming symbols, macros, their parameters and numeric labels, in all programs that share them. */
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { directiveInfo } from "./directives.ts";
import { formsOf } from "./forms.ts";
import { definitionsOf } from "./navigation.ts";
import { isLocal, type Named, namedAt, objectsWith, occurrencesOf } from "./occurrences.ts";
import { mentionsOf, type ParameterPlace, parameterAt } from "./parameters.ts";
import { type SnapshotsOf, throughPrograms } from "./programs.ts";
import { isRegister } from "./registers.ts";
import { sameResult } from "./same-program.ts";
import type { Snapshot } from "./snapshot.ts";
import { tensorOf, withFields } from "./tensors.ts";
import { applyEdits, textIn } from "./text.ts";

/** Why something can't be renamed, for the user. */
export class RenameRefused extends Error {}

export interface RenameEdit {
  readonly file: string;
  readonly range: Range;
  readonly text: string;
}

interface Subject extends Named {
  /** The part of the mention under the cursor that is the name itself. */
  readonly range: Range;
}

const NAME = /^[A-Za-z_.$][\w.$]*$/;

const shorten = ({ start }: Range, length: number): Range => ({
  start,
  end: { line: start.line, character: start.character + length },
});

/** The digits of a numeric label's key. */
const digitsOf = (key: string): string => key.replace(/@.*$/s, "");

/** The name that a rename at a position changes: for a field of a tensor, the tensor's. */
function subjectAt(snapshot: Snapshot, position: Position): Subject {
  const named = namedAt(snapshot, position);
  if (!named) throw new RenameRefused("there is no symbol, macro or parameter here");
  if (isLocal(named.name)) return { ...named, range: shorten(named.range, digitsOf(named.name).length) };
  const owner = named.macro ? undefined : tensorOf(snapshot.assembly, named.name);
  if (owner !== undefined) return { name: owner, macro: false, range: shorten(named.range, owner.length) };
  const { macros, symbols } = snapshot.assembly;
  const isKnown = named.macro ? macros.has(named.name) : symbols.get(named.name)?.file !== undefined;
  if (!isKnown && definitionsOf(snapshot, named).length === 0)
    throw new RenameRefused(`\`${named.name}\` is not defined in this program`);
  return named;
}

/**
 * What a rename at a position would change there.
 * @throws RenameRefused
 */
export function prepareRename(snapshot: Snapshot, position: Position): { range: Range; name: string } {
  const parameter = parameterAt(snapshot, position);
  if (parameter) return { range: parameter.range, name: parameter.name };
  const { range, name } = subjectAt(snapshot, position);
  return { range, name: digitsOf(name) };
}

/** @throws RenameRefused when a name can't be one */
function checkName(next: string, pattern = NAME): void {
  if (!pattern.test(next)) {
    throw new RenameRefused(`\`${next}\` is no name: use letters, digits, _ . and $, and no digit in front`);
  }
}

/** @throws RenameRefused when a program means something else by the new name */
function checkFree({ assembly, isa }: Snapshot, { name, macro }: Named, next: string): void {
  if (next === name) return;
  if (!macro && isRegister(next)) throw new RenameRefused(`\`${next}\` is a register`);
  if (macro && (formsOf(isa, next.toLowerCase()).length > 0 || directiveInfo(next))) {
    throw new RenameRefused(`\`${next}\` is an instruction or directive`);
  }
  const taken = macro ? assembly.macros.get(next) : assembly.symbols.get(next);
  if (taken?.file === undefined) return;
  const where = `${taken.file.split("/").at(-1)}, line ${(taken.range?.start.line ?? 0) + 1}`;
  throw new RenameRefused(`\`${next}\` is already defined: ${where}`);
}

/**
 * All places to change, in every program that has one of them.
 * @param snapshotsOf a file as part of each of its programs
 * @throws RenameRefused
 */
export function renameEdits(
  snapshot: Snapshot,
  position: Position,
  next: string,
  snapshotsOf: SnapshotsOf = () => [],
): RenameEdit[] {
  const parameter = parameterAt(snapshot, position);
  if (parameter) return parameterEdits(snapshot, parameter, next, snapshotsOf);
  const subject = subjectAt(snapshot, position);
  if (isLocal(subject.name)) return numericEdits(snapshot, subject, next);
  checkName(next);
  const look = (program: Snapshot) => [programEdits(program, subject, next)];
  return [...throughPrograms(snapshot, snapshotsOf, look)].flat();
}

function programEdits(snapshot: Snapshot, subject: Named, next: string): RenameEdit[] {
  checkFree(snapshot, subject, next);
  const { assembly } = snapshot;
  const names = subject.macro ? [subject.name] : withFields(assembly, subject.name);
  const others = names.flatMap((name) => objectsWith(snapshot, name));
  const files = new Map([...assembly.files, ...others].map((file) => [file.name, file]));
  const edits: RenameEdit[] = [];
  for (const name of names) {
    for (const { file, range } of occurrencesOf(snapshot, { name, macro: subject.macro })) {
      const tree = files.get(file);
      if (!tree) continue;
      const edit = { file, range: shorten(range, subject.name.length), text: next };
      // A name that a macro puts together stands nowhere in the text as a whole.
      if (textIn(tree, edit.range) !== subject.name) {
        throw new RenameRefused(`a macro makes up \`${name}\` in line ${range.start.line + 1}: rename it by hand`);
      }
      edits.push(edit);
    }
  }
  return edits;
}

function parameterEdits(
  snapshot: Snapshot,
  place: ParameterPlace,
  next: string,
  snapshotsOf: SnapshotsOf,
): RenameEdit[] {
  checkName(next, /^[A-Za-z_$][\w$]*$/);
  if (place.others.includes(next)) throw new RenameRefused(`\`${next}\` is already a parameter`);
  const declaring = snapshot.assembly.files.find(({ name }) => name === place.mentions[0]!.file) ?? snapshot.file;
  if (declaring.text.includes(".altmacro")) {
    throw new RenameRefused("with .altmacro any word may be the parameter: rename it by hand");
  }
  const pieces = throughPrograms(snapshot, snapshotsOf, (program) => mentionsOf(program, place));
  return [...pieces].flat().map(({ file, range }) => ({ file, range, text: next }));
}

/** A numeric label gets another number or a name; the program must stay the same. */
function numericEdits(snapshot: Snapshot, subject: Subject, next: string): RenameEdit[] {
  const isNumber = /^\d+$/.test(next);
  if (!isNumber) {
    checkName(next);
    checkFree(snapshot, subject, next);
  }
  const { length } = digitsOf(subject.name);
  const edits = occurrencesOf(snapshot, subject).map(({ file, range }) => {
    const isUse = range.end.character - range.start.character > length;
    return { file, range: isNumber && isUse ? shorten(range, length) : range, text: next };
  });
  const elsewhere = edits.find(({ file }) => file !== snapshot.file.name);
  if (elsewhere) throw new RenameRefused(`${elsewhere.file.split("/").at(-1)} uses the label, too: rename it by hand`);
  const after = snapshot.reassemble({ text: applyEdits(snapshot.file, edits) });
  if (!sameResult(snapshot.assembly, after)) {
    throw new RenameRefused(
      isNumber
        ? `with \`${next}\` a branch would go to another label \`${next}\``
        : `\`${next}\` would be defined more than once: the label stands in a macro or repetition`,
    );
  }
  return edits;
}
