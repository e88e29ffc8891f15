import * as vscode from "vscode";
import { activeSource } from "../commands/activeSource.ts";
import { CONFIG_NAME, nearestConfig } from "./nearest.ts";
import { summarize } from "./presetText.ts";

/** Shows beside a .nnasm file which machine it is for; a click opens the preset picker. */
export class MachineStatus implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("nnasm.machine", vscode.StatusBarAlignment.Right, 100);
  private readonly watcher = vscode.workspace.createFileSystemWatcher(`**/${CONFIG_NAME}`);
  private readonly listeners: vscode.Disposable[];
  /** Only the last of several updates under way may write. */
  private updates = 0;

  constructor() {
    this.item.name = "NNASM Machine";
    this.item.command = "nnasm.selectPreset";
    const update = (): void => void this.update();
    this.listeners = [
      vscode.window.onDidChangeActiveTextEditor(update),
      // The watcher also sees changes from outside, but needs a native module that a served VS Code may not have.
      vscode.workspace.onDidSaveTextDocument(update),
      vscode.workspace.onDidCreateFiles(update),
      vscode.workspace.onDidDeleteFiles(update),
      this.watcher.onDidChange(update),
      this.watcher.onDidCreate(update),
      this.watcher.onDidDelete(update),
    ];
    update();
  }

  dispose(): void {
    for (const disposable of [...this.listeners, this.watcher, this.item]) disposable.dispose();
  }

  private async update(): Promise<void> {
    const mine = ++this.updates;
    const source = configOwner();
    const shown = source === undefined ? undefined : await describe(source);
    if (mine !== this.updates) return;
    if (shown === undefined) {
      this.item.hide();
      return;
    }
    this.item.text = `$(chip) ${shown.text}`;
    this.item.tooltip = shown.tooltip;
    this.item.backgroundColor = shown.wrong ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    this.item.accessibilityInformation = { label: `NNASM machine ${shown.text}`, role: "button" };
    this.item.show();
  }
}

/** The file whose configuration is shown: an open .nnasm file, or the configuration itself while it is edited. */
export function configOwner(): vscode.Uri | undefined {
  const active = vscode.window.activeTextEditor?.document.uri;
  return active?.path.endsWith(`/${CONFIG_NAME}`) ? active : activeSource();
}

interface Shown {
  readonly text: string;
  readonly tooltip: string;
  readonly wrong: boolean;
}

async function describe(source: vscode.Uri): Promise<Shown> {
  const config = await nearestConfig(source);
  if (config === undefined) {
    const tooltip = `No ${CONFIG_NAME} in this file's folder or above it: the default machine. Click to choose another.`;
    return { text: "default", tooltip, wrong: false };
  }
  const place = vscode.workspace.asRelativePath(config);
  try {
    const { preset, customised, problem } = summarize(
      new TextDecoder().decode(await vscode.workspace.fs.readFile(config)),
    );
    if (problem !== undefined) return { text: CONFIG_NAME, tooltip: `${place} can't be read: ${problem}`, wrong: true };
    const changes = customised ? ", with changes of its own" : "";
    const tooltip = `Machine from ${place}: preset ${preset}${changes}. Click to choose another preset.`;
    return { text: customised ? `${preset} (changed)` : preset, tooltip, wrong: false };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { text: CONFIG_NAME, tooltip: `${place} can't be read: ${reason}`, wrong: true };
  }
}
