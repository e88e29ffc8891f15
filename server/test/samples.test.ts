/** The committed programs, as a user sees them: no error, laid out as the formatter would, hover and outline everywhere. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { formatFile } from "../src/analysis/format.ts";
import { hoverAt } from "../src/analysis/hover/hover.ts";
import { nodeHost } from "../src/host/node.ts";
import { canonicalUri } from "../src/workspace/uri.ts";
import { Workspace } from "../src/workspace/workspace.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

function sources(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".nnasm"))
    .map((name) => path.join(root, folder, name));
}

test.each([...sources("test-fixtures/fashion-mnist"), ...sources("test-fixtures/samples")])("%s", async (file) => {
  const workspace = new Workspace(nodeHost);
  const uri = canonicalUri(`file://${file}`);
  await workspace.setFolders([canonicalUri(`file://${path.dirname(file)}`)]);
  const text = readFileSync(file, "utf8");
  workspace.documents.open(uri, "nnasm", 1, text);
  const diagnostics = await workspace.diagnostics();
  expect(
    [...diagnostics!.values()].flat().map(({ file: at, range, message }) => `${at}:${range.start.line} ${message}`),
  ).toEqual([]);
  const snapshot = workspace.snapshot(uri)!;
  expect(formatFile(snapshot.file, { insertSpaces: true })).toEqual([]);
  // Every mnemonic, directive and macro has something to say.
  const silent: string[] = [];
  for (const [index, line] of snapshot.file.lines.entries()) {
    for (const { name, form } of line.statements) {
      if (!name || form === "assignment") continue;
      const position = { line: snapshot.file.firstLines[index]!, character: name.start };
      if (!hoverAt(snapshot, position)) silent.push(name.name);
    }
  }
  expect(silent).toEqual([]);
});
