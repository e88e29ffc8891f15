/** Location expressions (DWARF 5, section 2.5): a machine with a stack that says where something is, or what it is. */
import { ByteReader, Corrupt } from "./bytes.ts";

/** What an expression may ask for; undefined where it isn't known. */
export interface ExpressionContext {
  register(number: number): number | undefined;
  memory(address: number, bytes: number): Uint8Array | undefined;
  frameBase(): number | undefined;
  callFrameAddress(): number | undefined;
  /** A register's value when the function was entered. */
  entryValue(register: number): number | undefined;
}

export type Found =
  | { readonly kind: "memory"; readonly address: number }
  | { readonly kind: "register"; readonly register: number }
  /** Nowhere, but its value is known: as a number of the machine's width, or as bytes. */
  | { readonly kind: "value"; readonly value: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** In several places, in the order of the bytes; a piece that is nowhere has none. */
  | {
      readonly kind: "pieces";
      readonly pieces: readonly { readonly found: Found | undefined; readonly bytes: number }[];
    };

/** The value isn't to be had: it was optimised away, or lies where this evaluator can't look. */
class Unavailable extends Error {}

/** More steps than that are a loop. */
const MAX_STEPS = 10_000;

/** Where the thing is; undefined when it isn't anywhere. */
export function locate(expression: Uint8Array, context: ExpressionContext): Found | undefined {
  if (expression.length === 0) return undefined;
  try {
    return new Evaluator(expression, context).run();
  } catch (error) {
    if (error instanceof Unavailable || error instanceof Corrupt) return undefined;
    throw error;
  }
}

/** Operators of two values: the second from the top, then the top. */
const BINARY: Readonly<Record<number, (a: number, b: number) => number>> = {
  26: (a, b) => a & b,
  27: (a, b) => (b === 0 ? unavailable() : Math.trunc(a / b)),
  28: (a, b) => a - b,
  29: (a, b) => (b === 0 ? unavailable() : (a >>> 0) % (b >>> 0)),
  30: (a, b) => Math.imul(a, b),
  33: (a, b) => a | b,
  34: (a, b) => a + b,
  36: (a, b) => (b >>> 0 > 31 ? 0 : a << b),
  37: (a, b) => (b >>> 0 > 31 ? 0 : a >>> b),
  38: (a, b) => a >> Math.min(b >>> 0, 31),
  39: (a, b) => a ^ b,
  41: (a, b) => Number(a === b),
  42: (a, b) => Number(a >= b),
  43: (a, b) => Number(a > b),
  44: (a, b) => Number(a <= b),
  45: (a, b) => Number(a < b),
  46: (a, b) => Number(a !== b),
};

const UNARY: Readonly<Record<number, (a: number) => number>> = {
  25: (a) => Math.abs(a),
  31: (a) => -a,
  32: (a) => ~a,
};

function unavailable(): never {
  throw new Unavailable();
}

class Evaluator {
  private readonly reader: ByteReader;
  private readonly context: ExpressionContext;
  private readonly stack: number[] = [];
  private readonly pieces: { found: Found | undefined; bytes: number }[] = [];
  /** What the expression has named without the stack. */
  private found: Found | undefined;

  constructor(expression: Uint8Array, context: ExpressionContext) {
    this.reader = new ByteReader(expression, "a location expression");
    this.context = context;
  }

  run(): Found | undefined {
    for (let steps = 0; !this.reader.done; steps++) {
      if (steps > MAX_STEPS) unavailable();
      this.step(this.reader.u8());
    }
    if (this.pieces.length > 0) return { kind: "pieces", pieces: this.pieces };
    return this.result();
  }

  private result(): Found | undefined {
    if (this.found) return this.found;
    const top = this.stack.at(-1);
    return top === undefined ? undefined : { kind: "memory", address: top >>> 0 };
  }

  private pop(): number {
    return this.stack.pop() ?? unavailable();
  }

  private push(value: number | undefined): void {
    this.stack.push((value ?? unavailable()) | 0);
  }

  private step(operation: number): void {
    const { reader, context } = this;
    const binary = BINARY[operation];
    const unary = UNARY[operation];
    if (operation >= 0x30 && operation <= 0x4f) this.push(operation - 0x30);
    else if (operation >= 0x50 && operation <= 0x6f) this.found = { kind: "register", register: operation - 0x50 };
    else if (operation >= 0x70 && operation <= 0x8f) this.push(plus(context.register(operation - 0x70), reader.sleb()));
    else if (binary) {
      const b = this.pop();
      this.push(binary(this.pop(), b));
    } else if (unary) this.push(unary(this.pop()));
    else this.other(operation);
  }

  private other(operation: number): void {
    const { reader, context, stack } = this;
    switch (operation) {
      case 0x03: // addr
      case 0x0c: // const4u
      case 0x0d: // const4s
        this.push(reader.i32());
        return;
      case 0x06: // deref
        this.push(this.load(this.pop(), 4));
        return;
      case 0x94: // deref_size
        this.push(this.load(this.pop(), reader.u8()));
        return;
      case 0x08:
        this.push(reader.u8());
        return;
      case 0x09:
        this.push(reader.i8());
        return;
      case 0x0a:
        this.push(reader.u16());
        return;
      case 0x0b:
        this.push((reader.u16() << 16) >> 16);
        return;
      case 0x10: // constu
        this.push(reader.uleb());
        return;
      case 0x11: // consts
        this.push(reader.sleb());
        return;
      case 0x12: // dup
        this.push(stack.at(-1));
        return;
      case 0x13: // drop
        this.pop();
        return;
      case 0x14: // over
        this.push(stack.at(-2));
        return;
      case 0x15: // pick
        this.push(stack.at(-1 - reader.u8()));
        return;
      case 0x16: {
        const [top, next] = [this.pop(), this.pop()];
        stack.push(top, next);
        return;
      }
      case 0x17: {
        const [a, b, c] = [this.pop(), this.pop(), this.pop()];
        stack.push(a, c, b);
        return;
      }
      case 0x23: // plus_uconst
        this.push(this.pop() + reader.uleb());
        return;
      case 0x28: {
        const distance = (reader.u16() << 16) >> 16;
        if (this.pop() !== 0) this.skip(distance);
        return;
      }
      case 0x2f:
        this.skip((reader.u16() << 16) >> 16);
        return;
      case 0x90: // regx
        this.found = { kind: "register", register: reader.uleb() };
        return;
      case 0x91: // fbreg
        this.push(plus(context.frameBase(), reader.sleb()));
        return;
      case 0x92: // bregx
        this.push(plus(context.register(reader.uleb()), reader.sleb()));
        return;
      case 0x93: {
        this.pieces.push({ found: this.result(), bytes: reader.uleb() });
        this.found = undefined;
        stack.length = 0;
        return;
      }
      case 0x96: // nop
        return;
      case 0x9c: // call_frame_cfa
        this.push(context.callFrameAddress());
        return;
      case 0x9e: // implicit_value
        this.found = { kind: "bytes", bytes: reader.take(reader.uleb()) };
        return;
      case 0x9f: // stack_value
        this.found = { kind: "value", value: this.pop() };
        return;
      case 0xa3:
      case 0xf3: // entry_value of a register
        this.push(this.entryValue(reader.take(reader.uleb())));
        return;
      default:
        unavailable();
    }
  }

  private entryValue(inner: Uint8Array): number | undefined {
    const operation = inner[0] ?? 0;
    if (inner.length !== 1 || operation < 0x50 || operation > 0x6f) return undefined;
    return this.context.entryValue(operation - 0x50);
  }

  private load(address: number, bytes: number): number {
    const read = this.context.memory(address >>> 0, bytes) ?? unavailable();
    return read.reduceRight((value, byte) => (value << 8) | byte, 0);
  }

  private skip(distance: number): void {
    const at = this.reader.at + distance;
    if (at < 0 || at > this.reader.end) unavailable();
    this.reader.at = at;
  }
}

const plus = (base: number | undefined, offset: number): number | undefined =>
  base === undefined ? undefined : base + offset;
