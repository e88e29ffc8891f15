import * as vscode from "vscode";
import { selectPreset } from "../config/selectPreset.ts";
import { launchName } from "../debug/launch.ts";
import type { LanguageService } from "../language/client.ts";
import type { ComparePanels } from "../panels/compare/view.ts";
import type { ProfilePanel } from "../panels/profile/view.ts";
import type { SweepPanels } from "../panels/sweep/view.ts";
import type { TraceCommands } from "../panels/trace/view/commands.ts";
import { newProject } from "../project/newProject.ts";
import type { BuildTasks } from "../tasks/provider.ts";
import { activeSource } from "./activeSource.ts";

interface Services {
  readonly language: LanguageService;
  readonly profilePanel: ProfilePanel;
  readonly buildTasks: BuildTasks;
  readonly traces: TraceCommands;
  readonly sweeps: SweepPanels;
  readonly comparisons: ComparePanels;
}

export function registerCommands(context: vscode.ExtensionContext, services: Services): void {
  const { language, profilePanel, buildTasks, traces, sweeps, comparisons } = services;
  /** A command on the program that a file belongs to: the file in the argument (a button's or a lens's) or the active one. */
  const onProgram =
    (action: (program: vscode.Uri) => Thenable<unknown>) =>
    async (argument?: unknown): Promise<void> => {
      const given = typeof argument === "string" ? vscode.Uri.parse(argument, true) : argument;
      const file = given instanceof vscode.Uri ? given : activeSource();
      if (file === undefined) {
        await vscode.window.showErrorMessage("Open a .nnasm file first.");
        return;
      }
      await action(await language.entryFile(file));
    };

  const commands: Record<string, (argument?: unknown) => Thenable<unknown>> = {
    "nnasm.run": onProgram((program) => launch("Run", program)),
    "nnasm.debug": onProgram((program) => launch("Debug", program)),
    "nnasm.profile": onProgram((program) => launch("Profile", program)),
    "nnasm.build": onProgram((program) => vscode.tasks.executeTask(buildTasks.forProgram(program))),
    "nnasm.trace": onProgram((program) => traces.traceProgram(program)),
    "nnasm.trace.memory": onProgram((program) => traces.traceProgram(program, "memory")),
    "nnasm.showTrace": () => traces.showTrace(),
    "nnasm.trace.nextExecution": () => traces.nextExecution(),
    "nnasm.showProfile": () => profilePanel.showLatest(),
    "nnasm.openProfile": (file) => profilePanel.open(file instanceof vscode.Uri ? file : undefined),
    "nnasm.sweep": onProgram((program) => sweeps.run(program)),
    "nnasm.openSweep": (file) => sweeps.open(file instanceof vscode.Uri ? file : undefined),
    "nnasm.compare": (file) => comparisons.run(file instanceof vscode.Uri ? file : undefined),
    "nnasm.newProject": () => newProject(),
    "nnasm.selectPreset": () => selectPreset(context.extensionUri),
    "nnasm.restartServer": () => language.restart(),
  };
  for (const [name, action] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, action));
  }
  context.subscriptions.push(vscode.commands.registerCommand("nnasm.showReferences", showReferences));
}

async function launch(verb: "Run" | "Debug" | "Profile", program: vscode.Uri): Promise<void> {
  await vscode.debug.startDebugging(
    vscode.workspace.getWorkspaceFolder(program),
    {
      type: "nnasm",
      request: "launch",
      name: launchName(verb, program.fsPath),
      program: program.fsPath,
      ...(verb === "Profile" ? { profile: true } : {}),
    },
    { noDebug: verb !== "Debug" },
  );
}

/** The server's places, as data of the protocol, in the editor's own view. */
async function showReferences(uri: string, position: PlainPosition, places: readonly PlainLocation[]): Promise<void> {
  const at = ({ line, character }: PlainPosition) => new vscode.Position(line, character);
  const locations = places.map(
    ({ uri: file, range }) =>
      new vscode.Location(vscode.Uri.parse(file, true), new vscode.Range(at(range.start), at(range.end))),
  );
  await vscode.commands.executeCommand(
    "editor.action.showReferences",
    vscode.Uri.parse(uri, true),
    at(position),
    locations,
  );
}

interface PlainPosition {
  readonly line: number;
  readonly character: number;
}

interface PlainLocation {
  readonly uri: string;
  readonly range: { readonly start: PlainPosition; readonly end: PlainPosition };
}
