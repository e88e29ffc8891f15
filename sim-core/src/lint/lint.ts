/** Runs the lints over an assembled program. */
import type { Assembly } from "../asm/index.ts";
import type { MachineConfig } from "../config/index.ts";
import type { InstructionSet } from "../isa/index.ts";
import type { LintId } from "./catalogue.ts";
import { LintContext, type LintDiagnostic } from "./context.ts";
import type { LintLevels } from "./kind.ts";
import { PASSES } from "./passes.ts";

/** Code that finds what one or several lints are about. */
export interface LintPass {
  /** It isn't run when all of them are off. */
  readonly ids: readonly LintId[];
  run(context: LintContext): void;
}

export interface LintOptions {
  readonly config: MachineConfig;
  readonly isa: InstructionSet;
  /** Levels chosen by the user; see `chosenLevels`. */
  readonly levels?: LintLevels;
}

/**
 * What the lints say of a program, file by file from top to bottom. A program with errors has no findings: what it means
 * isn't settled.
 */
export function lint(assembly: Assembly, { config, isa, levels = {} }: LintOptions): readonly LintDiagnostic[] {
  const { program } = assembly;
  if (!program) return [];
  const context = new LintContext(assembly, program, config, isa, levels);
  for (const pass of PASSES) if (pass.ids.some((id) => context.isOn(id))) pass.run(context);
  const order = new Map(assembly.files.map(({ name }, index) => [name, index]));
  return context.found.sort(
    (a, b) =>
      (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) ||
      a.range.start.line - b.range.start.line ||
      a.range.start.character - b.range.start.character,
  );
}
