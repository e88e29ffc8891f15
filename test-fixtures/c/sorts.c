/* Five ways to sort the same numbers; all results must be alike. */
#include "report.h"

enum { COUNT = 400 };
static int32_t numbers[COUNT], work[COUNT], spare[COUNT];

static void insertion(int32_t *v, int n)
{
    for (int i = 1; i < n; i++) {
        int32_t x = v[i];
        int j = i;
        for (; j > 0 && v[j - 1] > x; j--) v[j] = v[j - 1];
        v[j] = x;
    }
}

static void shell(int32_t *v, int n)
{
    for (int gap = n / 2; gap > 0; gap /= 2)
        for (int i = gap; i < n; i++)
            for (int j = i - gap; j >= 0 && v[j] > v[j + gap]; j -= gap) {
                int32_t t = v[j];
                v[j] = v[j + gap];
                v[j + gap] = t;
            }
}

static void quick(int32_t *v, int low, int high)
{
    while (low < high) {
        int32_t pivot = v[low + (high - low) / 2];
        int i = low, j = high;
        while (i <= j) {
            while (v[i] < pivot) i++;
            while (v[j] > pivot) j--;
            if (i <= j) {
                int32_t t = v[i];
                v[i++] = v[j];
                v[j--] = t;
            }
        }
        quick(v, low, j);
        low = i;
    }
}

static void sift(int32_t *v, int root, int n)
{
    for (int child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && v[child + 1] > v[child]) child++;
        if (v[root] >= v[child]) return;
        int32_t t = v[root];
        v[root] = v[child];
        v[child] = t;
    }
}

static void heap(int32_t *v, int n)
{
    for (int i = n / 2 - 1; i >= 0; i--) sift(v, i, n);
    for (int end = n - 1; end > 0; end--) {
        int32_t t = v[0];
        v[0] = v[end];
        v[end] = t;
        sift(v, 0, end);
    }
}

static void merge(int32_t *v, int n)
{
    if (n < 2) return;
    int half = n / 2;
    merge(v, half);
    merge(v + half, n - half);
    for (int i = 0; i < half; i++) spare[i] = v[i];
    for (int i = 0, j = half, k = 0; i < half;) v[k++] = j < n && v[j] < spare[i] ? v[j++] : spare[i++];
}

static void begin(void)
{
    for (int i = 0; i < COUNT; i++) work[i] = numbers[i];
}

static int ordered(void)
{
    for (int i = 1; i < COUNT; i++)
        if (work[i - 1] > work[i]) return 0;
    return 1;
}

int main(void)
{
    for (int i = 0; i < COUNT; i++) numbers[i] = (int32_t)random_word() >> (i % 24);
    begin(), insertion(work, COUNT), report("insertion", checksum(work, sizeof work));
    begin(), shell(work, COUNT), report("shell", checksum(work, sizeof work));
    begin(), quick(work, 0, COUNT - 1), report("quick", checksum(work, sizeof work));
    begin(), heap(work, COUNT), report("heap", checksum(work, sizeof work));
    begin(), merge(work, COUNT), report("merge", checksum(work, sizeof work));
    return ordered() ? 0 : 1;
}
