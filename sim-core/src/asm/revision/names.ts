/** Whether statements that come or go say something to others. */
import type { SymbolEntry } from "../object/symbols.ts";
import { namesIn } from "../syntax/names-in.ts";
import type { Statement } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";

/** Whether nothing but a statement's own words depends on it, at the moment of the pass with this number. */
export const isAlone = (unit: Unit, statement: Statement, index: number): boolean =>
  isInstruction(unit, statement, index) && namesAreSettled(unit, statement, index);

/** Whether a statement is an instruction or unknown, but no macro's call. */
function isInstruction({ encoder, macros }: Unit, { name }: Statement, index: number): boolean {
  const { definitions } = macros;
  if (definitions.has(name!.name) || definitions.has(name!.name.toLowerCase())) return false;
  const forms = encoder.formsOf(name!.name);
  // A suggestion may be a macro that was known at the moment.
  if (!forms) return macros.changedAt < index || definitions.size === 0;
  // That a program uses instructions of the workspace is noted once for all.
  return !forms.some(({ instruction }) => instruction?.row.user);
}

/** Whether all symbols in a statement are other statements' and have had one value from their definition on. */
function namesAreSettled({ symbols }: Unit, statement: Statement, index: number): boolean {
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
