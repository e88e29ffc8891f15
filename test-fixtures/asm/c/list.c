/* A linked list in a static pool, with function pointers. */
struct node { struct node *next; int value; };
static struct node pool[32];
static int used;
static struct node *head = &pool[0];
typedef int (*visit)(int, int);
static int add(int a, int b) { return a + b; }
static int larger(int a, int b) { return a > b ? a : b; }
visit const visits[] = {add, larger};
struct node *push(int value) { struct node *n = &pool[used++ & 31]; n->value = value; n->next = head; head = n; return n; }
int fold(visit f, int start) { for (struct node *n = head; n && n->next != n; n = n->next) start = f(start, n->value); return start; }
int both(void) { return fold(visits[0], 0) + fold(visits[1], -1); }
