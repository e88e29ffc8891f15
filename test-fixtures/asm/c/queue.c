/* A ring buffer with volatile indices and memory-mapped output. */
#define SIZE 64
static volatile unsigned head, tail;
static short ring[SIZE];
#define CONSOLE (*(volatile unsigned *)0x40000000u)
int put(short v) { unsigned next = (head + 1) % SIZE; if (next == tail) return -1; ring[head] = v; head = next; return 0; }
int get(void) { if (head == tail) return -1; short v = ring[tail]; tail = (tail + 1) % SIZE; return v; }
void drain(void) { int v; while ((v = get()) >= 0) CONSOLE = (unsigned)v; }
