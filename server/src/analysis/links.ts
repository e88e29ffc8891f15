/** File names in the text that can be clicked. */
import { rangeIn, stringText } from "@nnasm/sim-core/asm";
import type { Range } from "@nnasm/sim-core/diagnostics";
import { fileNamesIn, insideQuotes, mayNameFiles } from "./file-names.ts";
import type { Snapshot } from "./snapshot.ts";

export interface Link {
  /** The name without its quotes. */
  readonly range: Range;
  readonly file: string;
}

export function links({ file, resolve }: Pick<Snapshot, "file" | "resolve">): Link[] {
  const found: Link[] = [];
  for (const [index, line] of file.lines.entries()) {
    if (!mayNameFiles(line.text)) continue;
    for (const name of line.statements.flatMap(fileNamesIn)) {
      const range = rangeIn(line, file.firstLines[index]!, insideQuotes(name));
      found.push({ range, file: resolve(file.name, stringText(name.text)) });
    }
  }
  return found;
}
