/** Examples of what can be wrong with directives: data, sections, messages, tensors, blocks. */
import { source } from "../example.ts";

export const DIRECTIVE_EXAMPLES = {
  "directive-operands": source(
    `
    _start: nop
            .data
            .asciz  hello
    `,
    `
    _start: nop
            .data
            .asciz  "hello"
    `,
  ),
  "directive-range": source(
    `
            .align  64
    _start: nop
    `,
    `
            .align  6
    _start: nop
    `,
  ),
  "directive-ignored": source(
    `
            .option fast
    _start: nop
    `,
    `
            .option norelax
    _start: nop
    `,
  ),
  "unsupported-option": source(
    `
            .option rvc
    _start: nop
    `,
    `
            .option norvc
    _start: nop
    `,
  ),
  "section-stack": source(
    `
    _start: nop
            .popsection
    `,
    `
    _start: nop
            .pushsection .data
            .word   1
            .popsection
    `,
  ),
  "section-flags": source(
    `
    _start: nop
            .section .data.table, "aq"
            .word   1
    `,
    `
    _start: nop
            .section .data.table, "aw"
            .word   1
    `,
  ),
  "section-data": source(
    `
    _start: nop
            .bss
    count:  .word   5
    `,
    `
    _start: nop
            .data
    count:  .word   5
    `,
  ),
  "org-backwards": source(
    `
    _start: nop
            nop
            .org    4
    `,
    `
    _start: nop
            nop
            .org    16
    `,
  ),
  "user-error": source(
    `
            .equ    CHANNELS, 12
            .if     CHANNELS % 8
            .error  "CHANNELS must be a multiple of 8"
            .endif
    _start: nop
    `,
    `
            .equ    CHANNELS, 16
            .if     CHANNELS % 8
            .error  "CHANNELS must be a multiple of 8"
            .endif
    _start: nop
    `,
  ),
  "user-warning": source(
    `
            .warning "this version is slow"
    _start: nop
    `,
    `
    _start: nop
    `,
  ),
  "user-note": source(
    `
            .print  "built for one image at a time"
    _start: nop
    `,
    `
    _start: nop
    `,
  ),
  assertion: source(
    `
    _start: nop
            .data
    table:  .word   1, 2, 3
            .assert . - table == 16, "the table has four words"
    `,
    `
    _start: nop
            .data
    table:  .word   1, 2, 3, 4
            .assert . - table == 16, "the table has four words"
    `,
  ),
  "tensor-option": source(
    `
    _start: nop
            .tensor image, int8, 1, 28, 28, 1, layot=nhwc, in=dm
    `,
    `
    _start: nop
            .tensor image, int8, 1, 28, 28, 1, layout=nhwc, in=dm
    `,
  ),
  "tensor-place": source(
    `
    _start: nop
            .tensor image, int8, 1, 28, 28, 1
    `,
    `
    _start: nop
            .tensor image, int8, 1, 28, 28, 1, in=dm
    `,
  ),
  "tensor-place-twice": source(
    `
    _start: nop
            .tensor image, int8, 1, 28, 28, 1, at=0, in=dm
    `,
    `
    _start: nop
            .tensor image, int8, 1, 28, 28, 1, in=dm
    `,
  ),
  "weights-size": source(
    `
    _start: nop
            .weights conv, int8, 8, 3, 3, 1, "conv.bin"
    `,
    `
    _start: nop
            .weights conv, int8, 8, 3, 3, 2, "conv.bin"
    `,
    { files: { "conv.bin": 144 } },
  ),
  expectation: source(
    `
    _start: nop
            .tensor out, int8, 1, 1, 1, 4, in=dm
            .expect out, 1, 2, 3
    `,
    `
    _start: nop
            .tensor out, int8, 1, 1, 1, 4, in=dm
            .expect out, 1, 2, 3, 4
    `,
  ),
  "layer-count": source(`
    _start: .rept   4096
            .layer  "again"
            .endr
    `),
  "unbalanced-block": source(
    `
    _start: nop
            .rept   3
            nop
    `,
    `
    _start: nop
            .rept   3
            nop
            .endr
    `,
  ),
  "stray-close": source(
    `
    _start: nop
            .endif
    `,
    `
            .equ    DEBUG, 1
    _start: nop
            .if     DEBUG
            ebreak
            .endif
    `,
  ),
  "macro-argument": source(
    `
            .macro  push register:req
            addi    sp, sp, -4
            sw      \\register, 0(sp)
            .endm
    _start: push
    `,
    `
            .macro  push register:req
            addi    sp, sp, -4
            sw      \\register, 0(sp)
            .endm
    _start: push    ra
    `,
  ),
  "expansion-limit": source(
    `
            .macro  fill count
            .word   \\count
            fill    \\count - 1
            .endm
    _start: nop
            .data
            fill    3
    `,
    `
            .macro  fill count
            .if     \\count
            .word   \\count
            fill    \\count - 1
            .endif
            .endm
    _start: nop
            .data
            fill    3
    `,
  ),
} as const;
