import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { dedent } from "../../testing/dedent.ts";
import { fixture } from "../../testing/fixture.ts";
import type { TextEdit } from "../format.ts";
import { sameResult } from "../same-program.ts";
import type { Snapshot } from "../snapshot.ts";
import { applyEdits } from "../text.ts";
import { type ExtractOptions, extractable, extractMacro } from "./extract-macro.ts";
import { inlineMacro, macroCallOn } from "./inline-macro.ts";
import { RefactoringRefused } from "./refactoring.ts";
import { canSortConstants, sortConstants } from "./sort-constants.ts";

/** The text after a rewrite, which the assembler takes for the same program. */
function check(snapshot: Snapshot, edits: readonly TextEdit[], expected: string): void {
  expect(snapshot.assembly.diagnostics).toEqual([]);
  const text = applyEdits(snapshot.file, edits);
  expect(text).toBe(expected);
  const assembly = snapshot.reassemble({ text });
  expect(assembly.diagnostics).toEqual([]);
  expect(sameResult(snapshot.assembly, assembly)).toBe(true);
}

describe("inline a macro", () => {
  const inline = (source: string, expected: string) => {
    const snapshot = fixture(dedent(source));
    check(snapshot, inlineMacro(snapshot, snapshot.position), dedent(expected));
  };

  test("arguments are put in; label and comment stay", () => {
    inline(
      `
      .macro twice r, n=2
              addi \\r, \\r, \\n
              addi \\r, \\r, \\n
      .endm
      x:      twi|ce a0, 3 # here
              j x
      `,
      `
      .macro twice r, n=2
              addi \\r, \\r, \\n
              addi \\r, \\r, \\n
      .endm
      x:
      # here
              addi a0, a0, 3
              addi a0, a0, 3
              j x
      `,
    );
  });

  test("conditions are decided, repetitions written out, calls in the body stay", () => {
    inline(
      `
      .macro one
              nop
      .endm
      .macro many n
      .if \\n > 2
              one
      .else
              ebreak
      .endif
      .rept 2
              li a0, \\n
      .endr
      .endm
      ma|ny 3
      `,
      `
      .macro one
              nop
      .endm
      .macro many n
      .if \\n > 2
              one
      .else
              ebreak
      .endif
      .rept 2
              li a0, \\n
      .endr
      .endm
              one
              li a0, 3
              li a0, 3
      `,
    );
  });

  test("labels of a body with a count get names of their own", () => {
    inline(
      `
      .macro count r
      loop\\@: addi \\r, \\r, -1
              bnez \\r, loop\\@
      .endm
              cou|nt a0
              count a1
      `,
      `
      .macro count r
      loop\\@: addi \\r, \\r, -1
              bnez \\r, loop\\@
      .endm
      loop0_inlined: addi a0, a0, -1
              bnez a0, loop0_inlined
              count a1
      `,
    );
  });

  test("refused where it would be another program, or where there is no call", () => {
    const refuse = (source: string, message: RegExp) => {
      const snapshot = fixture(source);
      expect(() => inlineMacro(snapshot, snapshot.position)).toThrow(message);
    };
    refuse("no|p", /no macro call alone/);
    refuse(".macro m\nnop\n.endm\nm|; nop", /no macro call alone/);
    refuse(".macro m\nnop\n.endm\n.if 1\nm|\n.endif", /in a condition/);
    refuse(".macro m\nli a0, \\+\n.endm\nm|\nm\nm", /makes another program/);
    refuse(".macro m\n.macro n\nnop\n.endm\n.endm\nm|\nn", /makes another program/);
  });

  test("only calls can be inlined", () => {
    const at = (source: string) => {
      const snapshot = fixture(source);
      return macroCallOn(snapshot, snapshot.position);
    };
    expect(at(".macro m\nnop\n.endm\n |m")).toBe("m");
    expect(at(".macro m\nnop\n.endm\n n|op")).toBeUndefined();
  });
});

