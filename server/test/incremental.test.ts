/** What is kept from version to version of a file is what a fresh look gives: after every one of many random edits. */
import { readdirSync, readFileSync } from "node:fs";
import { assemble, type ParsedFile, parseFile, reparseFile } from "@nnasm/sim-core/asm";
import { PRESETS } from "@nnasm/sim-core/config";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { expect, test } from "vitest";
import { largeSource } from "../bench/source.ts";
import { folds } from "../src/analysis/folding.ts";
import { outline } from "../src/analysis/outline.ts";
import type { Snapshot } from "../src/analysis/snapshot.ts";
import { passOnStructure } from "../src/analysis/structure.ts";
import { allTokens, type TokenFile, tokenEdits, tokenFile } from "../src/analysis/token-lines.ts";
import { encodeTokens, semanticTokens } from "../src/analysis/tokens.ts";
import { writtenIncludes } from "../src/workspace/includes.ts";
import { random, randomEdit } from "./fuzz/edits.ts";

const EDITS = process.env.LONG === "1" ? 5000 : 100;
const FOLDER = new URL("../../test-fixtures/asm/", import.meta.url);
const SOURCES: Readonly<Record<string, string>> = Object.fromEntries([
  ["generated", largeSource(120)],
  ...readdirSync(FOLDER)
    .filter((name) => name.endsWith(".nnasm"))
    .slice(0, 3)
    .map((name) => [name, readFileSync(new URL(name, FOLDER), "utf8")]),
]);

function snapshotOf(file: ParsedFile): Snapshot {
  const config = PRESETS.default;
  const host = {
    resolve: (_: string, name: string) => name,
    readText: (name: string) => (name === file.name ? file.text : undefined),
    readBytes: () => undefined,
  };
  const assemblyOf = () => assemble({ entry: file.name, host, config, isa: BASE_ISA, parse: () => file });
  return { file, assembly: assemblyOf(), config, isa: BASE_ISA, resolve: host.resolve, reassemble: assemblyOf };
}

/** Calls back with every version of a text, as the server has them: lines that don't change are shared. */
function afterEdits(source: string, seed: number, look: (snapshot: Snapshot) => void): void {
  const next = random(seed);
  let file = parseFile("main.nnasm", source);
  for (let edit = 0; edit < EDITS; edit++) {
    look(snapshotOf(file));
    const { start, end, text } = randomEdit(file.text, next);
    const isReset = edit % 25 === 24;
    const after = reparseFile(file, isReset ? source : file.text.slice(0, start) + text + file.text.slice(end));
    passOnStructure(file, after);
    file = after;
  }
}

test.each(Object.entries(SOURCES))("tokens of %s", (_, source) => {
  for (const namesOnly of [true, false]) {
    let before: TokenFile | undefined;
    afterEdits(source, 1, (snapshot) => {
      const fresh = encodeTokens(semanticTokens(snapshot, { namesOnly }));
      const kept = tokenFile(snapshot, namesOnly, before);
      expect(allTokens(kept).join()).toBe(fresh.join());
      if (before) {
        const made = allTokens(before);
        for (const { start, deleteCount, data } of tokenEdits(before, kept)) made.splice(start, deleteCount, ...data);
        expect(made.join()).toBe(fresh.join());
      }
      before = kept;
    });
  }
});

test.each(Object.entries(SOURCES))("outline, folds and includes of %s", (_, source) => {
  afterEdits(source, 2, ({ file }) => {
    const fresh = parseFile(file.name, file.text);
    for (const look of [outline, folds, writtenIncludes])
      expect(JSON.stringify(look(file))).toBe(JSON.stringify(look(fresh)));
  });
});

test("an edit of an instruction leaves the outline as it was, and that of a label makes another", () => {
  const file = parseFile("main.nnasm", largeSource(100));
  const items = outline(file);
  const after = (from: string, to: string) => {
    const next = reparseFile(file, file.text.replace(from, to));
    passOnStructure(file, next);
    return outline(next);
  };
  expect(after("mv      a0, s0\n", "mv      a0,  s0\n")).toBe(items);
  expect(JSON.stringify(after("done_0:", "over_0:"))).toBe(JSON.stringify(items).replace("done_0", "over_0"));
});

test("an edit within a line is the difference of its tokens alone", () => {
  const file = parseFile("main.nnasm", largeSource(2000));
  const before = tokenFile(snapshotOf(file), true);
  const moved = reparseFile(file, file.text.replace("mv      a0, s0\n", "mv      a0,  s0\n"));
  expect(tokenEdits(before, tokenFile(snapshotOf(moved), true, before))).toEqual([
    { start: expect.any(Number) as number, deleteCount: 1, data: [5] },
  ]);
});
