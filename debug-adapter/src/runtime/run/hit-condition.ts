/** Hit conditions: which hits of a breakpoint count. */
import { EvaluationError } from "../expression/types.ts";

/** Whether hit number 1, 2, ... counts. */
export type HitCondition = (hits: number) => boolean;

const TESTS: Readonly<Record<string, (hits: number, wanted: number) => boolean>> = {
  "": (hits, wanted) => hits === wanted,
  "=": (hits, wanted) => hits === wanted,
  "==": (hits, wanted) => hits === wanted,
  ">": (hits, wanted) => hits > wanted,
  ">=": (hits, wanted) => hits >= wanted,
  "<": (hits, wanted) => hits < wanted,
  "<=": (hits, wanted) => hits <= wanted,
  "%": (hits, wanted) => hits % wanted === 0,
};

/** @throws EvaluationError when the text is no hit condition */
export function compileHitCondition(text: string): HitCondition {
  const match = /^\s*(==?|>=?|<=?|%)?\s*(\d+)\s*$/.exec(text);
  const wanted = Number(match?.[2]);
  const matches = TESTS[match?.[1] ?? ""];
  if (!match || !matches || (match[1] === "%" && wanted === 0)) {
    throw new EvaluationError(`"${text}" is no hit count: write 5 (the fifth hit), >= 5 or % 10 (every tenth)`);
  }
  return (hits) => matches(hits, wanted);
}
