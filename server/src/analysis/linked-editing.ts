/**
 * Mentions that change together while one of them is typed: those of a macro's parameter in its body, and of a label
 * that one file alone uses. Names that other files or objects may know need a rename, which looks there as well.
 */
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { isLocal, namedAt, occurrencesOf } from "./occurrences.ts";
import { callsNaming, parameterIn } from "./parameters.ts";
import type { Snapshot } from "./snapshot.ts";
import { textIn } from "./text.ts";

export interface LinkedRanges {
  readonly ranges: readonly Range[];
  /** What the name may become, as a regular expression. */
  readonly wordPattern: string;
}

const NAME = "[A-Za-z_.$][\\w.$]*";

export function linkedRangesAt(snapshot: Snapshot, position: Position): LinkedRanges | undefined {
  return parameterRanges(snapshot, position) ?? labelRanges(snapshot, position);
}

/** Of a macro's parameter: its declaration and every `\name` up to the block's end. */
function parameterRanges(snapshot: Snapshot, position: Position): LinkedRanges | undefined {
  const place = parameterIn(snapshot.file, position);
  if (!place || place.mentions.length < 2) return undefined;
  // Calls that name it (`by=3`) may stand in other files.
  for (const named of callsNaming(snapshot, place)) if (named.length > 0) return undefined;
  return { ranges: place.mentions.map(({ range }) => range), wordPattern: "\\w+" };
}

function labelRanges(snapshot: Snapshot, position: Position): LinkedRanges | undefined {
  const named = namedAt(snapshot, position);
  if (!named || named.macro) return undefined;
  const symbol = snapshot.assembly.symbols.get(named.name);
  if ((symbol?.kind !== "label" && symbol?.kind !== "local") || symbol.global || symbol.weak) return undefined;
  const occurrences = occurrencesOf(snapshot, named);
  if (occurrences.length < 2 || occurrences.some(({ file }) => file !== snapshot.file.name)) return undefined;
  const label = named.name.replace(/@.*$/s, "");
  const ranges = occurrences.map(({ range: { start } }) => ({
    start,
    // Behind a numeric label's use stands its direction.
    end: { line: start.line, character: start.character + label.length },
  }));
  // A macro may make the name up of parts; then it stands nowhere as a whole.
  if (ranges.some((range) => textIn(snapshot.file, range) !== label)) return undefined;
  return { ranges, wordPattern: isLocal(named.name) ? "\\d+" : NAME };
}
