import { randomBytes } from "node:crypto";
import * as path from "node:path";
import * as vscode from "vscode";
import { type ProfileView, parseToExtension, type ToWebview } from "./messages.ts";
import { parseProfile, toProfileView } from "./model.ts";

/** The profile panel: one per window, showing the latest profile. */
export class ProfilePanel implements vscode.Disposable {
  private readonly extensionUri: vscode.Uri;
  private panel: vscode.WebviewPanel | undefined;
  private latest: ProfileView | undefined;
  /** Folder that relative file names of the latest profile belong to. */
  private baseFolder: vscode.Uri | undefined;

  constructor(extensionUri: vscode.Uri) {
    this.extensionUri = extensionUri;
  }

  dispose(): void {
    this.panel?.dispose();
  }

  /** Shows the body of an adapter's `nnasm/profile` event or answer. */
  show(body: unknown, session: vscode.DebugSession): void {
    const profile = parseProfile(body);
    if (typeof profile === "string") {
      void vscode.window.showErrorMessage(`The debug adapter sent no readable profile: ${profile}`);
      return;
    }
    const { program, cwd } = session.configuration;
    const named = typeof program === "string";
    this.baseFolder = named
      ? vscode.Uri.file(path.dirname(path.resolve(typeof cwd === "string" ? cwd : "", program)))
      : undefined;
    this.latest = toProfileView(profile, named ? path.basename(program) : session.name);
    this.reveal();
  }

  /** Shows the running program's profile so far, else the latest one. */
  async showLatest(): Promise<void> {
    const session = vscode.debug.activeDebugSession;
    if (session?.type === "nnasm") {
      try {
        this.show(await session.customRequest("nnasm/profile"), session);
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        void vscode.window.showWarningMessage(`The running program gave no profile: ${reason}`);
      }
    }
    this.reveal();
  }

  private reveal(): void {
    if (this.panel !== undefined) {
      this.panel.reveal(undefined, true);
      this.send();
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      "nnasm.profile",
      "NNASM Profile",
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, localResourceRoots: [this.webviewFolder()] },
    );
    this.panel = panel;
    panel.onDidDispose(() => {
      this.panel = undefined;
    });
    panel.webview.onDidReceiveMessage((message: unknown) => this.receive(message));
    panel.webview.html = html(panel.webview, this.webviewFolder());
  }

  private webviewFolder(): vscode.Uri {
    return vscode.Uri.joinPath(this.extensionUri, "dist", "webview");
  }

  private send(): void {
    const message: ToWebview =
      this.latest === undefined ? { type: "empty" } : { type: "profile", profile: this.latest };
    void this.panel?.webview.postMessage(message);
  }

  private receive(raw: unknown): void {
    const message = parseToExtension(raw);
    // A hidden panel loses its page; the page asks again when it is back.
    if (message?.type === "ready") this.send();
    if (message?.type === "open") void this.open(message.file, message.line);
  }

  private async open(file: string, line: number): Promise<void> {
    const uri =
      path.isAbsolute(file) || this.baseFolder === undefined
        ? vscode.Uri.file(file)
        : vscode.Uri.joinPath(this.baseFolder, file);
    const position = new vscode.Position(line - 1, 0);
    try {
      await vscode.window.showTextDocument(uri, {
        viewColumn: vscode.ViewColumn.One,
        selection: new vscode.Range(position, position),
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      await vscode.window.showErrorMessage(`${file} can't be opened: ${reason}`);
    }
  }
}

function html(webview: vscode.Webview, folder: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64url");
  const address = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${address("profile.css")}">
<title>NNASM Profile</title>
</head>
<body>
<main id="root"></main>
<script nonce="${nonce}" src="${address("profile.js")}"></script>
</body>
</html>`;
}
