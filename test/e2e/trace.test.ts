/** The trace editor in the real VS Code: a network's trace, ten million events, and the way to the source and the debugger. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { FrameLocator } from "playwright-core";
import { beforeEach, expect, test } from "vitest";
import { largeTrace, TEN_MILLION } from "../../bench/trace-load.ts";
import { describeWith, EXTERNALS } from "../tools/index.ts";
import { TEST_TIMEOUT, WAIT, Windows } from "./windows.ts";
import type { Workbench } from "./workbench.ts";

describeWith(EXTERNALS.chromium, "traces in VS Code", () => {
  const windows = new Windows();
  let vscode: Workbench;
  beforeEach(async ({ task }) => {
    const fixture = task.name.includes("network") ? "fashion-mnist" : "samples";
    ({ vscode } = await windows.open(fixture, async (folder) => {
      if (!task.name.startsWith("ten million")) return;
      await writeFile(path.join(folder, "large.nntrace"), largeTrace(TEN_MILLION));
      await writeFile(path.join(folder, "small.nntrace"), largeTrace(10));
    }));
  }, TEST_TIMEOUT);

  /** The status line, as screen readers hear it. */
  const says = async (panel: FrameLocator, pattern: RegExp): Promise<RegExpMatchArray> => {
    let found: RegExpMatchArray | undefined;
    await expect
      .poll(
        async () => (found = pattern.exec((await panel.getByRole("status").textContent()) ?? "") ?? undefined),
        WAIT,
      )
      .toBeTruthy();
    return found!;
  };

  test("a network's trace: layers, units, waits; keys, source and themes", { timeout: TEST_TIMEOUT }, async () => {
    await vscode.openFile("fashion.nnasm");
    await vscode.command("NNASM: Trace Program");
    const panel = vscode.webview();
    const timeline = panel.getByRole("application", { name: /^Timeline of fashion\.nnasm/ });
    await timeline.waitFor();
    await panel.getByText(/[\d,]+ instructions, [\d,]+ operations/).waitFor();
    expect(await panel.getByRole("alert").count()).toBe(0);

    await timeline.focus();
    await panel.getByRole("button", { name: "Search" }).click();
    await panel.getByRole("textbox").fill("nu.conv");
    await panel.getByRole("textbox").press("Enter");
    await says(panel, /^nu\.conv.* of NU, cycles [\d,]+ to [\d,]+, .*layer conv1/);
    await panel.getByRole("textbox").press("Escape");
    await timeline.press("z");
    await vscode.screenshot("trace-operation");
    const [, before] = await says(panel, /cycles ([\d,]+) to/);
    await timeline.press(".");
    await expect.poll(async () => (await says(panel, /cycles ([\d,]+) to/))[1], WAIT).not.toBe(before);

    // The table says the same in words, and each of its items is one of the timeline.
    await timeline.press("f");
    await timeline.press("l");
    await panel
      .getByRole("row", { name: /NU nu\.conv/ })
      .first()
      .waitFor();
    await timeline.press("l");

    const [, line] = await says(panel, /source \S*fashion\.nnasm:(\d+)/);
    await timeline.press("Enter");
    // The focus stays in the trace, so that one can go on.
    await vscode
      .editor("fashion.nnasm")
      .locator(".active-line-number", { hasText: `${line}` })
      .waitFor();
    await windows.inThemes("trace", async (body) => {
      await panel.locator(body).waitFor();
      await timeline.focus();
      await timeline.press("f");
    });
    // Enlarged over the whole window, where letters are to be read.
    await vscode.command("View: Toggle Maximize Editor Group");
    await vscode.screenshot("trace-large");
    await timeline.press("f");
    await timeline.press("t");
    await panel
      .getByText(/µs to|ms to/)
      .first()
      .waitFor();
    await vscode.screenshot("trace-large");
  });

  test("a network's memory: reads, writes and lost cycles by address and cycle", {
    timeout: TEST_TIMEOUT,
  }, async () => {
    await vscode.openFile("fashion.nnasm");
    await vscode.command("NNASM: Trace Program");
    const panel = vscode.webview();
    const timeline = panel.getByRole("application", { name: /^Timeline of fashion\.nnasm/ });
    await timeline.waitFor();
    await timeline.focus();
    await timeline.press("p");
    await timeline.press("h");
    const map = panel.getByRole("application", { name: /^Memory by address and cycle/ });
    await map.waitFor();
    await panel.getByText(/up to [\d,]+ bytes a cell/).waitFor();
    await map.focus();
    await map.press("ArrowRight");
    // Some cell to the left and down of the middle is written to or read from.
    await expect
      .poll(async () => {
        await map.press("ArrowDown");
        return panel.getByRole("status").textContent();
      }, WAIT)
      .toMatch(
        /addresses 0x1[\da-f]{7} to 0x1[\da-f]{7}, cycles [\d,]+ to [\d,]+, read [\d,.]+ bytes, written [\d,.]+ bytes/,
      );
    await expect
      .poll(async () => {
        await map.press("Shift+ArrowLeft");
        return panel.getByRole("status").textContent();
      }, WAIT)
      .toMatch(/mostly \S+, \w+.*source \S*fashion\.nnasm:\d+/);
    const [, line] = await says(panel, /source \S*fashion\.nnasm:(\d+)/);
    await map.press("Enter");
    await vscode
      .editor("fashion.nnasm")
      .locator(".active-line-number", { hasText: `${line}` })
      .waitFor();
    await vscode.command("View: Toggle Maximize Editor Group");
    await map.hover({ position: { x: 400, y: 90 } });
    await vscode.screenshot("memory-cell");
    await map.press("b");
    await expect.poll(() => panel.getByRole("combobox", { name: "What is shown" }).inputValue(), WAIT).toBe("reads");
    await map.press("b");
    await map.press("b");
    await vscode.screenshot("memory-lost");
    await map.press("b");
    await map.press("v");
    await panel.getByRole("combobox", { name: "Memory" }).waitFor();
    expect(await panel.getByRole("combobox", { name: "Memory" }).inputValue()).not.toBe("dm");
    await panel.getByRole("combobox", { name: "Memory" }).selectOption("dm");
    await windows.inThemes("memory", (body) => panel.locator(body).waitFor());
    // The rows of banks are the last ones.
    await timeline.focus();
    for (let row = 0; row < 40; row++) await timeline.press("ArrowDown");
    await timeline.press(".");
    await says(panel, /waits for bank \d+ of BANK-\d+.*loses the cycle/);
    await vscode.screenshot("trace-banks");
    await vscode.command("View: Toggle Maximize Editor Group");
  });

  test("ten million events open and answer", { timeout: TEST_TIMEOUT }, async () => {
    // Until the extension is there a trace is a file like any other.
    await vscode.openFile("count.nnasm");
    await vscode.statusBarItem("default").waitFor();
    const panel = vscode.webview();
    const timeline = panel.getByRole("application", { name: /^Timeline/ });
    const open = async (name: string): Promise<number> => {
      const started = Date.now();
      await vscode.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).first().dblclick();
      await timeline.waitFor();
      return (Date.now() - started) / 1000;
    };
    const small = await open("small.nntrace");
    await panel.getByText("20 operations").waitFor();
    await vscode.command("View: Close Editor");
    await timeline.waitFor({ state: "detached" });
    const large = await open("large.nntrace");
    // What both take is the editor's: a page, and its scripts.
    console.log(`ten million events opened in VS Code in ${large.toFixed(1)} s, six thousand in ${small.toFixed(1)} s`);
    await panel.getByText("36,000 operations").waitFor();
    await timeline.focus();
    await vscode.screenshot("trace-ten-million");
    for (let i = 0; i < 12; i++) await timeline.press("+");
    await timeline.press("ArrowDown");
    await timeline.press("ArrowDown");
    await timeline.press(".");
    await says(panel, /dma\.ld of DMA0|waiting|wait of CU|nu\.maxpool of NU/);
    await timeline.press("z");
    await vscode.screenshot("trace-ten-million-near");
    const pipeline = panel.getByRole("application", { name: /^Pipeline/ });
    await pipeline.focus();
    await pipeline.press("End");
    await says(panel, /ecall, in EX in cycle (\d+)/);
    await vscode.screenshot("trace-ten-million-end");
    await timeline.focus();
    await timeline.press("f");
    await windows.inThemes("trace-ten-million", (body) => panel.locator(body).waitFor());
  });

  test("travel here: the debugger stops at the cycle, and its cursor is in the trace", {
    timeout: TEST_TIMEOUT,
  }, async () => {
    await vscode.openFile("count.nnasm");
    await vscode.command("NNASM: Trace Program");
    const panel = vscode.webview();
    const pipeline = panel.getByRole("application", { name: /^Pipeline/ });
    await pipeline.waitFor();
    await vscode.editor("count.nnasm").click();
    await vscode.setBreakpoint(13);
    await vscode.page.keyboard.press("F5");
    await vscode.stoppedAt("count.nnasm", 13);
    await panel.getByRole("button", { name: "Travel Here" }).waitFor();
    await pipeline.focus();
    // The pipeline goes along with the debugger; on to another line, before the breakpoint comes again.
    await says(panel, /line 13$/);
    await pipeline.press("ArrowDown");
    const [, cycle, line] = await says(panel, /, in EX in cycle (\d+).*line (14)$/);
    await pipeline.press("g");
    await vscode.stoppedAt("count.nnasm", Number(line));
    await vscode.screenshot("trace-travelled");
    // The command offers the cycle where the machine stands.
    await vscode.page.keyboard.press("F1");
    const input = vscode.page.locator(".quick-input-widget input").first();
    await input.fill(">NNASM Debug: Go to Cycle");
    await vscode.page.locator(".quick-input-list .monaco-list-row").first().click();
    await expect.poll(() => input.inputValue(), WAIT).toBe(cycle);
    await vscode.page.keyboard.press("Escape");

    await vscode.commandWithAnswer("NNASM: Show Trace", "Cycles to Trace", "0..500");
    await vscode.page
      .locator(".tab, .title-label, .label-name", { hasText: /count-0-500/ })
      .first()
      .waitFor();
  });
});
