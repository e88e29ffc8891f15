import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { allTokens, tokenEdits, tokenFile } from "./token-lines.ts";
import { encodeTokens, semanticTokens } from "./tokens.ts";

/** The difference of two versions makes the tokens of the second one, and replaces as few of the numbers as said. */
function check(before: string, after: string, deleted: number, put: number): void {
  const first = tokenFile(fixture(before), false);
  const had = allTokens(first);
  const second = tokenFile(fixture(after), false, first);
  const edits = tokenEdits(first, second);
  const data = [...had];
  for (const { start, deleteCount, data: numbers } of edits) data.splice(start, deleteCount, ...numbers);
  expect(data).toEqual(encodeTokens(semanticTokens(fixture(after), { namesOnly: false })));
  expect([edits[0]?.deleteCount ?? 0, edits[0]?.data.length ?? 0]).toEqual([deleted, put]);
}

const LINES = ".equ N, 3\nmain: li a0, N\n# remark\n add a0, a0, a1\n j main\n";

test.each([
  ["nothing", LINES, LINES, 0, 0],
  ["an empty line moves the next token alone", LINES, LINES.replace("# remark", "\n# remark"), 1, 1],
  ["an instruction more", LINES, LINES.replace(" j", " nop\n j"), 0, 5],
  ["the last line", LINES, LINES.replace(" j main\n", ""), 10, 0],
  ["all lines", LINES, "", 70, 0],
])("%s", (_, before, after, deleted, put) => check(before, after, deleted, put));

test("a name that becomes something else changes where it is used", () => {
  const first = tokenFile(fixture(LINES), false);
  const after = LINES.replace(".equ N, 3", ".tensor N, int8, 1, 1, 1, 1, in=dm");
  expect(allTokens(tokenFile(fixture(after), false, first))).toEqual(
    encodeTokens(semanticTokens(fixture(after), { namesOnly: false })),
  );
});
