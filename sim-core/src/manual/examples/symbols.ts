/** Examples of what can be wrong with names and expressions. */
import { source } from "../example.ts";

export const SYMBOL_EXAMPLES = {
  "undefined-symbol": source(
    `
    _start: j       lop
    loop:   j       loop
    `,
    `
    _start: j       loop
    loop:   j       loop
    `,
  ),
  "undefined-local": source(
    `
    _start: j       1b
    1:      ret
    `,
    `
    _start: j       1f
    1:      ret
    `,
  ),
  "duplicate-symbol": source(
    `
    _start: beqz    a0, done
    done:   nop
    done:   ret
    `,
    `
    _start: beqz    a0, done
    next:   nop
    done:   ret
    `,
  ),
  "circular-symbol": source(
    `
            .equ    WIDTH, HEIGHT * 2
            .equ    HEIGHT, WIDTH / 2
    _start: nop
    `,
    `
            .equ    WIDTH, HEIGHT * 2
            .equ    HEIGHT, 14
    _start: nop
    `,
  ),
  "not-constant": source(
    `
    _start: nop
            .bss
            .space  SIZE
            .equ    SIZE, 64
    `,
    `
            .equ    SIZE, 64
    _start: nop
            .bss
            .space  SIZE
    `,
  ),
  "bad-expression": source(
    `
    _start: nop
            .data
    start:  .word   -start
    `,
    `
    _start: nop
            .data
    start:  .word   0 - (start - end)
    end:
    `,
  ),
  "division-by-zero": source(
    `
            .equ    GROUPS, 0
    _start: li      a0, 32 / GROUPS
    `,
    `
            .equ    GROUPS, 4
    _start: li      a0, 32 / GROUPS
    `,
  ),
  "register-name": source(
    `
    _start: nop
            .data
    a1:     .word   5
    `,
    `
    _start: nop
            .data
    first:  .word   5
    `,
  ),
  "value-truncated": source(
    `
    _start: nop
            .data
            .byte   300
    `,
    `
    _start: nop
            .data
            .half   300
    `,
  ),
} as const;
