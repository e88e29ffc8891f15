import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Browser, FrameLocator, Locator, Page } from "playwright-core";
import { repositoryRoot } from "../../scripts/vscode/fetch.ts";

/** Waits are on conditions; this is how long a condition may take on a machine of two busy cores. */
export const PATIENCE = 60_000;
/** One try of what is tried again until patience ends. */
const ATTEMPT = 3000;

const artifacts = path.join(repositoryRoot, "artifacts");

/** A window of VS Code, used through what a person sees and presses. */
export class Workbench {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(browser: Browser, address: string): Promise<Workbench> {
    const page = await browser.newPage({ viewport: { width: 1500, height: 1000 }, reducedMotion: "reduce" });
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
    const file = name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
    await this.page.screenshot({ path: path.join(artifacts, `${file}.png`) });
  }

  /** Runs a command by its title in the command palette. */
  async command(title: string): Promise<void> {
    await this.inPalette(title);
    await this.pick(title);
  }

  /**
   * Runs a command that asks for more at the top of the window, and answers.
   * @param question text of the question's title bar or of its empty field
   */
  async commandWithAnswer(title: string, question: string, answer: string): Promise<void> {
    const widget = this.page.locator(".quick-input-widget");
    const asked = widget
      .locator(".quick-input-titlebar", { hasText: question })
      .or(widget.locator(`input[placeholder*="${question}"]`))
      .first();
    await this.until(async () => {
      const row = await this.inPalette(title);
      await row.click({ timeout: 5000 });
      await asked.waitFor({ timeout: 10_000 });
    });
    await this.answer(answer);
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
    // Keys go to the editor only once it has the focus back.
    await this.page.locator(".monaco-editor.focused").first().waitFor();
  }

  /** Sets a breakpoint at a line of the active editor that has none. */
  async setBreakpoint(line: number): Promise<void> {
    await this.goToLine(line);
    const breakpoint = this.page.locator(".codicon-debug-breakpoint").first();
    await this.until(async () => {
      await this.page.keyboard.press("F9");
      await breakpoint.waitFor({ timeout: 5000 });
    });
  }

  /** Sets a breakpoint with a condition at a line of the active editor that has none. */
  async setConditionalBreakpoint(line: number, condition: string): Promise<void> {
    await this.goToLine(line);
    await this.command("Debug: Add Conditional Breakpoint");
    const input = this.page.locator(".breakpoint-widget .monaco-editor").first();
    await input.click();
    await this.page.locator(".breakpoint-widget .monaco-editor.focused").first().waitFor();
    await this.page.keyboard.type(condition);
    await this.page.keyboard.press("Enter");
    await this.page.locator(".codicon-debug-breakpoint-conditional").first().waitFor();
  }

  /** Adds an expression to the Watch view. */
  async watch(expression: string): Promise<void> {
    const view = this.page.locator(".pane", { has: this.page.locator(".debug-watch") }).first();
    await view.locator(".pane-header").hover();
    await view.getByRole("button", { name: "Add Expression" }).click();
    const input = view.locator("input").first();
    await input.waitFor();
    await input.fill(expression);
    await input.press("Enter");
    await this.watched(expression).waitFor();
  }

  /** The row of the Watch view that shows an expression. */
  watched(expression: string): Locator {
    return this.page.locator(".debug-watch .monaco-list-row").filter({ hasText: expression }).first();
  }

  /** The row of a variable in the Variables view, whose scope is opened when it is closed. */
  async variable(scope: string, name: string): Promise<Locator> {
    const rows = this.page.locator(".debug-variables .monaco-list-row");
    const header = rows.filter({ hasText: new RegExp(`^${scope}`) }).first();
    const row = rows.filter({ has: this.page.locator(".name", { hasText: new RegExp(`^${name}\\b`) }) }).first();
    // The view draws itself anew, and opens the registers, when values have come: what was closed before is open then.
    await this.until(async () => {
      // Long scopes push the others out of the view, which has only what it shows.
      await this.page
        .locator(".pane", { has: this.page.locator(".debug-variables") })
        .first()
        .hover();
      await this.page.getByRole("button", { name: "Collapse All" }).first().click();
      await header.waitFor({ timeout: ATTEMPT });
      if ((await header.getAttribute("aria-expanded", { timeout: ATTEMPT })) === "false") {
        await header.click({ force: true, timeout: ATTEMPT });
      }
      await row.waitFor({ timeout: ATTEMPT });
    });
    return row;
  }

