/* Variable arguments and a small formatter. */
#include <stdarg.h>
static char buffer[128];
static int put(int at, char c) { if (at < (int)sizeof buffer - 1) buffer[at] = c; return at + 1; }
static int number(int at, unsigned v, unsigned base) { if (v >= base) at = number(at, v / base, base); return put(at, "0123456789abcdef"[v % base]); }
int format(const char *f, ...) {
  va_list list;
  int at = 0;
  va_start(list, f);
  for (; *f; f++) {
    if (*f != '%') { at = put(at, *f); continue; }
    switch (*++f) {
      case 'd': { int v = va_arg(list, int); if (v < 0) { at = put(at, '-'); v = -v; } at = number(at, (unsigned)v, 10); break; }
      case 'x': at = number(at, va_arg(list, unsigned), 16); break;
      case 's': for (const char *s = va_arg(list, const char *); *s; s++) at = put(at, *s); break;
      case 'c': at = put(at, (char)va_arg(list, int)); break;
      default: at = put(at, *f);
    }
  }
  va_end(list);
  return at;
}
int demo(void) { return format("%d %x %s %c%%", -42, 0xbeefu, "text", 'q'); }
