/** What the command tells of tests, told to VS Code. */
import type { TestFailure, TestResult } from "@nnasm/cli/testing";
import * as vscode from "vscode";
import { checkKey, type TestProgram, type TestTree } from "./tree.ts";

/** A test that begins: what it checks is under way with it. */
export function showStart(run: vscode.TestRun, { item, checks }: TestProgram): void {
  // An item with others below shows what these are.
  for (const one of checks.size > 0 ? checks.values() : [item]) run.started(one);
}

export function showResult(run: vscode.TestRun, tree: TestTree, program: TestProgram, result: TestResult): void {
  const { item, checks } = program;
  const left = new Set(result.failures);
  for (const check of result.checks) {
    const checkItem = checks.get(checkKey(check));
    if (!checkItem) continue;
    const failures = check.status === "failed" ? [...left].filter((one) => isOf(check, one)) : [];
    for (const failure of failures) left.delete(failure);
    if (check.status === "passed") run.passed(checkItem);
    else if (check.status === "unchecked") run.skipped(checkItem);
    else {
      run.failed(
        checkItem,
        failures.map((one) => messageOf(tree, program, one)),
      );
    }
  }
  const milliseconds = result.seconds * 1000;
  if (result.status === "passed") run.passed(item, milliseconds);
  else {
    run.failed(
      item,
      [...left].map((one) => messageOf(tree, program, one)),
      milliseconds,
    );
  }
  showOutput(run, program, result);
}

/** Output that differs is told at its line of the expected file. */
const isOf = ({ file, line, name }: TestResult["checks"][number], failure: TestFailure): boolean =>
  file === failure.file && (line === failure.line || !name.startsWith(".expect"));

/** Files that an editor can show nothing of. */
const BINARY = /\.(bin|npy)$/;

function messageOf(tree: TestTree, { folder, item }: TestProgram, failure: TestFailure): vscode.TestMessage {
  const { message, hint, expected, actual, file, line, column, endLine, endColumn } = failure;
  const text = hint ? `${message}\n${hint}` : message;
  const shown =
    expected === undefined || actual === undefined
      ? new vscode.TestMessage(text)
      : vscode.TestMessage.diff(text, expected, actual);
  const range = new vscode.Range(line - 1, column - 1, endLine - 1, endColumn - 1);
  const isText = !BINARY.test(file) || item.uri === undefined;
  shown.location = isText
    ? new vscode.Location(tree.uriOf(folder, file), range)
    : new vscode.Location(item.uri, new vscode.Position(0, 0));
  return shown;
}

/** The program's own output, and what is to be read of failures and warnings. */
function showOutput(run: vscode.TestRun, { item }: TestProgram, result: TestResult): void {
  const { status, cycles, failures, warnings, stdout, stderr } = result;
  const head = `${status === "passed" ? "✓" : "✗"} ${result.file} (${cycles} cycles)\n`;
  const parts = [head, stdout, stderr, ...failures.map(({ text }) => text), ...warnings];
  const text = parts.map((part) => (part === "" || part.endsWith("\n") ? part : `${part}\n`)).join("");
  run.appendOutput(text.replace(/\r?\n/g, "\r\n"), undefined, item);
}
