/* Quicksort and insertion sort over an initialised array. */
int numbers[] = {5, -3, 42, 0, 17, -100, 7, 7, 2147483647, (-2147483647 - 1)};
static void swap(int *a, int *b) { int t = *a; *a = *b; *b = t; }
void insertion(int *v, int n) {
  for (int i = 1; i < n; i++) for (int j = i; j > 0 && v[j - 1] > v[j]; j--) swap(&v[j - 1], &v[j]);
}
void quick(int *v, int lo, int hi) {
  while (lo < hi) {
    int p = v[(lo + hi) / 2], i = lo, j = hi;
    while (i <= j) {
      while (v[i] < p) i++;
      while (v[j] > p) j--;
      if (i <= j) swap(&v[i++], &v[j--]);
    }
    quick(v, lo, j);
    lo = i;
  }
}
int main(void) { quick(numbers, 0, sizeof numbers / sizeof *numbers - 1); return numbers[0] < 0; }
