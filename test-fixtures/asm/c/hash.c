/* A hash table with open addressing. */
struct entry { unsigned key; int value; };
static struct entry table[128];
static unsigned hash(unsigned k) { k ^= k >> 16; k *= 0x7feb352du; k ^= k >> 15; k *= 0x846ca68bu; return k ^ (k >> 16); }
int put(unsigned key, int value) { for (unsigned i = 0; i < 128; i++) { struct entry *e = &table[(hash(key) + i) & 127]; if (e->key == key || !e->key) { e->key = key; e->value = value; return (int)i; } } return -1; }
int *get(unsigned key) { for (unsigned i = 0; i < 128; i++) { struct entry *e = &table[(hash(key) + i) & 127]; if (e->key == key) return &e->value; if (!e->key) break; } return 0; }
