import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type Debugged, debug } from "./debugged.ts";

const SOURCE = `
        .equ    LIMIT, 10
        .tensor bytes, int8, 1, 2, 3, 4, zp=-1, at=bytes_data
        .tensor nibbles, int4, 1, 1, 2, 3, at=nibble_data
        .tensor flags, bit, 1, 1, 1, 8, at=nibble_data
        .tensor words, int16, 1, 1, 1, 3, at=word_data
        .tensor planes, int8, 1, 2, 2, 2, layout=nchw, at=bytes_data
        .text
        .globl  _start
_start: j       _start
        .data
bytes_data:
        .byte   0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
        .byte   -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12
nibble_data:
        .byte   0x21, 0x03, 0xf4, 0x05
        .balign 2
word_data:
        .half   -2, 300, 0x7fff
`;

let debugged: Debugged;
beforeAll(() => {
  debugged = debug(SOURCE);
});

function value(text: string, mayAssign = true): number | string {
  const result = debugged.run.evaluate(text, mayAssign).value;
  if (result.kind === "typed") return result.typed.number();
  return result.kind === "scalar" ? result.value : result.kind === "pointer" ? result.address : result.tensor.name;
}

const type = (text: string): string => {
  const result = debugged.run.evaluate(text, true).value;
  return result.kind === "scalar" ? result.type : result.kind;
};

describe("arithmetic is C's", () => {
  test.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["7 / -2", -3],
    ["-7 % 3", -1],
    ["1 << 4 | 1", 17],
    ["6 & 3 == 3", 0],
    ["-1 >> 1", -1],
    ["0xffffffff >> 31", 1],
    ["0x80000000 < 0", 0],
    ["0x80000000 > 1", 1],
    ["~0", -1],
    ["!5 || 2", 1],
    ["0 ? 1 : 2 ? 3 : 4", 3],
    ["2147483647 + 1", -2147483648],
    ["0xffffffff + 1", 0],
    ["4294967296 + 1", 4294967297],
    ["65536 * 65536", 0],
    ["1.5 * 2", 3],
    ["(int8)0x1ff", -1],
    ["(uint8)-1", 255],
    ["(short)40000", -25536],
    ["'A' + 1", 66],
    ["'\\n'", 10],
    ["0b1010_1010", 170],
    ["1_000", 1000],
  ])("%s = %d", (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  test("types of mixed operands", () => {
    expect([type("1"), type("0xffffffff"), type("4294967296"), type("1 + 0xffffffff"), type("1.5 + 1")]).toEqual([
      "int32",
      "uint32",
      "int64",
      "uint32",
      "float",
    ]);
  });

  test("sums and products of words equal the machine's", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        expect(value(`(${a}) + (${b})`)).toBe(a < -2147483647 || b < -2147483647 ? a + b : (a + b) | 0);
        expect(value(`(int32)(${a}) * (int32)(${b})`)).toBe(Math.imul(a, b));
        expect(value(`(int32)(${a}) ^ (int32)(${b})`)).toBe(a ^ b);
      }),
    );
  });
});

describe("names", () => {
  test("registers in all spellings, symbols, CSRs", () => {
    value("a0 = 5");
    expect([value("x10"), value("$a0"), value("a0")]).toEqual([5, 5, 5]);
    expect(value("fp = 7")).toBe(7);
    expect(value("s0")).toBe(7);
    expect(value("LIMIT")).toBe(10);
    expect(value("_start")).toBe(0);
    expect(value("pc")).toBe(0);
    expect(value("mscratch = 3")).toBe(3);
    expect(value("mscratch")).toBe(3);
  });

  test("assignments with operators, and what can't be assigned to", () => {
    value("t0 = 1");
    expect(value("t0 <<= 4")).toBe(16);
    expect(value("t0 -= 1")).toBe(15);
    expect(value("t1 = t2 = 4")).toBe(4);
    expect(() => value("zero = 1")).toThrow("register zero is always 0");
    expect(() => value("3 = 4")).toThrow("can be assigned to");
    expect(() => value("_start = 4")).toThrow("can be assigned to");
    expect(() => value("t0 = 1", false)).toThrow("no assignments here");
  });

  test("a name that doesn't exist suggests one that does", () => {
    expect(() => value("LIMITS")).toThrow("there is no register or symbol LIMITS; did you mean LIMIT?");
  });
});

