/** Pseudo-instructions, data, expressions, macros and conditions: the same bytes as GNU as and ld. */
import { PSEUDO_INSTRUCTIONS } from "@nnasm/sim-core/asm";
import fc from "fast-check";
import { expect, it } from "vitest";
import { describeWith } from "../../test/tools/external.ts";
import { BINUTILS, gnuErrors, gnuImage, type Image, ourImage, ours, words } from "./gnu.ts";
import { Random } from "./rows.ts";

/** Asserts equal sections; GNU pads sections to their alignment, ours are as long as their contents. */
function expectSame(source: string): void {
  const mine = ourImage(source);
  const padded = gnuImage(source);
  const theirs = { text: padded.text.subarray(0, mine.text.length), data: padded.data.subarray(0, mine.data.length) };
  const hex = (image: Image) => ({ text: words(image.text).map(hex8), data: Buffer.from(image.data).toString("hex") });
  expect(hex(mine)).toEqual(hex(theirs));
}

const hex8 = (word: number) => word.toString(16).padStart(8, "0");

/** GNU spells out nothing for these: they are names of our own instructions. */
const OURS = new Set(["nn.wait", "td.ld"]);

const NUMBERS = [0, 1, -1, 2047, 2048, -2048, -2049, 4096, 0x7fffffff, -0x80000000, 0xffffffff, 0x12345678, 0xfffff800];

function pseudoSource(): string {
  const random = new Random(4);
  const lines = ["back:", "nop"];
  for (const row of PSEUDO_INSTRUCTIONS) {
    if (OURS.has(row.mnemonic)) continue;
    for (let round = 0; round < 6; round++) {
      let text = row.syntax;
      for (const operand of row.operands) {
        const value =
          operand.type === "x"
            ? `x${random.below(32)}`
            : operand.type === "csr"
              ? random.pick(["mstatus", "mtvec", "0x7c0", "cycle"])
              : operand.type === "symbol" || operand.type === "location"
                ? random.pick(["back", "ahead", "number", "back + 4", "ahead - 8"])
                : operand.type === "target"
                  ? random.pick(["back", ". + 8", ". - 4"])
                  : operand.name === "uimm"
                    ? String(random.below(32))
                    : row.mnemonic === "li"
                      ? String(random.pick([...NUMBERS, random.below(2 ** 32)]))
                      : String(random.below(4096) - 2048);
        text = text.replace(new RegExp(`(?<![\\w])${operand.name}(?!\\w)`), value);
      }
      lines.push(`${row.mnemonic} ${text}`);
    }
  }
  return [...lines, "ahead: nop", ".data", "number: .word 1"].join("\n");
}

