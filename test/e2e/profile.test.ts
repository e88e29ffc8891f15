/** The profile panel and heat in the real VS Code, in light, dark and high contrast. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { USUAL_METRICS } from "../../client/src/panels/profile/model.ts";
import { describeWith, EXTERNALS, runNnasm } from "../tools/index.ts";
import { TEST_TIMEOUT, Windows } from "./windows.ts";
import { PATIENCE, type Workbench } from "./workbench.ts";

describeWith(EXTERNALS.chromium, "profiling in VS Code", () => {
  const windows = new Windows();
  let folder: string;
  let vscode: Workbench;
  beforeEach(async () => {
    ({ folder, vscode } = await windows.open("fashion-mnist"));
  }, TEST_TIMEOUT);

  test("the sample network's views open source lines, in every theme", { timeout: TEST_TIMEOUT }, async () => {
    await vscode.openFile("fashion.nnasm");
    await vscode.command("NNASM: Profile Program");
    const panel = vscode.webview();
    await panel.getByRole("rowheader", { name: "conv1", exact: true }).waitFor();
    const layers = await panel.locator("table").first().locator("tbody th").allTextContents();
    expect(layers).toEqual(expect.arrayContaining(["conv1", "pool1", "dw1", "pw1", "conv2", "gap", "fc"]));
    // The waterfall's shares are the run's, and sum to it.
    const shares = await panel.locator(".chart svg text").allTextContents();
    const percents = shares.flatMap((text) => /^([\d.]+) %/.exec(text)?.[1] ?? []).map(Number);
    expect(percents.shift()).toBe(100);
    expect(percents.reduce((sum, percent) => sum + percent, 0)).toBeCloseTo(100, 0);

    // Room for the panel.
    await vscode.page.keyboard.press("Control+B");
    await vscode.page.keyboard.press("Control+J");
    const tab = (name: string) => panel.getByRole("tab", { name, exact: true }).click();
    const views: readonly (readonly [tab: string, ready: () => Promise<void>])[] = [
      ["Tree", () => panel.getByRole("treegrid").waitFor()],
      [
        "Tables",
        () =>
          panel
            .getByRole("button", { name: /^fashion\.nnasm:\d+$/ })
            .first()
            .waitFor(),
      ],
      ["Flame graph", () => panel.getByRole("application", { name: /^Flame graph/ }).waitFor()],
      ["Roofline", () => panel.getByRole("link", { name: /^conv1: .* MAC per byte/ }).waitFor()],
      ["Memory", () => panel.getByRole("group", { name: /^DDR over time: .* read/ }).waitFor()],
      ["Waits", () => panel.getByRole("table", { name: /^Who waited/ }).waitFor()],
      [
        "Advice",
        () =>
          panel
            .getByText(/confidence: \w+/)
            .first()
            .waitFor(),
      ],
      ["Overview", () => panel.getByRole("img", { name: /^useful: / }).waitFor()],
    ];
    await windows.inThemes("profile", async (body, kind) => {
      await panel.locator(body).waitFor();
      for (const [view, ready] of views) {
        await tab(view);
        await ready();
        await vscode.screenshot(`profile-${kind}-${view}`);
      }
    });

    await tab("Tables");
    // The table's rows are those of the command, from a run of its own.
    await panel.getByRole("combobox", { name: "By" }).selectOption("layer");
    await panel.getByRole("rowheader", { name: "conv1", exact: true }).waitFor();
    const words = (text: string): string => text.replace(/\s+/g, " ").trim();
    const shown = (await panel.locator("tbody tr").allInnerTexts()).map(words);
    const { stdout } = await runNnasm(["profile", folder, "--by", "layer", "--metrics", USUAL_METRICS.join(",")]);
    const told = stdout.trimEnd().split("\n").slice(2).map(words);
    expect(shown.toSorted()).toEqual(told.toSorted());
    await panel.getByRole("combobox", { name: "By" }).selectOption("line");
    const link = panel.getByRole("button", { name: /^fashion\.nnasm:\d+$/ }).first();
    const cycles = await panel.locator("tbody tr").first().locator("td").nth(1).textContent();
    await panel.locator("body").press("t");
    await expect.poll(() => panel.locator("tbody tr").first().locator("td").nth(1).textContent()).toMatch(/s$/);
    expect(cycles).toMatch(/^[\d,]+$/);
    const line = (await link.textContent())?.split(":")[1];
    await link.click();
    await vscode.statusBarItem(`Ln ${line}, Col 1`).waitFor();
  });

  test("the view of memory leads to memory by address and cycle", { timeout: TEST_TIMEOUT }, async () => {
    await vscode.openFile("fashion.nnasm");
    await vscode.command("NNASM: Profile Program");
    const panel = vscode.webview();
    await panel.getByRole("tab", { name: "Memory", exact: true }).click();
    await panel.getByRole("button", { name: "Memory over Time" }).click();
    // It is in a page of its own, beside the profile's or over it.
    const maps = async (): Promise<number> => {
      const frames = vscode.page.frames();
      const counts = await Promise.all(
        frames.map((frame) =>
          frame
            .getByRole("application", { name: /^Memory by address and cycle/ })
            .count()
            .catch(() => 0),
        ),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    };
    await expect.poll(maps, { timeout: PATIENCE, interval: 500 }).toBe(1);
  });

  test("VS Code's own table shows our .cpuprofile", { timeout: TEST_TIMEOUT }, async () => {
    const [trace, file] = ["run.nntrace", "run.cpuprofile"].map((name) => path.join(folder, name)) as [string, string];
    await runNnasm(["run", folder, "--quiet", "--trace", trace]);
    await runNnasm(["trace", trace, "--export", "cpuprofile", "-o", file]);
    const { lines } = JSON.parse((await runNnasm(["profile", folder, "--json"])).stdout) as {
      lines: { line?: number; cycles: number }[];
    };
    await vscode.openFile("nnp.json");
    await vscode.page
      .locator(".explorer-folders-view .monaco-list-row", { hasText: "run.cpuprofile" })
      .first()
      .dblclick();
    const table = vscode.webview().locator("body");
    // Bottom up: lines that called nobody have their own cycles twice, a cycle as a microsecond. Only rows in sight exist.
    const row = /([\d,.]+)ms\s+([\d,.]+)ms\s+(\w+)\s+\S*?fashion\.nnasm:(\d+)/g;
    const rows = async () => [...(await table.innerText()).matchAll(row)].map(([, ...cells]) => cells);
    await expect.poll(async () => (await rows()).length, { timeout: PATIENCE }).toBeGreaterThan(20);
    await vscode.screenshot("cpuprofile-table");
    const shown = (await rows()).map(([self, , , line]) => `${line} ${self}`);
    const told = lines
      .filter(({ cycles }) => cycles > 0)
      .map(({ line, cycles }) => [line, cycles / 1000] as const)
      .map(
        ([line, ms]) => `${line} ${ms.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`,
      );
    expect(told).toEqual(expect.arrayContaining(shown));
    // The costliest comes first.
    const [hottest] = lines.toSorted((a, b) => b.cycles - a.cycles);
    expect(shown[0]).toMatch(new RegExp(`^${hottest!.line} `));
  });

  test("lines show their heat, which grows old when the text changes", { timeout: TEST_TIMEOUT }, async () => {
    const editor = await vscode.openFile("fashion.nnasm");
    await vscode.command("NNASM: Profile Program");
    await vscode.webview().getByRole("rowheader", { name: "conv1", exact: true }).waitFor();
    await vscode.webview().getByRole("button", { name: "Show heat" }).click();
    await vscode.statusBarItem("CU cycles").waitFor();
    const lens = editor.locator(".codelens-decoration", { hasText: /conv1: [\d,]+ NU cycles .*bound by/ });
    await windows.inThemes("heat");
    await editor.click();
    const source = (await readFile(path.join(folder, "fashion.nnasm"), "utf8")).split("\n");
    const marker = source.findIndex((text) => /^\s*\.layer.*conv1/.test(text)) + 1;
    await vscode.goToLine(marker);
    await lens.waitFor();
    await vscode.screenshot("heat-lens");
    await vscode.statusBarItem("CU cycles").click();
    await vscode.choose("CU stalls");
    await vscode.statusBarItem("CU stalls").waitFor();
    // The list has taken the focus from the editor.
    await vscode.goToLine(marker);
    await vscode.page.keyboard.press("End");
    await vscode.page.keyboard.type(" ");
    await vscode.statusBarItem("CU stalls (old)").waitFor();
    await editor.locator(".codelens-decoration", { hasText: /before the changes: conv1/ }).waitFor();
    await vscode.screenshot("heat-old");
    await vscode.command("NNASM: Clear Heat");
    await lens.waitFor({ state: "detached" });
  });
});
