/* Sieve of Eratosthenes over a large zeroed array. */
static unsigned char composite[10000];
int primes(int limit) {
  int count = 0;
  for (int i = 2; i < limit; i++) {
    if (composite[i]) continue;
    count++;
    for (int j = i * i; j < limit; j += i) composite[j] = 1;
  }
  return count;
}
