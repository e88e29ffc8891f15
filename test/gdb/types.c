/* Objects of every kind that C has, for debuggers: types, blocks that hide each other, recursion, bit fields, floats. */
#include <stdbool.h>
#include <stdint.h>

enum colour { RED, GREEN = 5, BLUE = -3 };
typedef struct node {
    struct node *next;
    enum colour colour;
    union {
        int32_t word;
        uint8_t bytes[4];
    };
    struct {
        unsigned low : 3;
        int middle : 7;
        unsigned high : 22;
    } bits;
    const char *name;
    int (*function)(int);
} node;

static int square(int x) { return x * x; }

node nodes[3] = {
    {&nodes[1], GREEN, {0x04030201}, {5, -9, 1000}, "first", square},
    {&nodes[2], BLUE, {-1}, {7, 63, 4194303}, "second", 0},
    {0, RED, {0}, {0, 0, 0}, "third \n\"quoted\"", square},
};
float single = -1.5f;
double twice = 0.1;
static int16_t matrix[3][4] = {{1, -2, 3, -4}, {5, -6, 7, -8}, {9, -10, 11, -12}};
int64_t wide = -1234567890123;
uint64_t unsigned_wide = 18446744073709551557u;
volatile const signed char small = -7;
bool yes = true;
char text[8] = "ab\tc";

__attribute__((noinline)) static int depth(node *list, int level)
{
    int here = level * 10;
    if (!list) return here;
    {
        int here = list->word;
        level += here & 3;
    }
    return depth(list->next, level + 1) + here;
}

__attribute__((noinline)) static int64_t sum(const int16_t (*rows)[4], int count)
{
    int64_t total = 0;
    for (int row = 0; row < count; row++)
        for (int column = 0; column < 4; column++) total += rows[row][column];
    return total;
}

static inline int clamp(int value, int low, int high)
{
    int result = value < low ? low : value;
    return result > high ? high : result;
}

__attribute__((noinline)) static int limited(int value)
{
    static int calls;
    int first = clamp(value, -5, 5);
    calls++;
    return first * calls + clamp(value * 2, 0, 100);
}

__attribute__((noinline)) static int passed(node whole, bool flag, char letter, float ratio)
{
    whole.word += flag + letter;
    return ratio < 0 ? whole.word : -whole.word;
}

int main(void)
{
    char digits[4] = {'1', '2', '3', 0};
    double half = twice / 2;
    int result = depth(nodes, 1);
    result += (int)sum((const int16_t(*)[4])matrix, 3);
    result += limited(7) + limited(-9);
    result += passed(nodes[1], yes, digits[1], single);
    wide += result;
    twice = half + single;
    nodes[2].next = &nodes[0];
    text[0] = digits[2];
    return result & 127;
}
