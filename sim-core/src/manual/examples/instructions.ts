/** Examples of what can be wrong with an instruction. */
import { source } from "../example.ts";

export const INSTRUCTION_EXAMPLES = {
  "unknown-mnemonic": source(
    `
    _start: adddi   a0, a0, 1
    `,
    `
    _start: addi    a0, a0, 1
    `,
  ),
  "unknown-directive": source(
    `
    _start: nop
            .data
            .wrod   1, 2, 3
    `,
    `
    _start: nop
            .data
            .word   1, 2, 3
    `,
  ),
  "operand-count": source(
    `
    _start: add     a0, a1
    `,
    `
    _start: add     a0, a0, a1
    `,
  ),
  "operand-type": source(
    `
    _start: addi    a0, a1, a2
    `,
    `
    _start: add     a0, a1, a2
    `,
  ),
  "unknown-register": source(
    `
    _start: mv      a8, a0
    `,
    `
    _start: mv      a7, a0
    `,
  ),
  "unknown-value": source(
    `
    _start: nn.token a0, nuu
    `,
    `
    _start: nn.token a0, nu
    `,
  ),
  "unknown-csr": source(
    `
    _start: csrr    a0, mcycel
    `,
    `
    _start: csrr    a0, mcycle
    `,
  ),
  "out-of-range": source(
    `
    _start: addi    a0, a0, 5000
    `,
    `
    _start: li      t0, 5000
            add     a0, a0, t0
    `,
  ),
  "address-operand": source(
    `
    _start: lw      a0, counter(zero)
            .bss
    counter: .space 4
    `,
    `
    _start: la      t0, counter
            lw      a0, 0(t0)
            .bss
    counter: .space 4
    `,
  ),
  "not-multiple": {
    kind: "none",
    why: "The built-in instructions whose operands are scaled take labels, for which the id is target-misaligned. An instruction of your own can have such a number.",
  },
  "target-out-of-range": source(
    `
    _start: beqz    a0, far
            .space  8192
    far:    ret
    `,
    `
    _start: bnez    a0, near
            j       far
    near:   .space  8192
    far:    ret
    `,
  ),
  "target-misaligned": source(
    `
    _start: j       code + 1
    code:   nop
    `,
    `
    _start: j       code + 4
    code:   nop
            nop
    `,
  ),
  "pcrel-lo": source(
    `
    _start: auipc   a0, %pcrel_hi(table)
            addi    a0, a0, %pcrel_lo(table)
            .data
    table:  .word   1
    `,
    `
    _start: auipc   a0, %pcrel_hi(table)
            addi    a0, a0, %pcrel_lo(_start)
            .data
    table:  .word   1
    `,
  ),
  "data-misaligned": source(
    `
    _start: nop
            .byte   1, 2, 3
            nop
    `,
    `
    _start: nop
            .byte   1, 2, 3
            .align  2
            nop
    `,
  ),
  "code-in-data": source(
    `
    _start: call    next
            .data
    table:  .word   1
    next:   ret
    `,
    `
    _start: call    next
            .data
    table:  .word   1
            .text
    next:   ret
    `,
  ),
} as const;
