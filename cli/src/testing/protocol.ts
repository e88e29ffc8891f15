/** What `nnasm test` says of tests as JSON (docs/testing.md). Lines and columns count from one; files are relative to the current folder. */
import type { Coverage } from "@nnasm/sim-core/coverage";

export interface TestPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Something that a test's source or its expected files say must hold. */
export interface TestCheck {
  /** For people: the expectation as it is written, or what a file is compared with. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A program that is a test. Its file, with `/` between folders, is its name everywhere. */
export interface TestItem {
  readonly file: string;
  readonly checks: readonly TestCheck[];
}

export interface TestFailure extends TestPlace {
  /** Of the diagnostic; `nnasm explain` knows those of sources. */
  readonly id: string;
  readonly message: string;
  readonly hint?: string;
  /** The whole message with the source line, as on a terminal without colours. */
  readonly text: string;
  /** Both as text, to be shown side by side. */
  readonly expected?: string;
  readonly actual?: string;
  /** First element that differs: its index, or n, h, w, c. */
  readonly element?: readonly number[];
  /** Cycle at which it was found. */
  readonly cycle?: number;
}

export interface TestCheckResult extends TestCheck {
  /** `unchecked`: the run never came so far. */
  readonly status: "passed" | "failed" | "unchecked";
}

export interface TestResult {
  readonly file: string;
  readonly status: "passed" | "failed";
  readonly checks: readonly TestCheckResult[];
  readonly failures: readonly TestFailure[];
  /** Text about what is suspicious but no failure. */
  readonly warnings: readonly string[];
  /** 0 when the program could not be started. */
  readonly cycles: number;
  readonly retired: number;
  /** Time that the test took on this computer. */
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
  /** All files that the result depends on. */
  readonly dependencies: readonly string[];
}

export interface TestSummary {
  readonly passed: number;
  readonly failed: number;
  /** Behind the first failure of `--bail`, or not finished when the run was interrupted. */
  readonly skipped: number;
  readonly cycles: number;
}

/** A line of `--stream`. */
export type TestEvent =
  | { readonly event: "begin"; readonly tests: readonly TestItem[] }
  | { readonly event: "start"; readonly file: string }
  | ({ readonly event: "result" } & TestResult)
  | ({ readonly event: "end" } & TestSummary & { readonly coverage?: Coverage })
  /** The command could not do what was asked for. */
  | { readonly event: "error"; readonly message: string; readonly hint?: string };
