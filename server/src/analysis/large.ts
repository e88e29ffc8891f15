/** Programs whose flow and times are computed only when nobody types. */
import type { Assembly } from "@nnasm/sim-core/asm";

/** In programs of at most so many lines everything is computed with every keystroke. */
const QUICK_LINES = 3000;

/** Counts line ends and stops at the limit: the trees of all lines, which may not be there yet, are not asked for. */
export function isLarge({ files }: Pick<Assembly, "files">): boolean {
  let lines = 0;
  for (const { text } of files) {
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) if (++lines > QUICK_LINES) return true;
  }
  return false;
}
