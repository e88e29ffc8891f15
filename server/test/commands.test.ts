/** Commands, documents that are made, and rewrites whose edits are asked for. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type {
  ApplyWorkspaceEditParams,
  CodeAction,
  TextDocumentContentResult,
  WorkspaceEdit,
} from "vscode-languageserver-protocol";
import { PATIENCE_MS, Session } from "./session.ts";

const MAIN = `        .macro  twice r
        addi    \\r, \\r, 1
        addi    \\r, \\r, 1
        .endm
main:   li      a0, 1
        twice   a0
        ret
`;
const INLINED = "        addi    a0, a0, 1\n        addi    a0, a0, 1\n";

const at = (line: number, character: number) => ({ line, character });
const lines = (first: number, last: number) => ({ start: at(first, 0), end: at(last, 0) });

describe("an editor that shows documents and applies edits", () => {
  let session: Session;
  const shown: string[] = [];
  const applied: ApplyWorkspaceEditParams[] = [];
  const refreshed: string[] = [];

  beforeAll(async () => {
    session = await Session.start({
      capabilities: {
        textDocument: { codeAction: { resolveSupport: { properties: ["edit"] } } },
        window: { showDocument: { support: true } },
        workspace: { applyEdit: true, textDocumentContent: {} },
      },
    });
    session.connection.onRequest("window/showDocument", ({ uri }: { uri: string }) => {
      shown.push(uri);
      return { success: true };
    });
    session.connection.onRequest("workspace/applyEdit", (params: ApplyWorkspaceEditParams) => {
      applied.push(params);
      return { applied: true };
    });
    session.connection.onRequest("workspace/textDocumentContent/refresh", ({ uri }: { uri: string }) => {
      refreshed.push(uri);
      return null;
    });
    await session.open("main.nnasm", MAIN);
  }, PATIENCE_MS);
  beforeEach(() => {
    shown.length = 0;
    applied.length = 0;
    refreshed.length = 0;
  });
  afterAll(() => session.stop());

  const uri = () => session.uri("main.nnasm");
  const run = <T>(name: string, parameters: object): Promise<T> =>
    session.request<T>("workspace/executeCommand", {
      command: `nnasm.server.${name}`,
      arguments: [{ uri: uri(), ...parameters }],
    });
  const contents = (of: string) =>
    session.request<TextDocumentContentResult | null>("workspace/textDocumentContent", { uri: of });

  test("a call is shown expanded; the document follows the source", async () => {
    const made = await run<{ uri: string; text: string }>("expandMacro", { position: at(5, 9) });
    expect(made.text).toBe("# twice a0\n        addi    a0, a0, 1\n        addi    a0, a0, 1\n");
    expect(shown).toEqual([made.uri]);
    expect(await contents(made.uri)).toEqual({ text: made.text });
    await session.edit("main.nnasm", { start: at(1, 24), end: at(1, 25) }, "2");
    await expect.poll(() => refreshed, { timeout: PATIENCE_MS }).toEqual([made.uri]);
    expect((await contents(made.uri))?.text).toContain("addi    a0, a0, 2\n");
    await session.edit("main.nnasm", { start: at(1, 24), end: at(1, 25) }, "1");
    // A document of ours that is open is no program with errors of its own.
    const textDocument = { uri: made.uri, languageId: "nnasm", version: 1, text: "        nothing\n" };
    await session.notify("textDocument/didOpen", { textDocument });
    await session.edit("main.nnasm", { start: at(7, 0), end: at(7, 0) }, "        bad\n");
    await session.diagnosticsOf("main.nnasm", (list) => list.length > 0);
    expect(session.told(made.uri)).toEqual([]);
    await session.edit("main.nnasm", { start: at(7, 0), end: at(8, 0) }, "");
    await session.notify("textDocument/didClose", { textDocument });
    await expect(run("expandMacro", { position: at(6, 9) })).rejects.toThrow("there is no macro call here");
  });

  test("a program is shown as it lies in memory, an instruction with its page", async () => {
    const code = await run<{ uri: string; text: string }>("disassemble", {});
    expect(code.text).toMatch(/main:\n0x0000_0000 {2}0x0010_0513 {2}addi a0, zero, 1 +# main: +li +a0, 1\n/);
    const page = await run<{ uri: string; text: string }>("instructionPage", { position: at(6, 9) });
    expect(page.text).toMatch(/^# ret\n/);
    expect(shown).toEqual([code.uri, page.uri]);
    expect(await contents("nnasm-isa:/addi.md?nowhere")).toBeNull();
    await expect(run("nonsense", {})).rejects.toThrow("there is no command nnasm.server.nonsense");
    await expect(run("inlineMacro", {})).rejects.toThrow("needs a position");
  });

  test("commands that change the source have the editor change it", async () => {
    await run("inlineMacro", { position: at(5, 9) });
    await run("extractMacro", { range: lines(5, 6), name: "step", operands: ["a0"] });
    const texts = applied.map(({ edit }) => edit.changes![uri()]!.map(({ newText }) => newText));
    expect(texts).toEqual([
      [INLINED],
      ["        .macro  step a0\n        twice   \\a0\n        .endm\n\n", "        step    a0\n"],
    ]);
    await expect(run("inlineMacro", { position: at(6, 9) })).rejects.toThrow("there is no macro call");
  });

  test("a rewrite's edits are made when it is chosen", async () => {
    const actions = await session.request<CodeAction[]>("textDocument/codeAction", {
      textDocument: { uri: uri() },
      range: lines(5, 6),
      context: { diagnostics: [], only: ["refactor"] },
    });
    expect(actions.map(({ title, kind, edit }) => [title, kind, edit])).toEqual([
      ["Extract macro", "refactor.extract", undefined],
      ["Inline `twice`", "refactor.inline", undefined],
    ]);
    const resolved = await session.request<CodeAction>("codeAction/resolve", actions[1]!);
    expect((resolved.edit as WorkspaceEdit).changes![uri()]).toEqual([{ range: lines(5, 6), newText: INLINED }]);
    const stale = { ...actions[1]!, title: "Inline `gone`" };
    await expect(session.request("codeAction/resolve", stale)).rejects.toThrow("the text has changed");
  });
});

test("a client that can't ask later gets the edits at once", async () => {
  const session = await Session.start({ capabilities: {} });
  const uri = await session.open("main.nnasm", MAIN);
  const [action] = await session.request<CodeAction[]>("textDocument/codeAction", {
    textDocument: { uri },
    range: { start: at(5, 9), end: at(5, 9) },
    context: { diagnostics: [] },
  });
  expect(action).toMatchObject({ title: "Inline `twice`", edit: { changes: { [uri]: [{ newText: INLINED }] } } });
  await session.stop();
});
