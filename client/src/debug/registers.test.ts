import { expect, test } from "vitest";
import { nameAt, registersIn } from "./registers.ts";

const names = (line: string): string[] => registersIn(line).map(({ name }) => name);

test.each([
  ["add a0, a0, t0", ["a0", "t0"]],
  ["lw s11, 8(sp)  # into a0", ["s11", "sp"]],
  ["nu.conv td31, td0, td2", ["td31", "td0", "td2"]],
  ["la a0, a0_table; li x32, x31", ["a0", "x31"]],
  ['.ascii "a0" // a1', []],
  ["mv \\a0, fp /* t0 */", ["fp"]],
])("registers of %j", (line, expected) => {
  expect(names(line)).toEqual(expected);
});

test("offsets are those of the line", () => {
  expect(registersIn("  add a0, t1")).toEqual([
    { name: "a0", start: 6, end: 8 },
    { name: "t1", start: 10, end: 12 },
  ]);
});

test("the name under the pointer holds its dots", () => {
  expect(nameAt("la a0, image.base # here", 10)).toEqual({ name: "image.base", start: 7, end: 17 });
  expect(nameAt("la a0, image.base # here", 20)).toBeUndefined();
  expect(nameAt("li a0, 12", 8)).toBeUndefined();
});
