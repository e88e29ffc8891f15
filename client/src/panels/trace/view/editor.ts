/** The editor of .nntrace files. */
import type { Found, TimelineInfo } from "@nnasm/sim-core/trace";
import * as vscode from "vscode";
import { pageHtml } from "../../shared/page-html.ts";
import { WorkerClient } from "../../shared/worker.ts";
import { parseToExtension, type ToExtension, type ToWebview } from "../messages.ts";
import type { Note } from "../model/timeline-spec.ts";
import type { MachineSessions } from "./session.ts";
import { showSource, sourceLines } from "./sources.ts";

const TRACE_EDITOR = "nnasm.trace";

/** A view that can be asked for where a trace is opened. */
export type TraceView = "memory";

/** A trace that is open: a thread that has it. */
class TraceDocument implements vscode.CustomDocument {
  readonly uri: vscode.Uri;
  readonly worker: WorkerClient;
  /** Rejected with what is wrong with the file. */
  readonly info: Promise<TimelineInfo>;
  /** Where the views look: what the next execution of a line is meant from. */
  cycle = -1;

  constructor(uri: vscode.Uri, script: string) {
    this.uri = uri;
    this.worker = new WorkerClient(script);
    this.info = this.open();
    // Everybody who asks hears of it.
    this.info.catch(() => undefined);
  }

  dispose(): void {
    void this.worker.dispose();
  }

  private async open(): Promise<TimelineInfo> {
    if (this.uri.scheme === "file") return (await this.worker.ask("open", { file: this.uri.fsPath })) as TimelineInfo;
    const bytes = (await vscode.workspace.fs.readFile(this.uri)).slice();
    return (await this.worker.ask("open", { bytes }, [bytes.buffer as ArrayBuffer])) as TimelineInfo;
  }
}

interface OpenEditor {
  readonly document: TraceDocument;
  readonly panel: vscode.WebviewPanel;
}

export class TraceEditors implements vscode.CustomReadonlyEditorProvider<TraceDocument>, vscode.Disposable {
  private readonly context: vscode.ExtensionContext;
  private readonly sessions: MachineSessions;
  /** The latest last. */
  private editors: OpenEditor[] = [];
  /** Files that are opened for their heat map of memory. */
  private readonly forMemory = new Set<string>();
  private readonly registered: vscode.Disposable;

  constructor(context: vscode.ExtensionContext, sessions: MachineSessions) {
    this.context = context;
    this.sessions = sessions;
    this.registered = vscode.Disposable.from(
      vscode.window.registerCustomEditorProvider(TRACE_EDITOR, this, { supportsMultipleEditorsPerDocument: true }),
      sessions.onDidChange(() => {
        for (const editor of this.editors) void this.tellMachine(editor);
      }),
    );
  }

  dispose(): void {
    this.registered.dispose();
  }

  /**
   * Shows a trace file beside what has the focus.
   * @param view what is wanted beside the timeline
   */
  async open(file: vscode.Uri, view?: TraceView): Promise<void> {
    if (view === "memory") this.forMemory.add(file.toString());
    await vscode.commands.executeCommand("vscode.openWith", file, TRACE_EDITOR, vscode.ViewColumn.Beside);
  }

  isOpen(file: vscode.Uri): boolean {
    return this.editors.some(({ document }) => document.uri.toString() === file.toString());
  }

  /** Shows the next execution of a line, counted from one, in the trace that was looked at last. */
  async showNextExecution(file: string, line: number): Promise<void> {
    const editor = this.editors.at(-1);
    if (!editor) {
      await vscode.window.showErrorMessage("No trace is open: run NNASM: Trace Program first.");
      return;
    }
    const { document, panel } = editor;
    const ask = (cycle: number): Promise<Found | undefined> =>
      document.worker.ask("next", { file, line, cycle }) as Promise<Found | undefined>;
    const again = document.cycle >= 0;
    const found = (await ask(document.cycle)) ?? (again ? await ask(-1) : undefined);
    if (!found) {
      await vscode.window.showInformationMessage(`Line ${line} is not executed in the trace.`);
      return;
    }
    if (again && found.from <= document.cycle)
      vscode.window.setStatusBarMessage("The trace is searched from its beginning again.", 5000);
    document.cycle = found.from;
    panel.reveal(undefined, true);
    this.send(panel, { type: "show", spot: found });
  }

