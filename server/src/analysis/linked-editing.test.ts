import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { rangeText } from "../testing/shown.ts";
import { linkedRangesAt } from "./linked-editing.ts";

function check(source: string, ...expected: string[]): void {
  const snapshot = fixture(source);
  const found = linkedRangesAt(snapshot, snapshot.position);
  expect((found?.ranges ?? []).map(rangeText).toSorted()).toEqual(expected.toSorted());
}

test("a macro's parameter and its uses, from the declaration and from a use", () => {
  const ranges = ["0:9-10", "1:4-5", "1:11-12"];
  check(".macro m a|, b\nli \\a, \\b+\\a\n.endm\nli a0, 1", ...ranges);
  check(".macro m a, b\nli \\a, \\b+\\a|\n.endm\nli a0, 1", ...ranges);
  check(".macro m a, b\nli \\b|b, 1\n.endm");
});

test("labels that this file alone uses", () => {
  check("loop: nop\nbnez a0, lo|op\nj loop", "0:0-4", "1:9-13", "2:2-6");
  check("1: nop\nbnez a0, 1|b\n1: j 1b", "0:0-1", "1:9-10");
  check(".globl loop\nloop|: nop\nj loop");
  check('#- main.nnasm\nlo|op: nop\n.include "b.nnasm"\n#- b.nnasm\nj loop');
  check("alone|: nop");
  check(".equ N|, 1\nli a0, N");
});
