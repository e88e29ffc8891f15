/** Diagnostics for clients that ask for them. */
import { afterEach, describe, expect, test } from "vitest";
import {
  CancellationTokenSource,
  type Diagnostic,
  type DocumentDiagnosticReport,
  LSPErrorCodes,
  ProgressType,
  type WorkspaceDiagnosticReport,
  type WorkspaceDiagnosticReportPartialResult,
} from "vscode-languageserver-protocol";
import { PATIENCE_MS, Session } from "./session.ts";

let session: Session;
afterEach(() => session.stop());

const PULLS = { textDocument: { diagnostic: {} }, workspace: { diagnostics: { refreshSupport: true } } };
const MAIN = '.include "lib.nnasm"\nadi a0, a0, 1\n';
const start = { line: 0, character: 0 };

async function open(): Promise<string[]> {
  session = await Session.start({ files: { "main.nnasm": MAIN, "lib.nnasm": "bad\n" }, capabilities: PULLS });
  const pushed: string[] = [];
  session.connection.onNotification(
    "textDocument/publishDiagnostics",
    ({ uri, diagnostics }: { uri: string; diagnostics: Diagnostic[] }) => {
      pushed.push(`${uri.split("/").at(-1)} ${diagnostics.length}`);
    },
  );
  await session.open("main.nnasm", MAIN);
  return pushed;
}

const pull = (previousResultId?: string): Promise<DocumentDiagnosticReport> =>
  session.request("textDocument/diagnostic", {
    textDocument: { uri: session.uri("main.nnasm") },
    ...(previousResultId ? { previousResultId } : {}),
  });

const workspace = (known: Record<string, string>, more: object = {}): Promise<WorkspaceDiagnosticReport> =>
  session.request("workspace/diagnostic", {
    previousResultIds: Object.entries(known).map(([uri, value]) => ({ uri, value })),
    ...more,
  });

const shown = ({ items }: WorkspaceDiagnosticReport): string[] =>
  items.map((item) =>
    item.kind === "full"
      ? `${item.uri.split("/").at(-1)}: ${item.items.map(({ code }) => String(code)).join()}`
      : "unchanged",
  );

test("a document that is open is asked for, the files of its program are told", async () => {
  const pushed = await open();
  const first = await pull();
  if (first.kind !== "full") throw new Error("the first report is a full one");
  expect(first.items.map(({ code }) => code)).toEqual(["unknown-mnemonic"]);
  expect(await pull(first.resultId)).toEqual({ kind: "unchanged", resultId: first.resultId });
  await expect.poll(() => pushed, { timeout: PATIENCE_MS }).toEqual(["lib.nnasm 1"]);

  await session.edit("main.nnasm", { start: { line: 1, character: 1 }, end: { line: 1, character: 1 } }, "d");
  const second = await pull(first.resultId);
  expect(second).toMatchObject({ kind: "full", items: [] });
  expect(second.resultId).not.toBe(first.resultId);
});

test("what changes on disk makes the client ask again", async () => {
  await open();
  let refreshed = 0;
  session.connection.onRequest("workspace/diagnostic/refresh", () => {
    refreshed++;
    return null;
  });
  await pull();
  await session.write("lib.nnasm", ".macro adi a, b, c\n.endm\nnop\n");
  await session.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: session.uri("lib.nnasm"), type: 2 }] });
  await expect.poll(() => refreshed, { timeout: PATIENCE_MS }).toBeGreaterThan(0);
  expect(await pull()).toMatchObject({ kind: "full", items: [] });
});

test("the workspace: all at first, then what is new when there is something, nothing twice", async () => {
  const pushed = await open();
  await expect.poll(() => pushed, { timeout: PATIENCE_MS }).toEqual(["lib.nnasm 1"]);
  const first = await workspace({});
  expect(shown(first).toSorted()).toEqual(["lib.nnasm: unknown-mnemonic", "main.nnasm: unknown-mnemonic"]);
  // What had been told before is taken back: it is in the answer.
  expect(pushed).toEqual(["lib.nnasm 1", "lib.nnasm 0"]);

  const known = Object.fromEntries(first.items.map(({ uri, resultId }) => [uri, resultId!]));
  const next = workspace(known);
  let answered = false;
  void next.then(() => {
    answered = true;
  });
  // Another request is answered in the meantime, so this one waits.
  await pull();
  expect(answered).toBe(false);
  await session.edit("main.nnasm", { start, end: { line: 1, character: 0 } }, "");
  // The line that remains has moved; what was included is a program of its own now.
  expect(shown(await next).toSorted()).toEqual(["lib.nnasm: unknown-mnemonic", "main.nnasm: unknown-mnemonic"]);
  expect(pushed).toEqual(["lib.nnasm 1", "lib.nnasm 0"]);
});

