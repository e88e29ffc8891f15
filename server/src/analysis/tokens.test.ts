import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { inlayHints } from "./inlay.ts";
import { encodeTokens, semanticTokens, type TokenOptions } from "./tokens.ts";

/** `text:type.modifier` of every token. */
function check(source: string, expected: string, options: TokenOptions = { namesOnly: true }): void {
  const snapshot = fixture(source);
  const lines = source.split(/\r\n|\n/);
  const found = semanticTokens(snapshot, options).map(({ line, character, length, type, modifiers }) =>
    [`${lines[line]!.slice(character, character + length)}:${type}`, ...modifiers].join("."),
  );
  expect(found.join(" ")).toBe(expected);
}

test("names by what they are", () => {
  check(
    `.equ N, 3
.tensor t, int8, 1, 1, 1, N, in=dm
.type f, @function
f: li a0, N
l: td.ld td0, t
li a1, t.bytes
1: bnez a0, 1b
j l
call f
x = N`,
    [
      "N:variable.readonly",
      "t:struct N:variable.readonly in:property",
      "f:function",
      "f:function.definition a0:variable.defaultLibrary N:variable.readonly",
      "l:label.definition td0:variable.defaultLibrary t:struct",
      "a1:variable.defaultLibrary t.bytes:property.readonly",
      "1:label.definition a0:variable.defaultLibrary 1b:label",
      "l:label",
      "f:function",
      "x:variable.definition.readonly N:variable.readonly",
    ].join(" "),
  );
});

test("macros: name, parameters, calls", () => {
  check(
    ".macro m a, b=4\nli \\a, \\b\n.endm\nm a0, 3",
    "m:macro.definition a:parameter.definition b:parameter.definition \\a:parameter \\b:parameter m:macro a0:variable.defaultLibrary",
  );
});

test("values are no symbols, whatever their name", () => {
  check("relu: nu.act relu\nj relu", "relu:label.definition relu:enumMember.readonly relu:label");
});

test("everything, for editors without a grammar", () => {
  check(
    'x: li a0, 3 # c\n.asciz "s"',
    'x:label.definition li:keyword.defaultLibrary a0:variable.defaultLibrary 3:number # c:comment .asciz:keyword "s":string',
    {
      namesOnly: false,
    },
  );
});

test("comments over several lines, CRLF", () => {
  check("/* a\r\n b */ nop", "/* a:comment  b */:comment nop:keyword.defaultLibrary", { namesOnly: false });
});

test("mnemonics in capitals", () => {
  check(
    "ADD a0, a0, a0",
    Array.from({ length: 4 }, (_, index) =>
      index === 0 ? "ADD:keyword.defaultLibrary" : "a0:variable.defaultLibrary",
    ).join(" "),
    { namesOnly: false },
  );
});

test("a part of the lines", () => {
  check("a: nop\nb: nop\nc: nop", "b:label.definition", { namesOnly: true, first: 1, last: 1 });
});

test("encoding is relative", () => {
  const token = { length: 2, type: "string" as const, modifiers: ["readonly" as const] };
  expect(
    encodeTokens([
      { line: 1, character: 4, ...token },
      { line: 1, character: 9, ...token },
      { line: 3, character: 1, ...token },
    ]),
  ).toEqual([1, 4, 2, 1, 2, 0, 5, 2, 1, 2, 2, 1, 2, 1, 2]);
});

test("a sum of thousands of parts, which is as many nodes deep", () => {
  const snapshot = fixture(`N = 1\nM = ${"N+".repeat(20_000)}N\n`);
  expect(semanticTokens(snapshot, { namesOnly: true })).toHaveLength(20_003);
  const hints = { values: true, shapes: true, cycles: "off", blockCycles: false, first: 0, last: 3 } as const;
  expect([...inlayHints(snapshot, hints)].map(({ text }) => text)).toEqual(["= 20001"]);
});
