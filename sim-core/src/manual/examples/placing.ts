/** Examples of what can be wrong with a program as a whole. */
import { source } from "../example.ts";

export const PLACING_EXAMPLES = {
  "section-overflow": source(
    `
    _start: nop
            .bss
    buffer: .space  0x100000
    `,
    `
    _start: nop
            .section .ddr
    buffer: .space  0x100000
    `,
  ),
  "section-not-loaded": source(
    `
    _start: nop
            .section .table
            .word   1, 2, 3
    `,
    `
    _start: nop
            .section .table, "aw"
            .word   1, 2, 3
    `,
  ),
  "no-code": source(
    `
            .data
            .word   1
    `,
    `
    _start: nop
            .data
            .word   1
    `,
  ),
  "bad-entry": source(
    `
            .text
            nop
            .data
    _start: .word   1
    `,
    `
            .text
    _start: nop
            .data
            .word   1
    `,
  ),
  "too-many-errors": source(
    `
            .macro  each
            lw      a0, missing_\\@
            .endm
    _start: .rept   1001
            each
            .endr
    `,
    `
            .macro  each
            lw      a0, 0(sp)
            .endm
    _start: .rept   1001
            each
            .endr
    `,
    { amongOthers: true },
  ),
} as const;
