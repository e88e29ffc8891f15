/* Structures: bit fields, nesting, copies, returned by value. */
struct point { int x, y; };
struct shape { unsigned kind : 3; unsigned filled : 1; int level : 12; struct point at[3]; const char *label; };
struct shape shapes[2] = {{1, 1, -5, {{1, 2}, {3, 4}, {5, 6}}, "one"}, {2, 0, 2047, {{-1, -2}}, "two"}};
struct point middle(const struct shape *s) { struct point p = {(s->at[0].x + s->at[2].x) / 2, (s->at[0].y + s->at[2].y) / 2}; return p; }
void copy(struct shape *d, const struct shape *s) { *d = *s; }
int levels(void) { int n = 0; for (int i = 0; i < 2; i++) if (shapes[i].filled) n += shapes[i].level; return n; }
void mark(struct shape *s, int level) { s->level = level; s->kind = s->kind + 1; }
