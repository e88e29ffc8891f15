/* Recursion: Ackermann, Hanoi, permutations, mutual calls. */
int ackermann(int m, int n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }
int hanoi(int n, int a, int b, int c) { return n == 0 ? 0 : hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a); }
int is_odd(unsigned n);
int is_even(unsigned n) { return n == 0 ? 1 : is_odd(n - 1); }
int is_odd(unsigned n) { return n == 0 ? 0 : is_even(n - 1); }
static int found;
void permute(int *v, int n, int at) {
  if (at == n) { found++; return; }
  for (int i = at; i < n; i++) { int t = v[at]; v[at] = v[i]; v[i] = t; permute(v, n, at + 1); t = v[at]; v[at] = v[i]; v[i] = t; }
}
