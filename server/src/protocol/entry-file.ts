/** `nnasm/entryFile`: which program a file belongs to. Editors ask before they build, run or debug. */
import { RequestType } from "vscode-languageserver";
import type { Context } from "./feature.ts";

export interface EntryFileParams {
  /** A source of the program. */
  readonly uri: string;
}

export interface EntryFileResult {
  /** The file that the program starts with. */
  readonly uri: string;
}

export const entryFileRequest = new RequestType<EntryFileParams, EntryFileResult, void>("nnasm/entryFile");

export function entryFile({ connection, workspace }: Context): void {
  connection.onRequest(entryFileRequest, ({ uri }) => ({
    uri: workspace.documents.spelling(workspace.entryOf(uri)),
  }));
}
