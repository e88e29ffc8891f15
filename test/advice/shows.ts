/** For every rule a program on which it speaks and the repaired one on which it doesn't. */
import path from "node:path";
import { RULES, type Rule } from "@nnasm/sim-core/advice";
import { ROOT } from "../tools/index.ts";
import { type Advised, adviseOn } from "./programs.ts";

export const SHOWS = path.join(ROOT, "test-fixtures/advice");

/** Rules that are about the advice itself. */
export const WITHOUT_SHOW: readonly string[] = ["incomplete-record"];

export const SHOWN_RULES: readonly Rule[] = RULES.filter(({ id }) => !WITHOUT_SHOW.includes(id));

export interface Show {
  readonly rule: Rule;
  readonly bad: Advised;
  readonly good: Advised;
  /** Cycles that the repair saved, and those that the rule's findings on the bad program said. */
  readonly saved: number;
  readonly estimated: number;
}

export function runShow(rule: Rule): Show {
  const at = (name: string) => adviseOn(path.join(SHOWS, rule.id, `${name}.nnasm`));
  const [bad, good] = [at("bad"), at("good")];
  const estimated = bad.findings
    .filter((finding) => finding.rule === rule.id)
    .reduce((sum, { savedCycles }) => sum + savedCycles, 0);
  return { rule, bad, good, saved: bad.profile.cycles - good.profile.cycles, estimated };
}
