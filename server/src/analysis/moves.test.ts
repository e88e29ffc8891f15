import { parseFile } from "@nnasm/sim-core/asm";
import { expect, test } from "vitest";
import { relativePath, resolveUri } from "../workspace/uri.ts";
import { moveEdits } from "./moves.ts";

const NAMES = { resolve: resolveUri, relative: relativePath };
const uri = (path: string) => `file:///p/${path}`;

/** `file: new text` of every edit. */
function check(files: Record<string, string>, moves: readonly [string, string][], ...expected: string[]): void {
  const trees = Object.entries(files).map(([path, text]) => parseFile(uri(path), text));
  const moved = moves.map(([from, to]) => ({ from: uri(from), to: uri(to) }));
  const edits = moveEdits(trees, moved, NAMES);
  expect(edits.map(({ file, text }) => `${file.slice(uri("").length)}: ${text}`)).toEqual(expected);
}

test("an included file moves", () => {
  check(
    { "main.nnasm": '.include "a.nnasm"\n.include "b.nnasm"' },
    [["a.nnasm", "lib/a.nnasm"]],
    "main.nnasm: lib/a.nnasm",
  );
});

test("weights and expected values move", () => {
  check(
    { "main.nnasm": '.weights w, int8, 1, 1, 1, 1, "w.bin", in=ddr\n.expect t, "e.bin"\n.ascii "w.bin"' },
    [
      ["w.bin", "data/w.bin"],
      ["e.bin", "data/e.bin"],
    ],
    "main.nnasm: data/w.bin",
    "main.nnasm: data/e.bin",
  );
});

test("the including file moves", () => {
  check(
    { "main.nnasm": '.include "a.nnasm"\n.incbin "w.bin"' },
    [["main.nnasm", "src/main.nnasm"]],
    "main.nnasm: ../a.nnasm",
    "main.nnasm: ../w.bin",
  );
});

test("both move together", () => {
  check(
    { "lib/main.nnasm": '.include "a.nnasm"\n.incbin "../w.bin"' },
    [["lib", "other/lib"]],
    "lib/main.nnasm: ../../w.bin",
  );
});

test("a folder moves", () => {
  check({ "main.nnasm": '.include "lib/a.nnasm"' }, [["lib", "library"]], "main.nnasm: library/a.nnasm");
});
