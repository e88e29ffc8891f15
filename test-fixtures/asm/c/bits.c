/* Bit tricks: population count, reversal, rotations, leading zeros. */
typedef unsigned int u32;
u32 popcount(u32 x) { u32 n = 0; while (x) { x &= x - 1; n++; } return n; }
u32 reverse(u32 x) {
  x = ((x >> 1) & 0x55555555u) | ((x & 0x55555555u) << 1);
  x = ((x >> 2) & 0x33333333u) | ((x & 0x33333333u) << 2);
  x = ((x >> 4) & 0x0f0f0f0fu) | ((x & 0x0f0f0f0fu) << 4);
  x = ((x >> 8) & 0x00ff00ffu) | ((x & 0x00ff00ffu) << 8);
  return (x >> 16) | (x << 16);
}
u32 rotl(u32 x, int n) { return (x << (n & 31)) | (x >> (-n & 31)); }
int clz(u32 x) { int n = 0; if (!x) return 32; while (!(x & 0x80000000u)) { x <<= 1; n++; } return n; }
