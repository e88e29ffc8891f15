import * as vscode from "vscode";
import { activeSource } from "../commands/activeSource.ts";
import type { LanguageService } from "../language/client.ts";
import { BuildTerminal } from "./terminal.ts";

const TASK_TYPE = "nnasm";

/** A task of type `nnasm`, as it stands in tasks.json. */
interface BuildDefinition extends vscode.TaskDefinition {
  readonly file: string;
  readonly output?: string;
}

/** Tasks that assemble a program to an ELF file beside it, with the command line that comes with the extension. */
export class BuildTasks implements vscode.TaskProvider {
  private readonly language: LanguageService;
  private readonly cli: string;

  constructor(extensionUri: vscode.Uri, language: LanguageService) {
    this.language = language;
    this.cli = vscode.Uri.joinPath(extensionUri, "dist", "engine", "cli.mjs").fsPath;
  }

  register(): vscode.Disposable {
    return vscode.tasks.registerTaskProvider(TASK_TYPE, this);
  }

  async provideTasks(): Promise<vscode.Task[]> {
    const source = activeSource();
    return source === undefined ? [] : [this.forProgram(await this.language.entryFile(source))];
  }

  resolveTask(task: vscode.Task): vscode.Task | undefined {
    const { file, output } = task.definition;
    if (typeof file !== "string" || (output !== undefined && typeof output !== "string")) return undefined;
    // VS Code recognises a resolved task by its unchanged definition.
    return this.make(task.definition as BuildDefinition, task.scope ?? vscode.TaskScope.Workspace);
  }

  forProgram(program: vscode.Uri): vscode.Task {
    const folder = vscode.workspace.getWorkspaceFolder(program);
    const file = folder === undefined ? program.fsPath : vscode.workspace.asRelativePath(program, false);
    return this.make({ type: TASK_TYPE, file }, folder ?? vscode.TaskScope.Workspace);
  }

  private make(definition: BuildDefinition, scope: vscode.WorkspaceFolder | vscode.TaskScope): vscode.Task {
    const folder = typeof scope === "object" ? scope : vscode.workspace.workspaceFolders?.[0];
    // A terminal of our own instead of a shell: it needs no quoting and works where no native terminal is available.
    const execution = new vscode.CustomExecution(async (resolved) => {
      const { file, output } = resolved as BuildDefinition;
      const args = ["build", file, ...(output === undefined ? [] : ["--output", output])];
      return new BuildTerminal(this.cli, args, folder?.uri.fsPath);
    });
    const name = `build ${definition.file}`;
    const place = scope === vscode.TaskScope.Global ? vscode.TaskScope.Workspace : scope;
    const task = new vscode.Task(definition, place, name, "nnasm", execution, "$nnasm");
    task.group = vscode.TaskGroup.Build;
    task.presentationOptions = { reveal: vscode.TaskRevealKind.Silent, clear: true };
    return task;
  }
}
