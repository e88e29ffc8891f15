/* CRC-32 with a table built at run time and one in read-only data. */
static const unsigned short nibbles[16] = {0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
                                           0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef};
static unsigned table[256];
void build(void) {
  for (unsigned i = 0; i < 256; i++) {
    unsigned c = i;
    for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
    table[i] = c;
  }
}
unsigned crc32(const unsigned char *p, unsigned n) {
  unsigned c = ~0u;
  while (n--) c = table[(c ^ *p++) & 0xff] ^ (c >> 8);
  return ~c;
}
unsigned short crc16(const unsigned char *p, unsigned n) {
  unsigned short c = 0xffff;
  while (n--) {
    c = (unsigned short)(nibbles[((c >> 12) ^ (*p >> 4)) & 15] ^ (c << 4));
    c = (unsigned short)(nibbles[((c >> 12) ^ *p++) & 15] ^ (c << 4));
  }
  return c;
}
