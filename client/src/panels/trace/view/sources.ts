/** Finds the sources that a trace names: it may have been written elsewhere. */
import * as vscode from "vscode";

/** The file as it is, beside the trace, or in a folder of the workspace; undefined when it is in none. */
async function findSource(file: string, trace: vscode.Uri): Promise<vscode.Uri | undefined> {
  const { joinPath } = vscode.Uri;
  const name = file.replaceAll("\\", "/");
  const isAbsolute = /^(\/|[A-Za-z]:)/.test(name);
  const folders = [joinPath(trace, ".."), ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri)];
  const tail = name.split("/").at(-1)!;
  const candidates = [
    ...(isAbsolute ? [vscode.Uri.file(file)] : folders.map((folder) => joinPath(folder, name))),
    ...folders.map((folder) => joinPath(folder, tail)),
  ];
  for (const candidate of candidates) {
    const stat = await Promise.resolve(vscode.workspace.fs.stat(candidate)).catch(() => undefined);
    if (stat?.type === vscode.FileType.File) return candidate;
  }
  return undefined;
}

export async function sourceLines(file: string, trace: vscode.Uri): Promise<readonly string[]> {
  const uri = await findSource(file, trace);
  if (!uri) return [];
  const bytes = await vscode.workspace.fs.readFile(uri);
  return new TextDecoder().decode(bytes).split(/\r?\n/);
}

/** Shows a line, counted from one, beside what has the focus now. */
export async function showSource(file: string, line: number, trace: vscode.Uri): Promise<void> {
  const uri = await findSource(file, trace);
  if (!uri) {
    await vscode.window.showErrorMessage(
      `${file} is neither there, nor beside the trace, nor in a folder of the workspace.`,
    );
    return;
  }
  const position = new vscode.Position(line - 1, 0);
  const selection = new vscode.Range(position, position);
  const shown = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
  await vscode.window.showTextDocument(uri, {
    viewColumn: shown?.viewColumn ?? vscode.ViewColumn.Beside,
    selection,
    preserveFocus: true,
  });
}
