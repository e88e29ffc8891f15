/*
 * C that uses the NNP's instructions: a dot product on packed bytes, and a maximum pool on the neural unit.
 *   riscv64-unknown-elf-gcc -march=rv32im_zicsr -mabi=ilp32 -O2 -nostdlib -T nnp.ld crt0.S string.c sample.c -o sample.elf
 *   nnasm run sample.elf
 */
#include <stddef.h>
#include "nn.h"

typedef signed char int8;

static int8 input[4][4][16];
static int8 output[2][2][16];

/* Tensor descriptors in their memory form: base, n h w c, strides, type, zero point, table, scale, rest zero. */
static int descriptor[16] __attribute__((aligned(16)));

static void describe(void *base, int h, int w, int c)
{
    descriptor[0] = (int)base;
    descriptor[1] = 1;
    descriptor[2] = h;
    descriptor[3] = w;
    descriptor[4] = c;
    descriptor[5] = h * w * c;
    descriptor[6] = w * c;
    descriptor[7] = c;
    descriptor[8] = 1;
}

static int dot(const int *a, const int *b, size_t words)
{
    int sum = 0;
    for (size_t i = 0; i < words; i++) sum = p_dota_b(sum, a[i], b[i]);
    return sum;
}

int main(void)
{
    for (int h = 0; h < 4; h++)
        for (int w = 0; w < 4; w++)
            for (int c = 0; c < 16; c++) input[h][w][c] = (int8)(h * 20 - w * 10 + c);

    describe(input, 4, 4, 16);
    td_ld(0, descriptor);
    describe(output, 2, 2, 16);
    td_ld(1, descriptor);
    nu_window(2, 2, 2, 2);
    nu_maxpool(1, 0);
    nn_wait(nn_token(NN_UNIT_NU), 0);

    for (int h = 0; h < 2; h++)
        for (int w = 0; w < 2; w++)
            for (int c = 0; c < 16; c++)
                if (output[h][w][c] != (int8)((2 * h + 1) * 20 - 2 * w * 10 + c)) return 1;

    static const int8 ones[16] __attribute__((aligned(4))) = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    /* 20 + 0 .. 20 + 15 */
    return dot((const int *)output[0][0], (const int *)ones, 4) == 16 * 20 + 120 ? 42 : 2;
}
