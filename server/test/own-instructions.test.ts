/** A project's own instructions in the editor: named, explained and checked like built-in ones; their module is never run. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { CompletionItem, Diagnostic, Hover, LocationLink, SignatureHelp } from "vscode-languageserver";
import { DidChangeWatchedFilesNotification, FileChangeType } from "vscode-languageserver-protocol";
import { Session } from "./session.ts";

const SAMPLE = fileURLToPath(new URL("../../test-fixtures/samples/own-instructions/", import.meta.url));
const sample = (name: string): string => readFileSync(path.join(SAMPLE, name), "utf8");
const INSTRUCTIONS = sample("own-instructions.json");
/** A module that would leave a trace if a server loaded it. */
const MODULE = `import { writeFileSync } from "node:fs";\nwriteFileSync(new URL("ran.txt", import.meta.url), "");\nexport default {};\n`;
const SOURCE = " own.crc32.w a0, a1, a2\n own.crc32.at a0, 4(a1)\n own.crc\n own.motion td2, td0, td1, a0\n";

/** A message without its hint. */
const titleOf = ({ message }: Diagnostic): string => String(message).split("\n")[0]!;

const start = (instructions = INSTRUCTIONS, capabilities?: object): Promise<Session> =>
  Session.start({
    ...(capabilities ? { capabilities } : {}),
    files: {
      "nnp.json": '{ "instructions": "own-instructions.json" }',
      "own-instructions.json": instructions,
      "own-instructions.mjs": MODULE,
      "main.nnasm": SOURCE,
    },
  });

async function changed(session: Session, name: string, contents: string): Promise<void> {
  await session.write(name, contents);
  await session.notify(DidChangeWatchedFilesNotification.method, {
    changes: [{ uri: session.uri(name), type: FileChangeType.Changed }],
  });
}

test("completion, hover, signature help and definition know them, and the module is not run", async () => {
  const session = await start();
  await session.open("main.nnasm", SOURCE);
  const list = await session.diagnosticsOf("main.nnasm", (found) => found.length > 0);
  expect(list.map(titleOf)).toEqual(["unknown instruction or macro `own.crc`"]);

  const { items } = await session.at<{ items: CompletionItem[] }>("textDocument/completion", "main.nnasm", {
    line: 2,
    character: 8,
  });
  const own = items.filter(({ label }) => label.startsWith("own."));
  expect(own.map(({ label }) => label).sort()).toEqual(["own.crc32.at", "own.crc32.b", "own.crc32.w", "own.motion"]);

  const hover = await session.at<Hover>("textDocument/hover", "main.nnasm", { line: 0, character: 5 });
  const { value } = hover.contents as { value: string };
  expect(value).toContain("**own.crc32.w**: CRC-32 over four bytes · control unit · the project's own");
  expect(value).toContain("Time: 2 cycles (T-USER-1)");
  expect(value).toContain("the result can be used 2 cycles after its last cycle in EX (T-USER-2)");
  expect(value).toContain("0x08c5_e57b");
  const operation = await session.at<Hover>("textDocument/hover", "main.nnasm", { line: 3, character: 5 });
  expect((operation.contents as { value: string }).value).toContain("out = d where d > threshold, else 0.");

  const help = await session.at<SignatureHelp>("textDocument/signatureHelp", "main.nnasm", { line: 3, character: 17 });
  expect(help.signatures[0]!.label).toContain("own.motion out, now, before, threshold");
  expect(help.activeParameter ?? help.signatures[0]!.activeParameter).toBe(1);

  const [definition] = await session.at<LocationLink[]>("textDocument/definition", "main.nnasm", {
    line: 1,
    character: 5,
  });
  expect(definition!.targetUri).toBe(session.uri("own-instructions.json"));
  const line = INSTRUCTIONS.split("\n")[definition!.targetRange.start.line]!;
  expect(line.slice(definition!.targetRange.start.character, definition!.targetRange.end.character)).toBe(
    '"own.crc32.at"',
  );

  const { data } = await session.request<{ data: number[] }>("textDocument/semanticTokens/full", {
    textDocument: { uri: session.uri("main.nnasm") },
  });
  // The mnemonic is a keyword (type 4), registers are variables (8) of the default library (bit 2).
  expect(data.slice(0, 10)).toEqual([0, 1, 11, 4, 0, 0, 12, 2, 8, 4]);
  expect(existsSync(path.join(session.folder, "ran.txt"))).toBe(false);
  await session.stop();
});

test("an editor with a grammar gets the mnemonics, which no grammar knows", async () => {
  const session = await start(INSTRUCTIONS, { textDocument: { semanticTokens: { augmentsSyntaxTokens: true } } });
  await session.open("main.nnasm", "nop\n own.crc32.w a0, a1, a2\n");
  const { data } = await session.request<{ data: number[] }>("textDocument/semanticTokens/full", {
    textDocument: { uri: session.uri("main.nnasm") },
  });
  // Not the nop; behind the mnemonic come the registers.
  expect(data.slice(0, 10)).toEqual([1, 1, 11, 4, 0, 0, 12, 2, 8, 4]);
  await session.stop();
});

test("changes of the file count at once; while it is broken the last good instructions stay", async () => {
  const session = await start();
  await session.open("main.nnasm", " own.crc32.b a0, a1, a2\n own.fold a0, a1, a2\n");
  await session.diagnosticsOf("main.nnasm", (list) => list.some(({ message }) => String(message).includes("own.fold")));
  await changed(session, "own-instructions.json", INSTRUCTIONS.replace('"own.crc32.b"', '"own.fold"'));
  const renamed = await session.diagnosticsOf("main.nnasm", (list) =>
    list.every(({ message }) => !String(message).includes("own.fold`")),
  );
  expect(renamed.map(titleOf)).toEqual(["unknown instruction or macro `own.crc32.b`"]);

  // An encoding outside the space of users.
  await changed(session, "own-instructions.json", INSTRUCTIONS.replace('"funct3": 7', '"funct3": 1'));
  const [problem] = await session.diagnosticsOf("own-instructions.json", (list) => list.length > 0);
  expect(problem!.message).toContain("own.crc32.at: funct3 1 lies outside the space of user instructions");
  const place = INSTRUCTIONS.split("\n").findIndex((text) => text.includes('"funct3": 7'));
  expect(problem!.range.start).toEqual({ line: place, character: INSTRUCTIONS.split("\n")[place]!.indexOf("7") });
  // The program is still seen with own.fold.
  expect((await session.diagnosticsOf("main.nnasm", () => true)).map(titleOf)).toEqual([
    "unknown instruction or macro `own.crc32.b`",
  ]);
  await changed(session, "own-instructions.json", INSTRUCTIONS);
  expect(await session.diagnosticsOf("own-instructions.json", (list) => list.length === 0)).toEqual([]);
  await session.stop();
});

test("files that are missing are said where they are named", async () => {
  const session = await start(INSTRUCTIONS.replace("own-instructions.mjs", "gone.mjs"));
  await session.open("main.nnasm", "nop\n");
  const [module] = await session.diagnosticsOf("own-instructions.json", (list) => list.length > 0);
  expect(module!.message).toMatch(/^there is no file .*gone\.mjs/);
  await changed(session, "nnp.json", '{\n "instructions": "none.json" }');
  const [missing] = await session.diagnosticsOf("nnp.json", (list) => list.length > 0);
  expect(missing!.message).toMatch(/^there is no file .*none\.json/);
  expect(missing!.range.start).toEqual({ line: 1, character: 17 });
  await session.stop();
});
