import { describe, expect, test } from "vitest";
import { dedent } from "../testing/dedent.ts";
import { fixture } from "../testing/fixture.ts";
import { rangeText } from "../testing/shown.ts";
import { prepareRename, RenameRefused, renameEdits } from "./rename.ts";

/** All files of the fixture after renaming what is at `|`. */
function renamed(source: string, next: string): string {
  const snapshot = fixture(source);
  const lines = new Map([...snapshot.texts].map(([file, text]) => [file, text.split("\n")]));
  const edits = renameEdits(snapshot, snapshot.position, next);
  edits.sort((a, b) => b.range.start.character - a.range.start.character);
  for (const { file, range, text } of edits) {
    const list = lines.get(file)!;
    const line = list[range.start.line]!;
    list[range.start.line] = line.slice(0, range.start.character) + text + line.slice(range.end.character);
  }
  if (lines.size === 1) return lines.get("main.nnasm")!.join("\n");
  return [...lines].map(([file, list]) => `#- ${file}\n${list.join("\n")}`).join("");
}

function check(source: string, next: string, expected: string): void {
  expect(renamed(dedent(source), next)).toBe(dedent(expected));
}

function checkRefused(source: string, next: string, message: RegExp): void {
  const snapshot = fixture(source);
  expect(() => renameEdits(snapshot, snapshot.position, next)).toThrow(RenameRefused);
  expect(() => renameEdits(snapshot, snapshot.position, next)).toThrow(message);
}

describe("rename", () => {
  test("a label in every file", () => {
    check(
      `
      #- main.nnasm
      .include "lib.nnasm"
      call fun|
      .if 0
      call fun
      .endif
      #- lib.nnasm
      .globl fun
      .type fun, @function
      fun: ret
      .size fun, . - fun
      `,
      "run",
      `
      #- main.nnasm
      .include "lib.nnasm"
      call run
      .if 0
      call run
      .endif
      #- lib.nnasm
      .globl run
      .type run, @function
      run: ret
      .size run, . - run
      `,
    );
  });

  test("a tensor with its fields, from either", () => {
    const source = ".tensor t, int8, 1, 1, 1, 1, in=dm\n.text\ntd.ld td0, t\nli a0, t.by|tes + 1";
    const expected = ".tensor image, int8, 1, 1, 1, 1, in=dm\n.text\ntd.ld td0, image\nli a0, image.bytes + 1";
    check(source, "image", expected);
    check(source.replace("|", "").replace("td0, t", "td0, t|"), "image", expected);
  });

  test("a macro", () => {
    check(".macro m a\n.endm\nm a0\n|m a1\n.purgem m", "n", ".macro n a\n.endm\nn a0\nn a1\n.purgem n");
  });

  test("a constant with several values", () => {
    check("n = 1\nli a0, n|\nn = n + 1", "count", "count = 1\nli a0, count\ncount = count + 1");
  });

  test("text is left alone: parameters, compared texts, comments, strings", () => {
    check(
      'a|: nop\n.macro m a\n.ifc a, b\n.endif\n.endm\n.irp a, x\n.endr\n.ascii "a" # a\n j a',
      "start",
      'start: nop\n.macro m a\n.ifc a, b\n.endif\n.endm\n.irp a, x\n.endr\n.ascii "a" # a\n j start',
    );
  });

  test("a macro's parameter: declaration, uses, and calls that name it", () => {
    const expected =
      ".macro m a, count=1\naddi \\a, \\a, \\count\n.endm\nm a0, count = 2\nm a=a0\n.if 0\nm a0, count=3\n.endif";
    const source = expected.replaceAll("count", "by");
    check(source.replace("by=1", "|by=1"), "count", expected);
    check(source.replace("\\by", "\\b|y"), "count", expected);
    check(source.replace("by = 2", "b|y = 2"), "count", expected);
  });

  test("a numeric label, to another number and to a name", () => {
    const source = "1: nop\n1|: bnez a0, 1b\nj 1b\nj 1f\n1: nop";
    check(source, "7", "1: nop\n7: bnez a0, 7b\nj 7b\nj 1f\n1: nop");
    check(
      source.replace("|", "").replace("j 1b", "j 1b|"),
      "loop",
      "1: nop\nloop: bnez a0, loop\nj loop\nj 1f\n1: nop",
    );
  });

  test("names of values and registers are left alone", () => {
    check("re|lu: nop\nnu.act relu\nj relu", "start", "start: nop\nnu.act relu\nj start");
  });
});

describe("refused", () => {
  test.each([
    ["nop|", "x", /no symbol/],
    ["add a0, a|1, a2", "x", /no symbol/],
    ["2: nop\n1|: nop\nj 2b\nj 1b", "2", /branch would go to another label/],
    [".rept 2\n1|: j 1b\n.endr", "x", /defined more than once/],
    ["1|: nop", "1x", /no name/],
    ["1|: nop\nx: nop", "x", /already defined: main.nnasm, line 2/],
    [".macro m a, b\nadd a0, \\a|, \\b\n.endm", "b", /already a parameter/],
    [".altmacro\n.macro m a|\nli a0, a\n.endm", "b", /altmacro/],
    [".macro m|\n.endm", "addi", /is an instruction/],
    [".macro m|\n.endm", ".word", /directive/],
    ["j nowhere|", "x", /not defined/],
    [".section .da|ta\n.text\nnop", "x", /no symbol/],
    ["x|: nop", "a0", /register/],
    ["x|: nop", "1x", /no name/],
    ["x|: nop", "a b", /no name/],
    ["x|: nop\ny: nop", "y", /already defined/],
    [".macro m|\n.endm\n.macro n\n.endm", "n", /already defined/],
  ] as const)("%s to %s", (source, next, message) => checkRefused(source, next, message));

  test("the same name is no conflict", () => {
    const snapshot = fixture("x|: nop");
    expect(renameEdits(snapshot, snapshot.position, "x")).toHaveLength(1);
  });
});

test("what will be renamed", () => {
  const at = (source: string) => {
    const snapshot = fixture(source);
    const { name, range } = prepareRename(snapshot, snapshot.position);
    return `${name} ${rangeText(range)}`;
  };
  expect(at("main: nop\nj ma|in")).toBe("main 1:2-6");
  expect(at("12: nop\nj 12|b")).toBe("12 1:2-4");
  expect(at(".macro m reg\nmv a0, \\r|eg\n.endm")).toBe("reg 1:8-11");
  expect(at(".tensor t, int8, 1, 1, 1, 1, in=dm\n.text\nli a0, t.by|tes")).toBe("t 2:7-8");
});
