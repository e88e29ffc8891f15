/** Results of tests for people. */
import type { Colors } from "../io.ts";
import { count } from "../text.ts";
import type { TestItem, TestResult, TestSummary } from "./protocol.ts";

/** Failures of one test shown one by one: one that fails in a loop would fill the terminal. */
const MAX_SHOWN = 20;

const plural = (number: number, word: string): string => `${count(number)} ${word}${number === 1 ? "" : "s"}`;
const indented = (text: string): string => text.replace(/^(?=.)/gm, "  ");

export function resultText({ file, status, checks, failures, warnings, cycles }: TestResult, colors: Colors): string {
  const passed = status === "passed";
  const mark = passed ? colors.green("✓") : colors.red("✗");
  const ran = cycles > 0 ? [`${count(cycles)} cycles`] : [];
  const facts = [...(checks.length > 0 ? [plural(checks.length, "check")] : []), ...ran];
  let text = `${mark} ${passed ? file : colors.bold(file)}  ${colors.dim(facts.join(", "))}`.trimEnd();
  text += "\n";
  for (const failure of failures.slice(0, MAX_SHOWN)) text += indented(failure.text);
  if (failures.length > MAX_SHOWN) text += `  and ${plural(failures.length - MAX_SHOWN, "more failure")}\n`;
  for (const warning of warnings.slice(0, MAX_SHOWN)) text += indented(warning);
  return text;
}

export function summaryText({ passed, failed, skipped, cycles }: TestSummary, colors: Colors): string {
  const parts = [
    ...(failed > 0 ? [colors.red(`${count(failed)} failed`)] : []),
    ...(passed > 0 ? [colors.green(`${count(passed)} passed`)] : []),
    ...(skipped > 0 ? [colors.yellow(`${count(skipped)} skipped`)] : []),
  ];
  return `${parts.join(", ")} ${colors.dim(`(${count(cycles)} cycles)`)}\n`;
}

/** What `--list` prints: each test, and what it checks with its line. */
export function listText(tests: readonly TestItem[]): string {
  return tests
    .map(({ file, checks }) => {
      const lines = checks.map((check) => `  ${check.file === file ? check.line : check.file}: ${check.name}\n`);
      return `${file}\n${lines.join("")}`;
    })
    .join("");
}

export function summaryOf(results: readonly TestResult[], tests: number): TestSummary {
  const failed = results.filter(({ status }) => status === "failed").length;
  return {
    passed: results.length - failed,
    failed,
    skipped: tests - results.length,
    cycles: results.reduce((sum, { cycles }) => sum + cycles, 0),
  };
}
