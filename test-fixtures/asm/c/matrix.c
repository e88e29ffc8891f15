/* Integer matrix multiplication and transposition. */
#define N 12
int a[N][N], b[N][N], c[N][N];
void fill(void) { for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) { a[i][j] = i * N + j; b[i][j] = i - j; } }
void multiply(void) {
  for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) { int s = 0; for (int k = 0; k < N; k++) s += a[i][k] * b[k][j]; c[i][j] = s; }
}
void transpose(void) { for (int i = 0; i < N; i++) for (int j = i + 1; j < N; j++) { int t = c[i][j]; c[i][j] = c[j][i]; c[j][i] = t; } }
long long trace(void) { long long t = 0; for (int i = 0; i < N; i++) t += (long long)c[i][i] * c[i][i]; return t; }
