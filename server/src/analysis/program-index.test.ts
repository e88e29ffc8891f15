/** What is looked up by place and by name is what the lists of the whole program say. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { indexOf } from "./program-index.ts";

const tour = readFileSync(new URL("../../../test-fixtures/asm/tour.nnasm", import.meta.url), "utf8");
const LOCALS = `
#- main.nnasm
.macro step r, by=N
 addi \\r, \\r, \\by
.endm
.include "other.inc"
1: step a0
 bnez a0, 1b; j 1f /* a
 b */ 1: beqz a0, 1b
 call f; tail f
 1: jal ra, 1b
N = 3
#- other.inc
f: li a0, N
1: bnez a0, 1b
 ret
`;

test.each([
  ["a program with everything", `#- main.nnasm\n${tour}`],
  ["macros, includes and numeric labels", LOCALS],
])("references of %s", (_, source) => {
  const { assembly } = fixture(source);
  const all = assembly.references;
  expect(all.length).toBeGreaterThan(10);
  const index = indexOf(assembly);
  const place = ({ file, range }: (typeof all)[number]) => JSON.stringify([file, range]);
  for (const { name, macro } of all) {
    const wanted = all.filter((each) => each.name === name && each.macro === macro);
    const once = wanted.filter((each, at) => wanted.findIndex((other) => place(other) === place(each)) === at);
    expect(index.referencesTo(name, macro)).toEqual(once);
  }
  for (const each of all) {
    const { start, end } = each.range;
    const here = all.filter((other) => place(other) === place(each));
    expect(here).toContainEqual(index.referenceAt(each.file, start));
    const behind = index.referenceAt(each.file, end);
    expect(all).toContainEqual(behind);
    expect(behind!.range.start.character).toBeLessThanOrEqual(end.character);
  }
  expect(index.calls).toEqual(all.filter(({ kind, macro }) => kind === "call" && !macro));
});

test("statements of a line, those of macros that it calls too", () => {
  const { assembly } = fixture(LOCALS);
  const index = indexOf(assembly);
  for (const { file } of new Map(assembly.placements.map((each) => [each.file, each])).values()) {
    for (let line = 0; line < 20; line++) {
      const wanted = assembly.placements.filter((each) => each.file === file && each.line === line);
      expect(index.placementsOn(file, line)).toEqual(wanted);
    }
  }
});
