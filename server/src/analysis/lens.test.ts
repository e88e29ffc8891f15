import { expect, test } from "vitest";
import { dedent } from "../testing/dedent.ts";
import { fixture } from "../testing/fixture.ts";
import { type LensOptions, lensesOf, lensText } from "./lens.ts";

const ALL: LensOptions = { cycles: true, references: true, run: true };

/** Lenses as `line text`. */
function lenses(source: string, options = ALL): string[] {
  const snapshot = fixture(dedent(source));
  return lensesOf(snapshot, options)
    .toSorted((a, b) => a.range.start.line - b.range.start.line)
    .map((lens) => `${lens.range.start.line + 1} ${lensText(snapshot, lens)}`);
}

const PROGRAM = `
  .data
  values: .zero 64
  .text
  _start: call sum
  li a7, 93
  ecall
  .type sum, @function
  sum: la t0, values
  li t1, 16
  next: lw t2, 0(t0)
  addi t0, t0, 4
  addi t1, t1, -1
  add a0, a0, t2
  bnez t1, next
  ret
  `;

test("functions, loops, labels, and the program's start", () => {
  // la, li: 3; 16 passes of 5 instructions, 15 times 2 bubbles back, 4 at the end; ret 5.
  const loop = 16 * 5 + 15 * 2 + 4;
  expect(lenses(PROGRAM)).toEqual([
    "2 1 reference",
    "4 Run",
    "4 Debug",
    "4 Profile",
    `4 = ${2 + 4 + 3 + loop + 5 + 2} cycles`,
    "4 0 references",
    `8 = ${3 + loop + 5} cycles`,
    "8 2 references",
    `10 loop: 16 passes, = ${loop} cycles, 7 a pass`,
    "10 1 reference",
  ]);
});

test("each kind can be switched off", () => {
  expect(lenses(PROGRAM, { cycles: false, references: false, run: true })).toEqual(["4 Run", "4 Debug", "4 Profile"]);
  expect(lenses(PROGRAM, { cycles: false, references: true, run: false })).toHaveLength(4);
  expect(lenses(PROGRAM, { cycles: true, references: false, run: false })).toHaveLength(3);
});

test("layers, from one marker to the next", () => {
  const text = `
    _start: nop
    .layer "first"
    nop
    nop
    .layer "second"
    nn.fence nu
    li a7, 93
    ecall
    `;
  expect(lenses(text, { cycles: true, references: false, run: false })).toEqual([
    "1 = 8 cycles",
    "2 layer first: = 3 cycles",
    "5 layer second: >= 4 cycles (unknown way)",
  ]);
});

test("why a time is a lower bound; a program with errors has none", () => {
  const loop = "f: lw t0, 0(a0)\nnext: addi t0, t0, -1\nbnez t0, next\nret";
  const only = { cycles: true, references: false, run: false };
  expect(lenses(loop, only)[1]).toBe("2 loop: >= 6 cycles (passes)");
  expect(lenses(`${loop}\n adi a0, a0, 1`, only)).toEqual([]);
});
