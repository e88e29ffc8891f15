/**
 * Wrong sources: what GNU as refuses, ours refuses on the same line; what only ours refuses has a reason in
 * docs/assembler-differences.md.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { describeWith } from "../../test/tools/external.ts";
import { BINUTILS, gnuErrors, ours } from "./gnu.ts";
import { BEFORE, WRONG_LINES, WRONG_SOURCES } from "./wrong-sources.ts";

const DOCUMENT = fileURLToPath(new URL("../../docs/assembler-differences.md", import.meta.url));

/** Lines, from one, on which ours reports an error. */
function ourErrors(source: string): Set<number> {
  const { diagnostics } = ours(source);
  const errors = diagnostics.filter(({ severity, id }) => severity === "error" && id !== "no-code");
  return new Set(errors.map(({ range }) => range.start.line + 1));
}

/**
 * Places that our errors name: in macros the call and the body's line (GNU as names the latter). A block that isn't closed
 * is reported where it opens; GNU as reports it at the end of the file.
 */
function ourPlaces(source: string): Set<number> {
  const places = new Set<number>();
  for (const { severity, id, range, related = [] } of ours(source).diagnostics) {
    if (severity !== "error" || id === "no-code") continue;
    for (const place of [range, ...related.map((one) => one.range)]) places.add(place.start.line + 1);
    if (id === "unbalanced-block") for (const end of [1, 2]) places.add(source.split("\n").length + end - 1);
  }
  return places;
}

/** The rows of a table in the document whose first column is code: [code, the rest]. */
function rows(heading: string): [string, string][] {
  const text = readFileSync(DOCUMENT, "utf8");
  const section = text.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| `` ?(.+?) ?`` \| (.+) \|$/gm)].map(([, code, rest]) => [code!, rest!]);
}

describeWith(BINUTILS, "what GNU as refuses", () => {
  it("ours refuses line by line", () => {
    const numbered = WRONG_LINES.map((line, index) => ({ line, number: BEFORE.length + index + 1 }));
    // After some mistakes GNU as passes over the next line and loses count: markers tell it where it is.
    const marked = numbered.flatMap(({ line, number }) => [`# ${number} "a.s"`, line, "nop"]);
    const theirs = gnuErrors([...BEFORE, ...marked, ""].join("\n"));
    const mine = ourErrors([...BEFORE, ...WRONG_LINES].join("\n"));
    expect({ takenByGnu: numbered.filter(({ number }) => !theirs.has(number)) }).toEqual({ takenByGnu: [] });
    expect({ takenByUs: numbered.filter(({ number }) => !mine.has(number)) }).toEqual({ takenByUs: [] });
    expect(WRONG_LINES.length + WRONG_SOURCES.length).toBeGreaterThan(200);
  });

  it("ours refuses in the same place where a mistake changes what follows", () => {
    const wrong = WRONG_SOURCES.map((source) => ({ source, theirs: gnuErrors(source), mine: ourPlaces(source) }));
    expect(wrong.filter(({ theirs }) => theirs.size === 0)).toEqual([]);
    expect(wrong.filter(({ theirs, mine }) => ![...mine].some((line) => theirs.has(line)))).toEqual([]);
  });
});

describeWith(BINUTILS, "differences from GNU as", () => {
  it("that are documented as refused by us alone are: GNU as takes the line", () => {
    const documented = rows("What GNU as takes and we refuse");
    for (const [line] of documented) {
      const source = ["x: nop", line.replaceAll("\\n", "\n"), ""].join("\n");
      expect({ line, gnu: [...gnuErrors(source)], mine: ourErrors(source).size > 0 }).toEqual({
        line,
        gnu: [],
        mine: true,
      });
    }
    expect(documented.length).toBeGreaterThan(10);
  });

  it("that are documented as taken by us alone are", () => {
    const documented = rows("What we take and GNU as refuses");
    for (const [line] of documented) {
      const source = ["x: nop", line.replaceAll("\\n", "\n"), ""].join("\n");
      expect({ line, gnu: gnuErrors(source).size > 0, mine: [...ourErrors(source)] }).toEqual({
        line,
        gnu: true,
        mine: [],
      });
    }
    expect(documented.length).toBeGreaterThan(3);
  });
});
