/** The workspace as a whole: several folders, long requests, progress, traces. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  CancellationTokenSource,
  type Diagnostic,
  type Hover,
  type Location,
  LSPErrorCodes,
  type MarkupContent,
  ProgressType,
  type SymbolInformation,
  type WorkspaceEdit,
} from "vscode-languageserver-protocol";
import { PATIENCE_MS, Session } from "./session.ts";

let session: Session;
afterEach(() => session.stop());

const names = async (query: string): Promise<string[]> =>
  (await session.request<SymbolInformation[]>("workspace/symbol", { query })).map(({ name }) => name).toSorted();

test("several folders: each has its nnp.json; they come and go", async () => {
  session = await Session.start({
    files: {
      "a/nnp.json": '{ "entry": "main.nnasm" }',
      "a/main.nnasm": '.include "part.nnasm"\n',
      "a/part.nnasm": "in_a: nop\n",
      "b/part.nnasm": "in_b: nop\n",
      "c/part.nnasm": "in_c: nop\n",
    },
    folders: ["a", "b"],
  });
  await expect.poll(() => names("in_"), { timeout: PATIENCE_MS }).toEqual(["in_a", "in_b"]);
  const entry = async (name: string) =>
    (await session.request<{ uri: string }>("nnasm/entryFile", { uri: session.uri(name) })).uri;
  expect(await entry("a/part.nnasm")).toBe(session.uri("a/main.nnasm"));
  expect(await entry("b/part.nnasm")).toBe(session.uri("b/part.nnasm"));
  await session.notify("workspace/didChangeWorkspaceFolders", {
    event: { added: [session.folderItem("c")], removed: [session.folderItem("a")] },
  });
  await expect.poll(() => names("in_"), { timeout: PATIENCE_MS }).toEqual(["in_b", "in_c"]);
});

describe("two programs share a file", () => {
  const main = (mode: number) =>
    `.equ MODE, ${mode}\n.include "shared.nnasm"\n.text\n_start: call helper\n        j _start\n`;
  const SHARED = `.if MODE == 2\nbad\n.endif\nhelper: ret\n`;
  const at = (line: number, character: number) => ({ line, character });
  const where = ({ uri, range }: Location): string => `${uri.split("/").at(-1)} ${range.start.line}`;

  beforeEach(async () => {
    session = await Session.start({
      files: { "a.nnasm": main(1), "b.nnasm": main(2), "shared.nnasm": SHARED },
      capabilities: SHOWS_PROGRESS,
    });
    await sourcesFound();
    await session.open("shared.nnasm", SHARED);
  });

  test("it is seen as part of the one that is open, not alone", async () => {
    // Alone it would not know MODE.
    expect(await session.diagnosticsOf("shared.nnasm", () => true)).toEqual([]);
    await session.open("b.nnasm", main(2));
    const isBad = ({ code }: Diagnostic): boolean => code === "unknown-mnemonic";
    const list = await session.diagnosticsOf("shared.nnasm", (found) => found.some(isBad));
    expect(list).toMatchObject([{ code: "unknown-mnemonic", range: { start: at(1, 0) } }]);
    await session.open("a.nnasm", main(1));
    const hover = await session.at<Hover>("textDocument/hover", "shared.nnasm", at(0, 5));
    expect((hover.contents as MarkupContent).value).toContain("1 = 0x1");
  });

  test("references, callers and a rename reach both", async () => {
    const context = { includeDeclaration: true };
    const found = await session.at<Location[]>("textDocument/references", "shared.nnasm", at(3, 0), { context });
    expect(found.map(where).toSorted()).toEqual(["a.nnasm 3", "b.nnasm 3", "shared.nnasm 3"]);

    const [item] = await session.at<CallHierarchyItem[]>("textDocument/prepareCallHierarchy", "shared.nnasm", at(3, 0));
    const calls = await session.request<CallHierarchyIncomingCall[]>("callHierarchy/incomingCalls", { item });
    expect(calls.map(({ from }) => `${from.name} ${from.uri.split("/").at(-1)}`)).toEqual([
      "_start a.nnasm",
      "_start b.nnasm",
    ]);

    const newName = "run";
    await session.open("a.nnasm", main(1));
    const edit = await session.at<WorkspaceEdit>("textDocument/rename", "a.nnasm", at(3, 14), { newName });
    const edited = Object.entries(edit.changes!).map(([uri, edits]) => `${uri.split("/").at(-1)} ${edits.length}`);
    expect(edited.toSorted()).toEqual(["a.nnasm 1", "b.nnasm 1", "shared.nnasm 1"]);
    await session.write("b.nnasm", `${main(2)}run: nop\n`);
    await session.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: session.uri("b.nnasm"), type: 2 }] });
    const refused = session.at("textDocument/rename", "a.nnasm", at(3, 14), { newName });
    await expect(refused).rejects.toThrow("`run` is already defined: b.nnasm, line 6");
  });
});

/** Settled when the server has found the workspace's sources. */
async function sourcesFound(): Promise<{ kind: string; percentage?: number }[]> {
  const steps: { kind: string; percentage?: number }[] = [];
  session.connection.onRequest("window/workDoneProgress/create", ({ token }: { token: string }) => {
    session.connection.onProgress(new ProgressType<{ kind: string }>(), token, (step) => {
      steps.push(step);
    });
    return null;
  });
  await expect.poll(() => steps.at(-1)?.kind, { timeout: PATIENCE_MS }).toBe("end");
  return steps;
}

