/* Fixed-point arithmetic: Q15 products, square root, table interpolation. */
typedef short q15;
static const q15 sine[17] = {0, 3212, 6393, 9512, 12539, 15446, 18204, 20787, 23170, 25329, 27245, 28898, 30273, 31356, 32137, 32609, 32767};
q15 multiply(q15 a, q15 b) { return (q15)(((int)a * b + 0x4000) >> 15); }
unsigned root(unsigned x) { unsigned r = 0, b = 1u << 30; while (b > x) b >>= 2; while (b) { if (x >= r + b) { x -= r + b; r = (r >> 1) + b; } else r >>= 1; b >>= 2; } return r; }
q15 quarter(unsigned angle) { unsigned i = (angle >> 10) & 15, f = angle & 1023; return (q15)(sine[i] + (((sine[i + 1] - sine[i]) * (int)f) >> 10)); }
void filter(const q15 *in, q15 *out, const q15 *taps, int n, int count) { for (int i = 0; i < count; i++) { int acc = 0; for (int k = 0; k < n; k++) acc += in[i + k] * taps[k]; out[i] = (q15)(acc >> 15); } }