  /** Switches on an entry of the Breakpoints view, such as a kind of exceptions. */
  async switchOn(filter: string): Promise<void> {
    const row = this.page.locator(".debug-breakpoints .monaco-list-row", { hasText: filter }).first();
    await row.locator("input").check();
  }

  /** Chooses an entry of the context menu that is open. */
  async menu(text: string): Promise<void> {
    const entry = this.page.locator(".monaco-menu .action-item", { hasText: text }).first();
    await entry.waitFor();
    // A menu takes no click in the moment after it has opened.
    await this.until(async () => {
      await entry.click();
      await entry.waitFor({ state: "hidden", timeout: 2000 });
    });
  }

  /** Does something again and again until it works: for what VS Code ignores while it is still busy starting. */
  private async until(attempt: () => Promise<void>): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      try {
        await attempt();
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
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

  /**
   * Rests the pointer on something until a hover with the text appears. A hover is computed once: one that came before the
   * language server was ready has to be asked for again.
   */
  async hover(target: Locator, text: string | RegExp): Promise<Locator> {
    const hover = this.page.locator(".monaco-hover:visible", { hasText: text }).first();
    await this.until(async () => {
      // From elsewhere in the editor: a pointer that comes back to the same word from outside gets the old answer.
      await this.page
        .locator(".monaco-editor .view-line")
        .first()
        .hover({ position: { x: 5, y: 5 } });
      await target.hover();
      await hover.waitFor({ timeout: 2000 });
    });
    return hover;
  }

  /** The row of the Variables view that shows a register with a value, as in `a0 (x10) = 1`. */
  register(name: string, value: number): Locator {
    return this.page
      .locator(".debug-variables .monaco-list-row")
      .filter({ has: this.page.locator(".name", { hasText: new RegExp(`^${name} `) }) })
      .filter({ has: this.page.locator(".value", { hasText: new RegExp(`^${value}$`) }) })
      .first();
  }

  /**
   * Waits until the program is stopped at a line of a file, as the Call Stack view shows it: in the frame that is chosen, or on top of the
   * first thread. A view that draws itself anew sometimes forgets what was chosen.
   */
  async stoppedAt(file: string, line: number): Promise<void> {
    const rows = this.page.locator(".debug-call-stack .monaco-list-row");
    const chosen = this.page.locator(".debug-call-stack :is(.monaco-list-row.selected, .monaco-list-row.focused)");
    const top = rows.filter({ has: this.page.locator(".stack-frame") }).first();
    await chosen
      .or(top)
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
    // A box that opens in the place of another one puts its own text into it, perhaps after ours.
    await this.until(async () => {
      await input.fill(text, { timeout: ATTEMPT });
      await input.press("Enter", { timeout: ATTEMPT });
      await this.page.locator(".quick-input-widget").waitFor({ state: "hidden", timeout: ATTEMPT });
    });
  }

  /** Opens the command palette and waits for a command's row. */
  private async inPalette(title: string): Promise<Locator> {
    const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
    await this.until(async () => {
      await this.quickInput("F1", `>${title}`);
      try {
        await row.waitFor({ timeout: 5000 });
      } catch (error) {
        // The list is made when the palette opens: commands of an extension that was still being read are not in it.
        await this.page.keyboard.press("Escape");
        throw error;
      }
    });
    return row;
  }

  private async quickInput(key: string, text: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input").first();
    await this.until(async () => {
      await this.page.keyboard.press(key);
      await input.waitFor({ timeout: 5000 });
    });
    await input.fill(text);
  }

  private async pick(title: string): Promise<void> {
    const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
    await row.waitFor();
    await row.click();
    // The box itself may stay: what was chosen may ask for more in the same place.
    await row.waitFor({ state: "hidden" });
  }
}
