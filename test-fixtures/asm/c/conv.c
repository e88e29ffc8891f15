/* A 3x3 int8 convolution with requantisation, as the scalar core would do it. */
typedef signed char i8;
static i8 clamp(int v) { return (i8)(v < -128 ? -128 : v > 127 ? 127 : v); }
static int requantise(int acc, int m, int s) { return (int)(((long long)acc * m + (1LL << (s - 1))) >> s); }
void conv3x3(const i8 *in, const i8 *w, const int *bias, i8 *out, int h, int wd, int zp) {
  for (int y = 0; y < h; y++)
    for (int x = 0; x < wd; x++) {
      int acc = *bias;
      for (int ky = -1; ky <= 1; ky++)
        for (int kx = -1; kx <= 1; kx++) {
          int yy = y + ky, xx = x + kx;
          if (yy >= 0 && yy < h && xx >= 0 && xx < wd) acc += (in[yy * wd + xx] - zp) * w[(ky + 1) * 3 + kx + 1];
        }
      out[y * wd + x] = clamp(zp + requantise(acc, 1518500250, 38));
    }
}
