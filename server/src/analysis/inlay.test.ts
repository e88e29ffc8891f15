import { expect, test } from "vitest";
import { dedent } from "../testing/dedent.ts";
import { fixture } from "../testing/fixture.ts";
import { type InlayOptions, inlayHints } from "./inlay.ts";

const ALL: InlayOptions = {
  values: true,
  shapes: true,
  cycles: "off",
  blockCycles: false,
  first: 0,
  last: 1000,
};
const CYCLES: InlayOptions = { ...ALL, values: false, shapes: false, cycles: "all" };

/** The source with hints put in as `«hint»`. */
function check(source: string, expected: string, options: InlayOptions = ALL): void {
  const text = dedent(source);
  const lines = text.split("\n");
  const hints = [...inlayHints(fixture(text), options)].sort((a, b) => b.position.character - a.position.character);
  for (const { position, text: hint } of hints) {
    const line = lines[position.line]!;
    lines[position.line] = `${line.slice(0, position.character)}«${hint}»${line.slice(position.character)}`;
  }
  expect(lines.join("\n")).toBe(dedent(expected));
}

test("values of constants and expressions, not of numbers and addresses", () => {
  check(
    `
    .equ N, 4
    .equ M, N * 3
    x = 1 << 20
    main: li a0, N
    addi a0, a0, (M + 1) & ~3
    lw a0, N*2(sp)
    li a1, -5
    la a2, main
    beq a0, a1, main
    `,
    `
    .equ N, 4
    .equ M, N * 3«= 12»
    x = 1 << 20«= 0x10_0000»
    main: li a0, N«= 4»
    addi a0, a0, (M + 1) & ~3«= 12»
    lw a0, N*2«= 8»(sp)
    li a1, -5
    la a2, main
    beq a0, a1, main
    `,
  );
});

const NETWORK = `
  .tensor a, int8, 1, 4, 4, 8, in=dm
  .tensor b, uint8, 1, 2, 2, 8, in=dm
  .text
  td.ld td0, a
  td.ld td1, b
  nu.maxpool td1, td0
  td.mv td2, td0
  td.base td2, a0
  nu.maxpool td1, td2
  td.hw td2, a0, a1
  nu.maxpool td1, td2
  `;

test("shapes of tensors, through copies, until a size changes", () => {
  check(
    NETWORK,
    `
    .tensor a, int8, 1, 4, 4, 8, in=dm
    .tensor b, uint8, 1, 2, 2, 8, in=dm
    .text
    td.ld td0, a«int8 1x4x4x8»
    td.ld td1, b«uint8 1x2x2x8»
    nu.maxpool td1«uint8 1x2x2x8», td0«int8 1x4x4x8»
    td.mv td2, td0
    td.base td2, a0
    nu.maxpool td1«uint8 1x2x2x8», td2«int8 1x4x4x8»
    td.hw td2, a0, a1
    nu.maxpool td1«uint8 1x2x2x8», td2
    `,
  );
});

test("each kind can be switched off, and lines chosen", () => {
  const count = (options: InlayOptions) => inlayHints(fixture(dedent(`.equ N, 3\nli a0, N${NETWORK}`)), options).length;
  expect(count({ ...ALL, shapes: false })).toBe(1);
  expect(count({ ...ALL, values: false })).toBe(7);
  expect(count({ ...ALL, first: 7, last: 7 })).toBe(2);
});

const TIMED = `
  .data
  word: .word 5
  .text
  _start: la a1, word
  lw t0, 0(a1)
  add t1, t0, t0
  mul t2, t1, t1
  add t3, t2, t0
  bnez t3, 1f
  div t3, t3, t0
  1: nu.maxpool td1, td0
  nn.fence nu
  li a7, 93
  ecall
  `;

test("cycles of instructions, what they wait for, and why it may be longer", () => {
  check(
    TIMED,
    `
    .data
    word: .word 5
    .text
    _start: la a1, word«2»
    lw t0, 0(a1)«1»
    add t1, t0, t0«1+2 load-use t0»
    mul t2, t1, t1«1»
    add t3, t2, t0«1+2 mul-use t2»
    bnez t3, 1f«1, taken 5»
    div t3, t3, t0«1+31 divide»
    1: nu.maxpool td1, td0«1»
    nn.fence nu«>= 1 (wait)»
    li a7, 93«1»
    ecall«1»
    `,
    CYCLES,
  );
});

test("only what waits, and the cycles of blocks", () => {
  check(
    TIMED,
    `
    .data
    word: .word 5
    .text
    _start: la a1, word
    lw t0, 0(a1)
    add t1, t0, t0«1+2 load-use t0»
    mul t2, t1, t1
    add t3, t2, t0«1+2 mul-use t2»
    bnez t3, 1f«1, taken 5 · block >= 11 (branch)»
    div t3, t3, t0«1+31 divide · block = 32»
    1: nu.maxpool td1, td0
    nn.fence nu«>= 1 (wait)»
    li a7, 93
    ecall«block >= 4 (wait)»
    `,
    { ...CYCLES, cycles: "stalls", blockCycles: true },
  );
});

test("a memory that nobody knows, macros, and lines that don't assemble", () => {
  const hints = (text: string) =>
    inlayHints(fixture(dedent(text)), CYCLES).map(({ text: hint, tooltip }) => [hint, tooltip]);
  expect(hints("_start: j _start\n.type f, @function\nf: lw t0, 0(a0)")).toEqual([
    ["1+2 branch", undefined],
    [">= 1 (unknown address)", "It may take longer: the memory of a load or store isn't known."],
  ]);
  expect(hints(".macro three\n nop\n nop\n nop\n.endm\nthree")).toEqual([["3", undefined]]);
  expect(hints("adi a0, a0, 1\nnop")).toEqual([]);
});
