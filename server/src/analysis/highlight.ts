/** Other mentions, in the same file, of what the cursor is on; reads and writes told apart. */
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { referencesAt } from "./navigation.ts";
import { defines } from "./occurrences.ts";
import { registerAt, registerMentions } from "./register-mentions.ts";
import type { Snapshot } from "./snapshot.ts";

export interface Highlight {
  readonly range: Range;
  readonly access: "read" | "write" | "text";
}

export function highlightsAt(snapshot: Snapshot, position: Position): Highlight[] {
  const register = registerAt(snapshot, position);
  if (register) return registerMentions(snapshot, register.name, register.firstLine);
  return referencesAt(snapshot, position, true)
    .filter(({ file }) => file === snapshot.file.name)
    .map((occurrence) => ({ range: occurrence.range, access: defines(occurrence) ? "write" : "read" }));
}
