import fc from "fast-check";
import { expect, test } from "vitest";
import { alignColumns } from "./table.ts";
import { bytes, count, duration, percentages } from "./text.ts";

test("shares add up to exactly 100.0 and are off by less than 0.1", () => {
  const parts = fc.array(fc.nat(1e9), { minLength: 1, maxLength: 15 }).filter((list) => list.some((part) => part > 0));
  fc.assert(
    fc.property(parts, (list) => {
      const whole = list.reduce((sum, part) => sum + part, 0);
      const shown = percentages(list).map((text) => (text === "<0.1" ? "0" : text));
      expect(shown.reduce((sum, text) => sum + Math.round(Number(text) * 10), 0)).toBe(1000);
      shown.forEach((text, index) => {
        expect(Math.abs(Number(text) - (list[index]! / whole) * 100)).toBeLessThan(0.1 + 1e-9);
      });
    }),
  );
  expect(percentages([1, 1, 1])).toEqual(["33.4", "33.3", "33.3"]);
  // What isn't 0 isn't told as 0.
  expect(percentages([1, 99_999])).toEqual(["<0.1", "100.0"]);
  expect(percentages([0, 0])).toEqual(["0.0", "0.0"]);
});

test("numbers for people", () => {
  expect(count(1234567)).toBe("1,234,567");
  expect([bytes(12), bytes(2048), bytes(3 * 1024 * 1024)]).toEqual(["12 B", "2.0 KiB", "3.0 MiB"]);
  expect([duration(1.25), duration(2500), duration(3.5e6)]).toEqual(["1.3 us", "2.50 ms", "3.50 s"]);
});

test("columns line up and lines have no blanks at their end", () => {
  expect(
    alignColumns(
      [
        ["a", "1", ""],
        ["long", "12", "x"],
      ],
      new Set([1]),
    ),
  ).toEqual(["a      1", "long  12  x"]);
});
