/** Runs the lints over an assembled program. */
import type { MachineConfig } from "../config/index.ts";
import { finish, flowGraphSteps, type Steps } from "../flow/index.ts";
import type { InstructionSet } from "../isa/index.ts";
import type { Past } from "../static-timing/index.ts";
import type { LintId } from "./catalogue.ts";
import { LintContext, type LintDiagnostic, type LintedProgram } from "./context.ts";
import type { LintLevels } from "./kind.ts";
import { PASSES } from "./passes.ts";

/** Code that finds what one or several lints are about. */
export interface LintPass {
  /** It isn't run when all of them are off. */
  readonly ids: readonly LintId[];
  /** At once, or in steps where large programs take long. */
  run(context: LintContext): void | Steps<void>;
}

export interface LintOptions {
  readonly config: MachineConfig;
  readonly isa: InstructionSet;
  /** Levels chosen by the user; see `chosenLevels`. */
  readonly levels?: LintLevels;
  /** What was found out about earlier versions of the program; this one joins it. */
  readonly past?: Past;
}

/**
 * What the lints say of a program, file by file from top to bottom. A program with errors has no findings: what it means
 * isn't settled.
 */
export const lint = (assembly: LintedProgram, options: LintOptions): readonly LintDiagnostic[] =>
  finish(lintSteps(assembly, options));

/** The same in parts, between which an editor can be answered. */
export function* lintSteps(
  assembly: LintedProgram,
  { config, isa, levels = {}, past }: LintOptions,
): Steps<readonly LintDiagnostic[]> {
  const { program } = assembly;
  if (!program) return [];
  yield* flowGraphSteps(program, isa);
  const context = new LintContext(assembly, program, config, isa, levels, past);
  for (const pass of PASSES) {
    if (!pass.ids.some((id) => context.isOn(id))) continue;
    const steps = pass.run(context);
    if (steps) yield* steps;
    yield;
  }
  const order = new Map(assembly.files.map(({ name }, index) => [name, index]));
  return context.found.sort(
    (a, b) =>
      (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) ||
      a.range.start.line - b.range.start.line ||
      a.range.start.character - b.range.start.character,
  );
}
