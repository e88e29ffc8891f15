/** Assembles a program again and again while its sources are edited. */
import { assembleUnit } from "./assemble.ts";
import type { AssembleOptions, Assembly } from "./model.ts";
import { Result } from "./result.ts";
import { revise } from "./revision/index.ts";

/**
 * Gives what `assemble` gives. It keeps the last result, and where an edit has changed nothing but instructions, these alone
 * are assembled. Results that it gave before stay what they are.
 */
export class Reassembler {
  /** How many edits were assembled without all the rest. */
  revisions = 0;
  private last: Result | undefined;

  assemble(options: AssembleOptions): Assembly {
    // The last result is let go before everything is assembled: two of a large program are much memory.
    this.last = this.revised(options) ?? new Result(assembleUnit(options));
    return this.last;
  }

  private revised(options: AssembleOptions): Result | undefined {
    const before = this.last;
    this.last = undefined;
    const revised = before && revise(before, options);
    if (!revised) return undefined;
    this.revisions++;
    return new Result(revised);
  }
}
