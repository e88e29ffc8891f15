import { expect, test } from "vitest";
import { generateSource } from "./source.ts";

test("the generated source has the asked number of lines and is the same for the same seed", () => {
  const text = generateSource(2000, 1);
  expect(text.split("\n").length - 1).toBe(2000);
  expect(generateSource(2000, 1)).toBe(text);
  expect(generateSource(2000, 2)).not.toBe(text);
});
