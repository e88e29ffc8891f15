import { expect, test } from "vitest";
import { nameAt } from "./names.ts";

test("the name under the pointer holds its dots", () => {
  expect(nameAt("la a0, image.base # here", 10)).toEqual({ name: "image.base", start: 7, end: 17 });
  expect(nameAt("la a0, image.base # here", 20)).toBeUndefined();
  expect(nameAt("li a0, 12", 8)).toBeUndefined();
  expect(nameAt('.ascii "a0" // a1', 9)).toBeUndefined();
  expect(nameAt("mv \\a0, fp /* t0 */", 15)).toBeUndefined();
});
