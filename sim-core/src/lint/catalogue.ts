/**
 * Every lint: id, level, and what its page says. Data only, so that the assembler (`.nowarn`) and the configuration (`lint`
 * in nnp.json) can name them. Ids are stable. A new one needs an example in manual/examples.
 */
import { FLOW_LINTS } from "./flow-lints.ts";
import type { LintKind } from "./kind.ts";
import { NEURAL_LINTS } from "./nn/catalogue.ts";
import { REGISTER_LINTS } from "./register-lints.ts";

export const LINTS = { ...FLOW_LINTS, ...REGISTER_LINTS, ...NEURAL_LINTS } as const satisfies Readonly<
  Record<string, LintKind>
>;

export type LintId = keyof typeof LINTS;

export const LINT_IDS = Object.keys(LINTS) as readonly LintId[];

/** A lint by its id. */
export const lintKind = (id: string): LintKind | undefined =>
  Object.hasOwn(LINTS, id) ? LINTS[id as LintId] : undefined;
