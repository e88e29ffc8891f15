/* Division and remainder by constants and variables. */
int tenth(int x) { return x / 10; }
unsigned seventh(unsigned x) { return x / 7; }
int mod(int a, int b) { return ((a % b) + b) % b; }
unsigned gcd(unsigned a, unsigned b) { while (b) { unsigned t = a % b; a = b; b = t; } return a; }
int powers(int x) { return x / 8 + x % 16 + x / -4; }
unsigned digits(unsigned x) { unsigned s = 0; do s += x % 10; while (x /= 10); return s; }
