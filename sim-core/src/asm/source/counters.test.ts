/** `\+` of newer versions of GNU as: rounds of repetitions and calls of a macro. Binutils 2.40 doesn't have it yet. */
import { expect, it } from "vitest";
import { assembleText, bytesAt } from "../testing.ts";

const DM = 0x10000000;

it("\\+ counts the rounds of repetitions and the calls of each macro, from 0", () => {
  const assembly = assembleText(`nop
    .data
    .rept 3
    .byte \\+
    .endr
    .irp value, 7, 8
    .byte \\value + \\+
    .endr
    .irpc digit, 21
    .byte \\digit\\+
    .endr
    .macro one
    .byte \\+
    .endm
    .macro other
    .byte 0x10 + \\+, \\@
    .endm
    one
    other
    one
    other`);
  expect(assembly.diagnostics).toEqual([]);
  expect(bytesAt(assembly, DM, 13)).toEqual([0, 1, 2, 7, 9, 20, 11, 0, 0x10, 1, 1, 0x11, 3]);
});

it("a macro defined anew counts anew; a repetition in a macro's body has the macro's count", () => {
  const assembly = assembleText(`nop
    .data
    .macro m
    .rept 2
    .byte \\+
    .endr
    .endm
    m
    m
    .purgem m
    .macro m
    .byte 0x20 + \\+
    .endm
    m`);
  expect(bytesAt(assembly, DM, 5)).toEqual([0, 0, 1, 1, 0x20]);
});
