/** Examples of lints about registers, the stack, tokens and stalls. */
import type { REGISTER_LINTS } from "../../lint/register-lints.ts";
import { type LintExample, linted } from "../example.ts";

export const REGISTER_LINT_EXAMPLES: Readonly<Record<keyof typeof REGISTER_LINTS, LintExample>> = {
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
