/* Inline assembly, attributes and sections as systems code has them. */
#define CSR(name) ({ unsigned v; __asm__ volatile("csrr %0, " #name : "=r"(v)); v; })
unsigned cycles(void) { return CSR(mcycle); }
void barrier(void) { __asm__ volatile("fence rw, rw" ::: "memory"); }
int custom(int a, int b) { int d; __asm__("add %0, %1, %2\n\t1: bnez %0, 1f\n\tneg %0, %0\n1:" : "=&r"(d) : "r"(a), "r"(b)); return d; }
__attribute__((noreturn)) void leave(int code) { register int a0 __asm__("a0") = code; register int a7 __asm__("a7") = 93; __asm__ volatile("ecall" :: "r"(a0), "r"(a7)); __builtin_unreachable(); }
__attribute__((weak)) int optional(void);
int ask(void) { return optional ? 1 : -1; }
__attribute__((section(".text.cold"), noinline)) int cold(int x) { return x * 3; }
int aligned __attribute__((aligned(64))) = 3;
