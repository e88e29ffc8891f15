/* The same instructions from C: nnasm isa --header -o own.h makes their macros. */
#include "own.h"

int crc32(const unsigned char *text, int bytes) {
  int crc = -1;
  for (; bytes >= 4; bytes -= 4, text += 4) crc = own_crc32_at(crc, 0, text);
  for (; bytes > 0; bytes--) crc = own_crc32_b(crc, *text++);
  return ~crc;
}

/* Compares the images of td0 and td1 into td2. */
void motion(int threshold) { own_motion(2, 0, 1, threshold); }
