/** `nnasm test`: runs programs that test themselves, and says which don't do what they should. */
import { type Coverage, lcovText, mergeCoverage, operandShare, summarise } from "@nnasm/sim-core/coverage";
import { parseChecks } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { refuseInputs, writeFile } from "../files.ts";
import type { Io } from "../io.ts";
import { coverageTable } from "../testing/coverage-table.ts";
import { filterTests, findTests, matchingTests } from "../testing/find.ts";
import { junitXml } from "../testing/junit.ts";
import type { TestEvent, TestItem, TestResult } from "../testing/protocol.ts";
import { listText, resultText, summaryOf, summaryText } from "../testing/report.ts";
import type { RunTest, TestRunOptions } from "../testing/run-test.ts";
import { runTests } from "../testing/threads.ts";
import { watchTests } from "../testing/watch.ts";

export interface TestOptions {
  readonly config?: string;
  readonly set?: readonly string[];
  readonly define?: readonly string[];
  readonly checks?: string;
  readonly warningsAsErrors?: boolean;
  /** Cycles. */
  readonly timeout: number;
  /** Part of the names of tests to run. */
  readonly filter?: string;
  readonly list?: boolean;
  readonly bail?: boolean;
  readonly threads?: number;
  readonly watch?: boolean;
  readonly junit?: string;
  readonly coverage?: boolean;
  readonly operands?: boolean;
  readonly lcov?: string;
  readonly json?: boolean;
  /** Events as lines of JSON, for editors. */
  readonly stream?: boolean;
}

/** @returns the exit code: 0 when all tests have passed */
export async function test(io: Io, named: readonly string[], options: TestOptions): Promise<number> {
  if (options.json && (options.watch || options.stream)) {
    throw new UsageError("--json is one value at the end", "use --stream, which is a line of JSON for each event");
  }
  // What is wrong with the command line itself is said once, not by every test.
  if (options.checks !== undefined) parseChecks(options.checks);
  const names = named.length > 0 ? named : ["."];
  const find = (): readonly TestItem[] => filterTests(findTests(io.cwd, names), names, options.filter);
  if (options.list) {
    // An empty list is an answer, not a mistake.
    const tests = matchingTests(findTests(io.cwd, names), options.filter);
    io.out.write(options.json || options.stream ? `${JSON.stringify({ tests }, null, 2)}\n` : listText(tests));
    return EXIT.ok;
  }
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    const run = (tests: readonly TestItem[]) => runOnce(io, tests, options, interrupt.signal);
    if (!options.watch) return (await run(find())).exitCode;
    await watchTests({
      cwd: io.cwd,
      names,
      find,
      run,
      signal: interrupt.signal,
      say: (text) => say(io, options, text),
    });
    return EXIT.interrupted;
  } finally {
    process.removeListener("SIGINT", stop);
    process.removeListener("SIGTERM", stop);
  }
}

/** Remarks of watching, which are none of the results. */
function say(io: Io, { stream }: TestOptions, text: string): void {
  if (stream) emit(io, { event: "error", message: text });
  else io.err.write(`${io.err.colors.dim(text)}\n`);
}

const emit = (io: Io, event: TestEvent): void => io.out.write(`${JSON.stringify(event)}\n`);

async function runOnce(
  io: Io,
  tests: readonly TestItem[],
  options: TestOptions,
  signal: AbortSignal,
): Promise<{ readonly exitCode: number; readonly results: readonly TestResult[] }> {
  const { stream = false, json = false } = options;
  refuseInputs(
    io.cwd,
    tests.map(({ file }) => file),
    [options.junit, options.lcov],
  );
  const wantsCoverage = options.coverage || options.operands || options.lcov !== undefined;
  if (stream) emit(io, { event: "begin", tests });
  const runs = await runTests({
    tests,
    options: runOptions(options, wantsCoverage),
    bail: options.bail === true,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    signal,
    onStart: ({ file }) => stream && emit(io, { event: "start", file }),
    onResult: (result) => {
      if (stream) emit(io, { event: "result", ...result });
      else if (!json) io.out.write(resultText(result, io.out.colors));
    },
  });
  const results = runs.map(({ result }) => result);
  const summary = summaryOf(results, tests.length);
  const coverage = wantsCoverage ? mergedCoverage(runs) : undefined;
  if (stream) emit(io, { event: "end", ...summary, ...(coverage ? { coverage } : {}) });
  else if (json) io.out.write(`${JSON.stringify(jsonOf(results, summary, coverage), null, 2)}\n`);
  else {
    if (coverage) io.out.write(`\n${coverageTable(coverage, io.out.colors, options.operands === true)}\n`);
    io.out.write(summaryText(summary, io.out.colors));
  }
  if (options.junit !== undefined) writeFile(io.cwd, options.junit, junitXml(results));
  if (options.lcov !== undefined && coverage) writeFile(io.cwd, options.lcov, [...lcovText(coverage)].join(""));
  const exitCode = signal.aborted ? EXIT.interrupted : summary.failed > 0 ? EXIT.input : EXIT.ok;
  return { exitCode, results };
}

function runOptions(options: TestOptions, coverage: boolean): TestRunOptions {
  const { config, set, define, checks, warningsAsErrors } = options;
  return {
    maxCycles: options.timeout,
    coverage,
    ...(config === undefined ? {} : { config }),
    ...(set === undefined ? {} : { set }),
    ...(define === undefined ? {} : { define }),
    ...(checks === undefined ? {} : { checks }),
    ...(warningsAsErrors ? { warningsAsErrors } : {}),
  };
}

const mergedCoverage = (runs: readonly RunTest[]): Coverage =>
  mergeCoverage(runs.flatMap(({ coverage }) => (coverage ? [coverage] : [])));

function jsonOf(results: readonly TestResult[], summary: object, coverage: Coverage | undefined): object {
  const covered = coverage && {
    coverage: {
      summary: { ...summarise(coverage.files), operandClasses: operandShare(coverage.forms) },
      ...coverage,
    },
  };
  return { ok: results.every(({ status }) => status === "passed"), ...summary, tests: results, ...covered };
}
