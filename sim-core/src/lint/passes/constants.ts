/** Constants that nothing uses. */
import { rangeIn, statementAt } from "../../asm/index.ts";
import type { LintContext, LintFix, SourceRange } from "../context.ts";
import { fixOf, withoutStatement } from "../edits.ts";
import type { LintPass } from "../lint.ts";

export const CONSTANTS: LintPass = {
  ids: ["unused-constant"],
  run(context) {
    const { symbols, references } = context.assembly;
    const used = new Set(references.filter(({ kind, macro }) => !macro && kind === "read").map(({ name }) => name));
    for (const { name, kind, file, range } of symbols.values()) {
      if (kind !== "equ" || file === undefined || range === undefined || used.has(name)) continue;
      const place = { file, range };
      context.report("unused-constant", place, {
        message: `nothing uses \`${name}\``,
        fix: () => removal(context, place),
      });
    }
  },
};

/** Takes the statement out that gives a constant its value. */
function removal({ assembly }: LintContext, { file, range }: SourceRange): LintFix | undefined {
  const parsed = assembly.files.find(({ name }) => name === file)!;
  const found = statementAt(parsed, range.start);
  if (!found?.statement || found.statement.labels.length > 0) return undefined;
  const whole = rangeIn(found.line, found.firstLine, found.statement);
  const isAlone = found.line.statements.length === 1;
  return fixOf("Remove the constant", withoutStatement(parsed, whole, isAlone));
}
