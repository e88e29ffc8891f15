/** Every feature once over the protocol: a real server process, a real JSON-RPC client. */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  type CodeAction,
  type CompletionItem,
  type CompletionList,
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type DocumentHighlight,
  type DocumentLink,
  type DocumentSymbol,
  type FoldingRange,
  type Hover,
  type InlayHint,
  type Location,
  type LocationLink,
  type MarkupContent,
  type SelectionRange,
  type SemanticTokens,
  type SemanticTokensDelta,
  type SignatureHelp,
  type SymbolInformation,
  SymbolKind,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver-protocol";
import { PATIENCE_MS, Session } from "./session.ts";

const MAIN = `        .include "lib.nnasm"
        .equ    N, 3
        .tensor input, int8, 1, 4, 4, 8, in=dm
        .text
main:   li      a0, N
        call    helper
        td.ld   td0, input
        ret
`;
const LIB = "        .globl  helper, main\nhelper: ret\n";

/** Capabilities of VS Code that matter here beside the session's own. */
const EDITOR = {
  textDocument: {
    hover: { contentFormat: ["markdown"] },
    semanticTokens: { augmentsSyntaxTokens: true },
  },
  workspace: {
    workspaceFolders: true,
    configuration: true,
    semanticTokens: { refreshSupport: true },
    inlayHint: { refreshSupport: true },
  },
};

