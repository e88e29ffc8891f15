/** Programs of several objects: no error about what another object defines, names followed over all of them. */
import { assembleObject } from "@nnasm/sim-core/asm";
import { PRESETS } from "@nnasm/sim-core/config";
import { writeObject } from "@nnasm/sim-core/elf";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { afterEach, expect, test } from "vitest";
import type { CodeAction, Location, WorkspaceEdit } from "vscode-languageserver-protocol";
import { Session } from "./session.ts";

const MAIN = `        .globl  _start
_start: la      sp, __stack_top
        call    answer
        call    own
        ecall
own:    ret
`;
const ANSWER = `        .globl  answer
answer: lw      a0, value
        call    own
        ret
own:    ret
        .data
value:  .word   42
`;

let session: Session;
afterEach(() => session.stop());

const start = async (link: string[], more: Record<string, string | Uint8Array> = {}) => {
  const files = { "nnp.json": JSON.stringify({ link }), "main.nnasm": MAIN, "answer.nnasm": ANSWER, ...more };
  session = await Session.start({ files });
  await session.open("main.nnasm", MAIN);
};
const codes = async (name: string, wanted: number) =>
  (await session.diagnosticsOf(name, (list) => list.length === wanted)).map(({ code }) => code);

test("sources that are linked have no errors", async () => {
  await start(["main.nnasm", "answer.nnasm"]);
  expect(await codes("main.nnasm", 0)).toEqual([]);
});

test("what no object defines is told where it is needed; errors of an object in it", async () => {
  await start(["main.nnasm"]);
  expect(await codes("main.nnasm", 1)).toEqual(["link-undefined"]);
  await session.edit("main.nnasm", { start: { line: 2, character: 8 }, end: { line: 2, character: 12 } }, "cal");
  await session.diagnosticsOf("main.nnasm", ([first]) => first?.code === "unknown-mnemonic");
});

test("objects that are not built yet put off linking alone; missing sources are told in nnp.json", async () => {
  await start(["main.nnasm", "library.o"]);
  expect(await codes("main.nnasm", 0)).toEqual([]);
  await session.stop();
  await start(["main.nnasm", "gone.nnasm"]);
  expect(await codes("nnp.json", 1)).toEqual(["config-link"]);
});

test("an object that is built is linked with", async () => {
  const config = { ...PRESETS.default };
  const host = { resolve: (_: string, to: string) => to, readText: () => ANSWER, readBytes: () => undefined };
  const { object } = assembleObject({ entry: "answer.nnasm", host, config, isa: BASE_ISA });
  await start(["main.nnasm", "answer.o"], { "answer.o": writeObject(object!) });
  expect(await codes("main.nnasm", 0)).toEqual([]);
  await session.edit("main.nnasm", { start: { line: 2, character: 16 }, end: { line: 2, character: 22 } }, "nothing");
  expect(await codes("main.nnasm", 1)).toEqual(["link-undefined"]);
});

test("shared names are followed, found and renamed in all objects; private ones stay apart", async () => {
  await start(["main.nnasm", "answer.nnasm"]);
  const at = { line: 2, character: 18 };
  const [place] = await session.at<{ targetUri?: string; uri?: string }[]>("textDocument/definition", "main.nnasm", at);
  expect(place?.targetUri ?? place?.uri).toBe(session.uri("answer.nnasm"));
  const context = { includeDeclaration: true };
  const places = async (position: { line: number; character: number }) =>
    (await session.at<Location[]>("textDocument/references", "main.nnasm", position, { context }))
      .map(({ uri, range }) => `${uri.split("/").at(-1)}:${range.start.line}`)
      .toSorted();
  expect(await places(at)).toEqual(["answer.nnasm:0", "answer.nnasm:1", "main.nnasm:2"]);
  expect(await places({ line: 5, character: 1 })).toEqual(["main.nnasm:3", "main.nnasm:5"]);
  const { changes } = await session.at<WorkspaceEdit>("textDocument/rename", "main.nnasm", at, { newName: "reply" });
  expect(Object.entries(changes!).map(([uri, edits]) => `${uri.split("/").at(-1)} ${edits.length}`)).toEqual([
    "main.nnasm 1",
    "answer.nnasm 2",
  ]);
});

test("lints look at the linked program: at what one object leaves to another, in files that aren't open too", async () => {
  const work = `        .globl  answer
answer: addi    s0, a0, 1
        mv      a0, s0
        ret
unused: ret
`;
  await start(["main.nnasm", "work.nnasm"], { "work.nnasm": work });
  const found = await session.diagnosticsOf("work.nnasm", (list) => list.length > 0);
  expect(found.map(({ code, range }) => [code, range.start.line])).toEqual([
    ["saved-register-changed", 1],
    ["unused-function", 4],
  ]);
  await session.open("work.nnasm", work);
  const actions = await session.request<CodeAction[]>("textDocument/codeAction", {
    textDocument: { uri: session.uri("work.nnasm") },
    range: found[0]!.range,
    context: { diagnostics: [found[0]], only: ["quickfix"] },
  });
  expect(actions.map(({ title }) => title)).toEqual([
    "Save and restore s0",
    "Turn off saved-register-changed for this line",
  ]);
  const edits = actions[0]!.edit!.changes![session.uri("work.nnasm")]!;
  for (const { range, newText } of edits.toReversed()) await session.edit("work.nnasm", range, newText);
  expect(await codes("work.nnasm", 1)).toEqual(["unused-function"]);
});

test("an undefined symbol is still an error in a program of one source", async () => {
  session = await Session.start({ files: { "main.nnasm": MAIN } });
  await session.open("main.nnasm", MAIN);
  expect(await codes("main.nnasm", 1)).toEqual(["undefined-symbol"]);
});
