import * as vscode from "vscode";
import { BACK_TO_CURSOR, CYCLE_COMMANDS, cycleIn, GO_TO_CYCLE, STEP_COMMANDS } from "./steps.ts";

/** Commands that step by what the editor has no button for, forwards and back in time. */
export function registerStepCommands(): vscode.Disposable {
  const steps = Object.entries(STEP_COMMANDS).map(([command, step]) =>
    vscode.commands.registerCommand(command, () =>
      ask(step.request, step.arguments(vscode.debug.activeStackItem?.threadId ?? 1)),
    ),
  );
  const cycles = Object.entries(CYCLE_COMMANDS).map(([command, request]) =>
    vscode.commands.registerCommand(command, () => stepCycles(request)),
  );
  return vscode.Disposable.from(
    ...steps,
    ...cycles,
    vscode.commands.registerCommand(GO_TO_CYCLE, goToCycle),
    vscode.commands.registerCommand(BACK_TO_CURSOR, backToCursor),
  );
}

async function stepCycles(request: string): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: request === "nnasm/step" ? "Cycles On" : "Cycles Back",
    value: "10",
    validateInput: (input) => ((cycleIn(input) ?? 0) > 0 ? undefined : "A whole number of cycles, 1 or more"),
  });
  if (text !== undefined) await ask(request, { kind: "cycle", count: cycleIn(text) });
}

/** To where the control unit was at the cursor's statement last; the editor's own Run to Cursor goes forward. */
async function backToCursor(): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return;
  const { line, character } = editor.selection.active;
  const source = { path: editor.document.uri.fsPath };
  // The editor counts from zero, its debug sessions from one.
  await ask("nnasm/runTo", { source, line: line + 1, column: character + 1, back: true });
}

async function goToCycle(): Promise<void> {
  const current = await ask("evaluate", { expression: "cycles()", context: "watch" });
  if (current === undefined) return;
  const value = (current as { result: string }).result;
  const text = await vscode.window.showInputBox({
    title: "Go to Cycle",
    prompt: "A cycle of the past is exactly as it was; behind the known end the program runs on to it.",
    value,
    validateInput: (input) => (cycleIn(input) === undefined ? "A whole number of cycles since reset" : undefined),
  });
  if (text !== undefined) await ask("nnasm/goToCycle", { cycle: cycleIn(text) });
}

/** Asks the adapter of the session that is looked at; what it refuses is shown with its reason. */
async function ask(request: string, arguments_: object): Promise<unknown> {
  const session = vscode.debug.activeDebugSession;
  if (session?.type !== "nnasm") {
    await vscode.window.showErrorMessage("No NNASM program is being debugged: start one with F5.");
    return undefined;
  }
  try {
    return (await session.customRequest(request, arguments_)) ?? {};
  } catch (error) {
    await vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
