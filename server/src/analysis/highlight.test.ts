import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { rangeText } from "../testing/shown.ts";
import { highlightsAt } from "./highlight.ts";

function check(source: string, ...expected: string[]): void {
  const snapshot = fixture(source);
  const found = highlightsAt(snapshot, snapshot.position).map(({ range, access }) => `${rangeText(range)} ${access}`);
  expect(found.sort()).toEqual(expected.sort());
}

test("a symbol: definition and uses, in this file", () => {
  check("x|: nop\nj x", "0:0-1 write", "1:2-3 read");
  check('#- main.nnasm\n.include "lib.nnasm"\nj x|\n#- lib.nnasm\nx: nop', "1:2-3 read");
});

test("a macro's parameter", () => {
  check(".macro m a|\naddi \\a, a0, 1\n.endm", "0:9-10 write", "1:6-7 read");
});

test("a register: reads and writes, by either name, within the function", () => {
  check(
    ".type f, @function\nf: add a0, a1, a|0\nlw x10, 4(a0)\nret\n.type g, @function\ng: mv a0, a1",
    "1:7-9 write",
    "1:15-17 read",
    "2:3-6 write",
    "2:10-12 read",
  );
});

test("what a macro does with a register isn't known at its call", () => {
  check(".macro m r\nnop\n.endm\nli a|0, 1\nm a0", "3:3-5 write", "4:2-4 text");
});

test("a descriptor register", () => {
  check("td.mv td1, td|0\nnu.fc td2, td0, td1\ntd.zp td0, a0", "0:11-14 read", "1:11-14 read", "2:6-9 write");
});

test("nothing", () => check("no|p"));
