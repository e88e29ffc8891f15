/** Levels of lints as users choose them: in nnp.json, in the editor's settings, on the command line. */
import { nearest } from "../diagnostics/index.ts";
import { LINT_IDS, lintKind } from "./catalogue.ts";
import { LINT_LEVELS, type LintLevel, type LintLevels } from "./kind.ts";

/** Several choices laid over each other; later ones win. */
export function mergedLevels(...choices: readonly (LintLevels | undefined)[]): LintLevels {
  return Object.assign({}, ...choices) as LintLevels;
}

/** A choice out of what somebody wrote; what is no lint or no level is left out. */
export function levelsFrom(raw: unknown): LintLevels {
  if (typeof raw !== "object" || raw === null) return {};
  const isLevel = (value: unknown): value is LintLevel => (LINT_LEVELS as readonly unknown[]).includes(value);
  return Object.fromEntries(Object.entries(raw).filter(([id, level]) => lintKind(id) && isLevel(level)));
}

/** Why a choice is none, or undefined for one that is. */
export function levelProblem(id: string, level: string): { message: string; hint: string } | undefined {
  if (!lintKind(id)) {
    const near = nearest(id, LINT_IDS);
    return {
      message: `there is no lint "${id}"`,
      hint: near === undefined ? `lints are ${LINT_IDS.join(", ")}` : `did you mean "${near}"?`,
    };
  }
  if ((LINT_LEVELS as readonly string[]).includes(level)) return undefined;
  const near = nearest(level, LINT_LEVELS);
  return {
    message: `"${level}" is no level of a lint`,
    hint: near === undefined ? `levels are ${LINT_LEVELS.join(", ")}` : `did you mean "${near}"?`,
  };
}
