/** Runs the command line that comes with the extension and takes what it prints as JSON. For the extension, not for webviews. */
import { spawn } from "node:child_process";
import * as vscode from "vscode";

export class CommandLine {
  private readonly script: string;

  constructor(extensionUri: vscode.Uri) {
    this.script = vscode.Uri.joinPath(extensionUri, "dist", "engine", "cli.mjs").fsPath;
  }

  /**
   * Shows the command as a notification with a button that ends it.
   * @returns what it printed; undefined when the user has ended it
   * @throws Error with the command's words by the promise
   */
  runJson(title: string, args: readonly string[], folder: string): Thenable<unknown> {
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    return vscode.window.withProgress(options, (progress, token) => this.run(args, folder, progress, token));
  }

  private run(
    args: readonly string[],
    folder: string,
    progress: vscode.Progress<{ message?: string }>,
    token: vscode.CancellationToken,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [this.script, ...args, "--json"], {
        cwd: folder,
        // On the desktop process.execPath is Electron, which this variable turns into a plain Node.
        env: { ...process.env, ELECTRON_RUN_AS_NODE: "1", NO_COLOR: "1" },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let printed = "";
      let said = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const last = said.trimEnd().split("\n").at(-1);
        if (last !== undefined) progress.report({ message: last });
      });
      token.onCancellationRequested(() => child.kill());
      child.once("error", reject);
      child.once("close", () => {
        if (token.isCancellationRequested) resolve(undefined);
        else {
          try {
            const value = JSON.parse(printed) as { ok?: unknown };
            if (value.ok === false) reject(new Error(said.trim()));
            else resolve(value);
          } catch {
            reject(new Error(said.trim() || "the command printed nothing"));
          }
        }
      });
    });
  }
}
