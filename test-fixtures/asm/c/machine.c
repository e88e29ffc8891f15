/* A small stack machine, interpreted. */
enum { PUSH, ADD, MUL, SUB, DUP, SWAP, JNZ, HALT };
const signed char factorial[] = {PUSH, 1, PUSH, 10, DUP, JNZ, 2, HALT, SWAP, MUL, HALT};
static int stack[64];
int run(const signed char *p) {
  int sp = 0;
  for (;;) switch (*p++) {
    case PUSH: stack[sp++] = *p++; break;
    case ADD: sp--; stack[sp - 1] += stack[sp]; break;
    case MUL: sp--; stack[sp - 1] *= stack[sp]; break;
    case SUB: sp--; stack[sp - 1] -= stack[sp]; break;
    case DUP: stack[sp] = stack[sp - 1]; sp++; break;
    case SWAP: { int t = stack[sp - 1]; stack[sp - 1] = stack[sp - 2]; stack[sp - 2] = t; break; }
    case JNZ: p = stack[sp - 1] ? p + *p : p + 1; break;
    default: return stack[sp - 1];
  }
}
