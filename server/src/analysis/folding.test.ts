import { expect, test } from "vitest";
import { dedent } from "../testing/dedent.ts";
import { fixture } from "../testing/fixture.ts";
import { folds } from "./folding.ts";

function check(source: string, ...expected: string[]): void {
  const found = folds(fixture(dedent(source)).file).map(({ first, last, kind }) => `${first}-${last} ${kind}`);
  expect(found).toEqual(expected);
}

test("functions end where the comment of the next one begins", () => {
  check(
    `
    .text
    .type f, @function
    .type g, @function
    f:
      nop
      ret

    # About g.
    g:
      ret
    .data
    x: .word 1
    `,
    "0-9 code",
    "3-5 code",
    "8-9 code",
    "10-11 code",
  );
});

test("blocks, and their branches", () => {
  check(
    `
    .macro m
    .if 1
    nop
    .else
    nop
    .endif
    .endm
    .rept 3
    nop
    .endr
    `,
    "0-5 code",
    "1-2 code",
    "3-4 code",
    "7-8 code",
  );
});

test("comments, includes, regions", () => {
  check(
    `
    # one
    # two
    .include "a"
    .include "b"
    # region weights
    nop
    # endregion
    /* three
       lines
       long */
    `,
    "0-1 comment",
    "2-3 imports",
    "4-6 region",
    "7-9 comment",
  );
});

test("half-written blocks", () => check(".endm\n.if 1\n.macro\n"));
