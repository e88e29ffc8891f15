import * as vscode from "vscode";
import { CONFIG_NAME, nearestConfig } from "./nearest.ts";
import { summarize, withPreset } from "./presetText.ts";
import { configOwner } from "./statusBar.ts";

interface PresetItem extends vscode.QuickPickItem {
  readonly preset: string;
}

/** Asks for a preset and writes it into the nnp.json that applies to the active file, or into a new one beside it. */
export async function selectPreset(extensionUri: vscode.Uri): Promise<void> {
  const source = configOwner();
  const folder = source === undefined ? vscode.workspace.workspaceFolders?.[0]?.uri : undefined;
  const existing = source === undefined ? undefined : await nearestConfig(source);
  const target =
    existing ?? (source === undefined ? folder && vscode.Uri.joinPath(folder, CONFIG_NAME) : beside(source));
  if (target === undefined) {
    await vscode.window.showErrorMessage(
      `Open a .nnasm file or a folder first: the preset is kept in its ${CONFIG_NAME}.`,
    );
    return;
  }
  const document = existing === undefined ? undefined : await vscode.workspace.openTextDocument(existing);
  const current = summarize(document?.getText() ?? "{}");
  if (current.problem !== undefined && document !== undefined) {
    await vscode.window.showErrorMessage(
      `${vscode.workspace.asRelativePath(target)} can't be read: ${current.problem}`,
    );
    await vscode.window.showTextDocument(document);
    return;
  }
  const picked = await vscode.window.showQuickPick(presetItems(await readSchema(extensionUri), current.preset), {
    title: `Machine for ${vscode.workspace.asRelativePath(target)}`,
    placeHolder: existing === undefined ? `Creates ${CONFIG_NAME}` : `Changes ${CONFIG_NAME}; its other settings stay`,
    matchOnDescription: true,
  });
  if (picked === undefined) return;
  await write(target, document, picked.preset);
}

const beside = (source: vscode.Uri): vscode.Uri => vscode.Uri.joinPath(source, "..", CONFIG_NAME);

async function write(target: vscode.Uri, document: vscode.TextDocument | undefined, preset: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  if (document === undefined) {
    edit.createFile(target, { contents: new TextEncoder().encode(withPreset("", preset)), ignoreIfExists: true });
  } else {
    const text = document.getText();
    const all = new vscode.Range(document.positionAt(0), document.positionAt(text.length));
    edit.replace(target, all, withPreset(text, preset));
  }
  if (!(await vscode.workspace.applyEdit(edit))) {
    await vscode.window.showErrorMessage(`${vscode.workspace.asRelativePath(target)} could not be changed.`);
    return;
  }
  // The machine is read from the disk when a program is started.
  await document?.save();
}

function presetItems(schema: unknown, current: string): PresetItem[] {
  return presetsOf(schema).map(({ name, description }) => ({
    preset: name,
    label: name === current ? `$(check) ${name}` : name,
    description,
  }));
}

interface Preset {
  readonly name: string;
  readonly description: string;
}

/** The presets as the configuration's JSON schema lists them: the same list that completion offers. */
function presetsOf(schema: unknown): Preset[] {
  const { properties } = schema as { properties: { preset: { enum: string[]; enumDescriptions: string[] } } };
  const { enum: names, enumDescriptions } = properties.preset;
  return names.map((name, index) => ({ name, description: enumDescriptions[index] ?? "" }));
}

async function readSchema(extensionUri: vscode.Uri): Promise<unknown> {
  const file = vscode.Uri.joinPath(extensionUri, "schemas", "nnp.schema.json");
  return JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(file)));
}
