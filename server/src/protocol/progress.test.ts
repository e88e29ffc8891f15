import { expect, test } from "vitest";
import { CancellationToken, CancellationTokenSource, LSPErrorCodes } from "vscode-languageserver";
import { workThrough } from "./progress.ts";

/** Keeps the processor busy for as long as a piece may take. */
function busy(): void {
  const end = performance.now() + 25;
  while (performance.now() < end);
}

test("messages that arrive in between are heard: a cancelled request goes no further", async () => {
  const source = new CancellationTokenSource();
  const done: number[] = [];
  const told: number[][] = [];
  const work = (item: number) => {
    busy();
    done.push(item);
    // As a message of the client does, that is read when there is time.
    if (item === 2) setTimeout(() => source.cancel(), 0);
    return [item];
  };
  const partial = { report: (piece: number[]) => void told.push(piece) };
  const all = workThrough({ items: [1, 2, 3, 4], work, token: source.token, partial });
  await expect(all).rejects.toMatchObject({ code: LSPErrorCodes.RequestCancelled });
  expect(done).toEqual([1, 2]);
  expect(told).toEqual([[1], [2]]);
});

test("no more than the limit, and everything at once for clients without pieces", async () => {
  const token = CancellationToken.None;
  const work = (item: number) => [item, item];
  expect(await workThrough({ items: [1, 2, 3], work, token })).toEqual([1, 1, 2, 2, 3, 3]);
  expect(await workThrough({ items: [1, 2, 3], work, token, limit: 3 })).toEqual([1, 1, 2]);
});
