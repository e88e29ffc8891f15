import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { buildAll } from "../../scripts/build.ts";
import { launchChromium } from "../../scripts/vscode/browser.ts";
import { fetchServedVsCode, repositoryRoot } from "../../scripts/vscode/fetch.ts";
import { QUIET_SETTINGS, type ServedVsCode, serveVsCode } from "../../scripts/vscode/serve.ts";
import { EXTERNALS, findExternal } from "../tools/index.ts";
import { Workbench } from "./workbench.ts";

/** One server and one browser for a whole suite, and folders that tests may write to. */
export class Session {
  private readonly serverMain: string;
  private readonly server: ServedVsCode;
  private readonly browser: Browser;
  private readonly scratch: string;

  private constructor(serverMain: string, server: ServedVsCode, browser: Browser, scratch: string) {
    this.serverMain = serverMain;
    this.server = server;
    this.browser = browser;
    this.scratch = scratch;
  }

  static async start(): Promise<Session> {
    const executable = findExternal(EXTERNALS.chromium);
    if (executable === undefined) throw new Error("chromium is not installed");
    await buildAll();
    const serverMain = await fetchServedVsCode(console.log);
    const scratch = await mkdtemp(path.join(tmpdir(), "nnasm-e2e-"));
    const server = await serveVsCode({
      serverMain,
      settings: {
        ...QUIET_SETTINGS,
        "files.autoSave": "off",
        "editor.hover.delay": 100,
        "workbench.reduceMotion": "on",
        // Text in the page instead of pixels on a canvas, so that tests can read it.
        "terminal.integrated.gpuAcceleration": "off",
      },
      autoShutdown: true,
    });
    try {
      return new Session(serverMain, server, await launchChromium(executable), scratch);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    await rm(this.scratch, { recursive: true, force: true, maxRetries: 5 });
  }

  /**
   * Copies a folder of test-fixtures, so that tests can change it.
   * @returns the copy's absolute path.
   */
  async workspace(fixture: string): Promise<string> {
    const copy = path.join(await mkdtemp(path.join(this.scratch, "w-")), path.basename(fixture));
    await mkdir(copy, { recursive: true });
    await cp(path.join(repositoryRoot, "test-fixtures", fixture), copy, { recursive: true });
    return copy;
  }

  /** Installs a .vsix into the server, as a user does. */
  async install(vsix: string): Promise<void> {
    const args = [this.serverMain, "--install-extension", vsix, "--server-data-dir", this.server.dataDir];
    const { stdout } = await promisify(execFile)(process.execPath, [...args, "--accept-server-license-terms"]);
    if (!stdout.includes("was successfully installed")) throw new Error(`${vsix} was not installed:\n${stdout}`);
  }

  /** A path that nothing has yet, for files that a test makes. */
  scratchFile(name: string): string {
    return path.join(this.scratch, name);
  }

  /** Opens a window on a folder, by default with the extension from the sources. */
  async open(folder: string, { installed = false } = {}): Promise<Workbench> {
    const development = installed ? {} : { extensionDevelopmentPath: path.join(repositoryRoot, "client") };
    return Workbench.open(this.browser, this.server.address({ folder, ...development }));
  }
}
