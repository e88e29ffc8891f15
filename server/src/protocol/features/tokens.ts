/** textDocument/semanticTokens: full, delta and range. */
import type { SemanticTokens, SemanticTokensDelta } from "vscode-languageserver";
import { allTokens, type TokenFile, tokenEdits, tokenFile } from "../../analysis/token-lines.ts";
import { encodeTokens, semanticTokens, TOKEN_MODIFIERS, TOKEN_TYPES } from "../../analysis/tokens.ts";
import { canonicalUri } from "../../workspace/uri.ts";
import type { Feature } from "../feature.ts";

export const tokens: Feature = {
  capabilities: {
    semanticTokensProvider: {
      legend: { tokenTypes: [...TOKEN_TYPES], tokenModifiers: [...TOKEN_MODIFIERS] },
      full: { delta: true },
      range: true,
    },
  },
  register({ connection, workspace, client }) {
    /** Tokens last sent of each document, under the id that the client gives back. */
    const sent = new Map<string, { readonly id: string; readonly file: TokenFile }>();
    let ids = 0;

    const compute = (uri: string): TokenFile | undefined => {
      const snapshot = workspace.snapshot(uri);
      return snapshot && tokenFile(snapshot, client().hasGrammar, sent.get(uri)?.file);
    };
    const remember = (uri: string, file: TokenFile): string => {
      for (const other of sent.keys()) if (!workspace.documents.get(canonicalUri(other))) sent.delete(other);
      const id = String(++ids);
      sent.set(uri, { id, file });
      return id;
    };

    connection.languages.semanticTokens.on(({ textDocument: { uri } }): SemanticTokens => {
      const file = compute(uri);
      return file ? { resultId: remember(uri, file), data: allTokens(file) } : { data: [] };
    });
    connection.languages.semanticTokens.onDelta(
      ({ textDocument: { uri }, previousResultId }): SemanticTokens | SemanticTokensDelta => {
        const before = sent.get(uri);
        const file = compute(uri);
        if (!file) return { data: [] };
        const resultId = remember(uri, file);
        return before && before.id === previousResultId
          ? { resultId, edits: tokenEdits(before.file, file) }
          : { resultId, data: allTokens(file) };
      },
    );
    connection.languages.semanticTokens.onRange(({ textDocument: { uri }, range }) => {
      const snapshot = workspace.snapshot(uri);
      const options = { namesOnly: client().hasGrammar, first: range.start.line, last: range.end.line };
      return { data: snapshot ? encodeTokens(semanticTokens(snapshot, options)) : [] };
    });
  },
};
