import * as vscode from "vscode";
import { type ProfileStore, type StoredProfile, sourceUri } from "../panels/profile/store.ts";
import { heatLooks } from "./colours.ts";
import { FIRST_METRIC, HEAT_METRICS, type LayerHeat, type LineHeat, layerHeat, lineHeat } from "./model.ts";

/** A file's part of the profile. */
interface FileHeat {
  readonly lines: readonly LineHeat[];
  readonly layers: readonly LayerHeat[];
  /** The text has changed since the run. */
  stale: boolean;
}

/** Colours lines of open editors by what they cost in the latest profile, until they are cleared. */
export class SourceHeat implements vscode.Disposable, vscode.CodeLensProvider {
  private readonly store: ProfileStore;
  private readonly fresh = heatLooks(false);
  private readonly stale = heatLooks(true);
  private readonly status = vscode.window.createStatusBarItem("nnasm.heat", vscode.StatusBarAlignment.Right, 90);
  private readonly lensesChanged = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.lensesChanged.event;
  private readonly subscriptions: vscode.Disposable[];
  private metric = FIRST_METRIC;
  /** Once shown, later profiles are shown, too. */
  private isShown = false;
  /** By address of the document. */
  private files = new Map<string, FileHeat>();
  /** What they are from. */
  private taken: StoredProfile | undefined;

  constructor(store: ProfileStore) {
    this.store = store;
    this.status.command = "nnasm.heat.metric";
    this.subscriptions = [
      this.status,
      this.lensesChanged,
      ...this.fresh,
      ...this.stale,
      store.onDidChange((stored) => {
        if (this.isShown) this.take(stored);
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const file = this.files.get(document.uri.toString());
        if (!file || file.stale || contentChanges.length === 0) return;
        file.stale = true;
        this.draw();
      }),
      vscode.languages.registerCodeLensProvider([{ language: "nnasm" }, { language: "c" }], this),
      vscode.commands.registerCommand("nnasm.heat.show", () => this.show()),
      vscode.commands.registerCommand("nnasm.heat.metric", () => this.choose()),
      vscode.commands.registerCommand("nnasm.heat.clear", () => this.clear()),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  provideCodeLenses({ uri, lineCount }: vscode.TextDocument): vscode.CodeLens[] {
    const file = this.files.get(uri.toString());
    return (file?.layers ?? [])
      .filter(({ line }) => line <= lineCount)
      .map(({ line, text }) => {
        const title = file!.stale ? `before the changes: ${text}` : text;
        const at = new vscode.Range(line - 1, 0, line - 1, 0);
        return new vscode.CodeLens(at, { title, command: "nnasm.showProfile", tooltip: "Shows the profile panel" });
      });
  }

  private async show(): Promise<void> {
    const { latest } = this.store;
    if (!latest) {
      await vscode.window.showInformationMessage("There is no profile yet: run NNASM: Profile Program first.");
      return;
    }
    this.isShown = true;
    this.take(latest);
  }

  private async choose(): Promise<void> {
    const items = HEAT_METRICS.map(({ id, label, text }) => ({
      id,
      label,
      description: text,
      picked: id === this.metric,
    }));
    const chosen = await vscode.window.showQuickPick(items, { title: "Heat by", matchOnDescription: true });
    if (!chosen) return;
    this.metric = chosen.id;
    await this.show();
  }

  private clear(): void {
    this.isShown = false;
    this.files.clear();
    this.status.hide();
    this.draw();
  }

  private take(stored: StoredProfile): void {
    const before = this.files;
    const isSame = this.taken === stored;
    this.taken = stored;
    const { profile } = stored;
    const layers = new Map<string, LayerHeat[]>();
    for (const layer of layerHeat(profile)) layers.set(layer.file, [...(layers.get(layer.file) ?? []), layer]);
    const lines = lineHeat(profile, this.metric);
    this.files = new Map(
      [...new Set([...lines.keys(), ...layers.keys()])].map((name) => {
        const key = sourceUri(name, stored).toString();
        const open = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === key);
        // The program was built from the files on disk; another metric of the same run changes nothing about its age.
        const stale = isSame ? (before.get(key)?.stale ?? false) : (open?.isDirty ?? false);
        return [key, { lines: lines.get(name) ?? [], layers: layers.get(name) ?? [], stale }];
      }),
    );
    this.draw();
  }

  private draw(): void {
    this.lensesChanged.fire();
    let anyStale = false;
    for (const editor of vscode.window.visibleTextEditors) {
      const file = this.files.get(editor.document.uri.toString());
      if (file?.stale) anyStale = true;
      for (const [isStale, looks] of [[false, this.fresh] as const, [true, this.stale] as const]) {
        looks.forEach((look, index) => {
          const lines = file?.stale === isStale ? file.lines.filter(({ step }) => step === index + 1) : [];
          editor.setDecorations(look, decorations(lines, editor.document, isStale));
        });
      }
    }
    if (this.files.size === 0 && !this.isShown) return;
    const label = HEAT_METRICS.find(({ id }) => id === this.metric)!.label;
    this.status.text = `$(flame) ${label}${anyStale ? " (old)" : ""}`;
    this.status.tooltip = anyStale
      ? "The text has changed since the profile: lines may be others. Profile again. Click for another metric."
      : "Heat by this metric. Click for another one.";
    this.status.show();
  }
}

function decorations(
  lines: readonly LineHeat[],
  document: vscode.TextDocument,
  isStale: boolean,
): vscode.DecorationOptions[] {
  return lines
    .filter(({ line }) => line <= document.lineCount)
    .map(({ line, text }) => ({
      range: document.lineAt(line - 1).range,
      hoverMessage: new vscode.MarkdownString(isStale ? `*The text has changed since this profile.*\n\n${text}` : text),
    }));
}