describe("a program of two files", () => {
  let session: Session;
  beforeAll(async () => {
    session = await Session.start({ files: { "main.nnasm": MAIN, "lib.nnasm": LIB } });
  }, PATIENCE_MS);
  beforeEach(() => session.open("main.nnasm", MAIN));
  afterEach(() => session.close("main.nnasm"));
  afterAll(() => session.stop());

  const at = (line: number, character: number) => ({ line, character });
  const end = at(8, 0);

  test("diagnostics as you type, with the way out, and gone when it is right", async () => {
    await session.edit("main.nnasm", { start: end, end }, "        adi a0, a0, 1\n");
    const list = await session.diagnosticsOf("main.nnasm", (found) => found.length > 0);
    expect(list).toEqual([
      {
        range: { start: at(8, 8), end: at(8, 11) },
        severity: DiagnosticSeverity.Error,
        code: "unknown-mnemonic",
        codeDescription: { href: expect.stringMatching(/^file:.*\/docs\/diagnostics\/unknown-mnemonic\.md$/) },
        source: "nnasm",
        message: "unknown instruction or macro `adi`\nhint: did you mean `addi`?",
      } satisfies Diagnostic,
    ]);
    expect(existsSync(fileURLToPath(list[0]!.codeDescription!.href))).toBe(true);
    await session.edit("main.nnasm", { start: at(8, 9), end: at(8, 9) }, "d");
    await session.diagnosticsOf("main.nnasm", (found) => !found.some(({ code }) => code === "unknown-mnemonic"));
  });

  test("lints with their pages, faded, and quick fixes that remove or mute them", async () => {
    await session.edit("main.nnasm", { start: end, end }, "        addi a0, a0, 1\n");
    const isLint = ({ code }: Diagnostic): boolean => code === "unreachable-code";
    const list = await session.diagnosticsOf("main.nnasm", (found) => found.some(isLint));
    expect(list).toMatchObject([
      {
        range: { start: at(8, 8), end: at(8, 22) },
        severity: DiagnosticSeverity.Warning,
        codeDescription: { href: expect.stringMatching(/^file:.*\/docs\/diagnostics\/unreachable-code\.md$/) },
        tags: [DiagnosticTag.Unnecessary],
      },
    ]);
    expect(existsSync(fileURLToPath(list[0]!.codeDescription!.href))).toBe(true);
    const actions = await session.request<CodeAction[]>("textDocument/codeAction", {
      textDocument: { uri: session.uri("main.nnasm") },
      range: list[0]!.range,
      context: { diagnostics: list, only: ["quickfix"] },
    });
    const [remove, mute] = actions;
    expect(remove!.title).toBe("Remove the instruction");
    expect(mute!.title).toBe("Turn off unreachable-code for this line");
    for (const action of [mute!, remove!]) {
      const [{ range, newText }] = action.edit!.changes![session.uri("main.nnasm")] as [TextEdit];
      await session.edit("main.nnasm", range, newText);
      await session.diagnosticsOf("main.nnasm", (found) => found.length === 0);
      if (action === mute) await session.edit("main.nnasm", { start: at(8, 0), end: at(9, 0) }, "");
    }
  });

  test("what has no effect is marked as unnecessary", async () => {
    await session.edit("main.nnasm", { start: end, end }, "        .option fast\n");
    const isIgnored = ({ code }: Diagnostic) => code === "directive-ignored";
    const list = await session.diagnosticsOf("main.nnasm", (found) => found.some(isIgnored));
    expect(list.find(isIgnored)).toMatchObject({ code: "directive-ignored", tags: [DiagnosticTag.Unnecessary] });
  });

  test("diagnostics of files that are not open stand in those files", async () => {
    await session.write("lib.nnasm", "helper: bad\n");
    await session.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: session.uri("lib.nnasm"), type: 2 }] });
    const [diagnostic] = await session.diagnosticsOf("lib.nnasm", (found) => found.length > 0);
    expect(diagnostic).toMatchObject({ code: "unknown-mnemonic", range: { start: at(0, 8), end: at(0, 11) } });
    // The editor's text counts, not the disk's.
    await session.open("lib.nnasm", LIB);
    await session.diagnosticsOf("lib.nnasm", (found) => found.length === 0);
    await session.close("lib.nnasm");
    await session.diagnosticsOf("lib.nnasm", (found) => found.length > 0);
    // Without an open file nobody wants to know.
    await session.close("main.nnasm");
    await session.diagnosticsOf("lib.nnasm", (found) => found.length === 0);
    await session.write("lib.nnasm", LIB);
  });

  test("paths in messages are readable", async () => {
    await session.edit("main.nnasm", { start: end, end }, '        .include "gone.nnasm"\n');
    const [diagnostic] = await session.diagnosticsOf("main.nnasm", (found) => found.length > 0);
    expect(diagnostic?.message).toContain(`looked for ${session.folder}/gone.nnasm`);
  });

  test("completion with snippets, and documentation on demand", async () => {
    await session.edit("main.nnasm", { start: end, end }, "        nu.co");
    const list = await session.at<CompletionList>("textDocument/completion", "main.nnasm", at(8, 13));
    const item = list.items.find(({ label }) => label === "nu.conv")!;
    expect(item).toMatchObject({
      detail: "convolution",
      labelDetails: { description: "NU" },
      insertTextFormat: 2,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: snippet syntax
      textEdit: { range: { start: at(8, 8), end: at(8, 13) }, newText: "nu.conv ${1:td2}, ${2:td0}, ${3:td1}" },
    });
    const resolved = await session.request<CompletionItem>("completionItem/resolve", item);
    expect((resolved.documentation as MarkupContent).value).toContain("w has shape (Co, Kh, Kw, Ci)");
  });

  test("completion of symbols that were typed a moment ago", async () => {
    await session.diagnosticsOf("main.nnasm", () => true);
    await session.edit("main.nnasm", { start: end, end }, "        td.ld td1, ");
    const list = await session.at<CompletionList>("textDocument/completion", "main.nnasm", at(8, 19));
    expect(list.items.map(({ label, detail }) => `${label} ${detail}`)).toEqual(["input int8 1x4x4x8"]);
  });

  test("completion of paths", async () => {
    await session.edit("main.nnasm", { start: end, end }, '        .include "');
    const list = await session.at<CompletionList>("textDocument/completion", "main.nnasm", at(8, 18));
    expect(list.items.map(({ label }) => label).sort()).toEqual(["lib.nnasm", "main.nnasm"]);
  });

  test("hover", async () => {
    const hover = await session.at<Hover>("textDocument/hover", "main.nnasm", at(6, 22));
    expect((hover.contents as MarkupContent).value).toContain("| shape | n 1, h 4, w 4, c 8 |");
    expect(hover.range).toEqual({ start: at(6, 21), end: at(6, 26) });
  });

  test("a declaration is the definition", async () => {
    const position = at(5, 17);
    const found = await session.at<LocationLink[]>("textDocument/declaration", "main.nnasm", position);
    expect(found).toEqual(await session.at("textDocument/definition", "main.nnasm", position));
    expect(found).toHaveLength(1);
  });

  test("definition over files, type definition of a descriptor register", async () => {
    const [link] = await session.at<LocationLink[]>("textDocument/definition", "main.nnasm", at(5, 18));
    expect(link).toMatchObject({
      targetUri: session.uri("lib.nnasm"),
      targetSelectionRange: { start: at(1, 0), end: at(1, 6) },
    });
    const [tensor] = await session.at<LocationLink[]>("textDocument/typeDefinition", "main.nnasm", at(6, 21));
    expect(tensor?.targetSelectionRange.start).toEqual(at(2, 16));
  });

  test("references and highlights", async () => {
    const context = { includeDeclaration: true };
    const found = await session.at<Location[]>("textDocument/references", "main.nnasm", at(5, 18), { context });
    expect(found.map(({ uri, range }) => `${uri.split("/").at(-1)}:${range.start.line}`).sort()).toEqual([
      "lib.nnasm:0",
      "lib.nnasm:1",
      "main.nnasm:5",
    ]);
    const highlights = await session.at<DocumentHighlight[]>("textDocument/documentHighlight", "main.nnasm", at(4, 20));
    expect(highlights.map(({ kind, range }) => `${kind} ${range.start.line}`)).toEqual(["3 1", "2 4"]);
  });

  test("rename over files, and what it refuses", async () => {
    const prepared = await session.at("textDocument/prepareRename", "main.nnasm", at(5, 18));
    expect(prepared).toEqual({ range: { start: at(5, 16), end: at(5, 22) }, placeholder: "helper" });
    const edit = await session.at<WorkspaceEdit>("textDocument/rename", "main.nnasm", at(5, 18), { newName: "run" });
    const counts = Object.entries(edit.changes!).map(([uri, edits]) => `${uri.split("/").at(-1)} ${edits.length}`);
    expect(counts.sort()).toEqual(["lib.nnasm 2", "main.nnasm 1"]);
    const refused = session.at("textDocument/rename", "main.nnasm", at(5, 18), { newName: "a0" });
    await expect(refused).rejects.toThrow("`a0` is a register");
  });

  test("document symbols", async () => {
    const textDocument = { uri: session.uri("main.nnasm") };
    const symbols = await session.request<DocumentSymbol[]>("textDocument/documentSymbol", { textDocument });
    expect(symbols.map(({ name, kind }) => [name, kind])).toEqual([
      ["N", SymbolKind.Constant],
      ["input", SymbolKind.Array],
      [".text", SymbolKind.Module],
    ]);
    expect(symbols[2]?.children?.map(({ name }) => name)).toEqual(["main"]);
  });

  test("workspace symbols, in files that are not open too", async () => {
    await expect
      .poll(
        async () => {
          const found = await session.request<SymbolInformation[]>("workspace/symbol", { query: "hlp" });
          return found.map(({ name, location }) => `${name} ${location.uri.split("/").at(-1)}`);
        },
        { timeout: PATIENCE_MS },
      )
      .toEqual(["helper lib.nnasm"]);
  });

  test("call hierarchy", async () => {
    const [item] = await session.at<CallHierarchyItem[]>("textDocument/prepareCallHierarchy", "main.nnasm", at(5, 18));
    expect(item).toMatchObject({ name: "helper", uri: session.uri("lib.nnasm") });
    const incoming = await session.request<CallHierarchyIncomingCall[]>("callHierarchy/incomingCalls", { item });
    expect(incoming).toEqual([]);
    await session.edit("main.nnasm", { start: at(3, 0), end: at(3, 0) }, "        .type   main, @function\n");
    const calls = await session.request<CallHierarchyIncomingCall[]>("callHierarchy/incomingCalls", { item });
    expect(calls.map(({ from, fromRanges }) => `${from.name} ${fromRanges[0]?.start.line}`)).toEqual(["main 6"]);
    const { from } = calls[0]!;
    const outgoing = await session.request<CallHierarchyOutgoingCall[]>("callHierarchy/outgoingCalls", { item: from });
    expect(outgoing.map(({ to }) => to.name)).toEqual(["helper"]);
  });

  test("signature help", async () => {
    await session.edit("main.nnasm", { start: end, end }, "        nu.conv td0, ");
    const help = await session.at<SignatureHelp>("textDocument/signatureHelp", "main.nnasm", at(8, 21));
    expect(help).toMatchObject({
      activeSignature: 0,
      activeParameter: 1,
      signatures: [{ label: "nu.conv out, in, w" }],
    });
  });

  test("inlay hints", async () => {
    const textDocument = { uri: session.uri("main.nnasm") };
    const range = { start: at(0, 0), end };
    const hints = await session.request<InlayHint[]>("textDocument/inlayHint", { textDocument, range });
    expect(hints.map(({ label, position }) => `${position.line} ${label as string}`)).toEqual([
      "4 = 3",
      "6 int8 1x4x4x8",
      "5 2+4 branch",
      "6 3+5 descriptor",
      "7 1+4 branch",
    ]);
  });

  test("code actions", async () => {
    await session.edit("main.nnasm", { start: end, end }, "        adi a0, a0, 1\n");
    const textDocument = { uri: session.uri("main.nnasm") };
    const params = { textDocument, range: { start: at(8, 9), end: at(8, 9) }, context: { diagnostics: [] } };
    const actions = await session.request<CodeAction[]>("textDocument/codeAction", params);
    expect(actions).toMatchObject([
      {
        title: "Change to `addi`",
        kind: "quickfix",
        isPreferred: true,
        diagnostics: [{ code: "unknown-mnemonic" }],
        edit: { changes: { [textDocument.uri]: [{ newText: "addi" }] } },
      },
    ]);
    const refactors = { ...params, context: { diagnostics: [], only: ["refactor"] } };
    expect(await session.request("textDocument/codeAction", refactors)).toEqual([]);
  });

  test("semantic tokens: full, delta, range", async () => {
    const textDocument = { uri: session.uri("main.nnasm") };
    const full = await session.request<SemanticTokens>("textDocument/semanticTokens/full", { textDocument });
    await session.edit("main.nnasm", { start: end, end }, "last:   nop\n");
    const params = { textDocument, previousResultId: full.resultId! };
    const delta = await session.request<SemanticTokensDelta>("textDocument/semanticTokens/full/delta", params);
    expect(delta.edits).toMatchObject([{ deleteCount: 0 }]);
    const data = [...full.data];
    for (const edit of delta.edits) data.splice(edit.start, edit.deleteCount, ...(edit.data ?? []));
    const fresh = await session.request<SemanticTokens>("textDocument/semanticTokens/full", { textDocument });
    expect(data).toEqual(fresh.data);
    const part = { textDocument, range: { start: at(8, 0), end: at(9, 0) } };
    const range = await session.request<SemanticTokens>("textDocument/semanticTokens/range", part);
    expect(range.data.slice(0, 3)).toEqual([8, 0, 4]);
  });

  test("folding, growing selections, links", async () => {
    const textDocument = { uri: session.uri("main.nnasm") };
    const folds = await session.request<FoldingRange[]>("textDocument/foldingRange", { textDocument });
    expect(folds).toEqual([{ startLine: 3, endLine: 7 }]);
    const params = { textDocument, positions: [at(4, 16)] };
    const [selection] = await session.request<SelectionRange[]>("textDocument/selectionRange", params);
    expect(selection).toMatchObject({
      range: { start: at(4, 16), end: at(4, 18) },
      parent: { range: { start: at(4, 16), end: at(4, 21) }, parent: { range: { start: at(4, 0) } } },
    });
    const found = await session.request<DocumentLink[]>("textDocument/documentLink", { textDocument });
    expect(found).toEqual([{ range: { start: at(0, 18), end: at(0, 27) }, target: session.uri("lib.nnasm") }]);
  });

  test("includes follow a file that moves", async () => {
    const files = [{ oldUri: session.uri("lib.nnasm"), newUri: session.uri("sub/lib.nnasm") }];
    await expect
      .poll(() => session.request<WorkspaceEdit | null>("workspace/willRenameFiles", { files }), {
        timeout: PATIENCE_MS,
      })
      .toEqual({
        changes: {
          [session.uri("main.nnasm")]: [{ range: { start: at(0, 18), end: at(0, 27) }, newText: "sub/lib.nnasm" }],
        },
      });
  });

  test("formatting", async () => {
    await session.edit("main.nnasm", { start: end, end }, "add a0,a1,a2\n");
    const textDocument = { uri: session.uri("main.nnasm") };
    const options = { tabSize: 8, insertSpaces: true };
    const edits = await session.request<TextEdit[]>("textDocument/formatting", { textDocument, options });
    const laidOut = [{ range: { start: at(8, 0), end: at(8, 12) }, newText: "        add     a0, a1, a2" }];
    expect(edits).toEqual(laidOut);
    const inFront = { start: at(0, 0), end: at(8, 0) };
    const onLine = { start: at(8, 3), end: at(8, 4) };
    const range = (method: string, more: object) => session.request(method, { textDocument, options, ...more });
    expect(await range("textDocument/rangeFormatting", { range: inFront })).toEqual([]);
    expect(await range("textDocument/rangeFormatting", { range: onLine })).toEqual(laidOut);
    expect(await range("textDocument/rangesFormatting", { ranges: [inFront, onLine] })).toEqual(laidOut);
    const typed = { position: at(9, 0), ch: "\n" };
    expect(await range("textDocument/onTypeFormatting", typed)).toEqual(laidOut);
  });
});

