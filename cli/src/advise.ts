/** Advice on a program that the command runs. */
import { advise, type Finding, RULES, type RunRecorder } from "@nnasm/sim-core/advice";
import { nearest } from "@nnasm/sim-core/diagnostics";
import { buildProfile, type Profile } from "@nnasm/sim-core/profile";
import type { FinishedRun } from "./commands/run.ts";
import { UsageError } from "./errors.ts";
import type { Project } from "./project.ts";

/** @param recorder has listened to the run */
export function adviseOn(
  { project, program, simulator }: Pick<FinishedRun, "project" | "program" | "simulator">,
  recorder: RunRecorder,
  profile: Profile = buildProfile(simulator),
): Finding[] {
  const { config, advice: userRules } = project;
  return advise({ profile, config, program, recorder }, { userRules });
}

/**
 * Rules that a list names, `any` for all.
 * @throws UserError for a rule that is neither the machine's nor the project's
 */
export function rulesOf(list: string, { advice }: Pick<Project, "advice">): (rule: string) => boolean {
  const named = list.split(",").map((name) => name.trim());
  if (named.includes("any")) return () => true;
  const known = [...RULES.map(({ id }) => id), ...advice.map(({ id }) => id)];
  for (const name of named) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new UsageError(
      `--fail-on: there is no rule ${name}`,
      near ? `did you mean ${near}?` : "docs/advice.md lists all rules; any stands for every one",
    );
  }
  return (rule) => named.includes(rule);
}
