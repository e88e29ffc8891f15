/** Examples of lints about where control goes. */
import type { FLOW_LINTS } from "../../lint/flow-lints.ts";
import { type LintExample, linted } from "../example.ts";

export const FLOW_LINT_EXAMPLES: Readonly<Record<keyof typeof FLOW_LINTS, LintExample>> = {
  "unreachable-code": linted(
    `
    _start: li      a0, 0
            j       done
            li      a0, 1
    done:   li      a7, 93
            ecall
    `,
    `
    _start: li      a0, 0
    done:   li      a7, 93
            ecall
    `,
  ),
  "unused-function": linted(
    `
    _start: li      a0, 0
            li      a7, 93
            ecall
    double: slli    a0, a0, 1
            ret
    `,
    `
    _start: li      a0, 0
            call    double
            li      a7, 93
            ecall
    double: slli    a0, a0, 1
            ret
    `,
  ),
  "runs-off-end": linted(
    `
    _start: li      a0, 0
            li      a7, 93
    table:  .word   1, 2, 3
    `,
    `
    _start: li      a0, 0
            li      a7, 93
            ecall
    table:  .word   1, 2, 3
    `,
    { amongOthers: true },
  ),
  "return-from-start": linted(
    `
    _start: li      a0, 0
            ret
    `,
    `
    _start: li      a0, 0
            li      a7, 93
            ecall
    `,
    { amongOthers: true },
  ),
  "jump-to-data": linted(
    `
    _start: li      a0, 3
            call    table
            li      a7, 93
            ecall
    table:  .word   1, 2, 3
    `,
    `
    _start: li      a0, 3
            call    triple
            li      a7, 93
            ecall
    triple: slli    a1, a0, 1
            add     a0, a0, a1
            ret
    `,
  ),
  "misaligned-access": linted(
    `
            .data
    flags:  .byte   1, 2
    table:  .word   1, 2, 3
            .text
    _start: la      a1, table
            lw      a0, 4(a1)
            li      a7, 93
            ecall
    `,
    `
            .data
    flags:  .byte   1, 2
            .balign 4
    table:  .word   1, 2, 3
            .text
    _start: la      a1, table
            lw      a0, 4(a1)
            li      a7, 93
            ecall
    `,
    { amongOthers: true },
  ),
  "loop-body": linted(
    `
    _start: li      a0, 0
            lp.setupi L0, 8, end
            addi    a0, a0, 1
    end:    li      a7, 93
            ecall
    `,
    `
    _start: li      a0, 0
            lp.setupi L0, 8, end
            addi    a0, a0, 1
            nop
    end:    li      a7, 93
            ecall
    `,
    { amongOthers: true },
  ),
  "loop-entered": linted(
    `
    _start: li      a0, 0
            lw      a1, flag
            beqz    a1, inside
            lp.setupi L0, 8, end
            addi    a0, a0, 1
    inside: addi    a0, a0, 2
            addi    a0, a0, 3
    end:    li      a7, 93
            ecall
            .data
    flag:   .word   1
    `,
    `
    _start: li      a0, 0
            lw      a1, flag
            beqz    a1, end
            lp.setupi L0, 8, end
            addi    a0, a0, 1
            addi    a0, a0, 2
            addi    a0, a0, 3
    end:    li      a7, 93
            ecall
            .data
    flag:   .word   1
    `,
  ),
  "loop-left": linted(
    `
    _start: li      a0, 3
            lp.setupi L0, 100, end
    again:  addi    a0, a0, -1
            beqz    a0, out
            nop
    end:    li      a7, 93
            ecall
    out:    li      a0, 7
            j       again
    `,
    `
    _start: li      a0, 3
            lp.setupi L0, 100, end
            addi    a0, a0, -1
            beqz    a0, out
            nop
    end:    li      a7, 93
            ecall
    out:    lp.counti L0, 0
            li      a0, 7
            j       end
    `,
  ),
  "loop-nesting": linted(
    `
    _start: li      a0, 0
            lp.setupi L0, 8, outer
            lp.setupi L0, 4, inner
            addi    a0, a0, 1
            nop
    inner:  nop
    outer:  li      a7, 93
            ecall
    `,
    `
    _start: li      a0, 0
            lp.setupi L1, 8, outer
            lp.setupi L0, 4, inner
            addi    a0, a0, 1
            nop
    inner:  nop
    outer:  li      a7, 93
            ecall
    `,
  ),
  "unused-constant": linted(
    `
            .equ    LENGTH, 16
            .equ    WIDTH, 8
    _start: li      a0, LENGTH
            li      a7, 93
            ecall
    `,
    `
            .equ    LENGTH, 16
    _start: li      a0, LENGTH
            li      a7, 93
            ecall
    `,
  ),
};
