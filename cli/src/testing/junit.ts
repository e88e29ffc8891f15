/** JUnit's XML, in the form that Jenkins and its relatives read: a suite for each program, a case for each of its checks. */
import type { TestCheckResult, TestFailure, TestResult } from "./protocol.ts";

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** XML 1.0 has no way to write other characters, not even escaped. */
const isXml = (code: number): boolean =>
  code === 9 ||
  code === 10 ||
  code === 13 ||
  (code >= 32 && code < 0xd800) ||
  (code > 0xdfff && (code & 0xfffe) !== 0xfffe);

const content = (text: string): string =>
  Array.from(text, (letter) => ENTITIES[letter] ?? (isXml(letter.codePointAt(0)!) ? letter : "\ufffd")).join("");
/** Line ends in attributes would become blanks. */
const attribute = (text: string): string => content(text).replace(/\n/g, "&#10;");
const seconds = (time: number): string => time.toFixed(3);

export function junitXml(results: readonly TestResult[]): string {
  const suites = results.map(suite);
  const sum = (value: (one: Suite) => number): number => suites.reduce((total, one) => total + value(one), 0);
  const time = seconds(results.reduce((total, result) => total + result.seconds, 0));
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<testsuites name="nnasm" time="${time}" tests="${sum(({ cases }) => cases.length)}" ` +
    `failures="${sum(({ failures }) => failures)}" errors="0">\n` +
    `${suites.map(({ xml }) => xml).join("")}</testsuites>\n`
  );
}

interface Case {
  readonly name: string;
  readonly failures: readonly TestFailure[];
  readonly isSkipped: boolean;
}

interface Suite {
  readonly xml: string;
  readonly cases: readonly Case[];
  readonly failures: number;
}

function suite(result: TestResult): Suite {
  const cases = casesOf(result);
  const failures = cases.filter((one) => one.failures.length > 0).length;
  const skipped = cases.filter(({ isSkipped }) => isSkipped).length;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
  const name = attribute(result.file);
  const xml =
    `  <testsuite name="${name}" ${counts} time="${seconds(result.seconds)}">\n` +
    `${cases.map((one, index) => caseXml(result, one, index === 0)).join("")}` +
    `    <system-out>${content(result.stdout)}</system-out>\n` +
    `    <system-err>${content(result.stderr)}</system-err>\n` +
    "  </testsuite>\n";
  return { xml, cases, failures };
}

/** The run itself comes first: that the program assembles, ends, and ends as it should. */
function casesOf({ checks, failures }: TestResult): Case[] {
  const left = new Set(failures);
  const own = checks.map((check): Case => {
    const found =
      check.status === "failed" ? failures.filter((failure) => left.has(failure) && isOf(check, failure)) : [];
    for (const failure of found) left.delete(failure);
    const { name, line } = check;
    return {
      name: `${name} (line ${line})`,
      failures: found,
      isSkipped: check.status === "unchecked",
    };
  });
  return [{ name: "run", failures: [...left], isSkipped: false }, ...own];
}

/** Output that differs is told at its line of the expected file. */
const isOf = (check: TestCheckResult, failure: TestFailure): boolean =>
  check.file === failure.file && (check.line === failure.line || !check.name.startsWith(".expect"));

function caseXml({ file, seconds: time }: TestResult, one: Case, isRun: boolean): string {
  // The run has taken all the time; checks take none.
  const start = `    <testcase name="${attribute(one.name)}" classname="${attribute(file)}" time="${isRun ? seconds(time) : "0.000"}"`;
  if (one.isSkipped) return `${start}>\n      <skipped/>\n    </testcase>\n`;
  if (one.failures.length === 0) return `${start}/>\n`;
  const failures = one.failures.map(
    ({ id, message, text }) =>
      `      <failure type="${attribute(id)}" message="${attribute(message)}">${content(text)}</failure>\n`,
  );
  return `${start}>\n${failures.join("")}    </testcase>\n`;
}