test("reports of the workspace in pieces", async () => {
  await open();
  const type = new ProgressType<WorkspaceDiagnosticReportPartialResult>();
  const pieces: string[] = [];
  session.connection.onProgress(type, "pieces", (report) => {
    pieces.push(...shown(report));
  });
  expect((await workspace({}, { partialResultToken: "pieces" })).items).toEqual([]);
  expect(pieces.toSorted()).toEqual(["lib.nnasm: unknown-mnemonic", "main.nnasm: unknown-mnemonic"]);
});

test("a client that gives up the workspace's request gets it back as cancelled", async () => {
  await open();
  const first = await workspace({});
  const source = new CancellationTokenSource();
  const previousResultIds = first.items.map(({ uri, resultId }) => ({ uri, value: resultId! }));
  const waiting = session.connection.sendRequest("workspace/diagnostic", { previousResultIds }, source.token);
  await pull();
  source.cancel();
  await expect(waiting).rejects.toMatchObject({ code: LSPErrorCodes.RequestCancelled });
});

describe("programs without an open file", () => {
  const END = "        li      a7, 93\n        ecall\n";
  const FILES = {
    "a/bad.nnasm": `_start: adi     a0, a0, 1\n${END}`,
    "a/lint.nnasm": `_start: j       1f\n        li      a0, 1\n1:\n${END}`,
    "a/good.nnasm": `        .include "lib/part.nnasm"\n${END}`,
    "a/lib/part.nnasm": "_start: li      a0, 0\n        li      t0, 1\n",
    "b/nnp.json": '{ "link": ["one.nnasm", "two.nnasm"], "lint": { "unreachable-code": "error" } }',
    "b/one.nnasm": `        .globl  _start\n_start: call    gone\n${END}`,
    "b/two.nnasm": "        .globl  two\ntwo:    ret\n",
  };
  const begin = async (files: Record<string, string> = FILES): Promise<void> => {
    session = await Session.start({ files, folders: ["a", "b"], capabilities: PULLS });
    // The folders have been searched when their symbols are found.
    const query = "_start";
    await expect
      .poll(() => session.request<object[]>("workspace/symbol", { query }), { timeout: PATIENCE_MS })
      .not.toHaveLength(0);
  };
  const ALL = [
    "bad.nnasm: unknown-mnemonic",
    "lint.nnasm: unreachable-code",
    "one.nnasm: link-undefined",
    "part.nnasm: unused-result",
  ];

  test("of all folders are in the answer, linked ones and lints too; then only what is new", async () => {
    await begin();
    const first = await workspace({});
    expect(shown(first).toSorted()).toEqual(ALL);
    const known = Object.fromEntries(first.items.map(({ uri, resultId }) => [uri, resultId!]));
    const next = workspace(known);
    await session.write("a/bad.nnasm", `_start: addi    a0, a0, 1\n${END}`);
    await session.notify("workspace/didChangeWatchedFiles", {
      changes: [{ uri: session.uri("a/bad.nnasm"), type: 2 }],
    });
    expect(shown(await next).toSorted()).toEqual(["bad.nnasm: uninitialised-register"]);
  });

  test("in pieces, with what open ones say of the same file", async () => {
    await begin();
    await session.open("a/lib/part.nnasm", `${FILES["a/lib/part.nnasm"]}        nop\n`);
    const type = new ProgressType<WorkspaceDiagnosticReportPartialResult>();
    const pieces = new Map<string, string>();
    session.connection.onProgress(type, "pieces", (report) => {
      for (const text of shown(report)) pieces.set(text.split(":")[0]!, text);
    });
    expect((await workspace({}, { partialResultToken: "pieces" })).items).toEqual([]);
    expect([...pieces.values()].toSorted()).toEqual(ALL);
  });

  test("are many: the request can be given up in between, and others are answered", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`a/${index}.nnasm`, `_start: li a0, ${index}\n${END}`]),
    );
    await begin(many);
    const source = new CancellationTokenSource();
    const waiting = session.connection.sendRequest("workspace/diagnostic", { previousResultIds: [] }, source.token);
    source.cancel();
    await expect(waiting).rejects.toMatchObject({ code: LSPErrorCodes.RequestCancelled });
    expect((await workspace({})).items).toEqual([]);
  });
});
