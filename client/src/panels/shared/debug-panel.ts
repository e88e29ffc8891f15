/** The extension's side of panels over a debug session: hands requests on and tells when something has changed. */
import * as vscode from "vscode";
import { parseFromPage, type SessionState, type ToPage } from "./debug-messages.ts";
import { pageHtml } from "./page-html.ts";

export interface PanelKind {
  readonly viewType: string;
  /** Names of script and style in dist/webview. */
  readonly page: string;
  title(expression: string): string;
  /** Requests that the page may ask for. */
  readonly requests: ReadonlySet<string>;
  /** One panel for each expression; otherwise one for all. */
  readonly isMany: boolean;
}

interface Panel {
  readonly panel: vscode.WebviewPanel;
  expression: string;
}

/** All panels of a kind. They follow the debug session that is looked at. */
export class DebugPanels implements vscode.Disposable {
  private readonly extensionUri: vscode.Uri;
  private readonly kind: PanelKind;
  private readonly sessions: DebugSessions;
  private readonly panels: Panel[] = [];
  private readonly subscription: vscode.Disposable;

  constructor(extensionUri: vscode.Uri, kind: PanelKind, sessions: DebugSessions) {
    this.extensionUri = extensionUri;
    this.kind = kind;
    this.sessions = sessions;
    this.subscription = sessions.onChange(() => {
      for (const { panel } of this.panels) this.tell(panel);
    });
  }

  dispose(): void {
    this.subscription.dispose();
    for (const { panel } of [...this.panels]) panel.dispose();
  }

  /** Shows the panel of an expression, a new one where there is none. */
  show(expression: string): void {
    const { kind, panels } = this;
    const open = kind.isMany ? panels.find((one) => one.expression === expression) : panels[0];
    if (open) {
      open.expression = expression;
      open.panel.reveal(undefined, true);
      if (expression !== "") void this.post(open.panel, { type: "show", expression });
      return;
    }
    const folder = vscode.Uri.joinPath(this.extensionUri, "dist", "webview");
    const panel = vscode.window.createWebviewPanel(
      kind.viewType,
      kind.title(expression),
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, localResourceRoots: [folder] },
    );
    const entry: Panel = { panel, expression };
    panels.push(entry);
    panel.onDidDispose(() => panels.splice(panels.indexOf(entry), 1));
    panel.webview.onDidReceiveMessage((message: unknown) => void this.receive(entry, message));
    panel.webview.html = pageHtml(panel.webview, folder, kind.page, kind.title(""));
  }

  private post(panel: vscode.WebviewPanel, message: ToPage): Thenable<boolean> {
    return panel.webview.postMessage(message);
  }

  private tell(panel: vscode.WebviewPanel): void {
    const { state, session } = this.sessions;
    void this.post(panel, { type: "session", state, id: session?.id ?? "" });
  }

  private async receive(entry: Panel, raw: unknown): Promise<void> {
    const { panel } = entry;
    const message = parseFromPage(raw, this.kind.requests);
    if (message?.type === "ready") {
      if (entry.expression !== "") void this.post(panel, { type: "show", expression: entry.expression });
      this.tell(panel);
    } else if (message?.type === "ask") {
      const { id } = message;
      try {
        const { session } = this.sessions;
        if (!session) throw new Error("No NNASM program is being debugged: start one with F5.");
        const body: unknown = await session.customRequest(message.request, message.arguments);
        await this.post(panel, { type: "answer", id, body });
      } catch (error) {
        await this.post(panel, {
          type: "refused",
          id,
          message: error instanceof Error ? error.message : String(error),
        });
      }
    } else if (message?.type === "file") {
      const chosen = await vscode.window.showOpenDialog({
        title: "Compare with a File",
        filters: { Tensors: ["npy", "bin", "raw", "dat"], All: ["*"] },
      });
      await this.post(panel, { type: "answer", id: message.id, body: chosen?.[0]?.fsPath });
    } else if (message?.type === "open") await open(message.file, message.line);
  }
}

async function open(file: string, line: number): Promise<void> {
  const position = new vscode.Position(line - 1, 0);
  await vscode.window.showTextDocument(vscode.Uri.file(file), {
    viewColumn: vscode.ViewColumn.One,
    selection: new vscode.Range(position, position),
  });
}

/** The NNASM session that is looked at, and whether it stands. */
export class DebugSessions implements vscode.Disposable {
  private readonly states = new Map<string, SessionState>();
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onChange = this.changes.event;
  private readonly subscription: vscode.Disposable;

  constructor() {
    const changed = (): void => this.changes.fire();
    this.subscription = vscode.Disposable.from(
      vscode.debug.onDidChangeActiveDebugSession(changed),
      vscode.debug.onDidTerminateDebugSession(({ id }) => {
        this.states.delete(id);
        changed();
      }),
      vscode.debug.registerDebugAdapterTrackerFactory("nnasm", {
        createDebugAdapterTracker: ({ id }) => ({ onDidSendMessage: (message: unknown) => this.heard(id, message) }),
      }),
    );
  }

  dispose(): void {
    this.subscription.dispose();
    this.changes.dispose();
  }

  get session(): vscode.DebugSession | undefined {
    const session = vscode.debug.activeDebugSession;
    return session?.type === "nnasm" ? session : undefined;
  }

  get state(): SessionState {
    const { session } = this;
    return session === undefined ? "none" : (this.states.get(session.id) ?? "running");
  }

  private heard(id: string, message: unknown): void {
    const { type, event, command, success } = message as Readonly<Record<string, unknown>>;
    const known = this.states.get(id);
    if (type === "event") {
      if (event === "stopped") this.states.set(id, "stopped");
      else if (event === "continued") this.states.set(id, "running");
      else if (event !== "memory" && event !== "invalidated") return;
    } else if (success === true && RUNNING.has(String(command))) this.states.set(id, "running");
    else return;
    // What is told by a session that has begun to run is told again where it stops.
    if (known === this.states.get(id) && known === "running") return;
    this.changes.fire();
  }
}

/** Answers to these mean that the machine has begun to move. */
const RUNNING: ReadonlySet<string> = new Set([
  ...["continue", "next", "stepIn", "stepOut", "stepBack", "reverseContinue", "restartFrame", "restart", "goto"],
  ...["nnasm/step", "nnasm/stepBack", "nnasm/stepBackInto", "nnasm/stepBackOut", "nnasm/runTo", "nnasm/goToCycle"],
]);
