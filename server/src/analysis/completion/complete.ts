/** What can be written at a position: nothing is offered that would not assemble there. */
import type { AsmMacro } from "@nnasm/sim-core/asm";
import type { Position } from "@nnasm/sim-core/diagnostics";
import { blockParameters, openBlocks } from "../blocks.ts";
import { directiveInfo, directiveOperand } from "../directives.ts";
import { formsOf } from "../forms.ts";
import { directiveHover } from "../hover/directive.ts";
import { formHover } from "../hover/instruction.ts";
import { macroHover, symbolHover } from "../hover/symbol.ts";
import { type Place, placeAt } from "../place.ts";
import { isCodeAt } from "../section.ts";
import type { Snapshot } from "../snapshot.ts";
import { directiveItems, directiveOperandItems, quotedItems } from "./directives.ts";
import type { Completion, CompletionKind, CompletionResult } from "./items.ts";
import { descriptorItems, operandItems, registerItems } from "./operands.ts";
import { macroItems, mnemonicItems } from "./statements.ts";
import { anySymbolItems } from "./symbols.ts";

/** A file or folder that a path may go on with. */
export interface PathEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** Entries of a folder, named as a path in the file that is being edited. */
export type ListFolder = (path: string) => readonly PathEntry[];

export function completionsAt(snapshot: Snapshot, position: Position, list: ListFolder): CompletionResult | undefined {
  const place = placeAt(snapshot.file, position);
  if (!place) return undefined;
  const found = itemsAt(snapshot, place, list);
  // Behind a digit only a numeric label can go on.
  const items = /^\d/.test(place.prefix) ? found.filter(({ label }) => label.startsWith(place.prefix)) : found;
  return items.length === 0 ? undefined : { range: place.kind === "string" ? pathRange(place) : place.range, items };
}

function itemsAt(snapshot: Snapshot, place: Place, list: ListFolder): Completion[] {
  if (place.prefix.includes("\\")) return parameterItems(snapshot, place);
  switch (place.kind) {
    case "statement":
      return statementItems(snapshot, place);
    case "string":
      return [...quotedItems(place), ...pathItems(place, list)];
    case "operand":
      return [...operandsAt(snapshot, place), ...parameterItems(snapshot, place)];
  }
}

function statementItems(snapshot: Snapshot, place: Place): Completion[] {
  const directives = directiveItems(snapshot, place);
  // Instructions in a data section are an error, so they are offered only where code may stand.
  if (!isCodeAt(snapshot, snapshot.file, place.range.start.line))
    return [...macroItems(snapshot, place), ...directives];
  return [...mnemonicItems(snapshot, place), ...macroItems(snapshot, place), ...directives];
}

function operandsAt(snapshot: Snapshot, place: Place): Completion[] {
  const { name } = place;
  if (name === "=") return anySymbolItems(snapshot);
  if (directiveInfo(name)) return place.isComplete ? [] : directiveOperandItems(snapshot, place);
  // A macro's operands may be anything, and need no commas.
  const macro = snapshot.assembly.macros.get(name);
  if (macro) {
    const operands = [...registerItems(place.prefix), ...descriptorItems(), ...anySymbolItems(snapshot)];
    return [...operands, ...(place.lead === "" ? argumentItems(macro, place) : [])];
  }
  if (place.isComplete) return [];
  return formsOf(snapshot.isa, name.toLowerCase()).length > 0
    ? operandItems(snapshot, { ...place, name: name.toLowerCase() })
    : [];
}

/** Names of a macro's parameters that the call can still give: `by=`. */
function argumentItems({ parameters }: AsmMacro, { operandsBefore }: Place): Completion[] {
  const given = new Set(operandsBefore.map((text) => /^([\w.$]+)=/.exec(text)?.[1]));
  // One that takes the rest, whatever it is, has no name for its caller.
  const names = [...parameters.matchAll(/(?<=^|[\s,])([A-Za-z_$][\w.$]*)(?!\s*:\s*vararg)(?=\s*(?:[:=,\s]|$))/g)];
  return names
    .map(([, name]) => name!)
    .filter((name, index) => index >= operandsBefore.length && !given.has(name))
    .map((name) => ({ label: `${name}=`, kind: "option", detail: "parameter", group: 2, again: true }));
}

/** Parameters of the macros and repetitions around the cursor: `\name`. */
function parameterItems({ file }: Snapshot, place: Place): Completion[] {
  const names = openBlocks(file, place.range.start.line).flatMap(blockParameters);
  return names.map(({ name }) => ({ label: `\\${name}`, kind: "parameter", detail: "parameter", group: 0 }));
}

/** Files for `.include` and `.incbin`, folder by folder. */
function pathItems(place: Place, list: ListFolder): Completion[] {
  const isExpected = place.name === ".expect" && place.operandsBefore.length > 0;
  const expected = isExpected ? "binary" : directiveOperand(place.name, place.operandsBefore.length);
  if (expected !== "source" && expected !== "binary") return [];
  const folder = place.prefix.slice(0, place.prefix.lastIndexOf("/") + 1);
  return list(folder)
    .filter(({ name, isFolder }) => isFolder || expected === "binary" || name.endsWith(".nnasm"))
    .map(({ name, isFolder }) => ({
      label: name,
      kind: isFolder ? "folder" : "file",
      ...(isFolder ? { insert: `${name}/`, again: true } : {}),
      group: isFolder ? 1 : 0,
    }));
}

/** Only the part behind the last slash is replaced. */
function pathRange({ range, prefix }: Place): Place["range"] {
  const { line, character } = range.start;
  return { start: { line, character: character + prefix.lastIndexOf("/") + 1 }, end: range.end };
}

/** Documentation of an item, computed only for the one that is looked at. */
export function documentationOf(snapshot: Snapshot, kind: CompletionKind, label: string): string | undefined {
  const { assembly, isa } = snapshot;
  switch (kind) {
    case "instruction":
    case "pseudo": {
      const forms = formsOf(isa, label);
      return forms[0] && formHover(snapshot, forms, forms[0], []);
    }
    case "directive":
      return directiveHover(label);
    case "macro": {
      const macro = assembly.macros.get(label);
      return macro && macroHover(macro);
    }
    case "label":
    case "constant":
    case "tensor":
    case "field": {
      const symbol = assembly.symbols.get(label);
      return symbol && symbolHover(snapshot, symbol);
    }
    default:
      return undefined;
  }
}
