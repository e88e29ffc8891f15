/** The extension in the real VS Code: served on loopback, in headless Chromium, used through what a person sees. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { describeWith, EXTERNALS } from "../tools/index.ts";
import { Session } from "./session.ts";
import type { Workbench } from "./workbench.ts";

const TEST_TIMEOUT = 180_000;
/** The first run of all also fetches VS Code. */
const START_TIMEOUT = 600_000;

describeWith(EXTERNALS.chromium, "VS Code", () => {
  let session: Session;
  let folder: string;
  let vscode: Workbench;

  beforeAll(async () => {
    session = await Session.start();
  }, START_TIMEOUT);
  afterAll(() => session?.stop(), TEST_TIMEOUT);
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await session?.keepFailure(task.name);
  }, TEST_TIMEOUT);

  const inNewWindow = (fixture: string): void => {
    beforeEach(async () => {
      folder = await session.workspace(fixture);
      vscode = await session.open(folder);
    }, TEST_TIMEOUT);
    afterEach(() => vscode?.close(), TEST_TIMEOUT);
  };

  describe("first use", { timeout: TEST_TIMEOUT }, () => {
    inNewWindow("samples");

    test("a .nnasm file is coloured, has run buttons and shows its machine", async () => {
      const editor = await vscode.openFile("count.nnasm");
      const mnemonic = await editor.locator(".view-line span", { hasText: /^addi$/ }).getAttribute("class");
      const comment = await editor.locator(".view-line span", { hasText: "# sum" }).last().getAttribute("class");
      expect(mnemonic).not.toBe(comment);
      await vscode.page.getByRole("button", { name: "Run Program" }).waitFor();
      await vscode.statusBarItem("default").waitFor();
      await vscode.screenshot("editor");
    });

    test("the preset picker writes nnp.json, which is checked while it is edited", async () => {
      await vscode.openFile("count.nnasm");
      await vscode.statusBarItem("default").click();
      await vscode.page.getByText("256 MACs (16 × 16)").first().waitFor();
      await vscode.screenshot("preset-picker");
      await vscode.choose("nn64");
      await vscode.statusBarItem("nn64").waitFor();
      expect(JSON.parse(await readFile(path.join(folder, "nnp.json"), "utf8"))).toEqual({ preset: "nn64" });

      const editor = await vscode.openFile("nnp.json");
      await editor.click();
      await vscode.page.keyboard.press("Control+A");
      await vscode.page.keyboard.type('{ "preset": "nn65", "nuu": {');
      await editor.locator(".squiggly-warning").nth(1).waitFor();
      await vscode.screenshot("configuration");
    });

    test("New Project makes a program that is open and complete", async () => {
      await vscode.openFile("count.nnasm");
      await vscode.command("NNASM: New Project...");
      await vscode.answer("net");
      await vscode.editor("main.nnasm").locator(".view-line").first().waitFor();
      expect(JSON.parse(await readFile(path.join(folder, "net", "nnp.json"), "utf8"))).toEqual({
        entry: "main.nnasm",
        preset: "default",
      });
      await vscode.statusBarItem("default").waitFor();
      await vscode.screenshot("new-project");
    });
  });
});
