/**
 * Long requests: worked off in pieces, between which edits and cancellations get their turn, and told in pieces to
 * clients that take partial results.
 */
import {
  type CancellationToken,
  LSPErrorCodes,
  ResponseError,
  type ResultProgressReporter,
  type WorkDoneProgressReporter,
} from "vscode-languageserver";

/** How long a piece of work may take before others get their turn, in milliseconds. */
const PIECE_MS = 20;

/** Lets the messages that have arrived in the meantime be read. */
export const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** @throws ResponseError when the client has cancelled the request */
export function checkCancelled(token: CancellationToken): void {
  if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
}

export interface LongWork<T, R> {
  readonly items: Iterable<T>;
  /** How many items there are, where that is known beforehand: the share that is done can then be told. */
  readonly total?: number;
  readonly work: (item: T) => readonly R[] | Promise<readonly R[]>;
  readonly token: CancellationToken;
  /** Present when the client takes results in pieces; the final answer is empty then. */
  readonly partial?: ResultProgressReporter<R[]> | undefined;
  readonly progress?: WorkDoneProgressReporter | undefined;
  readonly title?: string;
  /** No more results than these. */
  readonly limit?: number;
}

/**
 * Works off all items.
 * @returns all results, or none when they were told in pieces
 * @throws ResponseError when the client cancels
 */
export async function workThrough<T, R>(long: LongWork<T, R>): Promise<R[]> {
  const { items, total, work, token, partial, progress, title = "", limit = Number.POSITIVE_INFINITY } = long;
  const found: R[] = [];
  let count = 0;
  let until = performance.now() + PIECE_MS;
  progress?.begin(title, 0, undefined, true);
  try {
    let done = 0;
    for (const item of items) {
      if (performance.now() >= until) {
        if (partial && found.length > 0) partial.report(found.splice(0));
        if (total !== undefined) progress?.report(Math.round((100 * done) / total));
        await breathe();
        until = performance.now() + PIECE_MS;
      }
      checkCancelled(token);
      done++;
      const results = (await work(item)).slice(0, limit - count);
      count += results.length;
      found.push(...results);
      if (count >= limit) break;
    }
    if (partial && found.length > 0) partial.report(found.splice(0));
    return found;
  } finally {
    progress?.done();
  }
}