describe("memory", () => {
  test("casts to pointers, their arithmetic and indices", () => {
    expect(value("*(int8*)(bytes_data + 12)")).toBe(-1);
    expect(value("*(uint16*)word_data")).toBe(65534);
    expect(value("((int16*)word_data)[1]")).toBe(300);
    expect(value("*((int16*)word_data + 2)")).toBe(32767);
    expect(value("bytes_data[0]")).toBe(0x03020100);
    expect(value("&bytes_data == bytes_data")).toBe(1);
    expect(value("&bytes[0,0,0,1] - bytes_data")).toBe(1);
    expect(() => value("*0x70000000")).toThrow("there is no memory at 0x70000000");
  });

  test("writes", () => {
    value("*(int32*)0x10001000 = 0x12345678");
    expect(value("*(uint8*)0x10001001")).toBe(0x56);
  });
});

describe("tensors", () => {
  test.each([
    ["bytes[0,1,2,3]", -12],
    ["bytes[1,2,3]", -12],
    ["nibbles[0,0,0,0]", 1],
    ["nibbles[0,0,0,1]", 2],
    ["nibbles[0,2]", 3],
    ["nibbles[1,1]", -1],
    ["flags[0]", 1],
    ["flags[1]", 0],
    ["flags[5]", 1],
    ["words[0]", -2],
    ["planes[0,1,0,1]", 6],
    ["sum(bytes)", 0 + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10 + 11 - 78],
    ["sum(bytes[0,1,:,:])", -78],
    ["count(bytes[:,1:3,:])", 16],
    ["bytes[0:1,1:2,:][0,0,0,2]", 6],
    ["max(bytes)", 11],
    ["argmin(bytes)", 23],
    ["zeros(bytes)", 1],
    ["mean(words)", (-2 + 300 + 32767) / 3],
    ["diff(bytes, bytes)", 0],
    ["maxdiff(bytes[0,0,:,:], bytes[0,1,:,:])", 23],
    ["bytes.c", 4],
    ["bytes.zp", -1],
    ["bytes.sh", 12],
  ])("%s = %d", (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  test("elements are written, below a byte too", () => {
    value("nibbles[1,0] = -3");
    expect([value("nibbles[1,0]"), value("nibbles[1,1]"), value("nibbles[0,0]")]).toEqual([-3, -1, 1]);
    expect(() => value("nibbles[1,0] = 8")).toThrow("8 lies outside of -8..7");
  });

  test("wrong indices are told with what is right", () => {
    expect(() => value("bytes[0]")).toThrow("bytes has the shape 1x2x3x4: give 3 or 4 indices");
    expect(() => value("bytes[0,2,0,0]")).toThrow("index 2 lies outside of 0:2 (axis h of bytes)");
    expect(() => value("bytes[0,1:5,0,0]")).toThrow("index 1:5 lies outside of 0:2");
    expect(() => value("bytes + 1")).toThrow("bytes is a tensor: name an element, as in bytes[0]");
    expect(() => value("td9")).toThrow("td9 describes no tensor");
  });
});

describe("text that is no expression", () => {
  test.each([
    ["", "an expression is missing"],
    ["1 2", '"2" stands where the end of the expression is expected (column 3)'],
    ["(1", 'the expression ends where ")" is expected (column 3)'],
    ["a0 #", '"#" means nothing here (column 4)'],
    ["f(", "the expression ends where a value is expected (column 3)"],
    ["1 / 0", "division by zero"],
    ["'ab'", "'ab' is more than one character"],
    ["1,,", '"," stands where a format such as x, d, u, b or q7 is expected (column 3)'],
    ["max()", "max(tensor) takes 1 arguments"],
    ["cycles(1)", "cycles() takes no arguments"],
    ["~1.5", "~ takes whole numbers"],
  ])("%j: %s", (text, message) => {
    expect(() => value(text)).toThrow(message);
  });

  test("nothing that is typed brings the evaluator down", () => {
    const word = fc.constantFrom(
      "a0",
      "bytes",
      "1",
      "0x",
      "(",
      ")",
      "[",
      "]",
      "*",
      "&",
      "-",
      ",",
      ":",
      "?",
      "=",
      "int8",
      "sum",
      ".",
      "'",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        try {
          debugged.run.evaluate(words.join(" "), false);
        } catch (error) {
          expect((error as Error).constructor.name).toBe("EvaluationError");
        }
      }),
      { numRuns: 2000 },
    );
  });
});