describe("extract a macro", () => {
  const extract = (source: string, lines: [number, number], options: ExtractOptions, expected: string) => {
    const snapshot = fixture(dedent(source));
    const range = { start: { line: lines[0], character: 2 }, end: { line: lines[1], character: 0 } };
    check(snapshot, extractMacro(snapshot, range, options), dedent(expected));
  };

  test("in front of the function, with what belongs to it", () => {
    extract(
      `
      nop
      # What it does.
              .globl  f
      f:      li      a0, 1
              addi    a0, a0, 2
              addi    a1, a0, 2
              ret
      `,
      [4, 6],
      {},
      `
      nop
              .macro  extracted
              addi    a0, a0, 2
              addi    a1, a0, 2
              .endm
      
      # What it does.
              .globl  f
      f:      li      a0, 1
              extracted
              ret
      `,
    );
  });

  test("chosen operands become parameters", () => {
    extract(
      `
      f:      lw      t0, 4(a1)
              addi    t0, t0, 4
              sw      t0, 4(a1)
              ret
      `,
      [1, 3],
      { name: "bump", operands: ["t0", "4", "a1"] },
      `
              .macro  bump t0, value2, a1
              addi    \\t0, \\t0, \\value2
              sw      \\t0, \\value2(\\a1)
              .endm
      
      f:      lw      t0, 4(a1)
              bump    t0, 4, a1
              ret
      `,
    );
  });

  test("labels, numeric labels and blocks go along", () => {
    extract(
      `
      f:      nop
      1:      addi    a0, a0, -1
              .if 1
              bnez    a0, 1b
              .endif
              j       1b
      `,
      [1, 5],
      { operands: ["a0"] },
      `
              .macro  extracted a0
      1:      addi    \\a0, \\a0, -1
              .if 1
              bnez    \\a0, 1b
              .endif
              .endm
      
      f:      nop
              extracted a0
              j       1b
      `,
    );
  });

  test("refused for half blocks, for no code, for names that are taken", () => {
    const snapshot = fixture(".if 1\nnop\n.endif\n.equ A, 1\nnop");
    const range = (first: number, last: number) => ({
      start: { line: first, character: 0 },
      end: { line: last, character: 1 },
    });
    expect(extractable(snapshot, range(0, 1))).toBeUndefined();
    expect(extractable(snapshot, range(1, 1))).toBeUndefined();
    expect(extractable(snapshot, range(3, 3))).toBeUndefined();
    expect(extractable(snapshot, range(0, 2))).toEqual({ registers: [] });
    expect(() => extractMacro(snapshot, range(1, 1))).toThrow(/whole blocks/);
    expect(() => extractMacro(snapshot, range(4, 4), { name: "addi" })).toThrow(/taken/);
    expect(() => extractMacro(snapshot, range(4, 4), { name: "a b" })).toThrow(/no name/);
  });

  test("the registers that could be parameters", () => {
    const snapshot = fixture("lw a0, 4(a1)\nadd a0, a0, t1\nnu.act relu");
    const range = { start: { line: 0, character: 0 }, end: { line: 2, character: 5 } };
    expect(extractable(snapshot, range)?.registers).toEqual(["a0", "a1", "t1"]);
  });

  test("what is extracted with its registers and inlined again is the program that it was", () => {
    const source = "f: nop\n mul t0, a0, a1\n add t0, t0, a2\n sw t0, 0(a3)\n ret\n";
    const snapshot = fixture(source);
    const range = { start: { line: 1, character: 0 }, end: { line: 4, character: 0 } };
    const text = applyEdits(
      snapshot.file,
      extractMacro(snapshot, range, { operands: extractable(snapshot, range)!.registers as string[] }),
    );
    const call = text.split("\n").findIndex((line) => line.trim().startsWith("extracted"));
    const again = fixture(text);
    const inlined = applyEdits(again.file, inlineMacro(again, { line: call, character: 10 }));
    expect(inlined).toContain("mul t0, a0, a1");
    expect(sameResult(snapshot.assembly, fixture(inlined).assembly)).toBe(true);
  });
});

describe("sort constants", () => {
  test("by name, with their comments, each behind what it is made of", () => {
    const snapshot = fixture(
      dedent(`
      nop

      .equ    SIZE, WIDTH * 2
      # How wide.
      .equ    WIDTH, 4
      A10 = 1
      .equ    A9, 2|
      # What follows.

      li a0, SIZE
      `),
    );
    check(
      snapshot,
      sortConstants(snapshot, snapshot.position),
      dedent(`
      nop

      .equ    A9, 2
      A10 = 1
      # How wide.
      .equ    WIDTH, 4
      .equ    SIZE, WIDTH * 2
      # What follows.

      li a0, SIZE
      `),
    );
  });

  test("offered only where something would change", () => {
    const can = (source: string) => {
      const snapshot = fixture(source);
      return canSortConstants(snapshot, snapshot.position);
    };
    expect(can(".equ B, 1|\n.equ A, 2\nnop")).toBe(true);
    expect(can(".equ A, 1|\n.equ B, 2\nnop")).toBe(false);
    expect(can(".equ B, 1|\n\n.equ A, 2\nnop")).toBe(false);
    expect(can("n = 2|\nn = 1\nnop")).toBe(false);
    expect(can("nop|")).toBe(false);
  });
});

test("any three lines of a program with a bit of everything: refused, or the same bytes; and so is any call inlined", () => {
  const source = readFileSync(new URL("../../../../test-fixtures/asm/tour.nnasm", import.meta.url), "utf8");
  const snapshot = fixture(source.replaceAll("|", "\\|"));
  const segments = snapshot.assembly.program!.segments;
  const outcome = { done: 0, refused: 0 };
  const attempt = (edits: () => readonly TextEdit[]) => {
    let text: string;
    try {
      text = applyEdits(snapshot.file, edits());
    } catch (error) {
      expect(error).toBeInstanceOf(RefactoringRefused);
      outcome.refused++;
      return;
    }
    outcome.done++;
    expect(text).not.toBe(snapshot.file.text);
    expect(snapshot.reassemble({ text }).program?.segments).toEqual(segments);
  };
  for (let line = 0; line + 3 < snapshot.file.lines.length; line++) {
    const range = { start: { line, character: 0 }, end: { line: line + 3, character: 0 } };
    const registers = extractable(snapshot, range)?.registers;
    if (registers) attempt(() => extractMacro(snapshot, range, { operands: registers }));
    const position = { line, character: 0 };
    if (macroCallOn(snapshot, position)) attempt(() => inlineMacro(snapshot, position));
  }
  expect(outcome.done).toBeGreaterThan(outcome.refused);
  expect(outcome.done).toBeGreaterThan(20);
});