const PROGRAMS: Readonly<Record<string, string>> = {
  data: `
    .data
    a: .byte 1, -1, 0xff, 'A', '\\n', 'x
    .half 0x1234, -2 ; .short 5 ; .2byte 7
    .word a, a + 4, b - a, 0xffffffff, -1, . , . - a
    .dword 0x1122334455667788, -1, 1
    .ascii "abc\\n\\t\\\\\\"\\101\\x41", "def"
    .asciz "x" ; .string "y", "z"
    .zero 3 ; .space 2, 0xaa ; .skip 1
    .fill 3, 2, 0x1234 ; .fill 2, 8, 0x11223344 ; .fill 2 ; .fill 2, 3, -1
    .align 3 ; .byte 1 ; .p2align 2, 0xcc ; .balign 8, 0x11 ; .byte 2 ; .align 4, , 3 ; .balign 4
    b: .float 1.5, -2.25, 1e3 ; .double 0.1
    .org b + 64 ; .byte 9 ; .org b + 70, 0x55
    .long b ; .int 3 ; .4byte 4 ; .8byte 8 ; .quad -3 ; .hword 3
    .text
    nop`,
  alignmentInCode: `
    nop
    .align 4
    addi a0, a0, 1
    .align 3
    nop
    .p2align 4, , 4
    .balign 16
    ret
    .data
    .word 1`,
  symbols: `
    .equ ONE, 1
    .set counter, 5
    value = ONE + counter * 2
    .text
    start: addi a0, x0, value
    .set counter, counter + 1
    addi a0, x0, counter
    .equ ONE2, start + 4
    la a0, later
    lui a1, %hi(later + 4)
    lw a2, %lo(later + 4)(a1)
    sw a2, %lo(later)(a1)
    1: auipc a3, %pcrel_hi(later)
    lw a3, %pcrel_lo(1b)(a3)
    1: j 1f ; j 1b
    1: bne a0, a1, 1b
    2: beqz a0, 2b
    .weak absent
    lui a0, %hi(absent)
    forward: lw a0, later, t0
    sw a0, later, t0
    call start ; tail forward ; call absolute
    absolute = 0x1000
    .data
    .word counter, ONE2
    .set counter, 9
    .word counter, late
    late = 77
    later: .word start, end - later
    end:`.replace("lw a0, later, t0", "lw a0, later"),
  macros: `
    .macro push reg, size=4
      addi sp, sp, -\\size
      sw \\reg, 0(sp)
    .endm
    .macro pushall regs:vararg
      .irp r, \\regs
        push \\r
      .endr
    .endm
    .macro loop n, body
      li t0, \\n
    top\\@: \\body
      addi t0, t0, -1
      bnez t0, top\\@
    .endm
    .macro maker name, value
      .macro get_\\name rd
        li \\rd, \\value
      .endm
    .endm
    .macro deep n
      .if \\n
        addi a0, a0, \\n
        deep (\\n - 1)
      .endif
    .endm
    .macro opt a, b
      .ifb \\b
        addi \\a, \\a, 1
      .else
        addi \\a, \\a, \\b
      .endif
    .endm
    .macro early a
      nop
      .if \\a
        .exitm
      .endif
      li a7, 7
    .endm
    push ra ; push s0, 8 ; push size=16, reg=s1
    pushall ra, s0, s1
    loop 10, "add a1, a1, a2"
    loop 3 nop
    maker five, 5
    get_five a3
    deep 5
    opt a0 ; opt a0, 7
    early 1 ; early 0
    .rept 3
      nop
      .rept 2
        addi t1, t1, 1
      .endr
    .endr
    .irpc c, 123
      addi a0, a0, \\c
    .endr
    .irp x, a0, a1 a2
      mv t0, \\x
    .endr
    .macro cat a, b
      .word \\a\\()_\\b, \\a\\b
    .endm
    .macro spaced a b c
      .word \\a, \\b, \\c
    .endm
    .data
    x_y = 3 ; xy = 4
    cat x, y
    spaced 1 2 3
    spaced 1 + 2, (3 + 4), 5
    .macro quoted s
      .ascii "\\s"
    .endm
    quoted "hello, world"
    quoted hi
    .rep 2 ; .byte 1 ; .endr
    .irep v, 4, 5 ; .byte \\v ; .endr
    .irepc v, 67 ; .byte \\v ; .endr
    .uleb128 0 ; .uleb128 1 ; .uleb128 127 ; .uleb128 128 ; .uleb128 300 ; .uleb128 4294967295 ; .uleb128 81985529216486895
    .sleb128 0 ; .sleb128 -1 ; .sleb128 63 ; .sleb128 64 ; .sleb128 -64 ; .sleb128 -65 ; .sleb128 1000 ; .sleb128 -2147483648
    .extern elsewhere ; .func f ; .endfunc`,
  alternateMacros: `
    .altmacro
    .macro count a, b
    LOCAL top, done
    top: addi a0, a0, a
     beqz a0, done
     addi b, b, 1
     j top
    done: nop
    .endm
    count 1, a1
    count %(2+3), a2
    .macro text s
    .ascii s
    .endm
    .data
    text <"hi, there">
    .noaltmacro
    .text
    nop`,
  conditions: `
    .equ A, 1
    .data
    .if A == 1 ; .byte 1 ; .else ; .byte 2 ; .endif
    .if A > 1
    .byte 3
    .elseif A == 1
    .byte 4
    .elseif 1
    .byte 5
    .else
    .byte 6
    .endif
    .ifdef A ; .byte 7 ; .endif
    .ifndef A ; .byte 8 ; .else ; .byte 9 ; .endif
    .ifdef NOPE ; this is not assembled ( ; .if garbage ; .endif ; .endif
    .ifc abc, abc ; .byte 10 ; .endif
    .ifnc abc,abd ; .byte 11 ; .endif
    .ifeqs "a", "a" ; .byte 12 ; .endif
    .ifeq 0 ; .byte 13 ; .endif
    .ifne 0 ; .byte 14 ; .endif
    .ifgt 1 ; .byte 15 ; .endif
    .ifle 1 ; .byte 16 ; .endif
    x: .word 1
    .if . - x == 4 ; .byte 17 ; .endif
    .if 0 ; .if 1 ; .byte 18 ; .else ; .byte 19 ; .endif ; .else ; .byte 20 ; .endif
    .text
    nop`,
  insn: `
    start:
    .insn r 0x33, 0, 0, a0, a1, a2
    .insn r CUSTOM_0, 7, 127, a0, a1, a2
    .insn r4 CUSTOM_1, 7, 3, a0, a1, a2, a3
    .insn r CUSTOM_1, 7, 3, a0, a1, a2, a3
    .insn i OP_IMM, 0, a0, a1, -5
    .insn i LOAD, 2, a0, 8(sp)
    .insn s STORE, 2, a0, 8(sp)
    .insn sb BRANCH, 0, a0, a1, start
    .insn b BRANCH, 0, a0, a1, ahead
    .insn u LUI, a0, 0x12345
    .insn uj JAL, a0, start
    .insn j JAL, a0, ahead
    .insn 0x00000013
    .insn 4, 0x13
    .insn u LUI, a0, %hi(number)
    .insn i OP_IMM, 0, a0, a1, %lo(number)
    ahead: nop
    .data
    number: .word 1`,
  sections: `
    .text
    nop
    .pushsection .data
    .word 1
    .popsection
    nop
    .section .text
    addi a0, a0, 1
    .data
    .word 2
    .previous
    nop
    .section .data
    .word 3
    .text ; nop
    /* a comment
       of two lines */ nop # another`,
};

