import * as vscode from "vscode";
import { projectFiles } from "./template.ts";

/** Writes a small program and its machine configuration into a new folder, and opens the program. */
export async function newProject(): Promise<void> {
  const parent = await chooseParent();
  if (parent === undefined) return;
  const name = await vscode.window.showInputBox({
    title: "New NNASM Project",
    prompt: `Name of the new folder in ${parent.fsPath}`,
    value: "my-network",
    validateInput: async (value) => {
      if (!/^[\w][\w .-]*$/.test(value))
        return "Letters, digits, spaces, dots, _ and -, beginning with a letter, digit or _";
      return (await exists(vscode.Uri.joinPath(parent, value))) ? `${value} is there already` : undefined;
    },
  });
  if (name === undefined) return;

  const folder = vscode.Uri.joinPath(parent, name);
  const files = projectFiles(name);
  for (const [file, text] of files.contents) {
    await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder, file), new TextEncoder().encode(text));
  }
  await vscode.window.showTextDocument(vscode.Uri.joinPath(folder, files.entry), { preview: false });
  if (vscode.workspace.getWorkspaceFolder(folder) !== undefined) return;
  const open = "Open Folder";
  if ((await vscode.window.showInformationMessage(`${name} was created in ${parent.fsPath}.`, open)) === open) {
    await vscode.commands.executeCommand("vscode.openFolder", folder);
  }
}

/** The open folder, or one that the user chooses when none or several are open. */
async function chooseParent(): Promise<vscode.Uri | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const [only] = folders;
  if (only !== undefined && folders.length === 1) return only.uri;
  if (folders.length > 1) return (await vscode.window.showWorkspaceFolderPick())?.uri;
  const chosen = await vscode.window.showOpenDialog({
    title: "Folder for the new NNASM project",
    openLabel: "Create Here",
    canSelectFiles: false,
    canSelectFolders: true,
  });
  return chosen?.[0];
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
