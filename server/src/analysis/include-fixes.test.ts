import { parseFile } from "@nnasm/sim-core/asm";
import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { actionsAt } from "./actions.ts";
import { applyEdits } from "./text.ts";

/** What the file with the cursor is after each of the fixes that look at other files. */
function check(source: string, ...expected: readonly (readonly [title: string, text: string])[]): void {
  const snapshot = fixture(source);
  const { file, position, texts } = snapshot;
  const sources = {
    containing: (word: string) =>
      [...texts].filter(([, text]) => text.includes(word)).map(([name, text]) => parseFile(name, text)),
    names: texts.keys(),
    relative: (_from: string, to: string) => to,
  };
  const found = actionsAt(snapshot, { start: position, end: position }, sources);
  const fixes = found.filter(({ title }) => /^Include|\.nnasm`$/.test(title));
  expect(fixes.map(({ title, edits }) => [title, applyEdits(file, edits)])).toEqual(expected);
}

const INCLUDE = '        .include "lib.nnasm"\n';

test("a label that another file has is included on top, or at the end where the program would start with it", () => {
  const lib = "#- lib.nnasm\n.text\nhelper: ret\n";
  check(`#- main.nnasm\n# What it does.\n_start: call hel|per\n${lib}`, [
    "Include `lib.nnasm`",
    `# What it does.\n${INCLUDE}_start: call helper\n`,
  ]);
  // Included on top, the program would start with the helper.
  check(`#- main.nnasm\nmain: call hel|per\n${lib}`, ["Include `lib.nnasm`", `main: call helper\n${INCLUDE}`]);
});

test("constants, tensors by their fields, and macros are included in front", () => {
  const lib =
    "#- lib.nnasm\n.equ SIZE, 4\n.macro twice r\nadd \\r, \\r, \\r\n.endm\n.tensor t, int8, 1, 1, 1, 1, in=dm\n.text\n";
  const after = (line: string): [string, string] => ["Include `lib.nnasm`", `.include "a.nnasm"\n${INCLUDE}${line}\n`];
  for (const line of ["li a0, SIZ|E", "tw|ice a0", "li a0, t.h| + 1"]) {
    check(`#- main.nnasm\n.include "a.nnasm"\n${line}\n#- a.nnasm\nnop\n${lib}`, after(line.replace("|", "")));
  }
});

test("what would bring other errors isn't offered", () => {
  check("#- main.nnasm\n_start: call hel|per\n#- lib.nnasm\n.text\nhelper: ret\n_start: nop\n");
  check("#- main.nnasm\n_start: call hel|per\n#- lib.nnasm\n# helper is not here\n");
  check('#- main.nnasm\n_start: call hel|per\n#- lib.nnasm\n.include "main.nnasm"\nhelper: ret\n');
});

test("a misspelt include", () => {
  check('#- main.nnasm\n.include "lbi.nnasm|"\nnop\n#- lib.nnasm\nnop\n', [
    "Change to `lib.nnasm`",
    '.include "lib.nnasm"\nnop\n',
  ]);
  check('#- main.nnasm\n.include "conv.nnasm|"\nnop\n#- lib/conv.nnasm\nnop\n', [
    "Change to `lib/conv.nnasm`",
    '.include "lib/conv.nnasm"\nnop\n',
  ]);
  check('#- main.nnasm\n.include "quite_different.nnasm|"\nnop\n#- lib.nnasm\nnop\n');
});
