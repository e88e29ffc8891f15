import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { rangeText } from "../testing/shown.ts";
import { subtypesOf, supertypesOf, type TypeItem, typeAt } from "./type-hierarchy.ts";

const TENSORS =
  ".tensor a, int8, 1, 4, 4, 8, in=dm\n.tensor b, int16, 1, 1, 1, 1, in=dm\n.tensor c, int8, 1, 1, 1, 2, in=dm\n";
const shown = ({ kind, name, detail, selection }: TypeItem) => `${kind} ${name}: ${detail} ${rangeText(selection)}`;

function check(source: string, item: string | undefined, supertypes: string[] = [], subtypes: string[] = []): void {
  const snapshot = fixture(source);
  const found = typeAt(snapshot, snapshot.position);
  expect(found && shown(found)).toBe(item);
  if (!found) return;
  expect(supertypesOf(snapshot, found).map(shown)).toEqual(supertypes);
  expect(subtypesOf(snapshot, found).map(shown)).toEqual(subtypes);
}

test("a tensor, also by its field, is of its data type", () => {
  const supertypes = ["dtype int8: data type of 2 tensors 0:11-15"];
  check(`${TENSORS}.text\nli a0, c.by|tes`, "tensor c: int8 1x1x1x2 2:8-9", supertypes);
  check(`${TENSORS}.text\ntd.ld td0, |c`, "tensor c: int8 1x1x1x2 2:8-9", supertypes);
});

test("a data type has its tensors", () => {
  check(
    TENSORS.replace("int8", "in|t8"),
    "dtype int8: data type of 2 tensors 0:11-15",
    [],
    ["tensor a: int8 1x4x4x8 0:8-9", "tensor c: int8 1x1x1x2 2:8-9"],
  );
});

test("labels, registers and constants have no types", () => {
  check("x|: nop", undefined);
  check("li a|0, 1", undefined);
});
