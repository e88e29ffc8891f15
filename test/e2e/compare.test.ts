/** Sweeps and comparisons in the real VS Code. */
import { copyFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { describeWith, EXTERNALS, ROOT } from "../tools/index.ts";
import { TEST_TIMEOUT, Windows } from "./windows.ts";
import type { Workbench } from "./workbench.ts";

describeWith(EXTERNALS.chromium, "sweeps and comparisons in VS Code", () => {
  const windows = new Windows();
  let vscode: Workbench;

  const inThemes = (name: string, look: () => Promise<void>): Promise<void> =>
    windows.inThemes(name, async (body) => {
      await vscode.webview().locator(body).waitFor();
      await look();
    });

  describe("a small convolution", { timeout: TEST_TIMEOUT }, () => {
    beforeEach(async () => {
      const pattern = "test-fixtures/advice/pattern.nnasm";
      ({ vscode } = await windows.open("advice/low-fill", (folder) =>
        copyFile(path.join(ROOT, pattern), path.join(folder, "..", path.basename(pattern))),
      ));
    }, TEST_TIMEOUT);

    test("a sweep shows table, curves, Pareto front, and why a step didn't help", async () => {
      await vscode.openFile("bad.nnasm");
      await vscode.commandWithAnswer("NNASM: Sweep...", "Sweep bad.nnasm", "nu.cip=8,16,32 dm.bytes=4096,131072");
      const panel = vscode.webview();
      await panel.getByRole("heading", { name: "Sweep of bad.nnasm" }).waitFor();
      expect(await panel.locator("tbody tr").count()).toBe(6);
      expect(await panel.getByText(/^impossible: .*DM/).count()).toBe(3);
      await panel.getByRole("searchbox", { name: "Filter" }).fill("131072");
      await panel.getByText("3 of 6 points").waitFor();
      await panel.getByRole("button", { name: /nu\.cip=16 dm\.bytes=131072: MACs/ }).press("Enter");
      await panel.getByText(/because the code outside layers has 1 input channel for 16 rows/).waitFor();
      await panel.getByRole("button", { name: "Cycles", exact: true }).click();
      const cycles = await panel.locator("tbody tr td:nth-child(3)").allTextContents();
      const numbers = cycles.map((text) => Number(text.replace(/,/g, "")));
      expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
      await inThemes("sweep", () => panel.getByRole("group", { name: /Pareto front of/ }).waitFor());
    });
  });

  describe("the sample network", { timeout: TEST_TIMEOUT }, () => {
    beforeEach(async () => {
      ({ vscode } = await windows.open("fashion-mnist"));
    }, TEST_TIMEOUT);

    test("a sweep of the network: which array it can use", async () => {
      await vscode.openFile("fashion.nnasm");
      await vscode.commandWithAnswer("NNASM: Sweep...", "Sweep fashion.nnasm", "nu.cip=4,8,16,32 dm.banks=8,16");
      const panel = vscode.webview();
      await panel.getByRole("heading", { name: "Sweep of fashion.nnasm" }).waitFor();
      expect(await panel.locator("tbody tr").count()).toBe(8);
      await panel.getByRole("button", { name: /nu\.cip=16 dm\.banks=16: MACs/ }).press("Enter");
      await panel.getByRole("heading", { name: "nu.cip=16 dm.banks=16" }).waitFor();
      // A step to twice the rows says what it gave, and why not more.
      await panel.getByText("nu.cip 16 → 32").waitFor();
      await inThemes("sweep-network", () => panel.getByRole("group", { name: /Pareto front of/ }).waitFor());
    });

    test("two machines: what changed, both runs over time, and links to the lines", async () => {
      await vscode.openFile("fashion.nnasm");
      await vscode.command("NNASM: Compare Two Runs...");
      for (const [run, machine] of [
        ["A", ""],
        ["B", "nu.cip=8"],
      ] as const) {
        // The next question comes where the one before was: its title tells that it is there.
        const question = vscode.page.locator(".quick-input-widget");
        await question.filter({ hasText: `Run ${run}` }).waitFor();
        await question.locator(".monaco-list-row", { hasText: "fashion.nnasm" }).first().click();
        await question.filter({ hasText: `Run ${run}: Machine of fashion.nnasm` }).waitFor();
        await question.locator("input").first().fill(machine);
        await vscode.page.keyboard.press("Enter");
      }
      const panel = vscode.webview();
      await panel.getByRole("heading", { name: "Comparison of two runs" }).waitFor();
      await panel.getByText(/^layer conv2: \+[\d,]+ cycles/).waitFor();
      await panel.getByText(/First different instruction: none/).waitFor();
      await panel.getByRole("combobox", { name: "Aligned at" }).selectOption("conv2");
      const picture = panel.getByRole("img", { name: /Layers and units of both runs/ });
      const before = await picture.getAttribute("aria-label");
      await picture.press("+");
      await expect.poll(() => picture.getAttribute("aria-label")).not.toBe(before);
      await inThemes("compare", () => picture.waitFor());
      const link = panel.getByRole("button", { name: /^fashion\.nnasm:\d+$/ }).first();
      const line = (await link.textContent())?.split(":")[1];
      await link.click();
      await vscode.statusBarItem(`Ln ${line}, Col 1`).waitFor();
    });
  });
});
