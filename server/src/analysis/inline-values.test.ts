import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { rangeText } from "../testing/shown.ts";
import { inlineValues } from "./inline-values.ts";

/** The program has stopped at `|`. */
function check(source: string, ...expected: string[]): void {
  const snapshot = fixture(source);
  const found = inlineValues(snapshot, { first: 0, last: 100, stopped: snapshot.position.line });
  expect(found.map(({ range, expression }) => `${rangeText(range)} ${expression}`)).toEqual(expected);
}

test("every register once, at its last mention above the stop; nothing below", () => {
  check("li a0, 1\nli a1, 2\nadd a0, a0, a2\n|nop\nli a3, 4", "1:3-5 a1", "2:8-10 a0", "2:12-14 a2");
  check("add a0, x10, a1|\nnop", "0:8-11 x10", "0:13-15 a1");
});

test("only within the function", () => {
  check("call f\nli t0, 1\nf: li a0, 1\n|ret", "2:6-8 a0");
});

test("a call changes what it doesn't keep, but not before it has happened", () => {
  check("li a0, 1\nli s1, 2\ncall f\nli t0, 1\n|nop\nf: ret", "1:3-5 s1", "3:3-5 t0");
  check("li a0, 1\n|call f\nf: ret", "0:3-5 a0");
  check("li a0, 1\njal zero, f\n|nop\nf: nop", "0:3-5 a0");
});

test("tensor descriptors, memory operands; no words of comments, no zero", () => {
  check("lw a0, 4(a1) # a2\ntd.ld td3, (a4)\nsw zero, (a0)|", "0:9-11 a1", "1:6-9 td3", "1:12-14 a4", "2:10-12 a0");
});

test("only lines that are shown", () => {
  const snapshot = fixture("li a0, 1\nli a1, 1\nli a2, 1");
  const found = inlineValues(snapshot, { first: 1, last: 1, stopped: 2 });
  expect(found.map(({ expression }) => expression)).toEqual(["a1"]);
});
