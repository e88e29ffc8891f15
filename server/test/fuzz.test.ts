/**
 * Random edits on real sources with every request in between: nothing throws, every range lies in its file, and what
 * was computed step by step equals what a fresh start computes. `npm run test:long` runs more of it.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assemble, type ParsedFile, parseFile } from "@nnasm/sim-core/asm";
import { PRESETS } from "@nnasm/sim-core/config";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { expect, test } from "vitest";
import { actionsAt } from "../src/analysis/actions.ts";
import { functionAt, incomingCalls, outgoingCalls } from "../src/analysis/calls.ts";
import { completionsAt, documentationOf } from "../src/analysis/completion/complete.ts";
import { folds } from "../src/analysis/folding.ts";
import { formatFile } from "../src/analysis/format.ts";
import { highlightsAt } from "../src/analysis/highlight.ts";
import { hoverAt } from "../src/analysis/hover/hover.ts";
import { inlayHints } from "../src/analysis/inlay.ts";
import { links } from "../src/analysis/links.ts";
import { definitionAt, referencesAt, typeDefinitionAt } from "../src/analysis/navigation.ts";
import { type OutlineItem, outline } from "../src/analysis/outline.ts";
import { prepareRename, RenameRefused, renameEdits } from "../src/analysis/rename.ts";
import { selectionsAt } from "../src/analysis/selection.ts";
import { signatureAt } from "../src/analysis/signature.ts";
import type { Snapshot } from "../src/analysis/snapshot.ts";
import { semanticTokens } from "../src/analysis/tokens.ts";
import type { FileHost } from "../src/workspace/host.ts";
import { resolveUri } from "../src/workspace/uri.ts";
import { Workspace } from "../src/workspace/workspace.ts";

const LONG = process.env.LONG !== undefined;
const EDITS = Number(process.env.EDITS ?? (LONG ? 20_000 : 1_000));
const SEED = Number(process.env.SEED ?? 20_251_122);
/** Every so many edits the results are compared with those of a fresh start. */
const COMPARE = 10;

const folder = fileURLToPath(new URL("../../test-fixtures/fashion-mnist/", import.meta.url));
const read = (name: string): string => readFileSync(folder + name, "utf8");
const MAIN = "file:///p/main.nnasm";
const PART = "file:///p/tensors.nnasm";
const SOURCES: Readonly<Record<string, string>> = { [MAIN]: read("fashion.nnasm"), [PART]: read("tensors.nnasm") };
const BINARY = new Uint8Array(64);

/** Mulberry32: small, seeded, good enough to pick edits. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PIECES = [
  ..."\n|\r\n|\t| |,|#|/*|*/|//|:|;|\"|'|(|)|%hi(|\\|\\a|a0|td0|x|1:|1b|0x|9999999999|-|+|😀|ü|.|=|@|||".split("|"),
  "|",
  "        li      a0, N\n",
  ".macro m a, b=1\n li \\a, \\b\n.endm\n",
  "m a0\n",
  ".if N\n",
  ".else\n",
  ".endif\n",
  ".rept 3\nnop\n.endr\n",
  ".equ N, 4\n",
  ".set N, N + 1\n",
  ".data\n",
  ".text\n",
  ".tensor t, int8, 1, 2, 3, 4, in=dm\n",
  'td.ld td1, t\n.include "tensors.nnasm"\n',
  '.layer "a"\n',
];

const host: FileHost = {
  stamp: (uri) => (uri in SOURCES || uri.endsWith(".bin") ? "1" : undefined),
  read: (uri) => (uri in SOURCES ? new TextEncoder().encode(SOURCES[uri]) : uri.endsWith(".bin") ? BINARY : undefined),
  list: () => [{ name: "tensors.nnasm", isFolder: false }],
  findSources: async () => Object.keys(SOURCES),
};

/** Lengths of the text's lines, without their ends. */
const lineLengths = (text: string): number[] => text.split(/\r\n|\r|\n/).map((line) => line.length);

class Checker {
  private readonly lengths: number[];

  constructor(text: string) {
    this.lengths = lineLengths(text);
  }

  position({ line, character }: Position): void {
    const length = this.lengths[line];
    if (length === undefined || character < 0 || character > length) {
      throw new Error(`${line}:${character} lies outside of the file (${this.lengths.length} lines, ${length})`);
    }
  }

  range(range: Range): void {
    this.position(range.start);
    this.position(range.end);
    const { start, end } = range;
    if (end.line < start.line || (end.line === start.line && end.character < start.character)) {
      throw new Error(`range ends before it begins: ${JSON.stringify(range)}`);
    }
  }
}

function checkOutline(items: readonly OutlineItem[], checker: Checker): void {
  for (const { range, selection, children } of items) {
    checker.range(range);
    checker.range(selection);
    checkOutline(children, checker);
  }
}

