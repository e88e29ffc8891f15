/** `nnasm check`: what the assembler and the lints say of programs; with --fail-on also what rules of advice say of their runs. */
import { type Finding, RunRecorder } from "@nnasm/sim-core/advice";
import { assemble, type LinkedSources, linkedSources } from "@nnasm/sim-core/asm";
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import { link } from "@nnasm/sim-core/link";
import {
  type LintedProgram,
  type LintLevel,
  type LintLevels,
  levelProblem,
  lint,
  mergedLevels,
} from "@nnasm/sim-core/lint";
import { adviceText } from "../advice-text.ts";
import { adviseOn, rulesOf } from "../advise.ts";
import { InterruptedError, UsageError, UserError } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { diskHost, readFile } from "../files.ts";
import type { Io } from "../io.ts";
import { readLinkInputs } from "../link-inputs.ts";
import { findProject, type Project } from "../project.ts";
import { diagnosticJson, report, tally } from "../report.ts";
import { definesOf, isElf, isText, type SourceOptions } from "../sources.ts";
import { chooseWarnings } from "../warnings.ts";
import { reportEnding, runProgram } from "./run.ts";

export interface CheckOptions extends SourceOptions {
  readonly config?: string;
  /** Levels of lints, as `ID=LEVEL`. */
  readonly severity?: readonly string[];
  readonly json?: boolean;
  /** Rules of advice, separated by commas, or `any`: programs are run, and what these find is a failure. */
  readonly failOn?: string;
  readonly maxCycles?: number;
  /** Operations that are recorded for advice. */
  readonly recordLimit?: number;
}

interface Checked {
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** @returns the exit code: 1 when something is an error, 3 when a rule of --fail-on has found something */
export async function check(io: Io, files: readonly string[], options: CheckOptions): Promise<ExitCode> {
  const levels = levelsOf(options.severity ?? []);
  const named = files.length > 0 ? files : [undefined];
  const results = named.map((file) => checkProgram(io.cwd, file, options, levels));
  const all = withoutRepetitions(results.flatMap(({ diagnostics }) => diagnostics));
  const ok = !all.some(({ severity }) => severity === "error");
  // What doesn't assemble can't run.
  const { failOn } = options;
  const advised = failOn === undefined || !ok ? [] : await adviseAll(io, named, { ...options, failOn });
  const failed = advised.some(({ advice }) => advice.length > 0);
  if (options.json) {
    const list = results.map(({ file, diagnostics }, index) => ({
      file,
      diagnostics: diagnostics.map(diagnosticJson),
      ...advised[index],
    }));
    io.out.write(`${JSON.stringify({ ok: ok && !failed, files: list }, null, 2)}\n`);
  } else {
    report(io.out, all, diskHost(io.cwd).readText);
    if (tally(all) === "") io.out.write(`${results.map(({ file }) => file).join(", ")}: no errors, no warnings\n`);
    for (const { advice } of advised) if (advice.length > 0) io.out.write(`\n${adviceText(advice, io.out.colors)}`);
  }
  if (!ok) return EXIT.input;
  return failed ? EXIT.advice : EXIT.ok;
}

/**
 * What the rules of --fail-on find in the programs' runs.
 * @throws UserError for a program that doesn't end by itself: there is no verdict on half a run
 */
async function adviseAll(
  io: Io,
  files: readonly (string | undefined)[],
  options: CheckOptions & { readonly failOn: string },
): Promise<{ readonly advice: readonly Finding[] }[]> {
  const results: { advice: readonly Finding[] }[] = [];
  for (const file of files) {
    const fails = rulesOf(options.failOn, findProject(io.cwd, file, options));
    const recorder = new RunRecorder(options.recordLimit);
    // What the assembler says has been said; the program's own output is nobody's here.
    const quiet: Io = { ...io, err: { ...io.err, isTerminal: false, write: () => {} } };
    const finished = await runProgram(
      quiet,
      file,
      { ...options, checks: "none" },
      () => {},
      () => recorder,
    );
    if (finished.ending.reason !== "exit") {
      reportEnding(io, finished);
      if (finished.ending.reason === "interrupted") throw new InterruptedError("stopped before there was a verdict");
      throw new UserError(`--fail-on: ${finished.project.file} didn't end by itself`, "--max-cycles N sets the limit");
    }
    results.push({ advice: adviseOn(finished, recorder).filter(({ rule }) => fails(rule)) });
  }
  return results;
}

function checkProgram(cwd: string, named: string | undefined, options: CheckOptions, levels: LintLevels): Checked {
  const project = findProject(cwd, named, options);
  const { file, config, isa, lint: chosen, link: files } = project;
  const { diagnostics: said, program } = files
    ? linked(cwd, files, project, options)
    : assembled(cwd, project, options);
  const found = program ? lint(program, { config, isa, levels: mergedLevels(chosen, levels) }) : [];
  // -W is about what the assembler says; lints have levels of their own.
  const diagnostics = [...chooseWarnings(said, options), ...found];
  return { file, diagnostics: options.warningsAsErrors ? diagnostics.map(asError) : diagnostics };
}

/** What is said of a program, and the program for lints where there is one. */
interface Made {
  readonly diagnostics: readonly Diagnostic[];
  readonly program: LintedProgram | undefined;
}

function assembled(cwd: string, { file, config, isa }: Project, options: CheckOptions): Made {
  const bytes = readFile(cwd, file);
  if (isElf(bytes) || !isText(bytes)) {
    throw new UserError(
      `cannot check ${file}: it is no source`,
      "name a .nnasm source; nnasm run finds what programs do wrong",
    );
  }
  const program = assemble({ entry: file, host: diskHost(cwd), config, isa, defines: definesOf(options) });
  return { diagnostics: program.diagnostics, program };
}

/** The program that a project links. Objects and libraries in it have no sources: nothing is said of their code. */
function linked(cwd: string, files: readonly string[], project: Project, options: CheckOptions): Made {
  const { inputs, sources, diagnostics } = readLinkInputs(cwd, files, project, options);
  const { program, addressOf, ...result } = link({ inputs, config: project.config });
  const objects = [...sources].map(([name, each]): LinkedSources => {
    return { sources: each, addressOf: (section, offset) => addressOf(name, section, offset) };
  });
  return {
    diagnostics: [...diagnostics, ...result.diagnostics],
    program: program && { ...linkedSources(objects), program },
  };
}

const asError = (diagnostic: Diagnostic): Diagnostic =>
  diagnostic.severity === "warning" ? { ...diagnostic, severity: "error" } : diagnostic;

/** @throws UserError for a choice that is none */
function levelsOf(choices: readonly string[]): LintLevels {
  const levels: Record<string, LintLevel> = {};
  for (const text of choices) {
    const [, id, level] = /^([^=]+)=(.*)$/.exec(text) ?? [];
    if (id === undefined || level === undefined) {
      throw new UsageError(`--severity ${text} is not ID=LEVEL`, "for example --severity unused-result=off");
    }
    const problem = levelProblem(id, level);
    if (problem) throw new UsageError(`--severity ${text}: ${problem.message}`, problem.hint);
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
