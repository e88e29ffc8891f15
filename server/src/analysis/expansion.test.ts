import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { dedent } from "../testing/dedent.ts";
import { fixture } from "../testing/fixture.ts";
import { callAt, expandedText } from "./expansion.ts";
import { sameResult } from "./same-program.ts";

function check(source: string, expected: string, line?: number): void {
  const snapshot = fixture(dedent(source));
  const text = expandedText(snapshot, line);
  expect(text).toBe(dedent(expected));
  if (line === undefined) expect(sameResult(snapshot.assembly, snapshot.reassemble({ text }))).toBe(true);
}

const NESTED = `
  .macro inner r
  add \\r, \\r, \\r
  .endm
  .macro outer a, b=a1
  .ifc \\a, a0
  inner \\b
  .endif
  lbl\\@: inner \\a
  .endm
  x: outer a0
  .rept 2
  nop
  .endr
  `;

test("a whole file: calls and conditions are comments, what they make assembles to the same bytes", () => {
  check(
    NESTED,
    `
    # .macro inner r
    # .macro outer a, b=a1
    x:
    # x: outer a0
    # inner a1
            add a1, a1, a1
    lbl0:
    # lbl0: inner a0
            add a0, a0, a0
    # .rept 2
            nop
            nop
    
    `,
  );
});

test("one call", () => {
  check(".macro m n\nli a0, \\n\n.endm\nm 1\nm 2\n", "# m 2\n        li a0, 2\n\n", 4);
});

test("the call at a position", () => {
  const at = (source: string) => {
    const snapshot = fixture(source);
    return callAt(snapshot, snapshot.position);
  };
  expect(at(".macro m n\n.endm\nnop\n|m 2\n")).toEqual({ name: "m", line: 3 });
  expect(at(".macro m n\n.endm\nno|p\nm 2\n")).toBeUndefined();
});

test("a program with a bit of everything", () => {
  const source = readFileSync(new URL("../../../test-fixtures/asm/tour.nnasm", import.meta.url), "utf8");
  const snapshot = fixture(source.replaceAll("|", "\\|"));
  const text = expandedText(snapshot);
  expect(sameResult(snapshot.assembly, snapshot.reassemble({ text }))).toBe(true);
});
