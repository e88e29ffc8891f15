import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { type OutlineItem, outline } from "./outline.ts";

const shown = (items: readonly OutlineItem[], indent = ""): string =>
  items
    .map(({ kind, name, detail, range, selection, children }) => {
      const own = `${indent}${kind} ${name}${detail ? ` (${detail})` : ""} ${range.start.line}-${range.end.line} @${selection.start.line}:${selection.start.character}-${selection.end.character}`;
      return children.length === 0 ? own : `${own}\n${shown(children, `${indent}  `)}`;
    })
    .join("\n");

function check(source: string, expected: string): void {
  const { file } = fixture(source);
  const trimmed = expected.replace(/^\n|\n\s*$/g, "");
  const margin = /^ */.exec(trimmed)![0];
  expect(shown(outline(file))).toBe(trimmed.replaceAll(new RegExp(`^${margin}`, "gm"), ""));
}

test("sections hold functions, functions hold labels and layers", () => {
  check(
    `        .equ N, 4 * 2
        .tensor t, int8, 1, 2, 3, 4, in=dm
        .text
        .type main, function
main:
        .layer "conv1"
        nop
loop:   nop
        .layer "pool"
        nop
        .data
value:  .word 1
`,
    `
    constant N (4 * 2) 0-0 @0:13-14
    tensor t (int8, 1, 2, 3, 4, in=dm) 1-1 @1:16-17
    section .text 2-10 @2:8-13
      function main 4-10 @4:0-4
        layer conv1 5-8 @5:15-22
        label loop 7-7 @7:0-4
        layer pool 8-10 @8:15-21
    section .data 10-12 @10:8-13
      data value 11-11 @11:0-5
    `,
  );
});

test("macros, assignments, section names with flags, CRLF", () => {
  check(
    '.macro push reg, more=4\r\n1: nop\r\n.endm\r\nx = 3\r\n.section .text.hot, "ax"\r\nhot: nop\r\n',
    `
    macro push (reg, more=4) 0-2 @0:7-11
    constant x (3) 3-3 @3:0-1
    section .text.hot 4-6 @4:0-8
      label hot 5-5 @5:0-3
    `,
  );
});

test("half-written lines don't disturb", () => {
  check(".tensor\n.macro\n.layer\n.equ\nx:\n.section\n", "label x 4-4 @4:0-1\nsection .section 5-6 @5:0-8");
});
