/** The language server in the real VS Code: what a person sees of it while writing. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { describeWith, EXTERNALS } from "../tools/index.ts";
import { TEST_TIMEOUT, WAIT, Windows } from "./windows.ts";
import type { Workbench } from "./workbench.ts";

describeWith(EXTERNALS.chromium, "the language in VS Code", () => {
  const windows = new Windows();
  let folder: string;
  let vscode: Workbench;

  describe("the sample network", { timeout: TEST_TIMEOUT }, () => {
    beforeEach(async () => {
      ({ folder, vscode } = await windows.open("fashion-mnist"));
    }, TEST_TIMEOUT);

    test("a quick fix is offered for a typo, and mends it", async () => {
      const editor = await vscode.openFile("tensors.nnasm");
      await vscode.goToLine(1);
      await vscode.page.keyboard.press("Home");
      await vscode.page.keyboard.type(".equu typo, 1");
      await vscode.page.keyboard.press("Enter");
      await editor.locator(".squiggly-error").first().waitFor();
      await vscode.page.keyboard.press("ArrowUp");
      await vscode.page.keyboard.press("Home");
      await vscode.page.keyboard.press("Control+.");
      const fix = vscode.page.locator(".action-widget .monaco-list-row", { hasText: /Change to/ }).first();
      await fix.waitFor();
      await vscode.screenshot("quick-fix");
      await vscode.page.keyboard.press("Enter");
      await editor.locator(".squiggly-error").first().waitFor({ state: "detached" });
      expect(await editor.locator(".view-line").first().textContent()).toContain(".equ");
      await vscode.screenshot("quick-fix-applied");
    });

    test("a name is changed in the two files that use it", async () => {
      const editor = await vscode.openFile("tensors.nnasm");
      // Lenses tell that the server is there: F2 before that finds nobody who renames.
      await editor.locator(".codelens-decoration a").first().waitFor();
      // The cursor goes into the name behind `.tensor`.
      await vscode.goToLine(31);
      await vscode.page.keyboard.press("Home");
      for (let right = 0; right < 10; right++) await vscode.page.keyboard.press("ArrowRight");
      const box = vscode.page.locator(".rename-box input, .rename-box .rename-input").first();
      // What comes meanwhile may close the box before it is shown: then once more.
      for (let attempt = 0; attempt < 5 && !(await box.isVisible()); attempt++) {
        await vscode.page.keyboard.press("F2");
        await box.waitFor({ timeout: 8000 }).catch(() => undefined);
      }
      await vscode.screenshot("rename");
      await box.fill("first_weights");
      await box.press("Enter");
      await vscode.page.keyboard.press("Control+K");
      await vscode.page.keyboard.press("S");
      const text = (name: string) => readFile(path.join(folder, name), "utf8");
      await expect.poll(() => text("tensors.nnasm"), WAIT).toContain("first_weights");
      await expect.poll(() => text("fashion.nnasm"), WAIT).toContain("first_weights");
      expect(await text("fashion.nnasm")).not.toContain("conv1_ddr");
      expect(await text("tensors.nnasm")).not.toContain("conv1_ddr");
      const main = await vscode.openFile("fashion.nnasm");
      await main.locator(".view-line span", { hasText: "first_weights" }).first().waitFor();
      await vscode.screenshot("renamed");
    });

    test("lenses and hints stand beside the code", async () => {
      const editor = await vscode.openFile("fashion.nnasm");
      // Above the start: what can be done with the program, what it costs, who uses it.
      const lens = editor.locator(".codelens-decoration", { hasText: /Run.*Debug.*cycles.*references/ });
      await lens.first().waitFor();
      // Behind a load of a descriptor: the tensor and the cycles.
      await editor
        .locator(".view-line", { hasText: /td\.ld.*conv1_w.*int8\s16x3x3x1/ })
        .first()
        .waitFor();
      await editor
        .locator(".view-line", { hasText: /td\.ld.*conv1_w.*(>=|=)\s\d+\+\d+/ })
        .first()
        .waitFor();
      await vscode.screenshot("hints");
    });
  });
});
