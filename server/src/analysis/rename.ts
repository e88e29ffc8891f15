/** Renaming symbols and macros in all files of the program. */
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { definitionsOf } from "./navigation.ts";
import { isLocal, type Named, namedAt, objectsWith, occurrencesOf } from "./occurrences.ts";
import { isRegister } from "./registers.ts";
import type { Snapshot } from "./snapshot.ts";
import { tensorOf } from "./tensors.ts";
import { textIn } from "./text.ts";

/** Why something can't be renamed, for the user. */
export class RenameRefused extends Error {}

export interface RenameEdit {
  readonly file: string;
  readonly range: Range;
}

interface Subject extends Named {
  /** The part of the mention under the cursor that is the name itself. */
  readonly range: Range;
}

const shorten = ({ start }: Range, length: number): Range => ({
  start,
  end: { line: start.line, character: start.character + length },
});

/** The name that a rename at a position changes: for a field of a tensor, the tensor's. */
function subjectAt(snapshot: Snapshot, position: Position): Subject {
  const named = namedAt(snapshot, position);
  if (!named) throw new RenameRefused("there is no symbol or macro here");
  if (isLocal(named.name)) throw new RenameRefused("numeric labels have no name to change");
  const owner = named.macro ? undefined : tensorOf(snapshot.assembly, named.name);
  if (owner !== undefined) return { name: owner, macro: false, range: shorten(named.range, owner.length) };
  const known = named.macro ? snapshot.assembly.macros.has(named.name) : definitionsOf(snapshot, named).length > 0;
  if (!known) throw new RenameRefused(`\`${named.name}\` is not defined in this program`);
  return named;
}

/**
 * What a rename at a position would change there.
 * @throws RenameRefused
 */
export function prepareRename(snapshot: Snapshot, position: Position): { range: Range; name: string } {
  const { range, name } = subjectAt(snapshot, position);
  return { range, name };
}

function check(snapshot: Snapshot, { name, macro }: Named, next: string): void {
  if (!/^[A-Za-z_.$][\w.$]*$/.test(next)) {
    throw new RenameRefused(`\`${next}\` is no name: use letters, digits, _ . and $, and no digit in front`);
  }
  if (!macro && isRegister(next)) throw new RenameRefused(`\`${next}\` is a register`);
  const { symbols, macros } = snapshot.assembly;
  const taken = macro ? macros.has(next) : symbols.get(next)?.file !== undefined;
  if (taken && next !== name) throw new RenameRefused(`\`${next}\` is already defined`);
}

/**
 * All places to change.
 * @throws RenameRefused
 */
export function renameEdits(snapshot: Snapshot, position: Position, next: string): RenameEdit[] {
  const subject = subjectAt(snapshot, position);
  check(snapshot, subject, next);
  const names = [subject.name];
  if (!subject.macro) {
    for (const { name, kind } of snapshot.assembly.symbols.values()) {
      if (kind === "field" && tensorOf(snapshot.assembly, name) === subject.name) names.push(name);
    }
  }
  const others = names.flatMap((name) => objectsWith(snapshot, name));
  const files = new Map([...snapshot.assembly.files, ...others].map((file) => [file.name, file]));
  const edits: RenameEdit[] = [];
  for (const name of names) {
    for (const { file, range } of occurrencesOf(snapshot, { name, macro: subject.macro })) {
      const tree = files.get(file);
      if (!tree) continue;
      const edit = { file, range: shorten(range, subject.name.length) };
      // A name that a macro puts together stands nowhere in the text as a whole.
      if (textIn(tree, edit.range) !== subject.name) {
        throw new RenameRefused(`a macro makes up \`${name}\` in line ${range.start.line + 1}: rename it by hand`);
      }
      edits.push(edit);
    }
  }
  return edits;
}
