/** The debugger in the real VS Code: conditions, tensors in watches, going back, data breakpoints, machine code, races. */
import { cp } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { describeWith, EXTERNALS, ROOT } from "../tools/index.ts";
import { TEST_TIMEOUT, Windows } from "./windows.ts";
import { PATIENCE, type Workbench } from "./workbench.ts";

const PROGRAMS = path.join(ROOT, "debug-adapter/test/programs");

describeWith(EXTERNALS.chromium, "debugger in VS Code", () => {
  const windows = new Windows();
  let vscode: Workbench;
  beforeEach(async () => {
    ({ vscode } = await windows.open("samples", async (folder) => {
      for (const program of ["network.nnasm", "race.nnasm", "loop.nnasm"]) {
        await cp(path.join(PROGRAMS, program), path.join(folder, program));
      }
    }));
  }, TEST_TIMEOUT);

  test("a condition, a tensor in a watch, a step back over a convolution", { timeout: TEST_TIMEOUT }, async () => {
    await vscode.openFile("network.nnasm");
    // Behind the wait for the pool the map is complete.
    await vscode.setConditionalBreakpoint(59, "cycles() > 500 && max(map) > -100");
    await vscode.page.keyboard.press("F5");
    await vscode.stoppedAt("network.nnasm", 59);
    await vscode.watch("max(map)");
    await vscode.watch("map[0,0,0,0:4]");
    const max = vscode.watched("max(map)");
    await expect.poll(() => max.textContent(), { timeout: PATIENCE }).toMatch(/max\(map\) ?= ?-?\d+/);
    const after = await max.textContent();
    await vscode.screenshot("watch-tensor");

    // Back before the convolution was issued: the map has not been written then.
    await vscode.command("NNASM Debug: Back to the Beginning of the Previous Layer");
    await vscode.stoppedAt("network.nnasm", 54);
    await vscode.command("NNASM Debug: Back to the Beginning of the Previous Layer");
    await vscode.stoppedAt("network.nnasm", 49);
    await expect.poll(() => max.textContent(), { timeout: PATIENCE }).not.toBe(after);
    await vscode.screenshot("back-over-convolution");
    await vscode.page.keyboard.press("F5");
    await vscode.stoppedAt("network.nnasm", 59);
    await expect.poll(() => max.textContent(), { timeout: PATIENCE }).toBe(after);
  });

  test("a data breakpoint on a tensor stops where it is written", { timeout: TEST_TIMEOUT }, async () => {
    await vscode.openFile("network.nnasm");
    await vscode.setBreakpoint(35);
    await vscode.page.keyboard.press("F5");
    await vscode.stoppedAt("network.nnasm", 35);
    const tensor = await vscode.variable("Tensors", "map");
    await tensor.click({ button: "right" });
    await vscode.menu("Break on Value Change");
    await vscode.screenshot("data-breakpoint-set");
    await vscode.page.keyboard.press("F5");
    await vscode.page.locator(".debug-call-stack", { hasText: /map was written by nu\.conv/i }).waitFor();
    await vscode.screenshot("data-breakpoint");
  });

  test("the disassembly view shows the program's machine code", { timeout: TEST_TIMEOUT }, async () => {
    await vscode.openFile("network.nnasm");
    await vscode.setBreakpoint(54);
    await vscode.page.keyboard.press("F5");
    await vscode.stoppedAt("network.nnasm", 54);
    await vscode.command("Open Disassembly View");
    await vscode.page.locator(".disassembly-view .monaco-table-tr", { hasText: "nu.maxpool" }).first().waitFor();
    await vscode.screenshot("disassembly");
  });

  test("a race is an exception that names both lines", { timeout: TEST_TIMEOUT }, async () => {
    await vscode.openFile("race.nnasm");
    await vscode.command("NNASM: Debug Program");
    // Races don't stop by themselves: the console tells of them, and the filter makes them exceptions.
    await vscode.page.locator(".repl", { hasText: "Program exited with code 0" }).waitFor();
    await vscode.switchOn("Races and Other Findings");
    await vscode.command("NNASM: Debug Program");
    const widget = vscode.page.locator(".exception-widget");
    await widget.waitFor();
    const text = (await widget.textContent()) ?? "";
    expect(text).toMatch(/race/i);
    expect(text).toMatch(/race\.nnasm:13/);
    expect(text).toMatch(/race\.nnasm:14/);
    await vscode.screenshot("race");
  });
});
