/* Products of matrices in 8, 16, 32 and 64 bits, a determinant modulo a prime, and a fixed-point transform. */
#include "report.h"

enum { N = 20 };
static int8_t a8[N][N], b8[N][N];
static int16_t a16[N][N], b16[N][N];
static int32_t c[N][N];
static int64_t wide[N][N];

static void fill(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a8[i][j] = (int8_t)random_word();
            b8[i][j] = (int8_t)random_word();
            a16[i][j] = (int16_t)random_word();
            b16[i][j] = (int16_t)random_word();
        }
}

static uint32_t power(uint32_t base, uint32_t exponent, uint32_t modulus)
{
    uint64_t result = 1, square = base;
    for (; exponent; exponent >>= 1, square = square * square % modulus)
        if (exponent & 1) result = result * square % modulus;
    return (uint32_t)result;
}

static uint32_t determinant(void)
{
    const uint32_t p = 1000003;
    static uint32_t m[N][N];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) m[i][j] = (uint32_t)(a16[i][j] + 40000) % p;
    uint32_t result = 1;
    for (int k = 0; k < N; k++) {
        int row = k;
        while (row < N && m[row][k] == 0) row++;
        if (row == N) return 0;
        for (int j = 0; row != k && j < N; j++) {
            uint32_t t = m[k][j];
            m[k][j] = m[row][j];
            m[row][j] = t;
        }
        if (row != k) result = p - result;
        result = (uint32_t)((uint64_t)result * m[k][k] % p);
        uint32_t inverse = power(m[k][k], p - 2, p);
        for (int i = k + 1; i < N; i++) {
            uint32_t factor = (uint32_t)((uint64_t)m[i][k] * inverse % p);
            for (int j = k; j < N; j++) m[i][j] = (m[i][j] + p - (uint32_t)((uint64_t)factor * m[k][j] % p)) % p;
        }
    }
    return result;
}

int main(void)
{
    fill();
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            int32_t narrow = 0;
            int64_t sum = 0;
            for (int k = 0; k < N; k++) {
                narrow += a8[i][k] * b8[k][j];
                sum += (int64_t)a16[i][k] * b16[k][j] * 65537;
            }
            c[i][j] = narrow;
            wide[i][j] = sum;
        }
    report("int8", checksum(c, sizeof c));
    report("int64", checksum(wide, sizeof wide));
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) c[i][j] = (int32_t)(wide[i][j] >> 20) / (a8[i][j] | 1) + c[i][j] % (b16[j][i] | 1);
    report("quotients", checksum(c, sizeof c));
    report("determinant", determinant());
    return 0;
}
