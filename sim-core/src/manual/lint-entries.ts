/** A page for every lint: one without an example does not compile. */
import { LINTS, type LintId } from "../lint/index.ts";
import type { LintExample } from "./example.ts";
import { FLOW_LINT_EXAMPLES } from "./examples/flow-lints.ts";
import { NEURAL_LINT_EXAMPLES } from "./examples/neural-lints.ts";
import { REGISTER_LINT_EXAMPLES } from "./examples/register-lints.ts";
import type { Entry } from "./other-files.ts";

const EXAMPLES: Readonly<Record<LintId, LintExample>> = {
  ...FLOW_LINT_EXAMPLES,
  ...REGISTER_LINT_EXAMPLES,
  ...NEURAL_LINT_EXAMPLES,
};

export const LINT_ENTRIES: Readonly<Record<string, Entry>> = Object.fromEntries(
  Object.entries(EXAMPLES).map(([id, example]): [string, Entry] => {
    const { level, explanation } = LINTS[id as LintId];
    // What is off unless asked for is shown as a hint.
    return [id, { severity: level === "off" ? "hint" : level, explanation, example }];
  }),
);
