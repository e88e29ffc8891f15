import * as vscode from "vscode";
import { DebugPanels, type DebugSessions } from "../shared/debug-panel.ts";
import { declaredTensors } from "./model/declared.ts";

const SHOW_TENSOR = "nnasm.debug.showTensor";

const REQUESTS: ReadonlySet<string> = new Set([
  ...["nnasm/tensors", "nnasm/tensor", "nnasm/tensorImage", "nnasm/tensorStatistics", "setExpression"],
]);

/** What VS Code hands to a command in the context menu of a variable. */
interface VariableContext {
  readonly variable?: { readonly name?: string; readonly evaluateName?: string };
}

/** The tensor view: a panel for each tensor, from the variables, from `.tensor` lines and by the command. */
export function registerTensorView(extensionUri: vscode.Uri, sessions: DebugSessions): vscode.Disposable {
  const panels = new DebugPanels(
    extensionUri,
    {
      viewType: "nnasm.tensor",
      page: "tensor",
      title: (expression) => (expression === "" ? "Tensor" : `Tensor ${expression}`),
      requests: REQUESTS,
      isMany: true,
    },
    sessions,
  );
  const lenses = new TensorLenses(sessions);
  return vscode.Disposable.from(
    panels,
    lenses,
    vscode.languages.registerCodeLensProvider("nnasm", lenses),
    vscode.commands.registerCommand(SHOW_TENSOR, async (from?: VariableContext | string | vscode.Uri) => {
      const expression = expressionOf(from) ?? (await chooseTensor(sessions));
      if (expression !== undefined) panels.show(expression);
    }),
  );
}

function expressionOf(from: VariableContext | string | vscode.Uri | undefined): string | undefined {
  if (typeof from === "string") return from;
  if (from === undefined || from instanceof vscode.Uri) return undefined;
  return from.variable?.evaluateName ?? from.variable?.name;
}

async function chooseTensor(sessions: DebugSessions): Promise<string | undefined> {
  const { session } = sessions;
  if (!session) {
    await vscode.window.showErrorMessage("No NNASM program is being debugged: start one with F5.");
    return undefined;
  }
  const { tensors } = (await session.customRequest("nnasm/tensors")) as {
    tensors: readonly { name: string; type: string; address: number }[];
  };
  const items = tensors.map(({ name, type, address }) => ({
    label: name,
    description: `${type} @ 0x${address.toString(16).padStart(8, "0")}`,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: "Show Tensor",
    placeHolder: "A declared tensor, or a descriptor register that describes one",
    matchOnDescription: true,
  });
  return chosen?.label;
}

/** "Show Tensor" above the declarations of tensors, while there is a machine that holds them. */
class TensorLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changes.event;
  private readonly sessions: DebugSessions;
  private readonly subscription: vscode.Disposable;
  private hadSession = false;

  constructor(sessions: DebugSessions) {
    this.sessions = sessions;
    this.subscription = sessions.onChange(() => {
      const hasSession = sessions.session !== undefined;
      if (hasSession === this.hadSession) return;
      this.hadSession = hasSession;
      this.changes.fire();
    });
  }

  dispose(): void {
    this.subscription.dispose();
    this.changes.dispose();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (this.sessions.session === undefined) return [];
    return declaredTensors(document.getText()).map(
      ({ line, name }) =>
        new vscode.CodeLens(new vscode.Range(line, 0, line, 0), {
          title: "$(graph) Show Tensor",
          command: SHOW_TENSOR,
          arguments: [name],
        }),
    );
  }
}
