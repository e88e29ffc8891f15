import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { signatureAt } from "./signature.ts";

/** `label with [the] active parameter: its documentation`, and how many signatures there are. */
function check(source: string, expected: string | undefined): void {
  const snapshot = fixture(source);
  const result = signatureAt(snapshot, snapshot.position);
  const signature = result?.signatures[result.active];
  const parameter = signature?.parameters[result!.parameter];
  const marked =
    signature && parameter
      ? `${signature.label.slice(0, parameter.start)}[${signature.label.slice(parameter.start, parameter.end)}]${signature.label.slice(parameter.end)}`
      : signature?.label;
  const shown = signature && `${marked}: ${parameter?.documentation ?? ""} (${result!.signatures.length})`;
  expect(shown).toBe(expected);
}

test.each([
  ["nu.conv |", "nu.conv [out], in, w: tensor descriptor register, read (1)"],
  ["nu.conv td0, t|", "nu.conv out, [in], w: tensor descriptor register, read (1)"],
  ["lw a0, |", "lw rd, [offset(rs1)]: number -2048 .. 2047; rs1: base register (2)"],
  ["beq a0, a1, |", "beq rs1, rs2, [target]: code label, -4096 .. 4094 bytes away (1)"],
  ["td.type td0, |", "td.type td, [dtype], layout: one of int8, uint8, int16, int32, int4, bit (1)"],
  ["li a0, |", "li rd, [imm]: number -2147483648 .. 4294967295 (1)"],
  ["call |", "call [symbol]: symbol or address (2)"],
  [".align 2, |", ".align power [, [fill] [, at-most]]:  (1)"],
  [".macro m a, b=4\n.endm\nm 1, |", "m a, [b=4]:  (1)"],
  [".macro m a b=4, c:req\n.endm\nm 1, |", "m a [b=4], c:req:  (1)"],
  [".macro m a, b=4, c=5\n.endm\nm c=1, |", "m [a], b=4, c=5:  (1)"],
  [".macro m a, b=4, c=5\n.endm\nm 1, c=|", "m a, b=4, [c=5]:  (1)"],
  [".requant 1, |", ".requant bias, [factor]:  (2)"],
  [".requant 1, 2, |", ".requant bias, multiplier, [shift]:  (2)"],
  [".expect a0 == 3, |", ".expect register == value [, [at=label]]:  (3)"],
  [".tensor t, int8, 1, 1, 1, 1, in=dm\n.expect t, |", '.expect tensor, [value], ... | "file" [, at=label]:  (3)'],
  ["addi a0, a1, 2, |", undefined],
  ["add a0, a1, 2, |", undefined],
  ["nop |", undefined],
  ["x = |", undefined],
  ["unknown |", undefined],
  ["# li |", undefined],
])("%s", check);

test("options of .tensor stand in any order", () => {
  const shown = (source: string) => {
    const snapshot = fixture(source);
    const { signatures, active, parameter } = signatureAt(snapshot, snapshot.position)!;
    const { start, end } = signatures[active]!.parameters[parameter]!;
    return signatures[active]!.label.slice(start, end);
  };
  expect(shown(".tensor t, int8, 1, 1, 1, |")).toBe("c");
  expect(shown(".tensor t, int8, 1, 1, 1, 1, table=|")).toBe("table=address");
  expect(shown(".tensor t, int8, 1, 1, 1, 1, |")).toBe("zp=number");
  expect(shown(".tensor t, int8, 1, 1, 1, 1, table=t, zp=1, |")).toBe("scale=number");
  expect(shown(".tensor t, int8, 1, 1, 1, 1, in=|")).toBe("in=dm|wm|ddr or at=address");
});

test("the form that the operands so far have", () => {
  check("jalr a0, |", "jalr rd, [offset(rs1)]: number -2048 .. 2047; rs1: base register (6)");
});
