import { parseFile } from "@nnasm/sim-core/asm";
import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { rangeText } from "../testing/shown.ts";
import { implementationsAt } from "./implementation.ts";

const OTHERS = [
  parseFile("kernel.nnasm", ".globl relu\nrelu: ret"),
  parseFile("private.nnasm", "relu: ret"),
  parseFile("weak.nnasm", ".weak relu\nnop\nrelu: ret"),
];

function check(source: string, ...expected: string[]): void {
  const snapshot = fixture(source);
  const found = implementationsAt(snapshot, snapshot.position, { trees: OTHERS, textOf: () => undefined });
  expect(found.map(({ file, range }) => `${file} ${rangeText(range)}`)).toEqual(expected);
}

test("a macro: every definition, also in a branch not taken", () => {
  check(".if 0\n.macro m a\n.endm\n.else\n.macro m b\n.endm\n.endif\n|m 1", "main.nnasm 1:7-8", "main.nnasm 4:7-8");
});

test("a symbol: what other sources export under its name, when it is not this program's own", () => {
  check("call re|lu", "kernel.nnasm 1:0-4", "weak.nnasm 2:0-4");
  check(".globl relu\nre|lu: ret", "main.nnasm 1:0-4", "kernel.nnasm 1:0-4", "weak.nnasm 2:0-4");
  check("re|lu: ret", "main.nnasm 0:0-4");
  check("nop |");
});

test("an instruction of the project's own: the code of its module", () => {
  const snapshot = fixture("nn.wait s0");
  const own = {
    file: "own.json",
    places: new Map([["nn.wait", { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }]]),
    module: "own.js",
  };
  const at = (text: string | undefined) =>
    implementationsAt({ ...snapshot, own }, { line: 0, character: 3 }, { trees: [], textOf: () => text }).map(
      ({ file, range }) => `${file} ${rangeText(range)}`,
    );
  expect(at('export default {\n  "nn.wait": (x) => x,\n};')).toEqual(["own.js 1:3-10"]);
  expect(at(undefined)).toEqual(["own.js 0:0-0"]);
});
