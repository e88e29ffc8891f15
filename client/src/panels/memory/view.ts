import * as vscode from "vscode";
import { DebugPanels, type DebugSessions } from "../shared/debug-panel.ts";

const SHOW_MEMORY = "nnasm.debug.showMemory";

const REQUESTS: ReadonlySet<string> = new Set([
  ...["readMemory", "writeMemory", "nnasm/address", "nnasm/memoryMap", "nnasm/searchMemory", "nnasm/memoryChanges"],
  ...["nnasm/lastWrite", "nnasm/setMemoryBreakpoints"],
]);

/** What VS Code hands to a command in the context menu of a variable. */
interface VariableContext {
  readonly variable?: { readonly evaluateName?: string; readonly memoryReference?: string };
}

/** The memory view: one for all memories of the machine. */
export function registerMemoryView(extensionUri: vscode.Uri, sessions: DebugSessions): vscode.Disposable {
  const panels = new DebugPanels(
    extensionUri,
    { viewType: "nnasm.memory", page: "memory", title: () => "NNASM Memory", requests: REQUESTS, isMany: false },
    sessions,
  );
  return vscode.Disposable.from(
    panels,
    vscode.commands.registerCommand(SHOW_MEMORY, (from?: VariableContext | string) => {
      const expression =
        typeof from === "string" ? from : (from?.variable?.memoryReference ?? from?.variable?.evaluateName);
      panels.show(expression ?? "");
    }),
  );
}
