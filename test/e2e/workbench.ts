import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Browser, FrameLocator, Locator, Page } from "playwright-core";
import { repositoryRoot } from "../../scripts/vscode/fetch.ts";

/** Waits are on conditions; this is how long a condition may take on a machine of two busy cores. */
export const PATIENCE = 60_000;

const artifacts = path.join(repositoryRoot, "artifacts");

/** A window of VS Code, used through what a person sees and presses. */
export class Workbench {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(browser: Browser, address: string): Promise<Workbench> {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, reducedMotion: "reduce" });
    page.setDefaultTimeout(PATIENCE);
    await page.goto(address);
    await page.locator(".monaco-workbench").waitFor();
    return new Workbench(page);
  }

  async close(): Promise<void> {
    await this.page.close();
  }

  /** Keeps what the window shows in artifacts/NAME.png. */
  async screenshot(name: string): Promise<void> {
    await mkdir(artifacts, { recursive: true });
    await this.page.screenshot({ path: path.join(artifacts, `${name}.png`) });
  }

  /** Runs a command by its title in the command palette. */
  async command(title: string): Promise<void> {
    await this.quickInput("F1", `>${title}`);
    await this.pick(title);
  }

  /**
   * Opens a file of the workspace's folder by its name in the explorer. (Quick open needs ripgrep, a binary that the served
   * VS Code has not.)
   */
  async openFile(name: string): Promise<Locator> {
    const row = this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).first();
    await row.waitFor();
    await row.dblclick();
    const editor = this.editor(name);
    await editor.locator(".view-line").first().waitFor();
    return editor;
  }

  /** Shows a line, counted from one, of the active editor and puts the cursor there. */
  async goToLine(line: number): Promise<void> {
    await this.quickInput("Control+G", `:${line}`);
    await this.page.keyboard.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }

  /** The editor that shows a file. */
  editor(name: string): Locator {
    return this.page.locator(`.editor-instance .monaco-editor[data-uri$="/${name}"]`).first();
  }

  /** The row of a tree or list that shows the text. */
  row(text: string | RegExp): Locator {
    return this.page.locator(".monaco-list-row", { hasText: text }).first();
  }

  /** The page inside a webview panel. */
  webview(): FrameLocator {
    return this.page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  }

  /** A row of the Variables view: `name` as it stands there. */
  variable(name: string): Locator {
    return this.page
      .locator(".debug-variables .monaco-list-row")
      .filter({ has: this.page.locator(".name", { hasText: new RegExp(`^${name}\\s*[:=]?\\s*$`) }) })
      .first();
  }

  /** Waits until the program is stopped at a line of a file, as the Call Stack view shows it. */
  async stoppedAt(file: string, line: number): Promise<void> {
    await this.page
      .locator(".debug-call-stack .monaco-list-row.selected, .debug-call-stack .monaco-list-row.focused")
      .filter({ hasText: file })
      .filter({ has: this.page.locator(".line-number", { hasText: new RegExp(`^${line}:`) }) })
      .first()
      .waitFor();
  }

  /** Waits until no program runs any more. */
  async debuggingEnded(): Promise<void> {
    await this.page.locator(".debug-toolbar").waitFor({ state: "hidden" });
  }

  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator(".statusbar-item", { hasText: text }).first();
  }

  /** Chooses an entry of the list that is open at the top of the window. */
  async choose(text: string): Promise<void> {
    await this.pick(text);
  }

  /** Answers the question that is open at the top of the window. */
  async answer(text: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input").first();
    await input.waitFor();
    await input.fill(text);
    await input.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }

  private async quickInput(key: string, text: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input").first();
    // A key pressed while the workbench is still starting is lost: press again until the input is there.
    for (let attempt = 0; ; attempt++) {
      await this.page.keyboard.press(key);
      try {
        await input.waitFor({ timeout: 5000 });
        break;
      } catch (error) {
        if (attempt === 10) throw error;
      }
    }
    await input.fill(text);
  }

  private async pick(title: string): Promise<void> {
    const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
    await row.waitFor();
    await row.click();
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }
}
