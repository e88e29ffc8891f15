/** Whatever the sources are: no exception, and either a program or a reason. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PRESETS } from "../config/index.ts";
import { BASE_ISA } from "../isa/index.ts";
import { DIRECTIVES } from "./directives/index.ts";
import { PSEUDO_INSTRUCTIONS } from "./instructions/pseudo.ts";
import type { Assembly } from "./model.ts";
import { assembleText } from "./testing.ts";

const MNEMONICS = [
  ...BASE_ISA.instructions.map((instruction) => instruction.mnemonic),
  ...PSEUDO_INSTRUCTIONS.map((row) => row.mnemonic),
  ...Object.keys(DIRECTIVES),
  "m",
  "x =",
];

const WORDS =
  'a0 sp td0 td31 x y loop 1b 1f . 0 1 -1 4095 0x7fffffff 0xffffffffffffffff 1.5 \'a\' "s" "other" %hi(x) %lo(y) %pcrel_hi(x) %pcrel_lo(1b) 4(sp) (a0) x(y) int8 nhwc ch0 nu dma0|nu rw L0 zp=3 in=dm at=x scale=0.5 @function \\x \\@ = , ( ) + - * / <<'.split(
    " ",
  );

const operand = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.integer().map(String),
  fc
    .tuple(fc.constantFrom(...WORDS), fc.constantFrom("+", "-", "*", "/", " "), fc.constantFrom(...WORDS))
    .map((p) => p.join("")),
);
const statement = fc
  .tuple(
    fc.option(fc.constantFrom("x:", "y:", "1:", "loop:"), { freq: 4, nil: "" }),
    fc.constantFrom(...MNEMONICS),
    fc.array(operand, { maxLength: 8 }),
    fc.constantFrom("\n", "\n", "\n", " ; ", " /* \n */ ", " # c\n"),
  )
  .map(([label, mnemonic, operands, end]) => `${label} ${mnemonic} ${operands.join(", ")}${end}`);
const program = fc.array(statement, { maxLength: 25 }).map((parts) => parts.join(""));

const REAL = `
        .equ SIZE, 4 * 8
        .macro copy dst, src, count=SIZE
        li t0, \\count
1:      lw t1, 0(\\src)
        sw t1, 0(\\dst)
        addi t0, t0, -4
        bnez t0, 1b
        .endm
        .text
        .globl _start
_start: la a0, buffer
        la a1, image.base
        copy a0, a1
        .layer "conv1"
        td.ld td0, image
        nu.conv td0, td0, td0
        nn.token s0, nu
        nn.wait s0
        .if SIZE > 16
        call fill
        .else
        tail fill
        .endif
        .rept 2
        nop
        .endr
fill:   ret
        .size fill, . - fill
        .tensor image, int8, 1, 28, 28, 3, zp=-128, scale=0.1, in=ddr
        .data
buffer: .word 1, fill, end - buffer
        .asciz "text \\n"
end:    .include "other"
`;
const FILES = { other: '.byte 1 ; .include "main.nnasm"\n', s: new Uint8Array(5) };

const run = (text: string) => assembleText(text, FILES, PRESETS.default, { expansionLimit: 300 });

/** Asks for everything that editors ask for. */
function examine(assembly: Assembly): void {
  const { program: made, diagnostics, symbols, references, placements, sections } = assembly;
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  expect(made === undefined).toBe(errors.length > 0);
  for (const { range, hint, message } of diagnostics) {
    expect(message.length).toBeGreaterThan(0);
    expect(hint?.length).toBeGreaterThan(0);
    expect(range.start.line).toBeGreaterThanOrEqual(0);
    expect(range.end.line > range.start.line || range.end.character >= range.start.character).toBe(true);
  }
  for (const symbol of symbols.values()) expect(typeof symbol.name).toBe("string");
  expect(references.length + placements.length + sections.length).toBeGreaterThanOrEqual(0);
}

describe("fuzz", () => {
  it("random statements", () => {
    fc.assert(
      fc.property(program, (text) => examine(run(text))),
      { numRuns: 1000 },
    );
  });

  it("random characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => examine(run(text))),
      { numRuns: 1000 },
    );
  });

  it("a real source with pieces cut, doubled and moved", () => {
    const cut = fc.record({
      from: fc.nat(REAL.length),
      length: fc.nat(60),
      to: fc.nat(REAL.length),
      text: fc.constantFrom("", ",", "(", ")", '"', "\\", "\n", "/*", "*/", ".endm", ".endr", ".if 1\n", "a0", "-1"),
      keep: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(cut, { minLength: 1, maxLength: 6 }), (edits) => {
        let text = REAL;
        for (const { from, length, to, text: inserted, keep } of edits) {
          const piece = text.slice(from, from + length);
          const rest = keep ? text : text.slice(0, from) + text.slice(from + length);
          text = rest.slice(0, to) + piece + inserted + rest.slice(to);
        }
        examine(run(text));
      }),
      { numRuns: 400 },
    );
  });
});
