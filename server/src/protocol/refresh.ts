/** Asks the client to look again at what it shows of other files, which it can't know to have changed. */
import type { Context } from "./feature.ts";

export interface Outdated {
  /** Names of a program with several open files have changed. */
  readonly names: boolean;
  /** Diagnostics that the client has asked for. */
  readonly diagnostics: boolean;
}

export function refreshViews({ connection, client }: Context, outdated: Outdated): void {
  const { languages } = connection;
  const can = client();
  const asked: Promise<void>[] = [];
  if (outdated.diagnostics && can.diagnosticsRefresh) asked.push(languages.diagnostics.refresh());
  if (outdated.names) {
    if (can.tokensRefresh) asked.push(languages.semanticTokens.refresh());
    if (can.inlayHintRefresh) asked.push(languages.inlayHint.refresh());
    if (can.inlineValueRefresh) asked.push(languages.inlineValue.refresh());
    if (can.codeLensRefresh) asked.push(connection.sendRequest("workspace/codeLens/refresh"));
    // Which labels are functions, and so what folds, depends on one file alone: folds are never outdated.
  }
  // A client that has gone away in the meantime needs no answer.
  for (const each of asked) void each.catch(() => undefined);
}