const SHOWS_PROGRESS = { window: { workDoneProgress: true } };

test("a long request ends in the middle when it is cancelled, and gives its results in pieces", async () => {
  // More than is looked at in one go, and parsed when it is asked for.
  const text = `rare: nop\n${"addi a0, a0, 1\n".repeat(400)}`;
  const files = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`file${index}.nnasm`, text]));
  session = await Session.start({ files, capabilities: SHOWS_PROGRESS });
  await sourcesFound();
  const pieces: number[] = [];
  session.connection.onProgress(new ProgressType<SymbolInformation[]>(), "pieces", (found) => {
    pieces.push(found.length);
  });
  const params = { query: "rare", partialResultToken: "pieces" };
  const source = new CancellationTokenSource();
  const cancelled = session.connection.sendRequest("workspace/symbol", params, source.token);
  source.cancel();
  await expect(cancelled).rejects.toMatchObject({ code: LSPErrorCodes.RequestCancelled });
  const inTheMiddle = pieces.reduce((sum, length) => sum + length, 0);
  expect(inTheMiddle).toBeLessThan(100);

  expect(await session.request("workspace/symbol", params)).toEqual([]);
  expect(pieces.reduce((sum, length) => sum + length, 0)).toBe(inTheMiddle + 100);
});

test("references in pieces: the answer itself is empty", async () => {
  session = await Session.start();
  await session.open("main.nnasm", "x: nop\nj x\n.macro m\nj x\n.endm\n");
  const type = new ProgressType<Location[]>();
  const pieces: Location[] = [];
  session.connection.onProgress(type, "pieces", (found) => {
    pieces.push(...found);
  });
  const steps: string[] = [];
  session.connection.onProgress(new ProgressType<{ kind: string }>(), "work", ({ kind }) => {
    steps.push(kind);
  });
  const more = { context: { includeDeclaration: true }, partialResultToken: "pieces", workDoneToken: "work" };
  const position = { line: 0, character: 0 };
  expect(await session.at("textDocument/references", "main.nnasm", position, more)).toEqual([]);
  expect(pieces.map(({ range }) => range.start.line).toSorted()).toEqual([0, 1, 3]);
  expect([steps[0], steps.at(-1)]).toEqual(["begin", "end"]);
});

test("the search for sources shows progress", async () => {
  session = await Session.start({ capabilities: SHOWS_PROGRESS, folders: ["a", "b"] });
  const steps = await sourcesFound();
  expect(steps[0]).toMatchObject({ kind: "begin", title: "NNASM: looking for sources" });
  expect(steps.filter(({ kind }) => kind === "report").map(({ percentage }) => percentage)).toEqual([50, 100]);
});

test("a trace tells what was looked at, once it is asked for", async () => {
  session = await Session.start();
  const traced: { message: string; verbose?: string }[] = [];
  session.connection.onNotification("$/logTrace", (params: { message: string }) => {
    traced.push(params);
  });
  await session.open("main.nnasm", "nop\n");
  await session.diagnosticsOf("main.nnasm", () => true);
  expect(traced).toEqual([]);
  await session.notify("$/setTrace", { value: "verbose" });
  await session.edit("main.nnasm", { start: { line: 0, character: 0 }, end: { line: 0, character: 3 } }, "bad");
  await session.diagnosticsOf("main.nnasm", (list) => list.length > 0);
  await expect.poll(() => traced.length, { timeout: PATIENCE_MS }).toBeGreaterThan(0);
  expect(traced[0]).toMatchObject({
    message: expect.stringMatching(/^looked at 1 files in \d+ ms$/),
    verbose: `1 diagnostics in ${session.uri("main.nnasm")}`,
  });
});
