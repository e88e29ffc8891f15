/** File operations of the editor: includes follow their files, and the workspace knows of files at once. */
import type { FileOperationRegistrationOptions, TextEdit } from "vscode-languageserver";
import { moveEdits } from "../../analysis/moves.ts";
import { canonicalUri, relativePath } from "../../workspace/uri.ts";
import type { Feature } from "../feature.ts";

const ALL: FileOperationRegistrationOptions = { filters: [{ pattern: { glob: "**/*" } }] };

export const fileMoves: Feature = {
  capabilities: {
    workspace: {
      workspaceFolders: { supported: true, changeNotifications: true },
      // Data files and whole folders are named by includes as well.
      fileOperations: { willRename: ALL, didCreate: ALL, didRename: ALL, didDelete: ALL },
    },
  },
  register({ connection, workspace, filesChanged }) {
    connection.workspace.onDidCreateFiles(({ files }) => filesChanged(files.map(({ uri }) => uri)));
    connection.workspace.onDidDeleteFiles(({ files }) => filesChanged(files.map(({ uri }) => uri)));
    connection.workspace.onDidRenameFiles(({ files }) =>
      filesChanged(files.flatMap(({ oldUri, newUri }) => [oldUri, newUri])),
    );
    connection.workspace.onWillRenameFiles(({ files }) => {
      const moves = files.map(({ oldUri, newUri }) => ({ from: canonicalUri(oldUri), to: canonicalUri(newUri) }));
      const names = { resolve: workspace.resolve, relative: relativePath };
      const changes: Record<string, TextEdit[]> = {};
      for (const { file, range, text } of moveEdits(workspace.trees(), moves, names)) {
        (changes[workspace.documents.spelling(file)] ??= []).push({ range, newText: text });
      }
      return Object.keys(changes).length > 0 ? { changes } : null;
    });
  },
};
