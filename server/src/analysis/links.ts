/** File names in the text that can be clicked. */
import { rangeIn, stringText } from "@nnasm/sim-core/asm";
import type { Range } from "@nnasm/sim-core/diagnostics";
import type { Snapshot } from "./snapshot.ts";

export interface Link {
  /** The name without its quotes. */
  readonly range: Range;
  readonly file: string;
}

export function links({ file, resolve }: Pick<Snapshot, "file" | "resolve">): Link[] {
  const found: Link[] = [];
  for (const [index, line] of file.lines.entries()) {
    if (!line.text.includes(".inc")) continue;
    for (const { name, operands } of line.statements) {
      const [first] = operands;
      if ((name?.name !== ".include" && name?.name !== ".incbin") || first?.kind !== "string") continue;
      const span = { start: first.start + 1, end: first.start + 1 + first.text.length };
      found.push({
        range: rangeIn(line, file.firstLines[index]!, span),
        file: resolve(file.name, stringText(first.text)),
      });
    }
  }
  return found;
}