/** Every request about a file and a position; gives what can be compared. */
function everything(snapshot: Snapshot, position: Position): unknown {
  const checker = new Checker(snapshot.file.text);
  const own = (place: { readonly file: string; readonly range: Range }) => {
    if (place.file === snapshot.file.name) checker.range(place.range);
    return place;
  };
  const completions = completionsAt(snapshot, position, host.list);
  if (completions) checker.range(completions.range);
  for (const { kind, label } of completions?.items.slice(0, 3) ?? []) documentationOf(snapshot, kind, label);
  const hover = hoverAt(snapshot, position);
  if (hover) checker.range(hover.range);
  const definitions = definitionAt(snapshot, position).map(own);
  typeDefinitionAt(snapshot, position).map(own);
  const references = referencesAt(snapshot, position, true).map(own);
  for (const { range } of highlightsAt(snapshot, position)) checker.range(range);
  try {
    checker.range(prepareRename(snapshot, position).range);
    renameEdits(snapshot, position, "renamed_by_test").map(own);
  } catch (error) {
    if (!(error instanceof RenameRefused)) throw error;
  }
  signatureAt(snapshot, position);
  for (const range of selectionsAt(snapshot.file, position)) checker.range(range);
  for (const { edits } of actionsAt(snapshot, { start: position, end: position })) {
    for (const { range } of edits) checker.position(range.start);
  }
  const called = functionAt(snapshot, position);
  if (called) {
    incomingCalls(snapshot, called.name);
    outgoingCalls(snapshot, called.name);
  }
  return { labels: completions?.items.map(({ label }) => label), hover, definitions, references };
}

/** What concerns the whole file. */
function wholeFile(snapshot: Snapshot): unknown {
  const { file } = snapshot;
  const checker = new Checker(file.text);
  const items = outline(file);
  checkOutline(items, checker);
  for (const { first, last } of folds(file)) {
    checker.position({ line: first, character: 0 });
    checker.position({ line: last, character: 0 });
  }
  for (const { range } of formatFile(file, { insertSpaces: true })) checker.range(range);
  for (const { range } of links(snapshot)) checker.range(range);
  const tokens = semanticTokens(snapshot, { namesOnly: false });
  for (const { line, character, length } of tokens) {
    checker.position({ line, character });
    checker.position({ line, character: character + length });
  }
  const hints = inlayHints(snapshot, { values: true, shapes: true, first: 0, last: Number.POSITIVE_INFINITY });
  for (const { position } of hints) checker.position(position);
  return { items, tokens, hints };
}

/** The same state without anything kept from before. */
function fresh(texts: ReadonlyMap<string, string>, file: string, entry: string): Snapshot {
  const assembly = assemble({
    entry,
    config: PRESETS.default,
    isa: BASE_ISA,
    host: {
      resolve: resolveUri,
      readText: (name) => texts.get(name),
      readBytes: (name) => (name.endsWith(".bin") ? BINARY : undefined),
    },
  });
  const tree: ParsedFile = parseFile(file, texts.get(file) ?? "");
  const common = { file: tree, assembly, config: PRESETS.default, isa: BASE_ISA };
  return { ...common, resolve: resolveUri, reassemble: () => assembly };
}

/** Compares as text: a readable difference of two results with thousands of tokens takes minutes to make. */
function expectSame(kept: unknown, made: unknown): void {
  const a = JSON.stringify(kept);
  const b = JSON.stringify(made);
  if (a === b) return;
  let at = 0;
  while (a[at] === b[at]) at++;
  expect(a.slice(Math.max(0, at - 200), at + 200)).toBe(b.slice(Math.max(0, at - 200), at + 200));
}

function positionAt(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length - 1, character: lines.at(-1)!.length };
}

test(`${EDITS} random edits, seed ${SEED}`, { timeout: LONG ? 3_600_000 : 240_000 }, async () => {
  const next = random(SEED);
  const pick = (count: number) => Math.floor(next() * count);
  const workspace = new Workspace(host);
  await workspace.setFolders(["file:///p"]);
  const texts = new Map(Object.entries(SOURCES));
  for (const [uri, text] of texts) workspace.documents.open(uri, "nnasm", 1, text);
  for (let edit = 1; edit <= EDITS; edit++) {
    const uri = next() < 0.7 ? MAIN : PART;
    // Back to the original now and then: programs that are nothing but noise say little.
    const isReset = edit % 20 === 0;
    const before = texts.get(uri)!;
    const start = pick(before.length + 1);
    const end = Math.min(before.length, start + (next() < 0.5 ? 0 : pick(next() < 0.1 ? 200 : 8)));
    const inserted = next() < 0.7 ? PIECES[pick(PIECES.length)]! : "";
    const text = isReset ? SOURCES[uri]! : before.slice(0, start) + inserted + before.slice(end);
    const range = isReset
      ? { start: { line: 0, character: 0 }, end: positionAt(before, before.length) }
      : { start: positionAt(before, start), end: positionAt(before, end) };
    workspace.documents.change(uri, edit + 1, [{ range, text: isReset ? text : inserted }]);
    // Positions between the two halves of a line end or of a surrogate pair mean another place to the document.
    const now = workspace.documents.get(uri)!.getText();
    texts.set(uri, now);
    const position = positionAt(now, pick(now.length + 1));
    try {
      const snapshot = workspace.snapshot(uri)!;
      const found = everything(snapshot, position);
      const quick = workspace.quickSnapshot(uri)!;
      completionsAt(quick, position, host.list);
      if (edit % COMPARE !== 0) continue;
      await workspace.diagnostics();
      const other = fresh(texts, uri, workspace.programOf(uri));
      const kept = { diagnostics: snapshot.assembly.diagnostics, found, whole: wholeFile(snapshot) };
      const again = everything(other, position);
      expectSame(kept, { diagnostics: other.assembly.diagnostics, found: again, whole: wholeFile(other) });
    } catch (error) {
      throw new Error(`edit ${edit}, ${uri} at ${position.line}:${position.character}`, { cause: error });
    }
  }
});
