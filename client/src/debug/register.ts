import * as vscode from "vscode";
import type { LanguageService } from "../language/client.ts";
import { registerMemoryView } from "../panels/memory/view.ts";
import type { ProfilePanel } from "../panels/profile/view.ts";
import { DebugSessions } from "../panels/shared/debug-panel.ts";
import { registerTensorView } from "../panels/tensor/view.ts";
import { LaunchProvider } from "./provider.ts";
import { registerStepCommands } from "./travel.ts";
import { registerValueProviders } from "./values.ts";

export function registerDebug(
  context: vscode.ExtensionContext,
  language: LanguageService,
  profilePanel: ProfilePanel,
): void {
  const provider = new LaunchProvider(language);
  const { Dynamic } = vscode.DebugConfigurationProviderTriggerKind;
  const sessions = new DebugSessions();
  context.subscriptions.push(
    sessions,
    registerTensorView(context.extensionUri, sessions),
    registerMemoryView(context.extensionUri, sessions),
    registerValueProviders(),
    registerStepCommands(),
    vscode.debug.registerDebugConfigurationProvider("nnasm", provider),
    vscode.debug.registerDebugConfigurationProvider("nnasm", provider, Dynamic),
    vscode.debug.registerDebugAdapterDescriptorFactory("nnasm", {
      createDebugAdapterDescriptor: ({ configuration }) =>
        configuration.request === "attach"
          ? new vscode.DebugAdapterServer(Number(configuration.port), "127.0.0.1")
          : adapter(context.extensionUri),
    }),
    vscode.debug.onDidReceiveDebugSessionCustomEvent((event) => {
      if (event.session.type !== "nnasm" || event.event !== "nnasm/profile") return;
      profilePanel.show(event.body, event.session);
    }),
  );
}

/** The simulation runs in a process of its own, so that it never starves the other extensions. */
function adapter(extensionUri: vscode.Uri): vscode.DebugAdapterDescriptor {
  const script = vscode.Uri.joinPath(extensionUri, "dist", "engine", "dap.mjs").fsPath;
  // Code of the workspace runs only where the user has trusted it, whatever a launch configuration in it says.
  const args = vscode.workspace.isTrusted ? [script, "--trust-workspace"] : [script];
  // On the desktop process.execPath is Electron, which this variable turns into a plain Node.
  return new vscode.DebugAdapterExecutable(process.execPath, args, { env: { ELECTRON_RUN_AS_NODE: "1" } });
}
