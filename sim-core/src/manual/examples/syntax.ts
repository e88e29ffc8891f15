/** Examples of what the parser finds. A label in column 0 of a text marks the left margin. */
import { source } from "../example.ts";

export const SYNTAX_EXAMPLES = {
  syntax: source(
    `
    _start: add     a0, a1 a2
    `,
    `
    _start: add     a0, a1, a2
    `,
  ),
  "unterminated-string": source(
    `
    _start: nop
            .data
    text:   .asciz  "hello
    `,
    `
    _start: nop
            .data
    text:   .asciz  "hello\\n"
    `,
  ),
  "unterminated-comment": source(
    `
    _start: nop
            /* from here on everything is comment
            nop
    `,
    `
    _start: nop
            /* only this is comment */
            nop
    `,
  ),
  "bad-number": source(
    `
    _start: li      a0, 089
    `,
    `
    _start: li      a0, 89
    `,
  ),
  "bad-character": source(
    `
    _start: li      a0, '
    `,
    `
    _start: li      a0, '\\''
    `,
  ),
  "bad-escape": source(
    `
    _start: nop
            .data
    path:   .asciz  "dir\\q"
    `,
    `
    _start: nop
            .data
    path:   .asciz  "dir\\\\q"
    `,
  ),
  "missing-operand": source(
    `
    _start: nop
            .data
            .byte   1, 2,
    `,
    `
    _start: nop
            .data
            .byte   1, 2
    `,
  ),
  "unknown-modifier": source(
    `
            .equ    FLAGS, 0x12345678
    _start: lui     a0, %high(FLAGS)
    `,
    `
            .equ    FLAGS, 0x12345678
    _start: lui     a0, %hi(FLAGS)
    `,
  ),
} as const;
