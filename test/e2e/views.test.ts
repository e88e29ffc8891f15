/** The tensor view and the memory view in the real VS Code, on the sample network. */
import type { FrameLocator } from "playwright-core";
import { beforeEach, expect, test } from "vitest";
import { describeWith, EXTERNALS } from "../tools/index.ts";
import { TEST_TIMEOUT, WAIT, Windows } from "./windows.ts";
import type { Workbench } from "./workbench.ts";

/** The first `nu.maxpool`: the convolution before it has been issued. */
const POOL_LINE = 106;
const WAITING_LINE = 145;
/** Between the end of the first convolution and the end of the pooling. */
const BEHIND_CONV1 = 10_500;

describeWith(EXTERNALS.chromium, "views of the debugger", () => {
  const windows = new Windows();
  let vscode: Workbench;

  beforeEach(async () => {
    ({ vscode } = await windows.open("fashion-mnist"));
  }, TEST_TIMEOUT);

  /** Stops where the output of conv1 is complete. */
  async function stopBehindConv1(): Promise<void> {
    await vscode.openFile("fashion.nnasm");
    await vscode.setBreakpoint(POOL_LINE);
    await vscode.page.keyboard.press("F5");
    await vscode.stoppedAt("fashion.nnasm", POOL_LINE);
    await goToCycle(BEHIND_CONV1);
    // Where the control unit waits until the queue of the neural unit has room.
    await vscode.stoppedAt("fashion.nnasm", WAITING_LINE);
  }

  async function goToCycle(cycle: number): Promise<void> {
    await vscode.commandWithAnswer("NNASM Debug: Go to Cycle...", "Go to Cycle", String(cycle));
  }

  const inThemes = (name: string): Promise<void> =>
    windows.inThemes(name, (body) => vscode.webview().locator(body).waitFor());

  const said = (panel: FrameLocator) => panel.locator(".said");

  test(
    "tensor view: the output of conv1, its difference to an earlier cycle, a change in the past",
    async () => {
      await stopBehindConv1();
      await vscode.commandWithAnswer("NNASM Debug: Show Tensor", "Show Tensor", "conv1_out");
      const panel = vscode.webview();
      await panel.getByText(/int8 1x28x28x16 nhwc/).waitFor();
      await panel.getByRole("option", { name: "c 3", exact: true }).click();
      await panel.getByRole("row", { name: /^elements 12,544$/ }).waitFor();
      // ReLU: nothing is below the zero point, and the image isn't empty.
      await panel.getByRole("row", { name: /^smallest -128$/ }).waitFor();
      const surface = panel.getByRole("application");
      await surface.focus();
      for (let step = 0; step < 8; step++) await vscode.page.keyboard.press("+");
      for (const key of ["ArrowRight", "ArrowRight", "ArrowDown"]) await vscode.page.keyboard.press(key);
      await expect.poll(() => said(panel).textContent(), WAIT).toMatch(/n 0, h 1, w 1, c 3: -?\d+/);
      await inThemes("tensor");

      await panel.getByRole("button", { name: "Fit" }).click();
      await panel.getByLabel("Difference with").selectOption("cycle");
      await panel.getByLabel("Cycle to compare with").fill("3000");
      await vscode.page.keyboard.press("Tab");
      await panel.getByText("The difference").waitFor();
      // At that cycle the memory held zeros: the values are all different from them, or zero themselves.
      await panel.getByRole("row", { name: /^smallest -128$/ }).waitFor();
      await inThemes("tensor-difference");

      await panel.getByLabel("Difference with").selectOption("nothing");
      await goToCycle(BEHIND_CONV1 - 100);
      await panel.getByText("a change here begins a new future").waitFor();
      await panel.getByRole("textbox", { name: "Value", exact: true }).fill("77");
      await panel.getByRole("button", { name: "Change", exact: true }).click();
      await expect.poll(() => said(panel).textContent(), WAIT).toContain("conv1_out[0,1,1,3] is 77 now. A new future");
      await vscode.screenshot("tensor-edited");
      await vscode.command("NNASM Debug: One Cycle On");
      await expect.poll(() => panel.getByRole("textbox", { name: "Value", exact: true }).inputValue(), WAIT).toBe("77");
      await panel.getByText("a change here begins a new future").waitFor({ state: "detached" });
    },
    TEST_TIMEOUT,
  );

  test(
    "memory view: follows a register, marks what has changed and who did it, breaks on a tensor",
    async () => {
      await stopBehindConv1();
      await vscode.command("NNASM Debug: Show Memory");
      const panel = vscode.webview();
      await panel.getByLabel("Go to").fill("s1");
      await panel.getByLabel("Follow at each stop").check();
      await panel.getByRole("heading", { name: /results/ }).waitFor();

      await panel.getByLabel("Go to").fill("conv1_out");
      await panel.getByRole("button", { name: "Go", exact: true }).click();
      await panel.getByRole("heading", { name: /conv1_out/ }).waitFor();
      await panel.getByText(/last written by nu\.conv conv1_out .* in cycle 10,2\d\d/).waitFor();
      expect(await panel.locator(".cell.changed").count()).toBeGreaterThan(20);
      await panel.getByLabel("As").selectOption("int8");
      await inThemes("memory");

      await panel.getByRole("textbox", { name: "Search" }).fill("-128, -128");
      await panel.getByLabel("What is searched for").selectOption("int8");
      await panel.getByRole("button", { name: "Next" }).click();
      await panel.getByText(/^Found at 1000/).waitFor();

      // 16 bytes of the pooling's output: the next stop is where it is written.
      await panel.getByLabel("Go to").fill("pool1_out");
      await panel.getByRole("button", { name: "Go", exact: true }).click();
      await panel.getByRole("heading", { name: /pool1_out/ }).waitFor();
      await panel.getByRole("grid").focus();
      await vscode.page.keyboard.press("Shift+End");
      await panel.getByRole("button", { name: "Add Data Breakpoint" }).click();
      await panel.getByRole("list", { name: "Data breakpoints" }).getByText("pool1_out").waitFor();
      await panel.getByRole("button", { name: "Bookmark" }).click();
      await vscode.page.keyboard.press("F5");
      await vscode.page
        .getByText(/pool1_out.* was written by nu\.maxpool/)
        .first()
        .waitFor();
      await panel.getByText(/last written by nu\.maxpool pool1_out/).waitFor();
      await vscode.screenshot("memory-breakpoint");

      // What is typed in the grid is a value to write.
      await panel.getByRole("grid").focus();
      await vscode.page.keyboard.press("Home");
      await vscode.page.keyboard.press("5");
      // The field of the value takes the focus with the first digit.
      await panel.locator("input:focus").press("Enter");
      await expect.poll(() => panel.getByRole("gridcell", { name: /: 5(,|$)/ }).count(), WAIT).toBeGreaterThan(0);
    },
    TEST_TIMEOUT,
  );
});
