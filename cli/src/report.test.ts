import pc from "picocolors";
import { expect, test } from "vitest";
import { diagnosticText } from "./report.ts";

const COLORS = pc.createColors(false);
const at = (character: number, length: number) => ({
  start: { line: 0, character },
  end: { line: 0, character: character + length },
});

test("of a long line only what stands around the mistake is shown, and of a long message its beginning", () => {
  const line = `${"x".repeat(5000)}wrong${"y".repeat(1_000_000)}`;
  const diagnostic = {
    id: "syntax",
    severity: "error",
    message: "m".repeat(5000),
    file: "a.nnasm",
    range: at(5000, 5),
  } as const;
  const [head, source, carets] = diagnosticText(diagnostic, () => line, COLORS).split("\n");
  expect(head).toMatch(/^a\.nnasm:1:5001: error: m{400}\.\.\. \[syntax\]$/);
  expect(source).toHaveLength(402);
  expect(carets).toBe(`${" ".repeat(source!.indexOf("wrong"))}^~~~~`);
});

test("of many places the first ones are named, and the others counted", () => {
  const related = Array.from({ length: 200 }, () => ({
    file: "a.nnasm",
    range: at(0, 1),
    message: "in the body of macro `m`",
  }));
  const diagnostic = { id: "x", severity: "error", message: "m", file: "a.nnasm", range: at(0, 1), related } as const;
  const lines = diagnosticText(diagnostic, () => undefined, COLORS)
    .trimEnd()
    .split("\n");
  expect(lines).toHaveLength(7);
  expect(lines.at(-1)).toBe("  and 195 more places");
  const few = diagnosticText({ ...diagnostic, related: related.slice(0, 6) }, () => undefined, COLORS);
  expect(few).not.toContain("more places");
});
