import * as path from "node:path";
import * as vscode from "vscode";
import { pageHtml } from "../shared/page-html.ts";
import { exportProfile, readProfileFile } from "./files.ts";
import { parseToExtension, type ToWebview } from "./messages.ts";
import { adviceIn, parseProfile } from "./model.ts";
import { nameOf, openSource, type ProfileStore, programOf, type StoredProfile } from "./store.ts";

/** The profile panel: one per window, showing the latest profile. */
export class ProfilePanel implements vscode.Disposable {
  private readonly extensionUri: vscode.Uri;
  private readonly store: ProfileStore;
  private panel: vscode.WebviewPanel | undefined;
  /** The session whose profile was shown last. */
  private told: { readonly session: string; readonly stored: StoredProfile } | undefined;

  constructor(extensionUri: vscode.Uri, store: ProfileStore) {
    this.extensionUri = extensionUri;
    this.store = store;
  }

  dispose(): void {
    this.panel?.dispose();
  }

  /**
   * Shows the body of an adapter's `nnasm/profile` event or answer. One that only adds to the profile that the session has told
   * before (`update`) opens nothing: the panel may have been closed, or show another program meanwhile.
   */
  show(body: unknown, session: vscode.DebugSession): void {
    const profile = parseProfile(body);
    if (typeof profile === "string") {
      void vscode.window.showErrorMessage(`The debug adapter sent no readable profile: ${profile}`);
      return;
    }
    const { program, cwd } = session.configuration;
    const named = typeof program === "string";
    const folder = named
      ? vscode.Uri.file(path.dirname(path.resolve(typeof cwd === "string" ? cwd : "", program)))
      : undefined;
    const advice = adviceIn(body);
    const isUpdate = typeof body === "object" && body !== null && "update" in body && body.update === true;
    if (isUpdate && (this.told?.session !== session.id || this.told.stored !== this.store.latest)) return;
    const stored = { profile, program: named ? path.basename(program) : session.name, folder, advice };
    this.told = { session: session.id, stored };
    this.store.set(stored);
    if (isUpdate) this.send();
    else this.reveal();
  }

  /** Shows a file of `nnasm profile --json`; asks for it when none is given. */
  async open(file?: vscode.Uri): Promise<void> {
    const stored = await readProfileFile(file);
    if (!stored) return;
    this.store.set(stored);
    this.reveal();
  }

  /** Shows the running program's profile so far, else the latest one. */
  async showLatest(): Promise<void> {
    const session = vscode.debug.activeDebugSession;
    if (session?.type === "nnasm") {
      let missing = "profile";
      try {
        this.show(await session.customRequest("nnasm/profile"), session);
        missing = "advice";
        // All advice takes the time of another run; the adapter shows how far that is.
        const body: object = await session.customRequest("nnasm/profile", { advice: true });
        this.show({ ...body, update: true }, session);
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        void vscode.window.showWarningMessage(`The running program gave no ${missing}: ${reason}`);
        if (missing === "advice") return;
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
    panel.webview.html = pageHtml(panel.webview, this.webviewFolder(), "profile", "NNASM Profile");
  }

  private webviewFolder(): vscode.Uri {
    return vscode.Uri.joinPath(this.extensionUri, "dist", "webview");
  }

  private send(): void {
    const { latest } = this.store;
    const message: ToWebview = latest
      ? { type: "profile", program: nameOf(latest), profile: latest.profile, advice: latest.advice }
      : { type: "empty" };
    void this.panel?.webview.postMessage(message);
  }

  private receive(raw: unknown): void {
    const message = parseToExtension(raw);
    // A hidden panel loses its page; the page asks again when it is back.
    if (message?.type === "ready") this.send();
    if (message?.type === "heat") void vscode.commands.executeCommand("nnasm.heat.show");
    const { latest } = this.store;
    if (!latest) return;
    if (message?.type === "memory") void vscode.commands.executeCommand("nnasm.trace.memory", programOf(latest));
    if (message?.type === "open") void openSource(message.file, message.line, latest);
    if (message?.type === "export") void exportProfile(latest, message.form);
  }
}
