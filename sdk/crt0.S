/* Start of a C program on the NNP: stack, cleared .bss, main, exit with its result. */
        .section .text.start, "ax"
        .globl  _start
        .type   _start, @function
_start:
        .option push
        .option norelax
        la      gp, __global_pointer$
        .option pop
        la      sp, __stack_top
        la      t0, __bss_start
        la      t1, __bss_end
        bgeu    t0, t1, 2f
1:      sw      zero, 0(t0)
        addi    t0, t0, 4
        bltu    t0, t1, 1b
2:      li      a0, 0
        li      a1, 0
        call    main
        li      a7, 93
        ecall
        .size   _start, . - _start
