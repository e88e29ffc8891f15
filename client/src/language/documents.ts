import * as vscode from "vscode";

/** The server's commands are VS Code commands while its client runs; they take one object. */
const server = (name: string, parameters: object): Thenable<unknown> =>
  vscode.commands.executeCommand(`nnasm.server.${name}`, parameters);

/**
 * Commands about the place of the cursor that the server answers: it makes documents (macros expanded, the program
 * disassembled, an instruction's page) and has them shown, or edits.
 */
export function registerServerCommands(): vscode.Disposable {
  const onEditor = (action: (editor: vscode.TextEditor, uri: string) => Thenable<unknown>) => async () => {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.languageId !== "nnasm") {
      await vscode.window.showErrorMessage("Open a .nnasm file first.");
      return;
    }
    try {
      await action(editor, editor.document.uri.toString());
    } catch (error) {
      // What the server refuses it says why, in words for the user.
      await vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  };
  const commands: Record<string, () => Promise<void>> = {
    "nnasm.showExpansion": onEditor(({ selection }, uri) => server("expandMacro", { uri, position: selection.active })),
    "nnasm.showExpandedFile": onEditor((_, uri) => server("expandMacro", { uri })),
    "nnasm.showDisassembly": onEditor((_, uri) => server("disassemble", { uri })),
    "nnasm.showInstructionPage": onEditor(({ selection }, uri) =>
      server("instructionPage", { uri, position: selection.active }),
    ),
    "nnasm.extractMacro": onEditor(async ({ selection }, uri) => {
      const name = await vscode.window.showInputBox({
        title: "Extract Macro",
        prompt: "Name of the macro",
        validateInput: (text) => (/^[A-Za-z_.$][\w.$]*$/.test(text) ? undefined : "Letters, digits, _ . and $"),
      });
      if (name !== undefined) await server("extractMacro", { uri, range: selection, name });
    }),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, action]) => vscode.commands.registerCommand(name, action)),
  );
}
