/* 64-bit arithmetic on a 32-bit machine. */
typedef long long i64;
typedef unsigned long long u64;
i64 add(i64 a, i64 b) { return a + b; }
u64 multiply(u64 a, u64 b) { return a * b; }
i64 shift(i64 a, int n) { return n < 0 ? a << -n : a >> n; }
int order(i64 a, i64 b) { return a < b ? -1 : a > b; }
u64 mix(u64 x) { x ^= x >> 33; x *= 0xff51afd7ed558ccdULL; x ^= x >> 29; return x; }
u64 seeds[] = {0x0123456789abcdefULL, 1, ~0ULL};
