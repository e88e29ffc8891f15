import * as vscode from "vscode";

/** The name of the machine's configuration file, which also marks a project's folder. */
export const CONFIG_NAME = "nnp.json";

/**
 * The configuration that applies to a file: the nearest nnp.json in its folder or above it, not above its workspace folder.
 * @returns undefined when there is none: the default machine applies.
 */
export async function nearestConfig(file: vscode.Uri): Promise<vscode.Uri | undefined> {
  const top = vscode.workspace.getWorkspaceFolder(file)?.uri;
  let folder = vscode.Uri.joinPath(file, "..");
  for (;;) {
    const candidate = vscode.Uri.joinPath(folder, CONFIG_NAME);
    if (await exists(candidate)) return candidate;
    const parent = vscode.Uri.joinPath(folder, "..");
    if (folder.path === (top ?? folder).path || parent.path === folder.path) return undefined;
    folder = parent;
  }
}

async function exists(file: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(file);
    return true;
  } catch {
    return false;
  }
}
