import { describe, expect, test } from "vitest";
import { type JsonReport, summarize } from "./summary.ts";

const assertion = (status: string, ...ancestorTitles: string[]) => ({ status, ancestorTitles });
const report = (...testResults: JsonReport["testResults"]): JsonReport => ({ success: true, testResults });

describe("summarize", () => {
  test("counts tests and names suites that want a package", () => {
    const suite = "GNU as [needs apt binutils]";
    const { counts, notes } = summarize(
      report({
        name: "/repo/a.test.ts",
        status: "passed",
        assertionResults: [assertion("passed"), assertion("pending", suite, "inner"), assertion("skipped", suite)],
      }),
      0,
      "/repo",
    );
    expect(counts).toEqual({ passed: 1, failed: 0, skipped: 2 });
    expect(notes).toEqual([`Skipped (2 tests): a.test.ts > ${suite}`]);
  });

  test("a file that can't be loaded is a failure", () => {
    const { counts, notes } = summarize(
      report({ name: "/repo/a.test.ts", status: "failed", message: "SyntaxError", assertionResults: [] }),
      1,
      "/repo",
    );
    expect(counts.failed).toBe(1);
    expect(notes).toEqual(["Failed outside its tests: a.test.ts"]);
  });

  test("a failed test is counted once", () => {
    const file = { name: "/repo/a.test.ts", status: "failed", assertionResults: [assertion("failed")] };
    expect(summarize(report(file), 1, "/repo").counts).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test("a crash without a report is a failure", () => {
    expect(summarize(undefined, 137, "/repo").counts).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test("an error outside every test is a failure", () => {
    const file = { name: "/repo/a.test.ts", status: "passed", assertionResults: [assertion("passed")] };
    expect(summarize(report(file), 1, "/repo").counts).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });
});
