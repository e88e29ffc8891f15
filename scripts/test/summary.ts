/** Reads vitest's JSON report: counts, and what was skipped for want of what. */
import path from "node:path";

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** The part of the report (vitest's `json` reporter) that we read. */
export interface JsonReport {
  readonly success: boolean;
  readonly testResults: readonly {
    /** Absolute path of the test file. */
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string; readonly ancestorTitles: readonly string[] }[];
  }[];
}

const NEEDS = /\[needs apt ([^\]]+)\]/;

/**
 * Counts tests. A file that could not be loaded has no tests to count, so it counts as one failure; so does a run that
 * failed without a failed test (an error outside every test, a crash).
 * @param report undefined when vitest wrote none
 * @param exitCode vitest's
 * @param root folder that file names in notes are relative to
 */
export function summarize(
  report: JsonReport | undefined,
  exitCode: number,
  root: string,
): { counts: Counts; notes: readonly string[] } {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  /** Skipped suites, with the number of their tests. */
  const wanting = new Map<string, number>();
  const notes: string[] = [];
  for (const file of report?.testResults ?? []) {
    const name = path.relative(root, file.name);
    const failedBefore = failed;
    for (const { status, ancestorTitles } of file.assertionResults) {
      if (status === "passed") passed++;
      else if (status === "failed") failed++;
      else skipped++;
      const suite = status === "passed" || status === "failed" ? undefined : ancestorTitles.find((t) => NEEDS.test(t));
      if (suite !== undefined) {
        const key = `${name} > ${suite}`;
        wanting.set(key, (wanting.get(key) ?? 0) + 1);
      }
    }
    if (file.status === "failed" && failed === failedBefore) {
      failed++;
      notes.push(`Failed outside its tests: ${name}`);
    }
  }
  for (const [suite, count] of wanting) notes.push(`Skipped (${count} ${count === 1 ? "test" : "tests"}): ${suite}`);
  if (exitCode !== 0 && failed === 0) {
    failed++;
    notes.push(`vitest ended with code ${exitCode} although no test failed: see the errors above`);
  }
  return { counts: { passed, failed, skipped }, notes };
}
