import * as vscode from "vscode";

/**
 * The NNASM file that a command without an argument is about: the one in the active editor, else (a panel has the focus) one
 * that is visible.
 */
export function activeSource(): vscode.Uri | undefined {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  const isSource = (editor: vscode.TextEditor): boolean => editor.document.languageId === "nnasm";
  const editor =
    activeTextEditor !== undefined && isSource(activeTextEditor) ? activeTextEditor : visibleTextEditors.find(isSource);
  return editor?.document.uri;
}
