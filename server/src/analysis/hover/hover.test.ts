import { describe, expect, test } from "vitest";
import { dedent } from "../../testing/dedent.ts";
import { type FixtureOptions, fixture } from "../../testing/fixture.ts";
import { hoverAt } from "./hover.ts";

/** The whole hover at `|`. */
function check(source: string, expected: string | undefined, options: FixtureOptions = {}): void {
  const snapshot = fixture(source, options);
  const shown = hoverAt(snapshot, snapshot.position)?.markdown;
  expect(shown).toBe(expected === undefined ? undefined : dedent(expected));
}

/** That the hover at `|` holds these texts. */
function checkParts(source: string, ...parts: string[]): void {
  const snapshot = fixture(source);
  const shown = hoverAt(snapshot, snapshot.position)?.markdown ?? "";
  for (const part of parts) expect(shown).toContain(part);
}

describe("instructions", () => {
  test("what it does, what it costs, and this line's bits", () => {
    check(
      "start: add|i a0, a1, -4",
      `
      **addi**: add immediate · control unit

      \`\`\`nnasm
      addi rd, rs1, imm
      \`\`\`

      rd = rs1 + imm.

      Time: 1 cycle (T-CU-2)

      In this place: 1 cycle

      Encoding \`0xffc5_8513\` at \`0x0000_0000\`:

      | 31:20 | 19:15 | 14:12 | 11:7 | 6:0 |
      | :-: | :-: | :-: | :-: | :-: |
      | imm | rs1 | funct3 | rd | opcode |
      | \`111111111100\` | \`01011\` | \`000\` | \`01010\` | \`0010011\` |
      | -4 | a1 |  | a0 |  |
      `,
    );
  });

  test("where it stands in the pipeline", () => {
    const stalled = ".data\nword: .word 3\n.text\nla a0, word\nlw t0, (a0)\nad|d t1, t0, t0\nbnez t1, 1f\n1: nop";
    checkParts(stalled, "In this place: 3 cycles: 1, and 2 waiting for the loaded value in t0");
    checkParts("lw t0, 256(x0)\nbn|ez t0, 1f\nnop\n1: nop", "In this place: 3 when not taken, 7 when taken");
    checkParts("nop\nnn.fe|nce nu", "In this place: 1 cycle\n");
    checkParts(
      ".tensor x, int8, 1, 2, 2, 8, in=dm\n.text\ntd.ld td0, x\nnu.maxpool td0, td0\nnn.fe|nce nu",
      "In this place: at least 1 cycle (it waits for a unit)",
    );
  });

  test("a line that doesn't assemble shows the format", () => {
    checkParts(
      "nu.co|nv td0",
      "Encoding (format R):",
      "| `0000000` | `·····` | `·····` | `000` | `·····` | `1011011` |",
    );
  });

  test("split fields name their bits; targets are labels", () => {
    checkParts(
      "loop: nop\n nop\n b|eq a0, a1, loop",
      "| target[12] | target[10:5] | rs2 | rs1 | funct3 | target[4:1] | target[11] | opcode |",
      "| loop | loop | a1 | a0 |  | loop | loop |  |",
      "backward 3 cycles when taken, 5 when not; forward 1 cycle when not taken, 5 when taken (T-CU-6)",
    );
  });

  test("steps, faults, operands of the neural unit", () => {
    checkParts(
      "nu.con|v td2, td0, td1",
      "**nu.conv**: convolution · neural unit",
      "1. w has shape (Co, Kh, Kw, Ci)",
      "Faults:\n- shape fault",
      "| funct7 | rs2 = w | rs1 = in | funct3 | rd = out | opcode |",
      "|  | td1 | td0 |  | td2 |  |",
    );
  });

  test("several statements of a line have their own words", () => {
    checkParts("nop; addi a0, a0, 1; ad|di a0, a0, 2", "Encoding `0x0025_0513` at `0x0000_0008`");
  });

  test("mnemonics in capitals", () => {
    checkParts("AD|DI a0, a0, 1", "**addi**: add immediate", "Encoding `0x0015_0513`");
  });

  test("bars in operands don't break the table", () => {
    checkParts("nn.fen|ce nu\\|dma0", "nu\\|dma0");
  });
});

