/** When a breakpoint of any kind holds: its condition, and which of its hits count. */
import { type ParsedExpression, parseExpression } from "../expression/parse.ts";
import { EvaluationError } from "../expression/types.ts";
import { compileHitCondition, type HitCondition } from "./hit-condition.ts";

export interface ConditionTexts {
  /** An expression: the breakpoint holds when it isn't 0. */
  readonly condition?: string;
  /** Which hits count: `5`, `>= 5`, `% 10`. */
  readonly hitCondition?: string;
}

/** @throws EvaluationError */
export type IsTrue = (condition: ParsedExpression) => boolean;

export class Conditions {
  /** What is wrong with the texts themselves, whatever the program. */
  readonly flaw: string | undefined;
  hits = 0;
  private readonly condition: ParsedExpression | undefined;
  private readonly hitCondition: HitCondition | undefined;

  constructor({ condition, hitCondition }: ConditionTexts) {
    const flaws: string[] = [];
    this.condition = compile("condition", condition, parseExpression, flaws);
    this.hitCondition = compile("hit count", hitCondition, compileHitCondition, flaws);
    [this.flaw] = flaws;
  }

  /** Whether it matters which hit it is. */
  get counts(): boolean {
    return this.hitCondition !== undefined;
  }

  /**
   * Counts the hit and says whether it counts.
   * @throws EvaluationError when the condition can't be evaluated
   */
  hold(isTrue: IsTrue): boolean {
    if (this.condition && !isTrue(this.condition)) return false;
    this.hits++;
    return this.hitCondition?.(this.hits) ?? true;
  }
}

/** Makes something of a text unless it is absent or empty; what is wrong with it goes to `flaws`. */
export function compile<T>(
  what: string,
  text: string | undefined,
  make: (text: string) => T,
  flaws: string[],
): T | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  try {
    return make(text);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    flaws.push(`${what}: ${error.message}`);
    return undefined;
  }
}

/** A condition that can't be evaluated stops the machine, because a silent breakpoint would be worse. */
export const problemText = (condition: string | undefined, error: EvaluationError): string =>
  `breakpoint condition "${condition}": ${error.message}`;
