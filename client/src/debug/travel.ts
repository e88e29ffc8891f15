import * as vscode from "vscode";
import { cycleIn, GO_TO_CYCLE, STEP_COMMANDS } from "./steps.ts";

/** Commands that step by what the editor has no button for, forwards and back in time. */
export function registerStepCommands(): vscode.Disposable {
  const steps = Object.entries(STEP_COMMANDS).map(([command, step]) =>
    vscode.commands.registerCommand(command, () =>
      ask(step.request, step.arguments(vscode.debug.activeStackItem?.threadId ?? 1)),
    ),
  );
  return vscode.Disposable.from(...steps, vscode.commands.registerCommand(GO_TO_CYCLE, goToCycle));
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
