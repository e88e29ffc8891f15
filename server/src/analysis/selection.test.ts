import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { links } from "./links.ts";
import { selectionsAt } from "./selection.ts";

/** Texts of the selections, from the smallest on; line ends shown as `/`. */
function check(source: string, ...expected: string[]): void {
  const { file, position } = fixture(source);
  const lines = file.text.split("\n");
  const offset = (at: { line: number; character: number }) =>
    lines.slice(0, at.line).reduce((sum, line) => sum + line.length + 1, 0) + at.character;
  const found = selectionsAt(file, position).map(({ start, end }) =>
    file.text.slice(offset(start), offset(end)).replaceAll("\n", "/"),
  );
  expect(found).toEqual(expected);
}

test("selections grow from word to file", () => {
  check(
    ".text\n.type f, @function\nf: nop\n  lw a0, (N + |4)*2(sp) # c\n",
    "4",
    "N + 4",
    "(N + 4)",
    "(N + 4)*2",
    "(N + 4)*2(sp)",
    "a0, (N + 4)*2(sp)",
    "lw a0, (N + 4)*2(sp)",
    "lw a0, (N + 4)*2(sp) # c",
    "f: nop/  lw a0, (N + 4)*2(sp) # c/",
    ".text/.type f, @function/f: nop/  lw a0, (N + 4)*2(sp) # c/",
  );
});

test("in comments and empty files", () => {
  check("nop # a com|ment", "nop # a comment");
  check("|", "");
});

test("links", () => {
  const found = links(
    fixture(
      '.include "a/b.nnasm"\n.data\nx: .incbin "w.bin", 2\n.ascii "no"\n.include\n.weights w, int8, 1, 1, 1, 1, "v.bin"\n.expect x, "e.bin"',
    ),
  );
  expect(
    found.map(({ file, range }) => `${file} ${range.start.line}:${range.start.character}-${range.end.character}`),
  ).toEqual(["a/b.nnasm 0:10-19", "w.bin 2:12-17", "v.bin 5:31-36", "e.bin 6:12-17"]);
});
