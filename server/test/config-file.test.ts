/** nnp.json in editors that show no JSON schemas, and what no text but a source is: assembly. */
import { afterEach, expect, test } from "vitest";
import type { CompletionList, Hover, MarkupContent } from "vscode-languageserver-protocol";
import { PATIENCE_MS, Session } from "./session.ts";

let session: Session;
afterEach(() => session.stop());

const CONFIG = '{\n  "dm": { "banks": 8, "co" }\n}\n';
const at = (line: number, character: number) => ({ line, character });

test("keys of nnp.json are completed and explained, and nothing takes it for assembly", {
  timeout: PATIENCE_MS,
}, async () => {
  session = await Session.start({ files: { "main.nnasm": "_start: ret\n" } });
  await session.open("nnp.json", CONFIG);
  const { items } = await session.at<CompletionList>("textDocument/completion", "nnp.json", at(1, 25));
  const item = items.find(({ label }) => label === "conflicts")!;
  expect(item.textEdit).toEqual({
    newText: '"conflicts"',
    range: { start: at(1, 22), end: at(1, 26) },
  });
  expect(await session.request("completionItem/resolve", item)).toMatchObject({ label: "conflicts" });
  const hover = await session.at<Hover>("textDocument/hover", "nnp.json", at(1, 13));
  expect((hover.contents as MarkupContent).value).toContain("Number of banks");
  expect(hover.range).toEqual({ start: at(1, 10), end: at(1, 17) });

  const textDocument = { uri: session.uri("nnp.json") };
  const options = { tabSize: 8, insertSpaces: true };
  expect(await session.request("textDocument/formatting", { textDocument, options })).toEqual([]);
  expect(await session.request("textDocument/semanticTokens/full", { textDocument })).toMatchObject({ data: [] });
  expect(await session.request("textDocument/codeLens", { textDocument })).toEqual([]);
  expect(await session.request("textDocument/foldingRange", { textDocument })).toEqual([]);
  expect(await session.at("textDocument/prepareRename", "nnp.json", at(1, 13))).toBeNull();
});
