/* Strings: searching, splitting, numbers to text and back, Levenshtein distances, word counts. */
#include "report.h"

static const char text[] =
    "the quick brown fox jumps over the lazy dog while the dog sleeps and the fox runs away from the other dogs";

static int length(const char *s)
{
    int n = 0;
    while (s[n]) n++;
    return n;
}

static int find(const char *s, const char *what)
{
    for (int i = 0; s[i]; i++) {
        int j = 0;
        while (what[j] && s[i + j] == what[j]) j++;
        if (!what[j]) return i;
    }
    return -1;
}

static int least(int a, int b) { return a < b ? a : b; }

static int distance(const char *a, const char *b)
{
    static int row[128];
    int m = length(a), n = length(b);
    for (int j = 0; j <= n; j++) row[j] = j;
    for (int i = 1; i <= m; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            int above = row[j];
            row[j] = least(least(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[n];
}

static int print_number(char *to, int32_t value, int base)
{
    char reversed[40];
    int n = 0, at = 0;
    uint32_t rest = value < 0 && base == 10 ? 0u - (uint32_t)value : (uint32_t)value;
    do reversed[n++] = "0123456789abcdefghijklmnopqrstuvwxyz"[rest % (uint32_t)base];
    while (rest /= (uint32_t)base);
    if (value < 0 && base == 10) to[at++] = '-';
    while (n) to[at++] = reversed[--n];
    to[at] = 0;
    return at;
}

static int32_t read_number(const char *s, int base)
{
    int negative = *s == '-';
    uint32_t value = 0;
    for (s += negative; *s; s++) value = value * (uint32_t)base + (uint32_t)(*s <= '9' ? *s - '0' : *s - 'a' + 10);
    return (int32_t)(negative ? 0u - value : value);
}

int main(void)
{
    char words[32][16], buffer[48];
    int count = 0, at = 0;
    for (const char *s = text;; s++) {
        if (*s != ' ' && *s) words[count][at++] = *s;
        else {
            words[count++][at] = 0;
            at = 0;
            if (!*s) break;
        }
    }
    report("words", (uint32_t)count);
    report("find", (uint32_t)find(text, "lazy") << 16 | (uint16_t)find(text, "cat"));
    uint32_t distances = 0;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) distances = distances * 31 + (uint32_t)distance(words[i], words[j]);
    report("distances", distances);
    uint32_t digits = 0;
    for (int i = 0; i < 300; i++) {
        int32_t value = (int32_t)random_word() >> (i % 31);
        int base = 2 + i % 35;
        int n = print_number(buffer, value, base);
        if (read_number(buffer, base) != value) return 1;
        digits = digits * 33 + checksum(buffer, (uint32_t)n);
    }
    report("numbers", digits);
    return 0;
}
