/** The extension in the real VS Code: served on loopback, in headless Chromium, used through what a person sees. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { packageExtension } from "../../scripts/package.ts";
import { describeWith, EXTERNALS } from "../tools/index.ts";
import { TEST_TIMEOUT, WAIT, Windows } from "./windows.ts";
import type { Workbench } from "./workbench.ts";

describeWith(EXTERNALS.chromium, "VS Code", () => {
  const windows = new Windows();
  let folder: string;
  let vscode: Workbench;

  const inNewWindow = (fixture: string): void => {
    beforeEach(async () => {
      ({ folder, vscode } = await windows.open(fixture));
    }, TEST_TIMEOUT);
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
      await vscode.commandWithAnswer("NNASM: New Project...", "New NNASM Project", "net");
      await vscode.editor("main.nnasm").locator(".view-line").first().waitFor();
      expect(JSON.parse(await readFile(path.join(folder, "net", "nnp.json"), "utf8"))).toEqual({
        entry: "main.nnasm",
        preset: "default",
      });
      await vscode.statusBarItem("default").waitFor();
      await vscode.screenshot("new-project");
    });
  });

  describe("language server", { timeout: TEST_TIMEOUT }, () => {
    inNewWindow("samples");

    test("a typo gets a squiggle that names the nearest mnemonic, and loses it when it is mended", async () => {
      const editor = await vscode.openFile("count.nnasm");
      await vscode.goToLine(13);
      await vscode.page.keyboard.press("Home");
      await vscode.page.keyboard.type("x");
      const squiggle = editor.locator(".squiggly-error").first();
      await squiggle.waitFor();
      const hover = await vscode.hover(editor.locator(".view-line span", { hasText: "xaddi" }).last(), "xaddi");
      expect(await hover.textContent()).toContain("did you mean `addi`");
      await vscode.screenshot("squiggle");
      await vscode.page.keyboard.press("Backspace");
      await squiggle.waitFor({ state: "detached" });
    });

    test("completion and hover tell about instructions", async () => {
      const editor = await vscode.openFile("count.nnasm");
      await vscode.hover(editor.locator(".view-line span", { hasText: /^addi$/ }), /immediate/i);
      await vscode.screenshot("hover");
      await vscode.goToLine(13);
      await vscode.page.keyboard.press("End");
      await vscode.page.keyboard.press("Enter");
      await vscode.page.keyboard.type("nu.co");
      await vscode.page.locator(".suggest-widget.visible .monaco-list-row", { hasText: "nu.conv" }).first().waitFor();
      await vscode.screenshot("completion");
    });
  });

  describe("build task", { timeout: TEST_TIMEOUT }, () => {
    inNewWindow("samples");

    test("a program becomes an ELF file beside it; an error is shown with its place", async () => {
      await vscode.openFile("count.nnasm");
      await vscode.command("NNASM: Build Program");
      const elf = path.join(folder, "count.elf");
      await expect.poll(() => readFile(elf).then((bytes) => bytes.subarray(1, 4).toString(), String), WAIT).toBe("ELF");

      await vscode.goToLine(13);
      await vscode.page.keyboard.press("Home");
      await vscode.page.keyboard.type("x");
      await vscode.page.keyboard.press("Control+S");
      await vscode.command("NNASM: Build Program");
      const terminal = vscode.page.locator(".xterm-rows", { hasText: "count.nnasm:13:9: error: unknown" });
      await terminal.waitFor();
      await vscode.screenshot("build-error");
    });
  });

  describe("debugger", { timeout: TEST_TIMEOUT }, () => {
    inNewWindow("samples");

    test("F5 without a launch.json stops at a breakpoint, steps and shows registers", async () => {
      await vscode.openFile("count.nnasm");
      await vscode.setBreakpoint(13);
      await vscode.page.keyboard.press("F5");
      await vscode.stoppedAt("count.nnasm", 13);
      await vscode.register("t0", 1).waitFor();
      await vscode.screenshot("breakpoint");
      await vscode.page.keyboard.press("F10");
      await vscode.stoppedAt("count.nnasm", 14);
      await vscode.register("t0", 2).waitFor();
      await vscode.screenshot("step");
      await vscode.goToLine(13);
      await vscode.page.keyboard.press("F9");
      await vscode.page.keyboard.press("F5");
      await vscode.debuggingEnded();
      await vscode.screenshot("ended");
    });

    test("a program that does not assemble says what is wrong, and where", async () => {
      const editor = await vscode.openFile("count.nnasm");
      await vscode.goToLine(13);
      await vscode.page.keyboard.press("Home");
      await vscode.page.keyboard.type("x");
      // F5 means something else until the extension is there.
      await editor.locator(".squiggly-error").first().waitFor();
      await vscode.page.keyboard.press("F5");
      await vscode.page.locator(".monaco-dialog-box", { hasText: /count\.nnasm:13:9.*xaddi/ }).waitFor();
      await vscode.screenshot("launch-error");
    });
  });

  describe("the packaged extension", { timeout: TEST_TIMEOUT }, () => {
    test("works installed, without the sources", async () => {
      const { session } = windows;
      const vsix = await packageExtension(session.scratchFile("nnasm.vsix"));
      await session.install(vsix);
      const window = await session.open(await session.workspace("samples"), { installed: true });
      await window.openFile("count.nnasm");
      await window.setBreakpoint(13);
      await window.page.keyboard.press("F5");
      await window.stoppedAt("count.nnasm", 13);
      await window.register("t0", 1).waitFor();
      await window.screenshot("installed");
      await window.close();
    });
  });
});
