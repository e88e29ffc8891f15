import { expect, test } from "vitest";
import { dedent } from "../testing/dedent.ts";
import { fixture } from "../testing/fixture.ts";
import { type InlayOptions, inlayHints } from "./inlay.ts";

const ALL: InlayOptions = { values: true, shapes: true, first: 0, last: 1000 };

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