  openCustomDocument(uri: vscode.Uri): TraceDocument {
    return new TraceDocument(uri, vscode.Uri.joinPath(this.context.extensionUri, "dist", "engine", "trace.mjs").fsPath);
  }

  resolveCustomEditor(document: TraceDocument, panel: vscode.WebviewPanel): void {
    const editor: OpenEditor = { document, panel };
    this.editors.push(editor);
    this.tellOpen();
    const folder = vscode.Uri.joinPath(this.context.extensionUri, "dist", "webview");
    panel.webview.options = { enableScripts: true, localResourceRoots: [folder] };
    panel.webview.onDidReceiveMessage((raw: unknown) => {
      const message = parseToExtension(raw);
      if (message) void this.receive(editor, message);
    });
    panel.onDidChangeViewState(() => {
      if (panel.active) this.editors = [...this.editors.filter((one) => one !== editor), editor];
    });
    panel.onDidDispose(() => {
      this.editors = this.editors.filter((one) => one !== editor);
      this.tellOpen();
    });
    panel.webview.html = pageHtml(panel.webview, folder, "trace", "NNASM Trace");
  }

  private async receive(editor: OpenEditor, message: ToExtension): Promise<void> {
    const { document, panel } = editor;
    switch (message.type) {
      case "ready":
        return this.begin(editor);
      case "ask":
        return this.answer(editor, message);
      case "open":
        return showSource(message.file, message.line, document.uri);
      case "travel":
        return this.travel(document, message.cycle);
      case "at":
        document.cycle = message.cycle;
        return;
      case "notes":
        await this.context.workspaceState.update(notesKey(document.uri), message.notes);
        for (const other of this.editors) {
          if (other.document === document && other.panel !== panel) await this.begin(other);
        }
    }
  }

  private async begin(editor: OpenEditor): Promise<void> {
    const { document, panel } = editor;
    try {
      const info = await document.info;
      const notes = this.context.workspaceState.get<Note[]>(notesKey(document.uri), []);
      this.send(panel, { type: "opened", info, notes, memory: this.forMemory.has(document.uri.toString()) });
      await this.tellMachine(editor);
    } catch (error) {
      this.send(panel, { type: "failed", message: messageOf(error) });
    }
  }

  private async answer(
    { document, panel }: OpenEditor,
    { id, method, argument }: ToExtension & { type: "ask" },
  ): Promise<void> {
    try {
      const result =
        method === "source"
          ? await sourceLines((argument as { file: string }).file, document.uri)
          : await document.worker.ask(method, argument);
      this.send(panel, { type: "answer", id, result });
    } catch (error) {
      this.send(panel, { type: "refused", id, message: messageOf(error) });
    }
  }

  private async travel(document: TraceDocument, cycle: number): Promise<void> {
    const { name } = await document.info;
    const found = this.sessions.of(name);
    if (!found) {
      await vscode.window.showErrorMessage(
        `${name} is not being debugged: start it with F5 to travel to cycle ${cycle}.`,
      );
      return;
    }
    try {
      await found.session.customRequest("nnasm/goToCycle", { cycle });
    } catch (error) {
      await vscode.window.showErrorMessage(messageOf(error));
    }
  }

  private async tellMachine({ document, panel }: OpenEditor): Promise<void> {
    const info = await document.info.catch(() => undefined);
    if (!info) return;
    const found = this.sessions.of(info.name);
    this.send(panel, { type: "machine", isThere: found !== undefined, cycle: found?.cycle });
  }

  /** For menus: whether there is a trace to look into. */
  private tellOpen(): void {
    void vscode.commands.executeCommand("setContext", "nnasm.traceIsOpen", this.editors.length > 0);
  }

  private send(panel: vscode.WebviewPanel, message: ToWebview): void {
    void panel.webview.postMessage(message);
  }
}

const notesKey = (uri: vscode.Uri): string => `nnasm.trace.notes ${uri.toString()}`;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