describe("pseudo-instructions", () => {
  test("the expansion, and what this line became", () => {
    check(
      "l|i a0, 70000",
      `
      **li**: load a constant: one instruction when it is known and fits, otherwise two · pseudo-instruction

      \`\`\`nnasm
      li rd, imm
      \`\`\`

      When \`imm\` lies in -2048 .. 2047:
      \`\`\`nnasm
      addi rd, x0, imm
      \`\`\`
      When the low 12 bits of \`imm\` are zero:
      \`\`\`nnasm
      lui rd, %hi(imm)
      \`\`\`
      Otherwise:
      \`\`\`nnasm
      lui rd, %hi(imm)
      addi rd, rd, %lo(imm)
      \`\`\`

      Here:
      \`\`\`text
      0x0000_0000  0x0001_1537  lui a0, 0x11
      0x0000_0004  0x1705_0513  addi a0, a0, 368
      \`\`\`
      `,
    );
  });

  test("the form that the operands have", () => {
    checkParts(
      ".tensor t, int8, 1, 1, 1, 1, in=dm\n.text\ntd.l|d td0, t",
      "load a declared tensor's descriptor; changes t6",
    );
    checkParts("td.l|d td0, (a0)", "**td.ld**: load a tensor descriptor from memory · control unit");
  });

  test("one word has its bits", () => {
    checkParts("m|v a0, a1", "Encoding `0x0005_8513`", "Time: 1 cycle");
  });
});

describe("symbols", () => {
  test("a constant in all radixes, with its comment", () => {
    check(
      "# Images at once.\n.equ BATCH, 40\nli a0, BA|TCH",
      `
      **BATCH**: constant

      \`40 = 0x28 = 0b10_1000\`

      Images at once.
      `,
    );
  });

  test("a negative constant shows its 32 bits", () => {
    checkParts(".equ LOW, -1\nli a0, LO|W", "`-1 = 0xffff_ffff`");
  });

  test("a function and its size", () => {
    checkParts(
      "call ma|in\n.globl main\n.type main, @function\nmain: ret\n.size main, . - main",
      "**main**: function, global, in `.text`",
      "at `0x0000_0008` (PM + 0x8), 4 bytes",
    );
  });

  test("a tensor: shape, type, place, bytes", () => {
    check(
      ".tensor input, int8, 1, 28, 28, 1, zp=-128, scale=0.5, in=ddr\n.text\ntd.ld td0, in|put",
      `
      **input**: tensor, in \`.nnasm.descriptors\`

      | | |
      | - | - |
      | type | int8, nhwc |
      | shape | n 1, h 28, w 28, c 1 |
      | strides | n 784, h 28, w 1, c 1 bytes |
      | size | 784 bytes |
      | elements | at \`0x8000_0000\` (DDR + 0x0) |
      | descriptor | at \`0x1000_0000\` (DM + 0x0) |
      | zero point | -128, scale 0.5 |
      `,
    );
  });

  test("a tensor's field", () => {
    checkParts(
      ".tensor t, int8, 1, 28, 28, 1, in=dm\n.text\nli a0, t.by|tes",
      "**t.bytes**: field of a tensor",
      "784 = 0x310",
    );
  });

  test("numeric labels", () => {
    checkParts("1: nop\nj 1|b", "**1**: local label, in `.text`\n\nat `0x0000_0000`");
  });

  test("the definition itself, and names that nothing reached", () => {
    checkParts("ma|in: nop", "**main**: label");
    checkParts(".equ N, 3\n.if 0\nli a0, |N\n.endif\nnop", "**N**: constant");
  });

  test("what nothing defines", () => {
    check("li a0, no|where", "**nowhere**: not defined in this program");
  });

  test("a macro: its parameters, its comment, what the call became", () => {
    checkParts(
      "# Adds one.\n.macro inc reg, by=1\naddi \\reg, \\reg, \\by\n.endm\nin|c a0",
      "**inc**: macro",
      ".macro inc reg, by=1",
      "0x0000_0000  0x0015_0513  addi a0, a0, 1",
    );
  });
});

