import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { PATIENCE_MS, Session } from "./session.ts";

let session: Session;
afterEach(() => session.stop());

const entry = async (name: string) =>
  (await session.request<{ uri: string }>("nnasm/entryFile", { uri: session.uri(name) })).uri;

test("nnp.json is checked, its errors stand in it, and go when it is repaired", async () => {
  session = await Session.start({ files: { "nnp.json": '{\n  "presett": "nn64"\n}\n', "main.nnasm": "nop\n" } });
  await session.open("main.nnasm", "nop\n");
  const [diagnostic] = await session.diagnosticsOf("nnp.json", (list) => list.length > 0);
  expect(diagnostic).toMatchObject({
    code: "config-unknown-key",
    source: "nnasm",
    severity: 1,
    message: 'unknown key "presett"\nhint: did you mean "preset"?',
    range: { start: { line: 1, character: 2 }, end: { line: 1, character: 11 } },
  });
  await session.write("nnp.json", '{ "preset": "nn64" }');
  await session.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: session.uri("nnp.json"), type: 2 }] });
  expect(await session.diagnosticsOf("nnp.json", (list) => list.length === 0)).toEqual([]);
});

test("the entry file: nnp.json, else the only includer, else the file itself", async () => {
  session = await Session.start({
    files: {
      "project/nnp.json": '{ "entry": "src/main.nnasm" }',
      "project/src/main.nnasm": '.include "part.nnasm"\n',
      "project/src/part.nnasm": "nop\n",
      "free/main.nnasm": '.include "middle.nnasm"\n',
      "free/middle.nnasm": '.include "part.nnasm"\n',
      "free/part.nnasm": "nop\n",
      "free/alone.nnasm": "nop\n",
    },
  });
  expect(await entry("project/src/part.nnasm")).toBe(session.uri("project/src/main.nnasm"));
  await expect.poll(() => entry("free/part.nnasm"), { timeout: PATIENCE_MS }).toBe(session.uri("free/main.nnasm"));
  expect(await entry("free/alone.nnasm")).toBe(session.uri("free/alone.nnasm"));
  // A second program that includes the part makes the answer ambiguous, even before it is saved.
  await session.open("free/other.nnasm", '.include "part.nnasm"\n');
  expect(await entry("free/part.nnasm")).toBe(session.uri("free/part.nnasm"));
  expect(await entry("free/middle.nnasm")).toBe(session.uri("free/main.nnasm"));
});

test("an entry file that doesn't exist is told in nnp.json", async () => {
  session = await Session.start({ files: { "nnp.json": '{\n  "entry": "mian.nnasm"\n}\n', "main.nnasm": "nop\n" } });
  await session.open("main.nnasm", "nop\n");
  const [diagnostic] = await session.diagnosticsOf("nnp.json", (list) => list.length > 0);
  expect(diagnostic).toMatchObject({
    code: "config-entry",
    message: `there is no file ${session.folder}/mian.nnasm\nhint: "entry" is relative to the folder of nnp.json`,
    range: { start: { line: 1, character: 11 }, end: { line: 1, character: 23 } },
  });
  // The file that is open is still looked at.
  await session.edit("main.nnasm", { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, "x");
  await session.diagnosticsOf("main.nnasm", (list) => list[0]?.code === "unknown-mnemonic");
});

test("the server names itself with the version of its package", async () => {
  session = await Session.start();
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(session.initialized.serverInfo).toEqual({ name: "nnasm", version });
  expect(session.initialized.capabilities.positionEncoding).toBe("utf-16");
});
