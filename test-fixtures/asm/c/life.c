/* Conway's game of life, two boards. */
#define W 16
#define H 12
static unsigned char board[2][H][W];
static int now;
static int neighbours(int y, int x) {
  int n = 0;
  for (int dy = H - 1; dy <= H + 1; dy++) for (int dx = W - 1; dx <= W + 1; dx++) if (dy != H || dx != W) n += board[now][(y + dy) % H][(x + dx) % W];
  return n;
}
void step(void) {
  for (int y = 0; y < H; y++) for (int x = 0; x < W; x++) { int n = neighbours(y, x); board[!now][y][x] = n == 3 || (n == 2 && board[now][y][x]); }
  now = !now;
}
