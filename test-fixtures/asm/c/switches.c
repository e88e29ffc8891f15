/* Switches that become jump tables, comparison trees and lookup tables. */
int dense(int op, int a, int b) {
  switch (op) {
    case 0: return a + b;
    case 1: return a - b;
    case 2: return a * b;
    case 3: return b ? a / b : 0;
    case 4: return a & b;
    case 5: return a | b;
    case 6: return a ^ b;
    case 7: return a << (b & 31);
    case 8: return a >> (b & 31);
    case 9: return a < b;
    default: return -1;
  }
}
int sparse(int x) {
  switch (x) { case -1000: return 1; case 7: return 2; case 65536: return 3; case 1 << 30: return 4; default: return 0; }
}
const char *name(int day) {
  switch (day) { case 0: return "sun"; case 1: return "mon"; case 2: return "tue"; case 3: return "wed"; case 4: return "thu"; case 5: return "fri"; default: return "sat"; }
}
