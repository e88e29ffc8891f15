import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { placeAt } from "./place.ts";

/** The place of `|` in one line: kind, name, operands in front, what leads the word, and prefix + replaced columns. */
function check(source: string, expected: string | undefined): void {
  const { file, position } = fixture(source);
  const place = placeAt(file, position);
  const shown =
    place &&
    [
      place.kind,
      place.name,
      `[${place.operandsBefore.join(";")}]`,
      place.lead,
      `${place.prefix}@${place.range.start.character}-${place.range.end.character}`,
      place.followed ? "followed" : "",
    ]
      .join(" ")
      .replace(/ +/g, " ")
      .trim();
  expect(shown).toBe(expected);
}

test.each([
  ["|", "statement [] @0-0"],
  ["  ad|", "statement [] ad@2-4"],
  ["  ad|di a0, a1, 1", "statement [] ad@2-6 followed"],
  ["x: y: nn.w|", "statement [] nn.w@6-10"],
  ["1: |", "statement [] @3-3"],
  ["nop; ad|", "statement [] ad@5-7"],
  ["add |", "operand add [] @4-4"],
  ["add a0, |", "operand add [a0] @8-8"],
  ["add a0,s|", "operand add [a0] s@7-8"],
  ["lw a0, 8(s|p)", "operand lw [a0] 8( s@9-11 followed"],
  ["lw a0, (1+|", "operand lw [a0] (1+ @10-10"],
  ["lui a0, %hi(|)", "operand lui [a0] %hi( @12-12 followed"],
  ["lui a0, %|", "operand lui [a0] %@8-9"],
  ["lui a0, %h|", "operand lui [a0] %h@8-10"],
  [".word 5 %|", "operand .word [] 5% @9-9"],
  ["nn.fence nu\\|dma0\\||", "operand nn.fence [] nu|dma0| @17-17"],
  [".tensor a, int8, 1, 2, 3, 4, zp=-|", "operand .tensor [a;int8;1;2;3;4] zp=- @33-33"],
  [".tensor a, int8, z|", "operand .tensor [a;int8] z@17-18"],
  ['.include "lib/a|b.nnasm"', "string .include [] lib/a@10-22"],
  ['.include "lib/|', "string .include [] lib/@10-14"],
  ['.include "lib"|', 'operand .include [] "lib" @14-14'],
  ["x = y|", "operand = [] y@4-5"],
  ["add a0 # no|", undefined],
  ["add a0 // |", undefined],
  ["add /* |*/ a0", undefined],
  ["add /* */ |", "operand add [] @10-10"],
  ["nop\n|", "statement [] @0-0"],
  ["nop\r\nadd a|", "operand add [] a@4-5"],
  ["/* two\nlines */ add a|", "operand add [] a@13-14"],
  ["beq a0, a1, 1|", "operand beq [a0;a1] 1@12-13"],
])("%s", check);