describe("operands", () => {
  test.each([
    ["add a|0, a1, a2", "**a0**: x10 · argument and result; a call changes it"],
    ["add a0, x|9, a2", "**x9**: s1 · saved register; a call keeps it"],
    ["lw a0, 8(s|p)", "**sp**: x2 · stack pointer; a call keeps it"],
    ["csrr a0, mcy|cle", "**mcycle**: cycles since reset, low word\n\nCSR `0xb00`"],
    ["csrr a0, cyc|le", "**cycle**: cycles since reset, low word, read only\n\nCSR `0xc00`, read only"],
    ["nn.fence nu\\|dm|a0", "**dma0**: unit 4, DMA channel 0"],
    ["td.type td0, in|t8, nhwc", "**int8**: data type 0, 8 bits, -128 .. 127"],
    ["li a0, 0x1|0", "`16 = 0x10 = 0b1_0000`"],
    ["li a0, 'a|'", "`97 = 0x61 = 0b110_0001`"],
  ])("%s", (source, expected) => check(source, expected));

  test("the value of an expression, on its operators", () => {
    check(".equ N, 3\nli a0, (N + 1) |* 4", "`(N + 1) * 4 = 16 = 0x10 = 0b1_0000`");
    check(".equ N, 3\nli a0, (N |+ 1) * 4", "`N + 1 = 4 = 0x4 = 0b100`");
    check("x: nop\ny: li a0, y |- x", "`y - x = 4 = 0x4 = 0b100`");
  });

  test("options of .tensor", () => {
    check(".tensor t, int8, 1, 1, 1, 1, i|n=dm", "**in=**: reserve storage: dm, wm or ddr");
  });

  test("a descriptor register: what was loaded into it above", () => {
    checkParts(
      ".tensor t, int8, 1, 2, 3, 4, in=dm\n.text\ntd.ld td0, t\nnop\nnu.fc td2, td|0, td1",
      "**td0**: tensor descriptor register",
      "Last written above in line 3:\n```nnasm\ntd.ld td0, t\n```",
      "| shape | n 1, h 2, w 3, c 4 |",
    );
  });
});

describe("directives and files", () => {
  test("syntax and summary", () => {
    check(
      ".ali|gn 2",
      `
      **.align**: move to the next multiple of 2^power · directive

      \`\`\`nnasm
      .align power [, fill [, at-most]]
      \`\`\`
      `,
    );
  });

  test("the bytes of an .incbin", () => {
    check('.data\n.incbin "w.b|in"', "`w.bin`: 3 bytes", { binaries: { "w.bin": new Uint8Array(3) } });
  });
});

test.each(["|", "nop # com|ment", "# no|p", "undefine|d a0", "  |  nop", '.ascii "te|xt"'])(
  "nothing to say: %s",
  (source) => check(source, undefined),
);

