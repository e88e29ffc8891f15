/**
 * Lints: what is suspicious in a program that assembles, without running it.
 *
 * A lint is an entry of the catalogue (id, level, page) and a pass that finds it, in `passes.ts`. Passes see the program's
 * flow graph (`context.graph`, see flow/index.ts) and report through the context, which knows levels, `.nowarn` and macros.
 * The rule for all of them: no false alarms. A lint that can't be sure where control goes or what a register holds is silent.
 */
export { LINT_IDS, LINTS, type LintId, lintKind } from "./catalogue.ts";
export {
  type Finding,
  LintContext,
  type LintDiagnostic,
  type LintEdit,
  type LintedProgram,
  type LintFix,
} from "./context.ts";
export { LINT_LEVELS, type LintKind, type LintLevel, type LintLevels } from "./kind.ts";
export { levelProblem, levelsFrom, mergedLevels } from "./levels.ts";
export { type LintOptions, type LintPass, lint, lintSteps } from "./lint.ts";
