/** `nnasm check`: what the assembler and the lints say of programs, without making or running anything. */
import { type Assembly, assemble } from "@nnasm/sim-core/asm";
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import { type LintLevel, type LintLevels, levelProblem, lint, mergedLevels } from "@nnasm/sim-core/lint";
import { UserError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { diskHost, readFile } from "../files.ts";
import type { Io } from "../io.ts";
import { definesOf, isElf, isText, type SourceOptions } from "../load.ts";
import { findProject } from "../project.ts";
import { diagnosticJson, report, tally } from "../report.ts";
import { chooseWarnings } from "../warnings.ts";

export interface CheckOptions extends SourceOptions {
  readonly config?: string;
  /** Levels of lints, as `ID=LEVEL`. */
  readonly severity?: readonly string[];
  readonly json?: boolean;
}

interface Checked {
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** @returns the exit code: 1 when something is an error */
export function check(io: Io, files: readonly string[], options: CheckOptions): ExitCode {
  const levels = levelsOf(options.severity ?? []);
  const named = files.length > 0 ? files : [undefined];
  const results = named.map((file) => checkProgram(io.cwd, file, options, levels));
  const all = withoutRepetitions(results.flatMap(({ diagnostics }) => diagnostics));
  const ok = !all.some(({ severity }) => severity === "error");
  if (options.json) {
    const list = results.map(({ file, diagnostics }) => ({ file, diagnostics: diagnostics.map(diagnosticJson) }));
    io.out.write(`${JSON.stringify({ ok, files: list }, null, 2)}\n`);
  } else {
    report(io.out, all, diskHost(io.cwd).readText);
    if (tally(all) === "") io.out.write(`${results.map(({ file }) => file).join(", ")}: no errors, no warnings\n`);
  }
  return ok ? EXIT.ok : EXIT.input;
}

function checkProgram(cwd: string, named: string | undefined, options: CheckOptions, levels: LintLevels): Checked {
  const { file, config, isa, lint: chosen } = findProject(cwd, named, options);
  const bytes = readFile(cwd, file);
  if (isElf(bytes) || !isText(bytes)) {
    throw new UserError(
      `cannot check ${file}: it is no source`,
      "name a .nnasm source; nnasm run finds what programs do wrong",
    );
  }
  const assembly: Assembly = assemble({ entry: file, host: diskHost(cwd), config, isa, defines: definesOf(options) });
  const found = lint(assembly, { config, isa, levels: mergedLevels(chosen, levels) });
  // -W is about what the assembler says; lints have levels of their own.
  const diagnostics = [...chooseWarnings(assembly.diagnostics, options), ...found];
  return { file, diagnostics: options.warningsAsErrors ? diagnostics.map(asError) : diagnostics };
}

const asError = (diagnostic: Diagnostic): Diagnostic =>
  diagnostic.severity === "warning" ? { ...diagnostic, severity: "error" } : diagnostic;

/** @throws UserError for a choice that is none */
function levelsOf(choices: readonly string[]): LintLevels {
  const levels: Record<string, LintLevel> = {};
  for (const text of choices) {
    const [, id, level] = /^([^=]+)=(.*)$/.exec(text) ?? [];
    if (id === undefined || level === undefined) {
      throw new UserError(`--severity ${text} is not ID=LEVEL`, "for example --severity unused-result=off", EXIT.usage);
    }
    const problem = levelProblem(id, level);
    if (problem) throw new UserError(`--severity ${text}: ${problem.message}`, problem.hint, EXIT.usage);
    levels[id] = level as LintLevel;
  }
  return levels;
}

/** What two programs have in common is told once. */
function withoutRepetitions(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ file, id, message, range: { start } }) => {
    const key = `${file}:${start.line}:${start.character}:${id}:${message}`;
    return !seen.has(key) && seen.add(key);
  });
}
