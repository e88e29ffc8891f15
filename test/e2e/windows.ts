/** What the browser tests share: VS Code served for all tests of a file, a window of its own for each of them, and kinds of themes. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import { Session } from "./session.ts";
import { PATIENCE, type Workbench } from "./workbench.ts";

/** Of a test, and of what is done before and behind it. */
export const TEST_TIMEOUT = 300_000;
/** The first run of all also fetches VS Code. */
const START_TIMEOUT = 600_000;
export const WAIT = { timeout: PATIENCE, interval: 200 };

/** Names of a theme of each kind; what the window is called in it, and a panel's page. The usual one is the last. */
const THEMES = {
  light: { label: "Default Light Modern", workbench: "vs", page: "vscode-light" },
  contrast: { label: "Default High Contrast", workbench: "hc-black", page: "vscode-high-contrast" },
  dark: { label: "Default Dark Modern", workbench: "vs-dark", page: "vscode-dark" },
} as const;

export interface TestWindow {
  /** A copy of a fixture, which the test may change. */
  readonly folder: string;
  readonly vscode: Workbench;
}

/** For a `describe`: it registers what starts and ends with it, and what ends a test's window. */
export class Windows {
  private served: Session | undefined;
  private opened: TestWindow | undefined;

  constructor() {
    beforeAll(async () => {
      this.served = await Session.start();
    }, START_TIMEOUT);
    afterAll(() => this.served?.stop(), TEST_TIMEOUT);
    afterEach(async ({ task }) => {
      const { opened } = this;
      this.opened = undefined;
      if (task.result?.state === "fail") await opened?.vscode.screenshot(`failed-${task.name}`);
      await opened?.vscode.close();
    }, TEST_TIMEOUT);
  }

  get session(): Session {
    if (!this.served) throw new Error("VS Code is served when tests begin");
    return this.served;
  }

  /** Opens the window of a test on a copy of a fixture. @param prepare puts more into the copy */
  async open(fixture: string, prepare?: (folder: string) => Promise<void>): Promise<TestWindow> {
    const folder = await this.session.workspace(fixture);
    await prepare?.(folder);
    this.opened = { folder, vscode: await this.session.open(folder) };
    return this.opened;
  }

  /**
   * Keeps the window in all kinds of themes; ends in the dark one.
   * @param look waits, and does, what belongs in front of each picture; `body` selects a panel's page that has the theme
   */
  async inThemes(name: string, look?: (body: string, kind: string) => Promise<void>): Promise<void> {
    if (!this.opened) throw new Error("no window is open");
    const { folder, vscode } = this.opened;
    await mkdir(path.join(folder, ".vscode"), { recursive: true });
    for (const [kind, { label, workbench, page }] of Object.entries(THEMES)) {
      // VS Code follows its settings at once, whatever else is open.
      const settings = { "workbench.colorTheme": label, "window.autoDetectHighContrast": false };
      await writeFile(path.join(folder, ".vscode", "settings.json"), JSON.stringify(settings));
      await vscode.page.locator(`.monaco-workbench.${workbench}`).waitFor();
      await look?.(`body.${page}`, kind);
      await vscode.screenshot(`${name}-${kind}`);
    }
  }
}
