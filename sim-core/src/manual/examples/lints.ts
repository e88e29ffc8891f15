/** Examples of lints about control flow, registers and the stack. */
import type { LintId } from "../../lint/index.ts";
import type { NEURAL_LINTS } from "../../lint/nn/catalogue.ts";
import { type LintExample, linted } from "../example.ts";

type CodeLintId = Exclude<LintId, keyof typeof NEURAL_LINTS>;

export const CODE_LINT_EXAMPLES: Readonly<Record<CodeLintId, LintExample>> = {
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
  "uninitialised-register": linted(
    `
    _start: addi    a0, t0, 1
            li      a7, 93
            ecall
    `,
    `
    _start: li      t0, 41
            addi    a0, t0, 1
            li      a7, 93
            ecall
    `,
  ),
  "maybe-uninitialised-register": linted(
    `
    _start: lw      a1, flag
            beqz    a1, 1f
            li      t0, 41
    1:      addi    a0, t0, 1
            li      a7, 93
            ecall
            .data
    flag:   .word   1
    `,
    `
    _start: lw      a1, flag
            li      t0, 0
            beqz    a1, 1f
            li      t0, 41
    1:      addi    a0, t0, 1
            li      a7, 93
            ecall
            .data
    flag:   .word   1
    `,
  ),
  "uninitialised-descriptor": linted(
    `
            .tensor image, int8, 1, 8, 8, 4, in=dm
            .tensor result, int8, 1, 8, 8, 4, in=dm
            .text
    _start: td.ld   td0, result
            vu.copy td0, td1
            nn.fence vu
            li      a0, 0
            li      a7, 93
            ecall
    `,
    `
            .tensor image, int8, 1, 8, 8, 4, in=dm
            .tensor result, int8, 1, 8, 8, 4, in=dm
            .text
    _start: td.ld   td0, result
            td.ld   td1, image
            vu.copy td0, td1
            nn.fence vu
            li      a0, 0
            li      a7, 93
            ecall
    `,
    { amongOthers: true },
  ),
  "write-to-zero": linted(
    `
    _start: li      a0, 1
            addi    zero, a0, 1
            li      a7, 93
            ecall
    `,
    `
    _start: li      a0, 1
            addi    a0, a0, 1
            li      a7, 93
            ecall
    `,
  ),
  "unused-result": linted(
    `
    _start: li      a0, 1
            li      t0, 2
            li      a7, 93
            ecall
    `,
    `
    _start: li      a0, 1
            li      a7, 93
            ecall
    `,
  ),
  "saved-register-changed": linted(
    `
    _start: la      sp, __stack_top
            li      a0, 3
            call    square
            li      a7, 93
            ecall
    square: mv      s0, a0
            mul     a0, s0, s0
            ret
    `,
    `
    _start: la      sp, __stack_top
            li      a0, 3
            call    square
            li      a7, 93
            ecall
    square: addi    sp, sp, -16
            sw      s0, 12(sp)
            mv      s0, a0
            mul     a0, s0, s0
            lw      s0, 12(sp)
            addi    sp, sp, 16
            ret
    `,
  ),
  "stack-imbalance": linted(
    `
    _start: la      sp, __stack_top
            li      a0, 3
            call    square
            li      a7, 93
            ecall
    square: addi    sp, sp, -16
            sw      ra, 12(sp)
            lw      ra, 12(sp)
            mul     a0, a0, a0
            addi    sp, sp, 8
            ret
    `,
    `
    _start: la      sp, __stack_top
            li      a0, 3
            call    square
            li      a7, 93
            ecall
    square: addi    sp, sp, -16
            sw      ra, 12(sp)
            lw      ra, 12(sp)
            mul     a0, a0, a0
            addi    sp, sp, 16
            ret
    `,
  ),
  "unused-token": linted(
    `
            .tensor image, int8, 1, 8, 8, 4, in=dm
            .text
    _start: td.ld   td0, image
            vu.copy td0, td0
            nn.token s0, vu
            nn.fence vu
            li      a0, 0
            li      a7, 93
            ecall
    `,
    `
            .tensor image, int8, 1, 8, 8, 4, in=dm
            .text
    _start: td.ld   td0, image
            vu.copy td0, td0
            nn.token s0, vu
            nn.wait s0
            li      a0, 0
            li      a7, 93
            ecall
    `,
  ),
  "idle-unit": linted(
    `
            .tensor image, int8, 1, 8, 8, 4, in=dm
            .text
    _start: td.ld   td0, image
            vu.copy td0, td0
            nn.token s0, nu
            nn.wait s0
            nn.fence vu
            li      a0, 0
            li      a7, 93
            ecall
    `,
    `
            .tensor image, int8, 1, 8, 8, 4, in=dm
            .text
    _start: td.ld   td0, image
            vu.copy td0, td0
            nn.token s0, vu
            nn.wait s0
            li      a0, 0
            li      a7, 93
            ecall
    `,
  ),
  "empty-wait": linted(
    `
            .tensor image, int8, 1, 8, 8, 4, in=dm
            .text
    _start: td.ld   td0, image
            vu.copy td0, td0
            nn.wait x0
            nn.fence vu
            li      a0, 0
            li      a7, 93
            ecall
    `,
    `
            .tensor image, int8, 1, 8, 8, 4, in=dm
            .text
    _start: td.ld   td0, image
            vu.copy td0, td0
            nn.fence vu
            li      a0, 0
            li      a7, 93
            ecall
    `,
  ),
  "hideable-stall": linted(
    `
            .data
    pair:   .word   3, 4
            .text
    _start: la      a1, pair
            li      a2, 5
            lw      a0, 0(a1)
            add     a0, a0, a2
            lw      a3, 4(a1)
            add     a0, a0, a3
            li      a7, 93
            ecall
    `,
    `
            .data
    pair:   .word   3, 4
            .text
    _start: la      a1, pair
            lw      a0, 0(a1)
            lw      a3, 4(a1)
            li      a2, 5
            li      a7, 93
            add     a0, a0, a2
            add     a0, a0, a3
            ecall
    `,
  ),
  "bank-stall": linted(
    `
            .tensor a, int8, 1, 4, 4, 16, in=dm
            .tensor b, int8, 1, 4, 4, 16, in=dm
            .data
    step:   .word   3
            .text
    _start: td.ld   td0, a
            td.ld   td1, b
            la      a1, step
            vu.neg  td1, td0
            lw      a0, 0(a1)
            nn.fence vu
            li      a7, 93
            ecall
    `,
    `
            .tensor a, int8, 1, 4, 4, 16, in=dm
            .tensor b, int8, 1, 4, 4, 16, in=dm
            .data
    step:   .word   3
            .text
    _start: td.ld   td0, a
            td.ld   td1, b
            la      a1, step
            lw      a0, 0(a1)
            vu.neg  td1, td0
            nn.fence vu
            li      a7, 93
            ecall
    `,
  ),
};
