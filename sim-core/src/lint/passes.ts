/** The passes, in the order in which they run. */
import type { LintPass } from "./lint.ts";
import { DECLARATIONS } from "./nn/declarations-pass.ts";
import { FOLLOW } from "./nn/follow-pass.ts";
import { ACCESS } from "./passes/access.ts";
import { CONSTANTS } from "./passes/constants.ts";
import { FRAME } from "./passes/frame.ts";
import { LEAKS, START_RETURNS } from "./passes/leaks.ts";
import { LOOPS } from "./passes/loops.ts";
import { REACH } from "./passes/reach.ts";
import { RESULTS, WRITES_TO_ZERO } from "./passes/results.ts";
import { STALLS } from "./passes/stalls.ts";
import { TOKENS } from "./passes/tokens.ts";
import { WRITTEN } from "./passes/written.ts";

export const PASSES: readonly LintPass[] = [
  REACH,
  LEAKS,
  START_RETURNS,
  ACCESS,
  LOOPS,
  WRITTEN,
  WRITES_TO_ZERO,
  RESULTS,
  FRAME,
  TOKENS,
  CONSTANTS,
  DECLARATIONS,
  FOLLOW,
  STALLS,
];
