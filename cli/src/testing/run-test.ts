/** Runs one test: assembles, runs, compares. Whatever goes wrong is a failure of the test, with its place. */
import path from "node:path";
import { type Coverage, machineCounts, measureCoverage, TensorTypes } from "@nnasm/sim-core/coverage";
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import { ExpectationChecker, Simulator } from "@nnasm/sim-core/engine";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import { codeWords, type Program, type ProgramExpectation } from "@nnasm/sim-core/program";
import { findingDiagnostics, parseChecks } from "../checks.ts";
import { DiagnosticsError, UserError } from "../errors.ts";
import { failureDiagnostic } from "../expectations.ts";
import { diskHost } from "../files.ts";
import type { Io } from "../io.ts";
import { loadProgram } from "../load.ts";
import { findProject, type Project } from "../project.ts";
import { diagnosticText } from "../report.ts";
import { createSimulator, type Ending, endingDiagnostic, explain, simulate } from "../simulate.ts";
import { withModule } from "../user-instructions.ts";
import { differencesOf } from "./compare.ts";
import { type ExpectedResults, readExpected } from "./expected-files.ts";
import { includeClosure, testName } from "./find.ts";
import type { TestCheck, TestCheckResult, TestFailure, TestItem, TestResult } from "./protocol.ts";
import { valuesText } from "./values-text.ts";

export interface TestRunOptions {
  readonly config?: string;
  readonly set?: readonly string[];
  readonly define?: readonly string[];
  readonly warningsAsErrors?: boolean;
  readonly checks?: string;
  /** Cycles after which a test has failed. */
  readonly maxCycles: number;
  readonly coverage?: boolean;
}

/** A result with what is added up over all tests. */
export interface RunTest {
  readonly result: TestResult;
  readonly coverage?: Coverage;
}

/** A failure before its text is made. */
export type Failed = Pick<TestFailure, "expected" | "actual" | "element" | "cycle"> & {
  readonly diagnostic: Diagnostic;
};

type Outcome = Pick<TestResult, "cycles" | "retired" | "stdout" | "stderr" | "dependencies"> & {
  readonly failed: readonly Failed[];
  readonly warnings: readonly Diagnostic[];
  readonly checks: readonly TestCheckResult[];
  readonly coverage?: Coverage;
};

export async function runTest(io: Io, test: TestItem, options: TestRunOptions): Promise<RunTest> {
  const started = performance.now();
  const outcome = await outcomeOf(io, test, options);
  const { failed, warnings, coverage, ...rest } = outcome;
  const { readText: read } = diskHost(io.cwd);
  // Arrays have no lines to show.
  const readText = (name: string): string | undefined => (/\.(bin|npy)$/.test(name) ? undefined : read(name));
  const text = (diagnostic: Diagnostic): string => diagnosticText(diagnostic, readText, io.err.colors);
  const failures = failed.map(({ diagnostic, ...values }): TestFailure => {
    const { id, message, hint, file, range } = diagnostic;
    const { start, end } = range;
    const place = { line: start.line + 1, column: start.character + 1 };
    const last = { endLine: end.line + 1, endColumn: Math.min(end.character, 2 ** 20) + 1 };
    return { id, message, ...(hint ? { hint } : {}), file, ...place, ...last, text: text(diagnostic), ...values };
  });
  const result: TestResult = {
    file: test.file,
    status: failures.length > 0 ? "failed" : "passed",
    failures,
    warnings: warnings.map(text),
    seconds: (performance.now() - started) / 1000,
    ...rest,
  };
  return { result, ...(coverage ? { coverage } : {}) };
}

/** A failure at the beginning of a file. */
export function failedAt(file: string, id: string, message: string, hint?: string): Failed {
  const start = { line: 0, character: 0 };
  return { diagnostic: { id, severity: "error", message, hint: hint ?? "", file, range: { start, end: start } } };
}

/** The result of a test that never came to run. */
export function notRun(
  { file, checks }: TestItem,
  dependencies: readonly string[],
  failed: readonly Failed[],
): Outcome {
  const unchecked = checks.map((check) => ({ ...check, status: "unchecked" as const }));
  const nothing = { cycles: 0, retired: 0, stdout: "", stderr: "", warnings: [] };
  return { ...nothing, failed, checks: unchecked, dependencies: dependencies.length > 0 ? dependencies : [file] };
}

async function outcomeOf(io: Io, test: TestItem, options: TestRunOptions): Promise<Outcome> {
  const { file } = test;
  try {
    const project = findProject(io.cwd, path.normalize(file), options);
    return await runIn(io, test, project, options);
  } catch (error) {
    const files = includeClosure(io.cwd, file);
    if (error instanceof DiagnosticsError) {
      const errors = error.diagnostics.filter(({ severity }) => severity === "error");
      return notRun(
        test,
        files,
        errors.map((diagnostic) => ({ diagnostic })),
      );
    }
    if (error instanceof UserError)
      return notRun(test, files, [failedAt(file, "not-started", error.message, error.hint)]);
    throw error;
  }
}

