/** For every rule a program on which it speaks and the repaired one on which it doesn't. */
import path from "node:path";
import { type Rule, RunRecorder } from "@nnasm/sim-core/advice";
import { ROOT } from "../tools/index.ts";
import { type Advised, adviseOn } from "./programs.ts";

export const SHOWS = path.join(ROOT, "test-fixtures/advice");

/** Rules that are about the advice itself: they save no cycles and name no instruction. */
export const ABOUT_ADVICE: readonly string[] = ["incomplete-record"];

/** Operations that are recorded of the program that shows what happens with more. */
const SHORT_RECORD = 2000;

export interface Show {
  readonly rule: Rule;
  readonly bad: Advised;
  readonly good: Advised;
  /** Cycles that the repair saved, and those that the rule's findings on the bad program said. */
  readonly saved: number;
  readonly estimated: number;
}

export function runShow(rule: Rule): Show {
  const at = (name: string) => {
    const file = path.join(SHOWS, rule.id, `${name}.nnasm`);
    const limit = ABOUT_ADVICE.includes(rule.id) ? SHORT_RECORD : undefined;
    return adviseOn(file, undefined, undefined, new RunRecorder(limit));
  };
  const [bad, good] = [at("bad"), at("good")];
  const estimated = bad.findings
    .filter((finding) => finding.rule === rule.id)
    .reduce((sum, { savedCycles }) => sum + savedCycles, 0);
  return { rule, bad, good, saved: bad.profile.cycles - good.profile.cycles, estimated };
}
