/* The string functions that a freestanding program brings itself. */
typedef unsigned int size_t;
size_t length(const char *s) { const char *p = s; while (*p) p++; return p - s; }
int compare(const char *a, const char *b) { while (*a && *a == *b) a++, b++; return (unsigned char)*a - (unsigned char)*b; }
void *memcpy(void *d, const void *s, size_t n) { char *p = d; const char *q = s; while (n--) *p++ = *q++; return d; }
void *memset(void *d, int c, size_t n) { char *p = d; while (n--) *p++ = (char)c; return d; }
char *find(const char *h, const char *n) {
  for (; *h; h++) { const char *a = h, *b = n; while (*b && *a == *b) a++, b++; if (!*b) return (char *)h; }
  return 0;
}
char greeting[] = "hello, \"world\"\n\ttab\\ \x01\377";
const char *const words[] = {"alpha", "beta", "gamma", ""};
