import * as vscode from "vscode";
import { registerCommands } from "./commands/register.ts";
import { MachineStatus } from "./config/statusBar.ts";
import { registerDebug } from "./debug/register.ts";
import { SourceHeat } from "./heat/heat.ts";
import { startLanguageClient } from "./language/client.ts";
import { registerServerCommands } from "./language/documents.ts";
import { ComparePanels } from "./panels/compare/view.ts";
import { ProfileStore } from "./panels/profile/store.ts";
import { ProfilePanel } from "./panels/profile/view.ts";
import { CommandLine } from "./panels/shared/command-line.ts";
import { SweepPanels } from "./panels/sweep/view.ts";
import { TraceCommands } from "./panels/trace/view/commands.ts";
import { TraceEditors } from "./panels/trace/view/editor.ts";
import { MachineSessions } from "./panels/trace/view/session.ts";
import { BuildTasks } from "./tasks/provider.ts";
import { TestExplorer } from "./testing/explorer.ts";

/** Called by VS Code for the first .nnasm file, debug session, task list or command of ours. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const language = startLanguageClient(context);
  const profiles = new ProfileStore();
  const profilePanel = new ProfilePanel(context.extensionUri, profiles);
  const buildTasks = new BuildTasks(context.extensionUri, language);
  const sessions = new MachineSessions();
  const traceEditors = new TraceEditors(context, sessions);
  const traces = new TraceCommands(context, traceEditors, sessions);
  const commandLine = new CommandLine(context.extensionUri);
  const sweeps = new SweepPanels(context.extensionUri, commandLine, context.workspaceState);
  const comparisons = new ComparePanels(context.extensionUri, commandLine, (file) => language.entryFile(file));
  context.subscriptions.push(
    language,
    sweeps,
    comparisons,
    sessions,
    traceEditors,
    traces,
    registerServerCommands(),
    profiles,
    profilePanel,
    new SourceHeat(profiles),
    new MachineStatus(),
    buildTasks.register(),
    new TestExplorer(context.extensionUri),
  );
  registerDebug(context, language, profilePanel);
  registerCommands(context, { language, profilePanel, buildTasks, traces, sweeps, comparisons });
  // Everything else works without the language server, so its start is not waited for before registering.
  await language.ready.catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(`The NNASM language server did not start: ${reason}`);
  });
}
