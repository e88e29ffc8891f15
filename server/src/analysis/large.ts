/** Programs whose flow and times are computed only when nobody types. */
import type { Assembly } from "@nnasm/sim-core/asm";

/** In programs of at most so many lines everything is computed with every keystroke. */
const QUICK_LINES = 3000;

export const isLarge = ({ files }: Assembly): boolean =>
  files.reduce((sum, { lines }) => sum + lines.length, 0) > QUICK_LINES;
