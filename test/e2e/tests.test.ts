/** The Test Explorer in the real VS Code: what passes and fails, one test alone, one in the debugger, coverage. */
import type { Locator } from "playwright-core";
import { beforeEach, test } from "vitest";
import { describeWith, EXTERNALS } from "../tools/index.ts";
import { TEST_TIMEOUT, Windows } from "./windows.ts";
import type { Workbench } from "./workbench.ts";

describeWith(EXTERNALS.chromium, "tests in VS Code", () => {
  const windows = new Windows();
  let vscode: Workbench;

  beforeEach(async () => {
    ({ vscode } = await windows.open("tests"));
    await vscode.openFile("sum.nnasm");
  }, TEST_TIMEOUT);

  const showTests = (): Promise<void> => vscode.command("Testing: Focus on Test Explorer View");

  /** The row of a test, with the state that its icon shows. */
  const row = (name: string, state?: "passed" | "failed" | "unset"): Locator => {
    const rows = vscode.page.locator(".test-explorer .monaco-list-row", { hasText: name });
    return (state ? rows.filter({ has: vscode.page.locator(`.codicon-testing-${state}-icon`) }) : rows).first();
  };

  test("tests are listed and run; a failure shows both sides", { timeout: TEST_TIMEOUT }, async () => {
    await showTests();
    await row("sum.nnasm").waitFor();
    await row("scalar").waitFor();
    await vscode.command("Test: Run All Tests");
    await row("scalar", "passed").waitFor();
    await row("sum.nnasm", "failed").waitFor();
    await vscode.page.locator(".monaco-list-row", { hasText: "is 3, expected 7" }).first().waitFor();
    // Found and expected values, behind the line.
    await vscode.page
      .getByText(/1\s2\s3\s4\s!=\s1\s2\s7\s4/)
      .first()
      .waitFor();
    await vscode.screenshot("tests-run");
  });

  test("one test runs alone, one with coverage, one in the debugger", { timeout: TEST_TIMEOUT }, async () => {
    await vscode.setBreakpoint(12);
    await showTests();
    await row("scalar").waitFor();
    await row("scalar").click();
    await vscode.page.keyboard.press("ArrowRight");
    const button = async (name: string, title: RegExp): Promise<void> => {
      await row(name).hover();
      await row(name).getByRole("button", { name: title }).first().click();
    };
    await row("clamp.nnasm").waitFor();
    await button("clamp.nnasm", /^Run Test$/);
    await row("clamp.nnasm", "passed").waitFor();
    await row("sum.nnasm", "unset").waitFor();

    await button("clamp.nnasm", /with Coverage/);
    const covered = vscode.page.locator(".monaco-list-row", { hasText: /clamp\.nnasm.*\d%/s }).first();
    await covered.waitFor();
    await covered.dblclick();
    await vscode.editor("clamp.nnasm").locator(".view-line").first().waitFor();
    // The code for negative numbers never ran.
    await vscode.page.locator(".coverage-deco-gutter.coverage-deco-miss").first().waitFor();
    await vscode.screenshot("tests-coverage");

    await button("sum.nnasm", /^Debug Test$/);
    await vscode.page.locator(".debug-toolbar").waitFor();
    await vscode.page.locator(".debug-top-stack-frame-line").first().waitFor();
    await vscode.screenshot("tests-debug");
  });
});
