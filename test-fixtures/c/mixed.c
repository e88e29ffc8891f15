/* In the manner of CoreMark: a linked list that is searched, reversed and sorted, a state machine, and a CRC of it all. */
#include "report.h"

typedef struct Node {
    struct Node *next;
    int16_t data, index;
} Node;

enum { NODES = 120 };
static Node nodes[NODES];

static uint16_t crc_step(uint16_t crc, uint8_t byte)
{
    for (int i = 0; i < 8; i++) {
        uint16_t bit = (crc ^ byte) & 1;
        crc >>= 1;
        byte >>= 1;
        if (bit) crc ^= 0xa001;
    }
    return crc;
}

static uint16_t crc_word(uint16_t crc, uint32_t word)
{
    for (int i = 0; i < 4; i++) crc = crc_step(crc, (uint8_t)(word >> 8 * i));
    return crc;
}

static Node *reverse(Node *list)
{
    Node *done = 0;
    while (list) {
        Node *next = list->next;
        list->next = done;
        done = list;
        list = next;
    }
    return done;
}

static int by_data(const Node *a, const Node *b) { return a->data - b->data; }
static int by_index(const Node *a, const Node *b) { return a->index - b->index; }

/* Merge sort from the bottom up, as lists are sorted without recursion. */
static Node *sort(Node *list, int (*compare)(const Node *, const Node *))
{
    for (int size = 1;; size *= 2) {
        Node *p = list, *tail = 0;
        int merges = 0;
        list = 0;
        while (p) {
            Node *q = p;
            int left = 0, right = size;
            merges++;
            while (left < size && q) left++, q = q->next;
            while (left > 0 || (right > 0 && q)) {
                Node *e;
                if (left > 0 && (right == 0 || !q || compare(p, q) <= 0)) e = p, p = p->next, left--;
                else e = q, q = q->next, right--;
                if (tail) tail->next = e;
                else list = e;
                tail = e;
            }
            p = q;
        }
        tail->next = 0;
        if (merges <= 1) return list;
    }
}

typedef enum { START, INVALID, SIGN, INTEGER, FLOAT, EXPONENT, SCIENTIFIC, STATES } State;

static State classify(const char **text, uint32_t *counts)
{
    State state = START;
    for (; **text && **text != ','; (*text)++) {
        char c = **text;
        int digit = c >= '0' && c <= '9';
        switch (state) {
        case START: state = digit ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? FLOAT : INVALID; break;
        case SIGN: state = digit ? INTEGER : c == '.' ? FLOAT : INVALID; break;
        case INTEGER: state = digit ? INTEGER : c == '.' ? FLOAT : c == 'e' ? EXPONENT : INVALID; break;
        case FLOAT: state = digit ? FLOAT : c == 'e' || c == 'E' ? EXPONENT : INVALID; break;
        case EXPONENT: state = digit || c == '-' || c == '+' ? SCIENTIFIC : INVALID; break;
        case SCIENTIFIC: state = digit ? SCIENTIFIC : INVALID; break;
        default: break;
        }
        counts[state]++;
    }
    if (**text) (*text)++;
    return state;
}

int main(void)
{
    uint16_t crc = 0;
    Node *list = 0;
    for (int i = 0; i < NODES; i++) {
        nodes[i].data = (int16_t)random_word();
        nodes[i].index = (int16_t)i;
        nodes[i].next = list;
        list = &nodes[i];
    }
    for (int run = 0; run < 6; run++) {
        list = sort(list, by_data);
        for (Node *n = list; n; n = n->next) crc = crc_word(crc, (uint32_t)n->data);
        list = reverse(list);
        int16_t wanted = (int16_t)(random_word() % NODES);
        int steps = 0;
        for (Node *n = list; n && n->index != wanted; n = n->next) steps++;
        crc = crc_word(crc, (uint32_t)steps);
        list = sort(list, by_index);
        for (Node *n = list; n; n = n->next) n->data = (int16_t)(n->data * 3 + run);
        crc = crc_word(crc, checksum(nodes, 0) ^ (uint32_t)list->data);
    }
    report("list", crc);
    uint32_t counts[STATES] = {0}, finals[STATES] = {0};
    const char *text = "5012,1234,-874,+122,35.54400,.1234500,-110.700,+0.64400,5.500e+3,-.123e-2,-87e+832,+0.6e-12,T0.3e-1F,-T.T++Tq,1T3.4e4z,34.0e-T^";
    while (*text) finals[classify(&text, counts)]++;
    for (int i = 0; i < STATES; i++) crc = crc_word(crc_word(crc, counts[i]), finals[i]);
    report("states", crc);
    report("numbers", finals[INTEGER] << 16 | finals[SCIENTIFIC] << 8 | finals[INVALID]);
    return 0;
}
