/* CRC-32, CRC-16 and Adler-32, bit by bit and by table. */
#include "report.h"

enum { BYTES = 2048 };
static uint8_t data[BYTES];
static uint32_t table[256];

static uint32_t crc32_bits(const uint8_t *p, int n)
{
    uint32_t crc = ~0u;
    while (n--) {
        crc ^= *p++;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0xedb88320u & -(crc & 1));
    }
    return ~crc;
}

static uint32_t crc32_table(const uint8_t *p, int n)
{
    uint32_t crc = ~0u;
    while (n--) crc = crc >> 8 ^ table[(crc ^ *p++) & 255];
    return ~crc;
}

static uint16_t crc16(const uint8_t *p, int n)
{
    uint16_t crc = 0xffff;
    while (n--) {
        crc ^= (uint16_t)(*p++ << 8);
        for (int bit = 0; bit < 8; bit++) crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
    }
    return crc;
}

static uint32_t adler(const uint8_t *p, int n)
{
    uint32_t a = 1, b = 0;
    while (n--) {
        a = (a + *p++) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

int main(void)
{
    for (int i = 0; i < BYTES; i++) data[i] = (uint8_t)random_word();
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++) c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
        table[i] = c;
    }
    /* The check values of the CRC catalogue. */
    const uint8_t check[] = "123456789";
    if (crc32_bits(check, 9) != 0xcbf43926u || crc16(check, 9) != 0x29b1) return 1;
    report("crc32", crc32_bits(data, BYTES));
    report("table", crc32_table(data, BYTES));
    report("crc16", crc16(data, BYTES));
    report("adler", adler(data, BYTES));
    return crc32_bits(data, BYTES) == crc32_table(data, BYTES) ? 0 : 2;
}
