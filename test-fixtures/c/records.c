/* In the manner of Dhrystone: records and pointers, enumerations, string comparison, procedures that call each other. */
#include "report.h"

typedef enum { IDENT_1, IDENT_2, IDENT_3, IDENT_4, IDENT_5 } Ident;

typedef struct Record {
    struct Record *next;
    Ident discriminant;
    union {
        struct {
            Ident component;
            int32_t number;
            char text[31];
        } first;
        struct {
            Ident component;
            char text[31];
        } second;
    } variant;
} Record;

static Record one, two;
static int32_t counter, vector[50], square[50][50];
static char letter_1, letter_2;

static void copy_text(char *to, const char *from)
{
    while ((*to++ = *from++)) continue;
}

static int compare_text(const char *a, const char *b)
{
    while (*a && *a == *b) a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}

__attribute__((noinline)) static Ident function_1(char a, char b)
{
    char copy = a;
    if (copy != b) return IDENT_1;
    letter_1 = copy;
    return IDENT_2;
}

__attribute__((noinline)) static int function_2(const char *a, const char *b)
{
    int place = 2;
    char letter = 'A';
    while (place <= 2)
        if (function_1(a[place], b[place + 1]) == IDENT_1) {
            letter = 'A';
            place++;
        } else break;
    if (letter >= 'W' && letter < 'Z') place = 7;
    if (letter == 'R') return 1;
    if (compare_text(a, b) > 0) {
        counter += place + 7;
        return 1;
    }
    return 0;
}

__attribute__((noinline)) static void enumerate(Ident value, Ident *result)
{
    *result = value;
    switch (value) {
    case IDENT_1: *result = IDENT_1; break;
    case IDENT_2: *result = counter > 100 ? IDENT_1 : IDENT_4; break;
    case IDENT_3: *result = IDENT_2; break;
    case IDENT_4: break;
    case IDENT_5: *result = IDENT_3; break;
    }
}

__attribute__((noinline)) static void arrays(int32_t *v, int32_t s[50][50], int32_t first, int32_t second)
{
    int32_t place = first + 5;
    v[place] = second;
    v[place + 1] = v[place];
    v[place + 30] = place;
    for (int32_t i = place; i <= place + 1; i++) s[place][i] = place;
    s[place][place - 1] += 1;
    s[(place + 20) % 50][place] = v[place];
    counter = 5;
}

__attribute__((noinline)) static void records(Record *from)
{
    Record *next = from->next;
    *next = *from;
    from->variant.first.number = 5;
    next->variant.first.number = from->variant.first.number;
    next->next = from->next;
    if (next->discriminant == IDENT_1) {
        next->variant.first.number = 6;
        enumerate(from->variant.first.component, &next->variant.first.component);
        next->variant.first.number += 10 * next->variant.first.number;
    } else *from = *from->next;
}

int main(void)
{
    char text_1[31], text_2[31];
    two.next = &one;
    one.next = &two;
    two.discriminant = IDENT_1;
    two.variant.first.component = IDENT_3;
    two.variant.first.number = 40;
    copy_text(two.variant.first.text, "DHRYSTONE PROGRAM, SOME STRING");
    copy_text(text_1, "DHRYSTONE PROGRAM, 1'ST STRING");
    uint32_t trace = 0;
    for (int32_t run = 1; run <= 300; run++) {
        letter_1 = 'A';
        letter_2 = 'B';
        copy_text(text_2, run % 3 ? "DHRYSTONE PROGRAM, 2'ND STRING" : "DHRYSTONE PROGRAM, 0'TH STRING");
        int flag = !function_2(text_1, text_2);
        int32_t a = 2, b = 3, d = 0;
        while (a < b) {
            d = 5 * a - b;
            a++;
        }
        arrays(vector, square, a + run % 12, d);
        records(&two);
        for (char letter = 'A'; letter <= letter_2; letter++)
            if (function_1(letter, 'C') == IDENT_2) trace++;
        b = b * a;
        a = b / (d ? d : 1);
        b = 7 * (b - d) - a;
        trace = trace * 31 + (uint32_t)(a + b + flag + counter + two.variant.first.number);
    }
    report("trace", trace);
    report("square", checksum(square, sizeof square));
    report("vector", checksum(vector, sizeof vector));
    report("record", (uint32_t)(one.variant.first.number << 8 | (int)one.variant.first.component));
    return 0;
}
