/* Output of the programs here: lines "name value" by the write system call, which both machines serve. */
#ifndef REPORT_H
#define REPORT_H

#include <stdint.h>

static inline int32_t system_call(int32_t number, int32_t a, const void *b, int32_t c)
{
    register int32_t a0 __asm__("a0") = a;
    register const void *a1 __asm__("a1") = b;
    register int32_t a2 __asm__("a2") = c;
    register int32_t a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
    return a0;
}

static void report(const char *name, uint32_t value)
{
    static const char digits[] = "0123456789abcdef";
    char line[64];
    int length = 0;
    while (*name && length < 40) line[length++] = *name++;
    line[length++] = ' ';
    for (int shift = 28; shift >= 0; shift -= 4) line[length++] = digits[(value >> shift) & 15];
    line[length++] = '\n';
    system_call(64, 1, line, length);
}

/* Marsaglia's xorshift, for data that no compiler can foresee. */
static uint32_t random_state = 2463534242u;
static inline uint32_t random_word(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

/* FNV-1a over the bytes of an object. */
static inline uint32_t checksum(const void *data, uint32_t bytes)
{
    const uint8_t *p = data;
    uint32_t hash = 2166136261u;
    while (bytes--) hash = (hash ^ *p++) * 16777619u;
    return hash;
}

#endif
