/** The passes, in the order in which they run. */
import type { LintPass } from "./lint.ts";

export const PASSES: readonly LintPass[] = [];
