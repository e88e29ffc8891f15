/** Whatever an instruction file holds, reading it gives an instruction set or says what is wrong, and never throws. */

import { readUserInstructions } from "@nnasm/sim-core/user-isa";
import fc from "fast-check";
import { expect, it } from "vitest";
import { FILE } from "../../sim-core/src/user-isa/testing.ts";
import { scaled } from "../tools/index.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Words that mean something somewhere in the file, and names that every object inherits. */
const WORDS = [
  "rd",
  "rs1",
  "rs3",
  "imm12",
  "funct3",
  "funct7",
  "x",
  "td",
  "imm",
  "cu",
  "xu",
  "R",
  "R4",
  "S",
  "0b110",
  "0x7f",
  "read",
  "write",
  "constructor",
  "__proto__",
  "toString",
  "own.add",
  "add",
  ".word",
  "rd, rs1",
];
const value = fc.oneof(
  fc.constantFrom<Json>(...WORDS, 0, 1, 5, 6, 7, -1, 0.5, 127, 128, 2 ** 40, null, true, [], {}),
  fc.jsonValue() as fc.Arbitrary<Json>,
);

/** A copy of the file in which `steps` says what to walk into, and what is put there. */
function changed(json: Json, steps: readonly number[], replacement: Json, key: string | undefined): Json {
  const [step = 0, ...rest] = steps;
  if (typeof json !== "object" || json === null) return replacement;
  const names = Object.keys(json);
  if (rest.length === 0 && key !== undefined && !Array.isArray(json)) return { ...json, [key]: replacement };
  if (names.length === 0 || steps.length === 0) return replacement;
  const name = names[step % names.length]!;
  const inner = changed((json as Record<string, Json>)[name]!, rest, replacement, key);
  if (Array.isArray(json)) return json.map((item, index) => (String(index) === name ? inner : item));
  return { ...json, [name]: inner };
}

const base = JSON.parse(JSON.stringify(FILE)) as Json;
const check = (text: string): void => {
  const { instructions, diagnostics } = readUserInstructions(text, "own.json");
  expect(instructions === undefined).toBe(diagnostics.length > 0);
  const lines = text.split("\n");
  for (const { message, range } of diagnostics) {
    expect(message).not.toBe("");
    expect(range.start.line).toBeLessThan(lines.length);
  }
};

it("changed values and keys", () => {
  const steps = fc.array(fc.nat(40), { maxLength: 6 });
  const key = fc.option(fc.constantFrom(...WORDS), { nil: undefined });
  fc.assert(
    fc.property(steps, value, key, (path, replacement, name) => {
      check(JSON.stringify(changed(base, path, replacement, name), null, 1));
    }),
    { numRuns: scaled(300, 20_000) },
  );
});

it("changed text", () => {
  const text = JSON.stringify(base, null, 1);
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(40), fc.string({ maxLength: 4 }), (at, cut, put) => {
      check(text.slice(0, at) + put + text.slice(at + cut));
    }),
    { numRuns: scaled(200, 10_000) },
  );
});
