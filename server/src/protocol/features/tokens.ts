/** textDocument/semanticTokens: full, delta and range. */
import type { SemanticTokens, SemanticTokensDelta } from "vscode-languageserver";
import { encodeTokens, semanticTokens, TOKEN_MODIFIERS, TOKEN_TYPES } from "../../analysis/tokens.ts";
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
    /** Numbers last sent of a document, under the id that the client gives back. */
    const sent = new Map<string, { id: string; data: number[] }>();
    let ids = 0;

    const compute = (uri: string, first?: number, last?: number): number[] => {
      const snapshot = workspace.snapshot(uri);
      const lines = first === undefined || last === undefined ? {} : { first, last };
      return snapshot ? encodeTokens(semanticTokens(snapshot, { namesOnly: client().hasGrammar, ...lines })) : [];
    };
    const remember = (uri: string, data: number[]): string => {
      const id = String(++ids);
      sent.set(uri, { id, data });
      return id;
    };

    connection.languages.semanticTokens.on(({ textDocument: { uri } }): SemanticTokens => {
      const data = compute(uri);
      return { resultId: remember(uri, data), data };
    });
    connection.languages.semanticTokens.onDelta(
      ({ textDocument: { uri }, previousResultId }): SemanticTokens | SemanticTokensDelta => {
        const before = sent.get(uri);
        const data = compute(uri);
        const resultId = remember(uri, data);
        return before && before.id === previousResultId
          ? { resultId, edits: difference(before.data, data) }
          : { resultId, data };
      },
    );
    connection.languages.semanticTokens.onRange(({ textDocument: { uri }, range }) => ({
      data: compute(uri, range.start.line, range.end.line),
    }));
  },
};

/** One edit: what lies between the numbers that both have at the beginning and at the end. */
function difference(before: readonly number[], after: readonly number[]): SemanticTokensDelta["edits"] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const limit = Math.min(before.length, after.length) - start;
  while (end < limit && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  if (start === before.length && start === after.length) return [];
  return [{ start, deleteCount: before.length - start - end, data: after.slice(start, after.length - end) }];
}
