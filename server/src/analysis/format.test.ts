import { parseFile, tokensOf } from "@nnasm/sim-core/asm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatFile, formatLines, formatText } from "./format.ts";

const SPACES = { insertSpaces: true };

/** Applies the edits of the whole file. */
function formatted(source: string, options = SPACES): string {
  const file = parseFile("main.nnasm", source);
  const lines = source.split(/(?<=\n)/);
  for (const { range, text } of formatFile(file, options)) {
    const line = lines[range.start.line]!;
    lines[range.start.line] = text + line.slice(range.end.character);
  }
  return lines.join("");
}

test.each([
  ["add a0,a1 , a2", "        add     a0, a1, a2"],
  ["loop:addi a0, a0,-1 # down", "loop:   addi    a0, a0, -1              # down"],
  ["a_long_label: nop", "a_long_label: nop"],
  ["nn.token   s6,dma0", "        nn.token s6, dma0"],
  ["    .equ X , 4*2", "        .equ    X, 4*2"],
  ["x   =   y  +1", "        x = y +1"],
  ["x=3", "        x = 3"],
  ["x=-y", "        x = -y"],
  ["# a comment at 0", "# a comment at 0"],
  ["  # indented   ", "        # indented"],
  ["                                    # goes on", "                                        # goes on"],
  ["nop;nop ;  add a0,a0,a1", "        nop; nop; add a0, a0, a1"],
  ["1: 2: nop", "1: 2:   nop"],
  ["lw a0,  8 ( sp )", "        lw      a0, 8 ( sp )"],
  ['.ascii "a,b  c"  ,"d"', '        .ascii  "a,b  c", "d"'],
  [".align 3,,15", "        .align  3,, 15"],
  ['weights_a:    .incbin "a"', 'weights_a:    .incbin "a"'],
  [".tensor a,  int8, 1,   2", "        .tensor a,  int8, 1,   2"],
  ["add /* x */ a0, a1, a2", "        add     /* x */ a0, a1, a2"],
  ["   \t ", ""],
  ["\tadd\ta0, a0, a1\t# tabs", "        add     a0, a0, a1              # tabs"],
])("%j", (source, expected) => {
  expect(formatted(source)).toBe(expected);
  expect(formatted(expected)).toBe(expected);
});

test("line ends, tabs and comments over several lines stay", () => {
  expect(formatted("add a0,a0,a1\r\n/* a\n   b */ nop\r\nnop")).toBe(
    "        add     a0, a0, a1\r\n/* a\n   b */ nop\r\n        nop",
  );
  expect(formatted("x: add a0,a1,a2 # c", { insertSpaces: false })).toBe("x:\tadd\ta0, a1, a2\t# c");
});

test("only the lines asked for", () => {
  const file = parseFile("main.nnasm", "nop\nnop\nnop\n");
  expect(formatLines(file, 1, 1, SPACES).map(({ range }) => range.start.line)).toEqual([1]);
});

test("whatever the text, its tokens stay and a second pass changes nothing", () => {
  const piece = fc.constantFrom(
    ..."add,nop,a0,x:,1:,(,),8,-,+,=,\"s;#\",'a',;,,.equ,# c,// d,/* e */,%lo,|,\t,\\x".split(","),
    ",",
    " ",
    "  ",
    "\n",
    "\r\n",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const source = pieces.join("");
      const significant = (text: string) =>
        parseFile("f", text).lines.flatMap((line) =>
          tokensOf(line.text)
            .filter(({ kind }) => kind !== "space" && kind !== "newline")
            .map(({ kind, start, end }) => `${kind} ${line.text.slice(start, end).trimEnd()}`),
        );
      const result = formatted(source);
      expect(significant(result)).toEqual(significant(source));
      expect(formatted(result)).toBe(result);
      expect(formatText(source, SPACES)).toBe(result);
    }),
    { numRuns: 500 },
  );
});
