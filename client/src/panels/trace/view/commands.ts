/** Commands that make traces and look into them. */
import { spawn } from "node:child_process";
import * as path from "node:path";
import * as vscode from "vscode";
import type { TraceEditors, TraceView } from "./editor.ts";
import { tracesToForget } from "./kept-traces.ts";
import type { MachineSessions } from "./session.ts";
import { windowIn } from "./trace-window.ts";

/** Cycles before the debugger's that are offered to be traced. */
const LOOK_BACK = 1_000_000;

/** Traces that are kept in the workspace's storage. */
const KEPT_TRACES = 10;

/** Exit codes that programs don't choose: expectations not met, cycle limit, fault, deadlock (docs/cli.md). */
const OF_THE_MACHINE: ReadonlySet<number> = new Set([123, 124, 126, 127]);

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly cancelled: boolean;
}

export class TraceCommands implements vscode.Disposable {
  private readonly context: vscode.ExtensionContext;
  private readonly editors: TraceEditors;
  private readonly sessions: MachineSessions;
  private channel: vscode.OutputChannel | undefined;

  constructor(context: vscode.ExtensionContext, editors: TraceEditors, sessions: MachineSessions) {
    this.context = context;
    this.editors = editors;
    this.sessions = sessions;
  }

  dispose(): void {
    this.channel?.dispose();
  }

  /** Runs a program in a process of its own with a trace, and shows that. */
  async traceProgram(program: vscode.Uri, view?: TraceView): Promise<void> {
    // The command line runs the project's own instructions, which are code of the workspace.
    if (!vscode.workspace.isTrusted) {
      await vscode.window.showErrorMessage(
        "Programs are traced in trusted workspaces only: choose Manage Workspace Trust.",
      );
      return;
    }
    await vscode.workspace.saveAll(false);
    const file = await this.traceFile(path.basename(program.fsPath, path.extname(program.fsPath)));
    const title = `Tracing ${path.basename(program.fsPath)}`;
    const ended = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (_progress, token) => this.run(program, file, token),
    );
    // What was traced until it went wrong says why it did; a question that nobody answers must not keep that back.
    const isThere = await exists(file);
    if (isThere) await this.editors.open(file, view);
    if (ended.cancelled || (isThere && !OF_THE_MACHINE.has(ended.code))) return;
    const what = isThere ? "The program did not end by itself" : "The program was not traced";
    const choice = await vscode.window.showErrorMessage(`${what}: ${lastLine(ended.output)}`, "Show Output");
    if (choice !== undefined) this.showOutput(ended.output);
  }

  /** Asks the active debugger for a trace of a stretch of its run, made by replaying it, and shows that. */
  async showTrace(): Promise<void> {
    const session = vscode.debug.activeDebugSession;
    if (session?.type !== "nnasm") {
      await vscode.window.showErrorMessage(
        "No NNASM program is being debugged: run NNASM: Trace Program, or start one with F5.",
      );
      return;
    }
    try {
      const cycle = await this.sessions.cycleOf(session);
      const text = await vscode.window.showInputBox({
        title: "Cycles to Trace",
        prompt: "From .. to; they are run again beside the session, which stays where it is.",
        value: `${Math.max(0, cycle - LOOK_BACK)}..${Math.max(cycle, 1)}`,
        validateInput: (input) =>
          windowIn(input) ? undefined : "Two cycles with .. between them, the second one later",
      });
      const window = text === undefined ? undefined : windowIn(text);
      if (!window) return;
      const { program } = session.configuration as { program?: string };
      const file = await this.traceFile(
        `${path.basename(program ?? session.name, ".nnasm")}-${window.fromCycle}-${window.toCycle}`,
      );
      await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: "Tracing the debugged program" },
        () => Promise.resolve(session.customRequest("nnasm/trace", { ...window, path: file.fsPath })),
      );
      await this.editors.open(file);
    } catch (error) {
      await vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  }

  /** Shows where the cursor's line is executed next in the trace that was looked at last. */
  async nextExecution(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) return;
    await this.editors.showNextExecution(editor.document.uri.fsPath, editor.selection.active.line + 1);
  }

  /** A file in the workspace's storage of the editor: a trace belongs to nobody until it is saved elsewhere. */
  private async traceFile(name: string): Promise<vscode.Uri> {
    const folder = vscode.Uri.joinPath(this.context.storageUri ?? this.context.globalStorageUri, "traces");
    await vscode.workspace.fs.createDirectory(folder);
    await this.forgetOld(folder);
    const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
    return vscode.Uri.joinPath(folder, `${name.replace(/[^\w.-]/g, "_")}-${stamp}.nntrace`);
  }

  /** Deletes old traces. What prevents that is no reason not to write another one. */
  private async forgetOld(folder: vscode.Uri): Promise<void> {
    try {
      const names = (await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name);
      const traces = names
        .filter((name) => name.endsWith(".nntrace"))
        .map(async (name) => {
          const file = vscode.Uri.joinPath(folder, name);
          const { mtime: time } = await vscode.workspace.fs.stat(file);
          return { file, time, isOpen: this.editors.isOpen(file) };
        });
      for (const file of tracesToForget(await Promise.all(traces), KEPT_TRACES)) await vscode.workspace.fs.delete(file);
    } catch (error) {
      console.warn("NNASM: old traces can't be deleted", error);
    }
  }

  private run(program: vscode.Uri, file: vscode.Uri, token: vscode.CancellationToken): Promise<Ended> {
    const script = vscode.Uri.joinPath(this.context.extensionUri, "dist", "engine", "cli.mjs").fsPath;
    const child = spawn(process.execPath, [script, "run", program.fsPath, "--trace", file.fsPath], {
      cwd: path.dirname(program.fsPath),
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const take = (bytes: Buffer): void => {
      if (output.length < 1_000_000) output += bytes.toString();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    // An interrupt lets it write what it has.
    token.onCancellationRequested(() => child.kill("SIGINT"));
    return new Promise((resolve) => {
      const cancelled = (): boolean => token.isCancellationRequested;
      child.on("error", (error) => resolve({ code: -1, output: error.message, cancelled: cancelled() }));
      child.on("close", (code) => resolve({ code: code ?? -1, output, cancelled: cancelled() }));
    });
  }

  private showOutput(text: string): void {
    this.channel ??= vscode.window.createOutputChannel("NNASM Trace");
    this.channel.replace(text);
    this.channel.show();
  }
}

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "";

async function exists(file: vscode.Uri): Promise<boolean> {
  const stat = await Promise.resolve(vscode.workspace.fs.stat(file)).catch(() => undefined);
  return stat !== undefined && stat.size > 0;
}