async function runIn(io: Io, test: TestItem, project: Project, options: TestRunOptions): Promise<Outcome> {
  const { program: source, diagnostics, dependencies } = loadProgram(io.cwd, project, options);
  const expected = readExpected(io.cwd, path.normalize(test.file), source);
  const program: Program = { ...source, expectations: [...source.expectations, ...expected.tensors] };
  const { config, own } = project;
  const isa = own ? await withModule(io.cwd, own) : project.isa;
  const streams: Record<number, Uint8Array[]> = {};
  const write = (stream: number, bytes: Uint8Array): void => void (streams[stream] ??= []).push(bytes.slice());
  const checks = options.checks === undefined ? {} : parseChecks(options.checks);
  const simulator = createSimulator(
    project.file,
    () => new Simulator({ program, config, isa, host: { write }, checks }),
  );
  const types = options.coverage ? new TensorTypes(simulator) : undefined;
  simulator.setListener(types);
  const checker = new ExpectationChecker(simulator);
  const ending = await simulate(simulator, checker, options.maxCycles, io.err);
  const text = (stream: number): string => Buffer.concat(streams[stream] ?? []).toString("utf8");
  const [stdout, stderr] = [text(1), text(2)];
  const ended = endingFailures(test, program, ending);
  const pc = simulator.state.pc >>> 0;
  const different = ending.reason === "exit" ? differencesOf(expected, { program, ending, pc, stdout, stderr }) : [];
  const failed = [...checker.failures.map((failure) => expectationFailure(program, failure)), ...ended, ...different];
  const findings = findingDiagnostics(simulator.checks.findings, program);
  const strict = options.warningsAsErrors ? findings.map((diagnostic) => ({ diagnostic })) : [];
  const configFiles = [project.configFile, own?.module].filter((name) => name !== undefined);
  return {
    cycles: ending.cycle,
    retired: ending.retired,
    stdout,
    stderr,
    failed: [...failed, ...strict],
    warnings: [...diagnostics, ...(options.warningsAsErrors ? [] : findings)],
    checks: checkResults(test, program, expected, failed, ending.reason === "exit"),
    dependencies: [...dependencies, project.file, ...expected.files, ...configFiles].map(testName),
    ...(types ? { coverage: coverageOf(simulator, types, isa) } : {}),
  };
}

function coverageOf(simulator: Simulator, types: TensorTypes, isa: InstructionSet): Coverage {
  const { program } = simulator;
  return measureCoverage({ ...program, code: codeWords(program) }, machineCounts(simulator), isa, types.counts);
}

function expectationFailure(program: Program, failure: ExpectationChecker["failures"][number]): Failed {
  const { expectation, difference, cycle } = failure;
  const diagnostic = failureDiagnostic(failure);
  if (!difference) return { diagnostic, cycle };
  const { values, element, actual, expected } = difference;
  const shown = (all: Int32Array | undefined, one: number): string =>
    all ? valuesText(all, rowOf(program, expectation)) : String(one);
  return {
    diagnostic,
    cycle,
    element,
    expected: shown(values && expectation.values, expected),
    actual: shown(values, actual),
  };
}

/** Elements that stand on one line when values are shown. */
function rowOf({ tensors }: Program, { place }: ProgramExpectation): number {
  if (place.kind !== "tensor") return 16;
  const tensor = tensors.find(({ descriptorAddress }) => descriptorAddress === place.descriptorAddress);
  return tensor?.dims[3] ?? 16;
}

/** What is to be said of a run that didn't end with an exit. */
function endingFailures({ file }: TestItem, program: Program, ending: Ending): Failed[] {
  const explained = explain(ending, program);
  if (!explained) return [];
  const { id, message, hint } = explained;
  const advice = ending.reason === "maxCycles" ? "raise --timeout if the test needs longer" : hint;
  const diagnostic = endingDiagnostic({ ...explained, hint: advice });
  return [diagnostic ? { diagnostic, cycle: ending.cycle } : failedAt(file, id, message, advice)];
}

function checkResults(
  test: TestItem,
  program: Program,
  expected: ExpectedResults,
  failed: readonly Failed[],
  exited: boolean,
): TestCheckResult[] {
  const at = (file: string, line: number): string => `${testName(file)}:${line}`;
  const wrong = new Set(failed.map(({ diagnostic: { file, range } }) => at(file, range.start.line + 1)));
  const statusOf = ({ file, line }: TestCheck): TestCheckResult["status"] => {
    // Output that differs is told at its line of the expected file.
    const isFile = expected.files.some((name) => testName(name) === file);
    const differs = isFile
      ? failed.some(({ diagnostic }) => testName(diagnostic.file) === file)
      : wrong.has(at(file, line));
    return differs ? "failed" : exited ? "passed" : "unchecked";
  };
  // What macros and included files expect is known only now; what conditions leave out was no expectation.
  const known = new Map<string, TestCheck>(test.checks.map((check) => [at(check.file, check.line), check]));
  const all = program.expectations.map(({ name, file, line, column }): TestCheck => {
    return known.get(at(file, line)) ?? { name: `.expect ${name}`, file: testName(file), line, column };
  });
  const texts = test.checks.filter(({ file }) => expected.files.some((name) => testName(name) === file));
  const unique = new Map([...all, ...texts].map((check) => [`${check.file}:${check.line}:${check.name}`, check]));
  return [...unique.values()].map((check) => ({ ...check, status: statusOf(check) }));
}
