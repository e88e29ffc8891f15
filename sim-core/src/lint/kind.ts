/** What a lint is, as data. */
import type { Severity } from "../diagnostics/index.ts";

/** How a lint's findings are shown; `off` doesn't even look for them. */
export type LintLevel = "off" | Severity;

export const LINT_LEVELS = ["off", "hint", "information", "warning", "error"] as const satisfies readonly LintLevel[];

export interface LintKind {
  /** Level where nobody chooses another. */
  readonly level: LintLevel;
  /** What it finds, one line without a full stop. */
  readonly summary: string;
  /** What its quick fix does, where it is safe to offer one; or why there is none. Parts of sentences. */
  readonly mending: { readonly fix: string } | { readonly none: string };
  /** For the manual's page: why it matters and what to do, in whole sentences. */
  readonly explanation: string;
  /** True for what could as well not be there; editors fade it. */
  readonly unnecessary?: true;
}

/** Levels chosen for lints, by id; the others have their own. */
export type LintLevels = Readonly<Partial<Record<string, LintLevel>>>;