test("a client that can do little gets plain text, flat symbols and plain locations", async () => {
  const session = await Session.start({ files: { "main.nnasm": "main: add a0, a1, a2\nj main\n" }, capabilities: {} });
  await session.open("main.nnasm", "main: add a0, a1, a2\nj main\n");
  const hover = await session.at<Hover>("textDocument/hover", "main.nnasm", { line: 0, character: 7 });
  expect(hover.contents).toMatchObject({ kind: "plaintext" });
  expect((hover.contents as MarkupContent).value).not.toMatch(/[`*]/);
  const textDocument = { uri: session.uri("main.nnasm") };
  const symbols = await session.request<object[]>("textDocument/documentSymbol", { textDocument });
  expect(symbols).toMatchObject([{ name: "main", location: { uri: textDocument.uri } }]);
  const found = await session.at<Location[]>("textDocument/definition", "main.nnasm", { line: 1, character: 2 });
  expect(found).toMatchObject([{ uri: textDocument.uri, range: { start: { line: 0, character: 0 } } }]);
  await session.stop();
});

test("only VS Code is told to complete again", async () => {
  for (const [clientName, expected] of [
    ["Visual Studio Code", "editor.action.triggerSuggest"],
    ["Neovim", undefined],
  ] as const) {
    const session = await Session.start({ clientName });
    await session.open("main.nnasm", ".incl");
    const position = { line: 0, character: 5 };
    const { items } = await session.at<CompletionList>("textDocument/completion", "main.nnasm", position);
    expect(items.find(({ label }) => label === ".include")?.command?.command).toBe(expected);
    await session.stop();
  }
});

test("UTF-16 positions, CRLF and tabs", async () => {
  const text = 'x:\tnop\t# 😀 ü\r\n\t.data\r\n\t.asciz "😀", "b"; .word x\r\n';
  const session = await Session.start({ files: { "main.nnasm": text } });
  await session.open("main.nnasm", text);
  const position = { line: 2, character: text.split("\r\n")[2]!.indexOf("x") };
  const [link] = await session.at<LocationLink[]>("textDocument/definition", "main.nnasm", position);
  expect(link).toMatchObject({
    originSelectionRange: { start: position, end: { line: 2, character: position.character + 1 } },
    targetSelectionRange: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
  });
  await session.stop();
});

test("file names that are no URIs are told about", async () => {
  const text = '.include "file:///100%.inc"\n.include "half\\ud83d"\n'.replace("\\ud83d", "\ud83d");
  const session = await Session.start({ files: { "main.nnasm": "" } });
  await session.open("main.nnasm", text);
  const list = await session.diagnosticsOf("main.nnasm", () => true);
  expect(list.filter(({ code }) => code === "missing-include").map(({ range }) => range.start.line)).toEqual([0, 1]);
  expect(session.errors).toBe("");
  await session.stop();
});

test("bursts of edits end in the diagnostics of the last text", async () => {
  const session = await Session.start({ files: { "main.nnasm": "" } });
  await session.open("main.nnasm", "\n");
  const start = { line: 0, character: 0 };
  for (let index = 0; index < 200; index++) {
    await session.edit("main.nnasm", { start, end: { line: 0, character: index } }, "a".repeat(index + 1));
  }
  await session.edit("main.nnasm", { start, end: { line: 0, character: 200 } }, "nop");
  await session.diagnosticsOf("main.nnasm", (list) => list.length === 0);
  expect(session.errors).toBe("");
  await session.stop();
});

describe("an editor that keeps itself up to date", () => {
  test("settings switch hints off; names changed in one file refresh the others", async () => {
    const session = await Session.start({ files: { "main.nnasm": MAIN, "lib.nnasm": LIB }, capabilities: EDITOR });
    let settings: object = { inlayHints: { values: false, cycles: "off" } };
    const refreshed: string[] = [];
    session.connection.onRequest("workspace/configuration", () => [settings]);
    const refresh = (what: string) => () => {
      refreshed.push(what);
      return null;
    };
    session.connection.onRequest("workspace/inlayHint/refresh", refresh("hints"));
    session.connection.onRequest("workspace/semanticTokens/refresh", refresh("tokens"));
    await session.open("main.nnasm", MAIN);
    await session.open("lib.nnasm", LIB);
    const range = { start: { line: 0, character: 0 }, end: { line: 8, character: 0 } };
    const params = { textDocument: { uri: session.uri("main.nnasm") }, range };
    const hints = async () =>
      (await session.request<InlayHint[]>("textDocument/inlayHint", params)).map(({ label }) => label);
    await session.notify("workspace/didChangeConfiguration", { settings: null });
    await expect.poll(hints, { timeout: PATIENCE_MS }).toEqual(["int8 1x4x4x8"]);
    settings = { inlayHints: { tensors: false, values: "nonsense", cycles: "off" } };
    await session.notify("workspace/didChangeConfiguration", { settings: null });
    await expect.poll(hints, { timeout: PATIENCE_MS }).toEqual(["= 3"]);
    settings = { inlayHints: { tensors: false, values: false, cycles: "off", blockCycles: true } };
    await session.notify("workspace/didChangeConfiguration", { settings: null });
    await expect
      .poll(hints, { timeout: PATIENCE_MS })
      .toEqual([expect.stringMatching(/^block = \d+/), expect.stringMatching(/^block = \d+/)]);

    await session.diagnosticsOf("lib.nnasm", () => true);
    refreshed.length = 0;
    const start = { line: 0, character: 0 };
    await session.edit("lib.nnasm", { start, end: start }, ".equ M, 4\n");
    await expect.poll(() => refreshed.toSorted(), { timeout: PATIENCE_MS }).toEqual(["hints", "tokens"]);
    await session.stop();
  });
});
