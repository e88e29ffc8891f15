/** Tests in worker threads. */
import pc from "picocolors";
import type { Io, Output } from "../io.ts";
import { inThreads, serveThread } from "../threads.ts";
import type { TestItem, TestResult } from "./protocol.ts";
import { failedAt, notRun, type RunTest, runTest, type TestRunOptions } from "./run-test.ts";

interface TestSetup {
  readonly options: TestRunOptions;
}

/** Runs what the main thread sends until it sends nothing more. */
export function serveTests(): void {
  const output: Output = { write: () => undefined, colors: pc.createColors(false), isTerminal: false };
  const io: Io = { out: output, err: output, readInput: () => new Uint8Array(), cwd: process.cwd() };
  serveThread(({ options }: TestSetup, test: TestItem) => runTest(io, test, options));
}

export interface TestRun {
  readonly tests: readonly TestItem[];
  readonly options: TestRunOptions;
  /** Start no test behind one that has failed. */
  readonly bail: boolean;
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onStart?: (test: TestItem) => void;
  /** In the order of the tests, each as soon as all before it are done. */
  readonly onResult: (result: TestResult) => void;
}

/**
 * @returns results in the order of the tests; with `bail` those up to the first that failed, whatever else was already under
 *   way, so that the report doesn't depend on timing
 */
export async function runTests(run: TestRun): Promise<RunTest[]> {
  const { tests, options, bail } = run;
  const done: (RunTest | undefined)[] = tests.map(() => undefined);
  const told: RunTest[] = [];
  let hasFailed = false;
  const tell = (): void => {
    for (let next = done[told.length]; next && !(bail && hasFailed); next = done[told.length]) {
      told.push(next);
      run.onResult(next.result);
      hasFailed ||= next.result.status === "failed";
    }
  };
  await inThreads<TestItem, RunTest>({
    kind: "test",
    setup: { options } satisfies TestSetup,
    jobs: tests,
    ...(run.threads === undefined ? {} : { threads: run.threads }),
    ...(run.signal ? { signal: run.signal } : {}),
    ...(run.onStart ? { onStart: run.onStart } : {}),
    onResult: (result, index) => {
      done[index] = result;
      tell();
      return !(bail && result.result.status === "failed");
    },
    onLost: (test, reason) => {
      const {
        failed,
        warnings: _,
        ...rest
      } = notRun(test, [], [failedAt(test.file, "thread", `the thread that ran the test has died: ${reason}`)]);
      const [{ diagnostic }] = failed as [(typeof failed)[0]];
      const { id, message, file } = diagnostic;
      const place = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
      const failures = [{ id, message, ...place, text: `${file}: ${message}\n` }];
      return { result: { file: test.file, status: "failed", failures, warnings: [], seconds: 0, ...rest } };
    },
  });
  return told;
}
