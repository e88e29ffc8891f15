/** What editors tell of nnp.json. */
import { describe, expect, it } from "vitest";
import { configHelp, configSuggestions } from "./help.ts";
import { readConfig } from "./read.ts";

/** A text with a cursor `|`: what fits there, and the texts with each put in. */
function at(marked: string) {
  const offset = marked.indexOf("|");
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  return { text, offset };
}
function suggested(marked: string) {
  const { text, offset } = at(marked);
  const { items, start, end } = configSuggestions(text, offset);
  return items.map((item) => ({ ...item, result: text.slice(0, start) + item.text + text.slice(end) }));
}
const texts = (marked: string) => suggested(marked).map(({ text }) => text);

describe("suggestions", () => {
  it("are the keys that fit and aren't there yet", () => {
    expect(texts("{ | }")).toEqual(expect.arrayContaining(['"preset"', '"dm"', '"lint"', '"layout"']));
    expect(texts('{ "dm": { "bytes": 4096, "b|" } }')).toEqual([
      '"banks"',
      '"bankBytes"',
      '"conflicts"',
      '"starvationCycles"',
    ]);
    expect(texts('{ "dm": { "bytes": 4096 }, "wm": { | } }')).toEqual(['"bytes"']);
    expect(texts('{ "dm": { | ')).toContain('"banks"');
    expect(texts('{ "unknown": { | } }')).toEqual([]);
  });

  it("are the values of a key that has a choice", () => {
    expect(texts('{ "cu": { "misaligned": | } }')).toEqual(['"trap"', '"split"']);
    expect(texts('{ "cu": { "misaligned": "s|p" } }')).toEqual(['"trap"', '"split"']);
    expect(texts('{ "dm": { "conflicts": | } }')).toEqual(["true", "false"]);
    expect(texts('{ "lint": { "race": "|" } }')).toEqual(['"off"', '"hint"', '"information"', '"warning"', '"error"']);
    expect(texts('{ "clockMHz": | }')).toEqual([]);
  });

  it("make a configuration that reads without errors", () => {
    for (const marked of ['{ "preset": | }', '{ "cu": { "misaligned": "x|" } }', '{ "dm": { "conflicts": | } }']) {
      for (const { result } of suggested(marked)) expect(readConfig(result, "nnp.json").diagnostics).toEqual([]);
    }
  });
});

describe("help", () => {
  const help = (marked: string) => {
    const { text, offset } = at(marked);
    const found = configHelp(text, offset);
    return found && { ...found, place: text.slice(found.start, found.end) };
  };

  it("says what a key means, its bounds and its usual value", () => {
    expect(help('{ "dm": { "ba|nks": 8 } }')).toMatchObject({
      place: '"banks"',
      markdown: expect.stringMatching(/^\*\*dm\.banks\*\*: Number of banks.*From 1 to 64\..*Without a preset: `16`/s),
    });
    expect(help('{ "cu": { "mis|aligned": "trap" } }')?.markdown).toContain('One of `"trap"`, `"split"`');
    expect(help('{ "lint": { "ra|ce": "off" } }')?.markdown).toContain("lint.race");
  });

  it("is silent beside keys", () => {
    expect(help('{ "dm": { "banks": 8| } }')).toBeUndefined();
    expect(help('{ "nothing|": 1 }')).toBeUndefined();
    expect(help("{| }")).toBeUndefined();
  });
});
