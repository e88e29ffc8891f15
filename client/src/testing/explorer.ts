/** The Test Explorer's side of `nnasm test`: discovery, and the run, debug and coverage profiles. */
import type { TestEvent } from "@nnasm/cli/testing";
import * as vscode from "vscode";
import { launchName } from "../debug/launch.ts";
import { addCoverage, CoveredFile } from "./coverage.ts";
import { listTests, type RunningTests, startTests, type TestCommand } from "./process.ts";
import { showResult, showStart } from "./results.ts";
import { type TestProgram, TestTree } from "./tree.ts";

/** Files that make tests, or change what they check. */
const TEST_FILES = "**/{*.nnasm,*.expected/**}";
const SETTLE_MS = 300;

export class TestExplorer implements vscode.Disposable {
  private readonly controller = vscode.tests.createTestController("nnasm", "NNASM");
  private readonly tree = new TestTree(this.controller);
  private readonly script: string;
  private readonly disposables: vscode.Disposable[] = [this.controller];
  private pending: NodeJS.Timeout | undefined;

  constructor(extensionUri: vscode.Uri) {
    this.script = vscode.Uri.joinPath(extensionUri, "dist", "engine", "cli.mjs").fsPath;
    const { Run, Debug, Coverage } = vscode.TestRunProfileKind;
    const profile = (name: string, kind: vscode.TestRunProfileKind, isContinuous: boolean): vscode.TestRunProfile =>
      this.controller.createRunProfile(
        name,
        kind,
        (request, token) => this.run(request, token, kind),
        true,
        undefined,
        isContinuous,
      );
    profile("Run", Run, true);
    profile("Debug", Debug, false);
    profile("Coverage", Coverage, false).loadDetailedCoverage = async (_run, file) =>
      file instanceof CoveredFile ? file.details() : [];
    this.controller.refreshHandler = () => this.discover();
    const watcher = vscode.workspace.createFileSystemWatcher(TEST_FILES);
    const later = (): void => this.discoverLater();
    this.disposables.push(
      watcher,
      watcher.onDidChange(later),
      watcher.onDidCreate(later),
      watcher.onDidDelete(later),
      vscode.workspace.onDidChangeWorkspaceFolders(later),
    );
    void this.discover();
  }

  dispose(): void {
    clearTimeout(this.pending);
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private discoverLater(): void {
    clearTimeout(this.pending);
    this.pending = setTimeout(() => void this.discover(), SETTLE_MS);
  }

  private async discover(): Promise<void> {
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      if (folder.uri.scheme !== "file" && folder.uri.scheme !== "vscode-remote") continue;
      try {
        this.tree.show(folder, await listTests(this.commandIn(folder)));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        void vscode.window.showWarningMessage(`NNASM tests of ${folder.name} could not be listed: ${reason}`);
      }
    }
  }

  private commandIn(folder: vscode.WorkspaceFolder): TestCommand {
    return { script: this.script, cwd: folder.uri.fsPath };
  }

  private async run(
    request: vscode.TestRunRequest,
    token: vscode.CancellationToken,
    kind: vscode.TestRunProfileKind,
  ): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showErrorMessage("Tests may run code of the workspace: trust it first.");
      return;
    }
    // The command reads files.
    await vscode.workspace.saveAll(false);
    const programs = this.tree.programsOf(request);
    if (kind === vscode.TestRunProfileKind.Debug) return this.debug(request, token, programs);
    const folders = new Set(programs.map(({ folder }) => folder));
    await Promise.all([...folders].map((folder) => this.runIn(folder, request, token, kind, programs)));
  }

  private async runIn(
    folder: vscode.WorkspaceFolder,
    request: vscode.TestRunRequest,
    token: vscode.CancellationToken,
    kind: vscode.TestRunProfileKind,
    programs: readonly TestProgram[],
  ): Promise<void> {
    const files = programs.filter((program) => program.folder === folder).map(({ file }) => file);
    const isAll = files.length === this.tree.all.filter((program) => program.folder === folder).length;
    const args = [
      ...(kind === vscode.TestRunProfileKind.Coverage ? ["--coverage"] : []),
      ...(request.continuous ? ["--watch"] : []),
      "--",
      // By the folder where all are wanted: continuous runs find new tests then.
      ...(isAll ? ["."] : files),
    ];
    let run: vscode.TestRun | undefined;
    const onEvent = (event: TestEvent): void => {
      run = this.show(event, folder, request, run);
    };
    if (!request.continuous) {
      run = this.controller.createTestRun(request);
      for (const { item, folder: owner } of programs) if (owner === folder) run.enqueued(item);
    }
    const running = startTests(this.commandIn(folder), args, onEvent);
    const cancelled = token.onCancellationRequested(() => running.stop());
    const stopped = run?.token.onCancellationRequested(() => running.stop());
    await ended(running);
    cancelled.dispose();
    stopped?.dispose();
    run?.end();
  }

  /** @returns the run that goes on: a continuous one begins anew with every change */
  private show(
    event: TestEvent,
    folder: vscode.WorkspaceFolder,
    request: vscode.TestRunRequest,
    run: vscode.TestRun | undefined,
  ): vscode.TestRun | undefined {
    switch (event.event) {
      case "begin":
        for (const test of event.tests) if (!this.tree.find(folder, test.file)) this.discoverLater();
        return run ?? this.controller.createTestRun(request);
      case "start": {
        const program = this.tree.find(folder, event.file);
        if (run && program) showStart(run, program);
        return run;
      }
      case "result": {
        const program = this.tree.find(folder, event.file);
        if (run && program) showResult(run, this.tree, program, event);
        return run;
      }
      case "end":
        if (run && event.coverage) addCoverage(run, event.coverage, (file) => this.tree.uriOf(folder, file));
        if (!request.continuous) return run;
        run?.end();
        return undefined;
      case "error":
        run?.appendOutput(`${event.message}\r\n`);
        return run;
    }
  }

  /** One after the other: a debugger shows one program at a time. What is expected is checked by the debugger itself. */
  private async debug(
    request: vscode.TestRunRequest,
    token: vscode.CancellationToken,
    programs: readonly TestProgram[],
  ): Promise<void> {
    const run = this.controller.createTestRun(request);
    for (const program of programs) {
      if (token.isCancellationRequested) break;
      showStart(run, program);
      const file = this.tree.uriOf(program.folder, program.file).fsPath;
      const configuration = { type: "nnasm", request: "launch", name: launchName("Debug", file), program: file };
      const finished = sessionEnd(configuration.name, token);
      if (await vscode.debug.startDebugging(program.folder, configuration, { testRun: run })) await finished.promise;
      finished.dispose();
    }
    run.end();
  }
}

const ended = ({ ended: promise }: RunningTests): Promise<void> => promise;

/** When the session of a name ends; cancelling the run ends it. */
function sessionEnd(
  name: string,
  token: vscode.CancellationToken,
): vscode.Disposable & { readonly promise: Promise<void> } {
  const listeners: vscode.Disposable[] = [];
  const promise = new Promise<void>((resolve) => {
    let session: vscode.DebugSession | undefined;
    listeners.push(
      vscode.debug.onDidStartDebugSession((started) => {
        if (started.name === name) session = started;
      }),
      vscode.debug.onDidTerminateDebugSession((terminated) => {
        if (terminated === session || terminated.name === name) resolve();
      }),
      token.onCancellationRequested(() => void vscode.debug.stopDebugging(session)),
    );
  });
  return { promise, dispose: () => vscode.Disposable.from(...listeners).dispose() };
}
