import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { rangeText } from "../testing/shown.ts";
import { type CallEdge, functionAt, incomingCalls, outgoingCalls } from "./calls.ts";
import { searchSymbols } from "./search.ts";

const SOURCE = `#- main.nnasm
.include "lib.nnasm"
_start: call f|
 call g
 tail f
#- lib.nnasm
.type f, @function
f: nop
 call g
 ret
g: ret
`;

const shown = (edges: readonly CallEdge[]) =>
  edges.map((edge) => `${edge.function.file} ${edge.function.name} ${edge.ranges.map(rangeText).join(" ")}`);

test("the function named, or around", () => {
  const snapshot = fixture(SOURCE);
  expect(functionAt(snapshot, snapshot.position)).toMatchObject({ name: "f", file: "lib.nnasm" });
  expect(functionAt(snapshot, { line: 2, character: 0 })).toMatchObject({ name: "_start" });
  expect(functionAt(snapshot, { line: 0, character: 0 })).toBeUndefined();
});

test("callers and callees over files", () => {
  const snapshot = fixture(SOURCE);
  expect(shown(incomingCalls(snapshot, "g"))).toEqual(["main.nnasm _start 2:6-7", "lib.nnasm f 2:6-7"]);
  expect(shown(incomingCalls(snapshot, "f"))).toEqual(["main.nnasm _start 1:13-14 3:6-7"]);
  expect(shown(outgoingCalls(snapshot, "f"))).toEqual(["lib.nnasm g 2:6-7"]);
  expect(shown(outgoingCalls(snapshot, "g"))).toEqual([]);
});

test("symbols by some of their letters", () => {
  const { assembly } = fixture(`${SOURCE}.equ FLAG, 1\n.layer "first"\n`);
  const search = (query: string) => searchSymbols(assembly.files, query).map(({ name, file }) => `${file} ${name}`);
  expect(search("f")).toEqual(["lib.nnasm f", "lib.nnasm FLAG", "lib.nnasm first"]);
  expect(search("fg")).toEqual(["lib.nnasm FLAG"]);
  expect(search("START")).toEqual(["main.nnasm _start"]);
  expect(search("nothing")).toEqual([]);
});
