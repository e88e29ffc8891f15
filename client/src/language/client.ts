import { availableParallelism } from "node:os";
import { nodeOptions } from "@nnasm/server/launch";
import * as vscode from "vscode";
import {
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
  TransportKind,
} from "vscode-languageclient/node";

export interface LanguageService extends vscode.Disposable {
  /** Settled when the first start of the server has succeeded or failed. */
  readonly ready: Promise<void>;
  restart(): Promise<void>;
  /**
   * The file that a program starts with, seen from one of its files: the `entry` of the nearest nnp.json, else the file itself.
   */
  entryFile(file: vscode.Uri): Promise<vscode.Uri>;
}

/** Starts the language server as a child process. */
export function startLanguageClient(context: vscode.ExtensionContext): LanguageService {
  const serverOptions: ServerOptions = {
    module: vscode.Uri.joinPath(context.extensionUri, "dist", "engine", "server.mjs").fsPath,
    transport: TransportKind.ipc,
    options: { execArgv: nodeOptions(availableParallelism()) },
  };
  const watcher = vscode.workspace.createFileSystemWatcher("**/{nnp.json,*.nnasm}");
  const clientOptions: LanguageClientOptions = {
    documentSelector: [{ language: "nnasm" }],
    diagnosticCollectionName: "nnasm",
    synchronize: { fileEvents: watcher },
    // What the server may put behind a lens.
    initializationOptions: { commands: ["nnasm.run", "nnasm.debug", "nnasm.profile", "nnasm.showReferences"] },
  };
  const client = new LanguageClient("nnasm", "NNASM Language Server", serverOptions, clientOptions);
  return {
    ready: client.start(),
    restart: () => client.restart(),
    entryFile: async (file) => {
      if (!client.isRunning()) return file;
      const answer = await client.sendRequest<{ uri: string } | null>("nnasm/entryFile", { uri: file.toString() });
      return answer === null ? file : vscode.Uri.parse(answer.uri, true);
    },
    dispose: () => {
      watcher.dispose();
      // A server that never started can't be stopped; there is nothing to tell the user at that point.
      void client.dispose().catch(() => undefined);
    },
  };
}