describeWith(BINUTILS, "GNU as and ld give the same bytes", () => {
  it("for every pseudo-instruction", () => {
    expectSame(pseudoSource());
  });

  for (const [name, source] of Object.entries(PROGRAMS)) {
    it(`for ${name}`, () => {
      expectSame(source);
    });
  }

  it("for li over the whole range", () => {
    const random = new Random(5);
    const values = [...NUMBERS];
    for (let bit = 0; bit < 32; bit++) values.push(2 ** bit, 2 ** bit - 1, 2 ** bit + 1, -(2 ** bit) || 0);
    for (let count = 0; count < 500; count++) values.push(random.below(2 ** 32));
    const lines = values
      .filter((value) => value >= -0x80000000 && value <= 0xffffffff)
      .map((value) => `li a0, ${value}`);
    expectSame([...lines, ".data", ".word 1"].join("\n"));
  });

  it("for random expressions", () => {
    const leaf = fc.oneof(
      fc.integer({ min: -9, max: 9 }).map(String),
      fc.constantFrom("0x7fffffffffffffff", "0xffffffffffffffff", "0x100000000", "'a'", "010", "0b101", "k", "b - a"),
    );
    const operator = fc.constantFrom(
      ..."* / % << >> | & ^ ! + - == != <> < > <= >= && ||".split(" ").map((text) => ` ${text} `),
    );
    const { expression } = fc.letrec((tie) => ({
      expression: fc.oneof(
        { maxDepth: 4, depthSize: "small" },
        leaf,
        fc.tuple(tie("expression"), operator, tie("expression")).map((parts) => parts.join("")),
        tie("expression").map((inner) => `(${inner})`),
        fc.tuple(fc.constantFrom("-", "~", "!", "+"), leaf).map((parts) => parts.join("")),
      ),
    }));
    const texts = fc.sample(expression as fc.Arbitrary<string>, { numRuns: 3000, seed: 7 });
    // What either refuses (division by zero, shifts out of range that GNU warns of) is left to the other tests.
    const prefix = ["k = 12", ".data", "a: .word 1", "b: .word 2"];
    const all = [...prefix, ...texts.map((text) => `.dword ${text}`)].join("\n");
    const refused = gnuErrors(all);
    const taken = texts.filter((_, index) => !refused.has(prefix.length + index + 1));
    const sourceOf = (list: readonly string[]) =>
      [...prefix, ...list.map((text) => `.dword ${text}`), ".text", "nop"].join("\n");
    // GNU only warns of a division by zero; for us it is an error, and must be the only kind.
    const { diagnostics } = ours(sourceOf(taken));
    const divided = diagnostics.filter(({ id }) => id === "division-by-zero");
    expect(diagnostics.filter(({ id }) => id !== "division-by-zero")).toEqual([]);
    const zero = new Set(divided.map(({ range }) => range.start.line - prefix.length));
    const kept = taken.filter((_, index) => !zero.has(index));
    const source = sourceOf(kept);
    const mine = new DataView(ourImage(source).data.slice().buffer);
    const theirs = new DataView(gnuImage(source).data.slice().buffer);
    kept.forEach((text, index) => {
      expect(`${text} = ${mine.getBigInt64(8 + 8 * index, true)}`).toBe(
        `${text} = ${theirs.getBigInt64(8 + 8 * index, true)}`,
      );
    });
    expect(kept.length).toBeGreaterThan(2000);
  });
});
