/** workspace/willRenameFiles: includes follow their files. */
import type { TextEdit } from "vscode-languageserver";
import { moveEdits } from "../../analysis/moves.ts";
import { canonicalUri, relativePath } from "../../workspace/uri.ts";
import type { Feature } from "../feature.ts";

export const fileMoves: Feature = {
  capabilities: {
    workspace: {
      workspaceFolders: { supported: true, changeNotifications: true },
      // Data files and whole folders are named by includes as well.
      fileOperations: { willRename: { filters: [{ scheme: "file", pattern: { glob: "**/*" } }] } },
    },
  },
  register({ connection, workspace }) {
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
