/** Finding symbols of the workspace by a few letters of their name. */
import type { ParsedFile } from "@nnasm/sim-core/asm";
import type { Range } from "@nnasm/sim-core/diagnostics";
import { type OutlineItem, type OutlineKind, outline } from "./outline.ts";

export interface FoundSymbol {
  readonly name: string;
  readonly kind: OutlineKind;
  readonly file: string;
  readonly range: Range;
  /** What it stands in. */
  readonly container: string;
}

/** More than anybody looks through. */
export const MAX_FOUND = 500;

/** Whether the letters of `query` occur in `name` in their order, whatever their case. */
function matches(query: string, name: string): boolean {
  let at = 0;
  const lower = name.toLowerCase();
  for (const letter of query.toLowerCase()) {
    at = lower.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

export function searchSymbols(files: Iterable<ParsedFile>, query: string): FoundSymbol[] {
  const found: FoundSymbol[] = [];
  const visit = (file: string, items: readonly OutlineItem[], container: string) => {
    for (const { name, kind, selection, children } of items) {
      if (kind !== "section" && found.length < MAX_FOUND && matches(query, name)) {
        found.push({ name, kind, file, range: selection, container });
      }
      visit(file, children, kind === "section" ? container : name);
    }
  };
  for (const file of files) visit(file.name, outline(file), "");
  return found;
}
