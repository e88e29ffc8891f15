/** Requests about one place, each once over the protocol. */
import { rename, rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {
  CodeAction,
  DocumentLink,
  InlineValue,
  LinkedEditingRanges,
  Location,
  TypeHierarchyItem,
  WorkspaceSymbol,
} from "vscode-languageserver-protocol";
import { PATIENCE_MS, Session } from "./session.ts";

const MAIN = `        .tensor input, int8, 1, 4, 4, 8, in=dm
        .text
main:   li      a0, 1
loop:   addi    a0, a0, -1
        bnez    a0, loop
        call    kernel
        ret
        .data
        .incbin "data.bin"
`;
const KERNEL = "        .globl  kernel; .text\nkernel: ret\n";

const INCLUDE_KERNEL = '        .include "kernel.nnasm"\n';

const at = (line: number, character: number) => ({ line, character });
const on = (line: number, start: number, end: number) => ({ start: at(line, start), end: at(line, end) });

describe("a program and a kernel of its own", () => {
  let session: Session;
  beforeAll(async () => {
    session = await Session.start({
      files: { "main.nnasm": MAIN, "kernel.nnasm": KERNEL, "data.bin": new Uint8Array(300) },
      capabilities: { workspace: { symbol: { resolveSupport: { properties: ["location.range"] } } } },
    });
    await session.open("main.nnasm", MAIN);
  }, PATIENCE_MS);
  afterAll(() => session.stop());
  const textDocument = () => ({ uri: session.uri("main.nnasm") });

  test("implementation: what other sources export under a missing name", async () => {
    const ask = () => session.at<Location[]>("textDocument/implementation", "main.nnasm", at(5, 18));
    await expect
      .poll(ask, { timeout: PATIENCE_MS })
      .toEqual([{ uri: session.uri("kernel.nnasm"), range: on(1, 0, 6) }]);
  });

  test("a fix includes the source that has a missing name", async () => {
    const params = {
      textDocument: textDocument(),
      range: on(5, 18, 18),
      context: { diagnostics: [], only: ["quickfix"] },
    };
    const edit = { changes: { [session.uri("main.nnasm")]: [{ range: on(9, 0, 0), newText: INCLUDE_KERNEL }] } };
    await expect
      .poll(() => session.request<CodeAction[]>("textDocument/codeAction", params), { timeout: PATIENCE_MS })
      .toMatchObject([{ title: "Include `kernel.nnasm`", kind: "quickfix", edit }]);
  });

  test("linked editing: a label and its uses", async () => {
    const found = await session.at<LinkedEditingRanges>("textDocument/linkedEditingRange", "main.nnasm", at(3, 1));
    expect(found.ranges).toHaveLength(2);
    expect(found.ranges).toEqual(expect.arrayContaining([on(3, 0, 4), on(4, 20, 24)]));
    expect(new RegExp(`^(?:${found.wordPattern})$`).test("again.2")).toBe(true);
  });

  test("inline values: registers above the stop", async () => {
    const context = { frameId: 1, stoppedLocation: on(4, 0, 0) };
    const params = { textDocument: textDocument(), range: on(0, 0, 0), context };
    params.range.end = at(9, 0);
    expect(await session.request<InlineValue[]>("textDocument/inlineValue", params)).toEqual([
      { range: on(4, 16, 18), expression: "a0" },
    ]);
  });

  test("type hierarchy: tensors and their data type", async () => {
    const [tensor] = await session.at<TypeHierarchyItem[]>(
      "textDocument/prepareTypeHierarchy",
      "main.nnasm",
      at(0, 18),
    );
    expect(tensor).toMatchObject({ name: "input", detail: "int8 1x4x4x8", selectionRange: on(0, 16, 21) });
    const [dtype] = await session.request<TypeHierarchyItem[]>("typeHierarchy/supertypes", { item: tensor });
    expect(dtype).toMatchObject({ name: "int8", selectionRange: on(0, 23, 27) });
    const tensors = await session.request<TypeHierarchyItem[]>("typeHierarchy/subtypes", { item: dtype });
    expect(tensors.map(({ name }) => name)).toEqual(["input"]);
  });

  test("the place of a workspace symbol, when it is asked for", async () => {
    const find = () => session.request<WorkspaceSymbol[]>("workspace/symbol", { query: "kern" });
    await expect
      .poll(find, { timeout: PATIENCE_MS })
      .toMatchObject([{ name: "kernel", location: { uri: session.uri("kernel.nnasm") } }]);
    const [symbol] = await find();
    expect(symbol!.location).not.toHaveProperty("range");
    const resolved = await session.request<WorkspaceSymbol>("workspaceSymbol/resolve", symbol!);
    expect(resolved.location).toEqual({ uri: session.uri("kernel.nnasm"), range: on(1, 0, 6) });
  });

  test("how large a linked file is", async () => {
    const [link] = await session.request<DocumentLink[]>("textDocument/documentLink", { textDocument: textDocument() });
    expect(link).toEqual({ target: session.uri("data.bin"), range: on(8, 17, 25) });
    expect(await session.request("documentLink/resolve", link!)).toMatchObject({ tooltip: "300 bytes" });
  });

  test("files that the editor renames and deletes are known without a watcher", async () => {
    const kernels = async () =>
      (await session.request<WorkspaceSymbol[]>("workspace/symbol", { query: "kernel" })).map(
        ({ location }) => location.uri,
      );
    const [before, after] = [session.uri("kernel.nnasm"), session.uri("moved.nnasm")];
    await rename(path.join(session.folder, "kernel.nnasm"), path.join(session.folder, "moved.nnasm"));
    await session.notify("workspace/didRenameFiles", { files: [{ oldUri: before, newUri: after }] });
    expect(await kernels()).toEqual([after]);
    await rm(path.join(session.folder, "moved.nnasm"));
    await session.notify("workspace/didDeleteFiles", { files: [{ uri: after }] });
    expect(await kernels()).toEqual([]);
    await session.write("kernel.nnasm", KERNEL);
    await session.notify("workspace/didCreateFiles", { files: [{ uri: before }] });
    expect(await kernels()).toEqual([before]);
  });
});
