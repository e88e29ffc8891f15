/** Constants that nothing uses. */
import type { LintPass } from "../lint.ts";

export const CONSTANTS: LintPass = {
  ids: ["unused-constant"],
  run(context) {
    const { symbols, references } = context.assembly;
    const used = new Set(references.filter(({ kind, macro }) => !macro && kind === "read").map(({ name }) => name));
    for (const { name, kind, file, range } of symbols.values()) {
      if (kind !== "equ" || file === undefined || range === undefined || used.has(name)) continue;
      context.report("unused-constant", { file, range }, { message: `nothing uses \`${name}\`` });
    }
  },
};
