/** The server: a workspace, kept up to date by notifications, and the features that ask it. */
import {
  type Connection,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  type ServerCapabilities,
  TextDocumentSyncKind,
} from "vscode-languageserver";
import type { FileHost } from "../workspace/host.ts";
import { Lints } from "../workspace/lints.ts";
import { Workspace } from "../workspace/workspace.ts";
import { clientFeatures, NO_FEATURES } from "./client.ts";
import { DiagnosticsPublisher } from "./diagnostics.ts";
import { entryFile } from "./entry-file.ts";
import type { Context, Feature } from "./feature.ts";
import { codeAction } from "./features/actions.ts";
import { callHierarchy } from "./features/calls.ts";
import { commands } from "./features/commands.ts";
import { completion } from "./features/completion.ts";
import { formatting } from "./features/formatting.ts";
import { inlayHint, signatureHelp } from "./features/hints.ts";
import { hover } from "./features/hover.ts";
import { inlineValue } from "./features/inline-values.ts";
import { codeLens } from "./features/lens.ts";
import { linkedEditing } from "./features/linked-editing.ts";
import { fileMoves } from "./features/moves.ts";
import { definition, documentHighlight, references } from "./features/navigation.ts";
import { pullDiagnostics } from "./features/pull-diagnostics.ts";
import { rename } from "./features/rename.ts";
import { documentLink, folding, selectionRange } from "./features/structure.ts";
import { documentSymbol, workspaceSymbol } from "./features/symbols.ts";
import { tokens } from "./features/tokens.ts";
import { typeHierarchy } from "./features/types.ts";
import { virtualDocuments } from "./features/virtual-documents.ts";
import { DEFAULT_SETTINGS, followSettings } from "./settings.ts";

const FEATURES: readonly Feature[] = [
  completion,
  hover,
  definition,
  references,
  documentHighlight,
  rename,
  documentSymbol,
  workspaceSymbol,
  callHierarchy,
  signatureHelp,
  inlayHint,
  codeLens,
  codeAction,
  tokens,
  formatting,
  folding,
  selectionRange,
  documentLink,
  fileMoves,
  linkedEditing,
  inlineValue,
  typeHierarchy,
  pullDiagnostics,
  commands,
  virtualDocuments,
];

/** Files whose changes on disk matter: sources, configurations, instruction files and what programs include as data. */
const WATCHED = ["**/*.nnasm", "**/*.json", "**/*.{inc,s,S,bin}"];

export const CAPABILITIES: ServerCapabilities = {
  positionEncoding: "utf-16",
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
  ...Object.assign({}, ...FEATURES.map((feature) => feature.capabilities)),
  // Several features have something to say about the workspace.
  workspace: Object.assign({}, ...FEATURES.map((feature) => feature.capabilities.workspace)),
};

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): string[] {
  return workspaceFolders?.map((folder) => folder.uri) ?? (rootUri ? [rootUri] : []);
}

/** Answers the requests of a connection until it closes. The caller makes the connection listen. */
export function serve(connection: Connection, host: FileHost, version: string): void {
  const workspace = new Workspace(host);
  const lints = new Lints(workspace);
  let client = NO_FEATURES;
  let settings = DEFAULT_SETTINGS;
  const context: Context = {
    connection,
    workspace,
    lints,
    client: () => client,
    settings: () => settings,
    get publisher() {
      return publisher;
    },
    filesChanged: (uris) => {
      for (const uri of uris) workspace.fileChanged(uri);
      publisher.schedule();
    },
  };
  const publisher = new DiagnosticsPublisher(context);
  let folders: string[] = [];

  const setFolders = async (next: string[]) => {
    folders = next;
    const progress = client.workDoneProgress ? await connection.window.createWorkDoneProgress() : undefined;
    progress?.begin("NNASM: looking for sources", 0);
    await workspace.setFolders(folders, (done) => progress?.report(Math.round((100 * done) / folders.length)));
    progress?.done();
    publisher.schedule();
  };

  connection.onInitialize((params): InitializeResult => {
    client = clientFeatures(params);
    folders = foldersOf(params);
    return { capabilities: CAPABILITIES, serverInfo: { name: "nnasm", version } };
  });
  connection.onInitialized(() => {
    void setFolders(folders);
    void followSettings(connection, client, (next) => {
      settings = next;
      if (lints.setLevels(next.lint)) publisher.schedule();
      if (client.inlayHintRefresh) connection.languages.inlayHint.refresh().catch(() => undefined);
      if (client.codeLensRefresh) connection.sendRequest("workspace/codeLens/refresh").catch(() => undefined);
    }).catch(() => undefined);
    if (client.watchesFiles) void watchFiles(connection);
    if (client.workspaceFolders) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = new Set(removed.map((folder) => folder.uri));
        void setFolders([...folders.filter((uri) => !gone.has(uri)), ...added.map((folder) => folder.uri)]);
      });
    }
  });
  connection.onShutdown(() => publisher.dispose());
  workspace.onArrival(() => publisher.schedule());

  connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
    workspace.documents.open(uri, languageId, version, text);
    publisher.schedule();
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
    workspace.documents.change(uri, version, contentChanges);
    publisher.schedule();
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    workspace.documents.close(uri);
    workspace.fileChanged(uri);
    publisher.schedule();
  });
  connection.onDidChangeWatchedFiles(({ changes }) => context.filesChanged(changes.map(({ uri }) => uri)));

  entryFile(context);
  for (const feature of FEATURES) feature.register(context);
}

async function watchFiles(connection: Connection): Promise<void> {
  const watchers = WATCHED.map((globPattern) => ({ globPattern }));
  await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
}