describe("operations", () => {
  const TENSORS = `
        .tensor a, int8, 1, 8, 8, 16, in=dm
        .tensor b, int8, 1, 8, 8, 16, in=dm
        .tensor far, int8, 1, 8, 8, 16, in=ddr
        .globl _start
_start: td.ld   td0, a
        td.ld   td1, b
        td.ld   td2, far
`;
  const END = "\n        nn.fence vu\\|dma0\n        li a7, 93\n        ecall\n";

  test("how long they work, where the shapes follow from the program", () => {
    // T-VU-1: 64 vectors of 16 elements, and 7 cycles to fill and drain the pipeline.
    checkParts(`${TENSORS}        vu.n|eg td1, td0${END}`, "The operation: 71 cycles on the vector unit");
  });

  test("from the shortest to the longest, where a loop changes the shape", () => {
    const loop =
      "li s0, 2\n1:      vu.n|eg td1, td0\n        li t0, 4 << 16\n        td.sliceh td0, td0, t0\n        td.sliceh td1, td1, t0\n        addi s0, s0, -1\n        bnez s0, 1b";
    checkParts(`${TENSORS}${loop}${END}`, "The operation: 39 to 71 cycles on the vector unit");
  });

  test("transfers, alone on the bus, and accelerators", () => {
    // T-DMA-3: 16 cycles of setup, 16 bursts of 8 cycles, and the latency of the last one.
    checkParts(`${TENSORS}        dma.l|d td0, td2, ch0${END}`, "The operation: 244 cycles on the DMA");
    const waves = ".tensor c, int16, 1, 1, 8, 2, in=dm\n.tensor d, int16, 1, 1, 8, 2, in=dm\n";
    const run = "td.ld td3, c\ntd.ld td4, d\nxu.r|un fft, td4, td3";
    // T-XU-1 and T-XU-2.
    checkParts(`${waves}${TENSORS}${run}${END}`, "The operation: 24 cycles on the extension port");
  });

  test("at least, where data decide, and what it is that isn't known", () => {
    const index = "        .tensor index, int16, 1, 1, 1, 8, in=dm\n        .text\n        td.ld td3, index\n";
    checkParts(
      `${TENSORS}${index}        dma.ga|ther td0, td2, td3, ch0${END}`,
      "The operation: at least 181 cycles on the DMA, while no other unit is in its way; which rows it moves is in its indices",
    );
    checkParts(
      `${TENSORS}        la t0, a.base\n        lw t0, 0(t0)\n        td.ld td0, (t0)\n        vu.n|eg td1, td0${END}`,
      "The operation: at least 8 cycles on the vector unit, while no other unit is in its way; td0 is not known here",
    );
    checkParts(
      `${TENSORS}        la t0, a.base\n        lw t0, 0(t0)\n        beqz t0, 1f\n        jr t0\n1:      dma.l|d td0, td2, ch0${END}`,
      "The operation: at least 124 cycles on the DMA, while no other unit is in its way; not every way through the program is known",
    );
  });
});

describe("words that are no symbols", () => {
  test.each([
    [".macro m re|g, by=1\n.endm", "**reg**: parameter of `m`"],
    [".macro m reg, by=1\nli \\reg, \\b|y\n.endm", "by=1"],
    [".irp r, a0, a1\nli \\r|, 1\n.endr", "symbol of a repetition"],
    [".macro m reg\n.endm\nm a|0", "**a0**: x10"],
    ["li a0, 1\n.expect a|0 == 1", "**a0**: x10"],
    ["li a0, -|5", "`-5 = 0xffff_fffb`"],
    ["li a0, 7 - 5|", "`5 = 0x5 = 0b101`"],
    [".tensor t, in|t8, 1, 1, 1, 1, in=dm", "**int8**: data type 0, 8 bits, -128"],
    [".tensor t, int8, 1, 1, 1, 1, in=d|m", "**dm**: data memory"],
    [".tensor t, int8, 1, 1, 1, 1, layout=nh|wc, in=dm", "**nhwc**: layout 0, the channels"],
    ["td.get a0, td0, ba|se", "**base**: tdfield 0, byte address"],
    ["nn.token s0, n|u", "**nu**: unit 1, neural unit"],
    [".data\nx: .word 1\n.text\nlui a0, %h|i(x)", "**%hi**: upper 20 bits"],
    [".section .da|ta\n.word 1", "**.data**: section, 4 bytes from DM + 0x0 on"],
    ['.nowarn "unused-res|ult"', "a result that is overwritten"],
    ['.nowarn "value-trun|cated"', "warning of the assembler"],
    ['.incbin "gone|.bin"', "`gone.bin`: there is no such file"],
    ['.include "gone|.nnasm"', "`gone.nnasm`: there is no such file"],
    [".tensor t, int8, 1, 4, 4, 8, in=dm\n.text\ntd.ld td|0, t", "n 1, h 4, w 4, c 8"],
  ] as const)("%s", (source, part) => checkParts(source, part));
});
