import { describe, expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { rangeText } from "../testing/shown.ts";
import { definitionAt, referencesAt, typeDefinitionAt } from "./navigation.ts";

const shown = (places: readonly { file: string; range: Parameters<typeof rangeText>[0] }[]): string[] =>
  places.map(({ file, range }) => `${file === "main.nnasm" ? "" : `${file} `}${rangeText(range)}`);

function checkDefinition(source: string, ...expected: string[]): void {
  const snapshot = fixture(source);
  expect(shown(definitionAt(snapshot, snapshot.position))).toEqual(expected);
}

function checkReferences(source: string, ...expected: string[]): void {
  const snapshot = fixture(source);
  expect(shown(referencesAt(snapshot, snapshot.position, true)).sort()).toEqual(expected.sort());
}

describe("definition", () => {
  test.each([
    ["a label, forwards", "j en|d\nend: nop", ["1:0-3"]],
    ["a label on itself", "en|d: nop", ["0:0-3"]],
    ["a constant", ".equ N, 3\nli a0, |N", ["0:5-6"]],
    ["a constant with several values", "n = 1\nn = 2\nli a0, n|", ["0:0-1", "1:0-1"]],
    ["a tensor", ".tensor t, int8, 1, 1, 1, 1, in=dm\n.text\ntd.ld td0, t|", ["0:8-9"]],
    ["a tensor's field", ".tensor t, int8, 1, 1, 1, 1, in=dm\n.text\nli a0, t.by|tes", ["0:8-9"]],
    ["a macro", ".macro m\n.endm\n|m", ["0:7-8"]],
    ["a numeric label", "1: nop\n1: nop\nj 1|b", ["1:0-1"]],
    ["an include", '#- main.nnasm\n.include "li|b.nnasm"\n#- lib.nnasm\nnop', ["lib.nnasm 0:0-0"]],
    ["in another file", '#- main.nnasm\n.include "lib.nnasm"\ncall f|un\n#- lib.nnasm\nfun: ret', ["lib.nnasm 0:0-3"]],
    ["from an included file", '#- main.nnasm\n.equ N, 3\n.include "lib.nnasm"\n#- lib.nnasm\nli a0, |N', ["0:5-6"]],
    ["an .incbin", '.data\n.incbin "w.|bin"', ["w.bin 0:0-0"]],
    ["in a branch of .if that is not taken", ".equ N, 3\n.if 0\nli a0, |N\n.endif\nnop", ["0:5-6"]],
    ["in a body of a macro that nobody calls", "x: nop\n.macro m\nj |x\n.endm", ["0:0-1"]],
    ["a symbol behind .globl", ".globl ma|in\nmain: nop", ["1:0-4"]],
    ["a macro's parameter", ".macro m a, b=1\nli \\a, \\b|\n.endm", ["0:12-13"]],
    ["the symbol of .irp", ".irp r, a0, a1\nli \\r|, 3\n.endr", ["0:5-6"]],
    ["a register that nothing writes", "add a0, a|1, a2", []],
    ["a register, where it was written", "li a0, 1\nnop\nadd a1, a2, x1|0", ["0:3-5"]],
    ["a register, where it is written", "li a0, 1\nli a|0, 2", ["1:3-5"]],
    ["a register, on two ways", "li a0, 1\nbeqz a1, l\nli a0, 2\nl: mv a2, a|0", ["0:3-5", "2:3-5"]],
    ["a register, round a loop", "li a0, 3\nl: addi a0, a|0, -1\nbnez a0, l\nret", ["0:3-5", "1:8-10"]],
    ["a register that a call changes", "li a0, 1\ncall f\nmv a1, a|0\nj .\nf: ret", ["1:0-6"]],
    ["a register that a call keeps", "li s0, 1\ncall f\nmv a1, s|0\nj .\nf: ret", ["0:3-5"]],
    ["a register, written by a macro", ".macro m r\nli \\r, 1\n.endm\nm a0\nmv a1, a|0", ["3:2-4"]],
    [
      "a descriptor register",
      ".tensor t, int8, 1, 1, 1, 1, in=dm\n.text\ntd.ld td0, t\nnu.maxpool td1, td|0",
      ["2:6-9"],
    ],
    ["nothing", "nop | # x", []],
    ["a value that is named like a symbol", "relu: nop\nnu.act re|lu", []],
  ] as const)("%s", (_, source, expected) => checkDefinition(source, ...expected));
});

describe("type definition", () => {
  test("a descriptor register and a field lead to the tensor's declaration", () => {
    const source = ".tensor t, int8, 1, 1, 1, 1, in=dm\n.text\ntd.ld td0, t\nnu.maxpool td1, td0\nli a0, t.bytes";
    for (const marked of [source.replace("td1, td0", "td1, td|0"), source.replace("t.bytes", "t.|bytes")]) {
      const snapshot = fixture(marked);
      expect(shown(typeDefinitionAt(snapshot, snapshot.position))).toEqual(["0:8-9"]);
    }
  });
});

describe("references", () => {
  test("definition, uses, in all files", () => {
    checkReferences(
      '#- main.nnasm\n.include "lib.nnasm"\ncall f|un\nj fun\n#- lib.nnasm\n.globl fun\nfun: ret',
      "1:5-8",
      "2:2-5",
      "lib.nnasm 0:7-10",
      "lib.nnasm 1:0-3",
    );
  });

  test("also where the assembler does not get", () => {
    checkReferences(
      ".equ N|, 3\n.if 0\nli a0, N\n.endif\n.macro m\nli a0, N\n.endm\n.space N",
      "0:5-6",
      "2:7-8",
      "5:7-8",
      "7:7-8",
    );
  });

  test("a macro's calls", () => {
    checkReferences(".macro m|\n.endm\nm\nx: m ; m", "0:7-8", "2:0-1", "3:3-4", "3:7-8");
  });

  test("a tensor's are those of its fields, too; a field's are its own", () => {
    const source = ".tensor t, int8, 1, 1, 1, 1, in=dm\n.text\ntd.ld td0, t\nla a0, t.base\nli a0, t.h";
    checkReferences(source.replace("td0, t", "td0, |t"), "0:8-9", "2:11-12", "3:7-13", "4:7-10");
    checkReferences(source.replace("t.base", "t.ba|se"), "3:7-13");
  });

  test("a register's are its mentions in the function", () => {
    checkReferences(".type f, @function\nf: li a0, 1\nmv a1, x1|0\n.type g, @function\ng: li a0, 1", "1:6-8", "2:7-10");
  });

  test("a macro's parameter: its uses, and calls that name it", () => {
    const source = ".macro m a, by=1\naddi \\a, \\a, \\by\n.endm\nm a0, by=2\nm by, 1";
    checkReferences(source.replace("by=1", "b|y=1"), "0:12-14", "1:14-16", "3:6-8");
    checkReferences(source.replace("by=2", "by|=2"), "0:12-14", "1:14-16", "3:6-8");
  });

  test("sections, types and values of options are no symbols", () => {
    const source = "dm: nop\ndata: nop\n.section data\n.tensor t, int8, 1, 1, 1, 1, in=dm\n.text\nj dm\nj data";
    checkReferences(source.replace("j dm", "j d|m"), "0:0-2", "5:2-4");
    checkReferences(source.replace("j data", "j d|ata"), "1:0-4", "6:2-6");
    checkReferences(source.replace("section data", "section d|ata"));
    checkReferences(source.replace("in=dm", "in=d|m"));
  });

  test("numeric labels are told apart", () => {
    checkReferences("1|: nop\nj 1b\n1: nop\nj 1b", "0:0-1", "1:2-4");
  });

  test("without the definition", () => {
    const snapshot = fixture("x|: nop\nj x");
    expect(shown(referencesAt(snapshot, snapshot.position, false))).toEqual(["1:2-3"]);
  });
});
