/** Whether statements that come or go say something to others, and which names are known to them. */
import { registerNumber } from "../../isa/index.ts";
import type { SymbolEntry } from "../object/symbols.ts";
import { namesIn } from "../syntax/names-in.ts";
import type { Statement } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";
import type { Hunk } from "./sources.ts";
import type { Spot } from "./spot.ts";

/** Whether nothing but an edit's own words depends on its statements. */
export function isAlone(unit: Unit, { removed, added }: Hunk, spot: Spot): boolean {
  const isOwn = ({ provisional, mentionedAt }: SymbolEntry): boolean =>
    provisional && mentionedAt >= spot.index && mentionedAt < spot.index + removed.length;
  const isKnown = (name: string, mayBeOthers: boolean): boolean => {
    const entry = unit.symbols.entries.get(name);
    // What the layout defines is in the program's symbols as soon as somebody mentions it.
    if (!entry?.defined && unit.evaluator.provided.has(name)) return false;
    if (!entry || registerNumber(name) !== undefined) return !entry;
    return entry.defined ? isSettled(entry) : isOwn(entry) || (mayBeOthers && !entry.provisional);
  };
  return (
    [...removed, ...added].every(({ statement }) => isInstruction(unit, statement, spot.index)) &&
    // Of a name that nothing defines, the last mention may be the one that goes.
    removed.every(({ statement }) => namesIn(statement).every((name) => isKnown(name, false))) &&
    added.every(({ statement }) => namesIn(statement).every((name) => isKnown(name, true)))
  );
}

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

/** Whether a symbol has had one value from its definition on. */
function isSettled(entry: SymbolEntry): boolean {
  if (entry.deferred || entry.reassigned || entry.kind === "common") return false;
  // A copy is made of an address that could change.
  return !(entry.assignable && entry.section);
}

/** Forgets the names that only statements mention that go. */
export function forgetNames({ symbols }: Unit, { removed }: Hunk): void {
  for (const { statement } of removed) {
    for (const name of namesIn(statement)) if (symbols.entries.get(name)?.provisional) symbols.entries.delete(name);
  }
}

/**
 * Marks the names that statements were the first to mention, of which there were so many before.
 * @returns false when one of them is more than a mention
 */
export function noteNames({ symbols }: Unit, before: number): boolean {
  if (symbols.entries.size === before) return true;
  let position = 0;
  for (const entry of symbols.entries.values()) {
    if (position++ < before) continue;
    if (entry.defined || entry.hidden) return false;
    entry.provisional = true;
  }
  return true;
}
