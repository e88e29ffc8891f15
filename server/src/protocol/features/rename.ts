/** textDocument/rename and textDocument/prepareRename. */
import { ErrorCodes, ResponseError, type TextEdit, type WorkspaceEdit } from "vscode-languageserver";
import { prepareRename, RenameRefused, renameEdits } from "../../analysis/rename.ts";
import type { Feature } from "../feature.ts";

/** Refusals are the user's to read, so they travel as errors with a message. */
function orRefuse<T>(action: () => T): T | ResponseError<void> {
  try {
    return action();
  } catch (error) {
    if (error instanceof RenameRefused) return new ResponseError(ErrorCodes.InvalidRequest, error.message);
    throw error;
  }
}

export const rename: Feature = {
  capabilities: { renameProvider: { prepareProvider: true } },
  register({ connection, workspace }) {
    connection.onPrepareRename(({ textDocument, position }) => {
      const snapshot = workspace.snapshot(textDocument.uri);
      if (!snapshot) return null;
      return orRefuse(() => {
        const { range, name } = prepareRename(snapshot, position);
        return { range, placeholder: name };
      });
    });
    connection.onRenameRequest(({ textDocument, position, newName }) => {
      const snapshot = workspace.snapshot(textDocument.uri);
      if (!snapshot) return null;
      return orRefuse((): WorkspaceEdit => {
        const changes: Record<string, TextEdit[]> = {};
        try {
          for (const { file, range, text } of renameEdits(snapshot, position, newName, (uri) =>
            workspace.snapshots(uri),
          )) {
            (changes[workspace.documents.spelling(file)] ??= []).push({ range, newText: text });
          }
        } finally {
          workspace.forgetClosed();
        }
        return { changes };
      });
    });
  },
};
