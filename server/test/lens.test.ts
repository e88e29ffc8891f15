/** Lenses over the protocol: places at once, words and commands when they are resolved. */
import { expect, test } from "vitest";
import type { CodeLens, InlayHint } from "vscode-languageserver-protocol";
import { PATIENCE_MS, Session } from "./session.ts";

const MAIN = `_start: call helper
        li      a7, 93
        ecall
        .type   helper, @function
helper: lw      t0, 256(x0)
        add     t0, t0, t0
        ret
`;

async function lensesWith(initializationOptions?: object) {
  const session = await Session.start({
    files: { "main.nnasm": MAIN },
    ...(initializationOptions ? { initializationOptions } : {}),
  });
  await session.open("main.nnasm", MAIN);
  const uri = session.uri("main.nnasm");
  const found = await session.request<CodeLens[]>("textDocument/codeLens", { textDocument: { uri } });
  expect(found.every(({ command }) => command === undefined)).toBe(true);
  const resolved: CodeLens[] = [];
  for (const lens of found) resolved.push(await session.request<CodeLens>("codeLens/resolve", lens));
  return { session, uri, resolved };
}

test("a client that says nothing gets words alone", { timeout: PATIENCE_MS }, async () => {
  const { session, resolved } = await lensesWith();
  expect(resolved.map(({ range, command }) => [range.start.line, command?.title, command?.command])).toEqual([
    [0, "= 18 cycles", ""],
    [0, "0 references", ""],
    [4, "= 10 cycles", ""],
    [4, "2 references", ""],
  ]);
  const nothing = { textDocument: { uri: session.uri("gone.nnasm") } };
  expect(await session.request("textDocument/codeLens", nothing)).toEqual([]);
  // A lens of a file that is no longer known says nothing, and harms nobody.
  const data = { kind: "cycles", address: 0, name: "gone", uri: "file:///gone.nnasm" };
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
  for (const each of [data, undefined, { ...data, kind: "valueOf" }]) {
    const lens = await session.request<CodeLens>("codeLens/resolve", { range, data: each });
    expect(lens.command).toEqual({ title: "", command: "" });
  }
  await session.stop();
});

test("what a client can execute is offered to it", { timeout: PATIENCE_MS }, async () => {
  const commands = ["nnasm.run", "nnasm.profile", "nnasm.showReferences", 3];
  const { session, uri, resolved } = await lensesWith({ commands });
  expect(resolved.slice(0, 2).map(({ command }) => command)).toEqual([
    { title: "Run", command: "nnasm.run", arguments: [uri] },
    { title: "Profile", command: "nnasm.profile", arguments: [uri] },
  ]);
  expect(resolved.at(-1)!.command).toEqual({
    title: "2 references",
    command: "nnasm.showReferences",
    arguments: [
      uri,
      { line: 4, character: 0 },
      [
        { uri, range: { start: { line: 0, character: 13 }, end: { line: 0, character: 19 } } },
        { uri, range: { start: { line: 3, character: 16 }, end: { line: 3, character: 22 } } },
      ],
    ],
  });
  await session.stop();
});

test("cycles between the words", { timeout: PATIENCE_MS }, async () => {
  const { session, uri } = await lensesWith();
  const range = { start: { line: 0, character: 0 }, end: { line: 7, character: 0 } };
  const hints = await session.request<InlayHint[]>("textDocument/inlayHint", { textDocument: { uri }, range });
  expect(hints.map(({ position, label }) => [position.line, label])).toEqual([
    [0, "2+4 branch"],
    [4, "1+1 memory"],
    [5, "1+2 load-use t0"],
    [6, "1+4 branch"],
  ]);
  await session.stop();
});
