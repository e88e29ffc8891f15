/** The extension's side of panels that show one piece of data: it is posted to the page, which links back to sources. */
import * as path from "node:path";
import * as vscode from "vscode";
import { parseFromDataPage, type SourceLink, type ToDataPage } from "./data-messages.ts";
import { pageHtml } from "./page-html.ts";

export interface DataPanelKind {
  readonly viewType: string;
  readonly title: string;
  /** Names of script and style in dist/webview. */
  readonly page: string;
}

/** One panel per window; a new piece of data takes the place of the one before. */
export class DataPanel<Data> implements vscode.Disposable {
  private readonly extensionUri: vscode.Uri;
  private readonly kind: DataPanelKind;
  private panel: vscode.WebviewPanel | undefined;
  private data: Data | undefined;
  /** Folder that relative file names belong to. */
  private folder = "";

  constructor(extensionUri: vscode.Uri, kind: DataPanelKind) {
    this.extensionUri = extensionUri;
    this.kind = kind;
  }

  dispose(): void {
    this.panel?.dispose();
  }

  show(data: Data, folder: string): void {
    this.data = data;
    this.folder = folder;
    if (this.panel) {
      this.panel.reveal(undefined, true);
      this.send();
      return;
    }
    const webviews = vscode.Uri.joinPath(this.extensionUri, "dist", "webview");
    const panel = vscode.window.createWebviewPanel(
      this.kind.viewType,
      this.kind.title,
      { viewColumn: vscode.ViewColumn.Active, preserveFocus: false },
      { enableScripts: true, localResourceRoots: [webviews] },
    );
    this.panel = panel;
    panel.onDidDispose(() => {
      this.panel = undefined;
    });
    panel.webview.onDidReceiveMessage((raw: unknown) => {
      const message = parseFromDataPage(raw);
      // A hidden panel loses its page; the page asks again when it is back.
      if (message?.type === "ready") this.send();
      if (message?.type === "open") void this.open(message.places);
    });
    panel.webview.html = pageHtml(panel.webview, webviews, this.kind.page, this.kind.title);
  }

  private send(): void {
    if (this.data === undefined) return;
    const message: ToDataPage<Data> = { type: "data", data: this.data };
    void this.panel?.webview.postMessage(message);
  }

  /** Opens places, each in a column of its own, so that two stand side by side. */
  private async open(places: readonly SourceLink[]): Promise<void> {
    for (const [index, { file, line }] of places.entries()) {
      const position = new vscode.Position(line - 1, 0);
      try {
        await vscode.window.showTextDocument(vscode.Uri.file(path.resolve(this.folder, file)), {
          viewColumn: index === 0 ? vscode.ViewColumn.One : vscode.ViewColumn.Two,
          preview: false,
          selection: new vscode.Range(position, position),
        });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        void vscode.window.showErrorMessage(`${file} can't be opened: ${reason}`);
      }
    }
  }
}
