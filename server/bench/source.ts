/** A large source for measurements: functions with loops, constants, tensors, data, macros, comments. */

/** A program of at least `lines` lines that assembles. */
export function largeSource(lines: number): string {
  const out: string[] = [
    "# Generated: functions that call each other, with their constants, tensors and data.",
    "        .macro  step reg, by=1",
    "        addi    \\reg, \\reg, \\by",
    "        .endm",
    "        .text",
    "        .globl  _start",
    "_start: li      a7, 93",
    "        ecall",
  ];
  for (let index = 0; out.length < lines; index++) out.push(...functionLines(index));
  return `${out.join("\n")}\n`;
}

/** One function of about 40 lines. */
function functionLines(index: number): string[] {
  const previous = index === 0 ? "_start" : `function_${index - 1}`;
  return [
    "",
    `# Function ${index}: sums a table and runs a small layer.`,
    `        .equ    COUNT_${index}, ${(index % 50) + 2}`,
    `        .tensor tensor_${index}, int8, 1, 4, 4, ${(index % 8) + 1}, zp=${-(index % 100)}, in=ddr`,
    `        .globl  function_${index}`,
    `        .type   function_${index}, @function`,
    `function_${index}:`,
    "        addi    sp, sp, -16",
    "        sw      ra, 12(sp)",
    "        sw      s0, 8(sp)",
    `        la      t0, table_${index}`,
    `        li      t1, COUNT_${index}          # how many`,
    "        li      s0, 0",
    "1:      lw      t2, 0(t0)",
    "        add     s0, s0, t2",
    "        addi    t0, t0, 4",
    "        addi    t1, t1, -1",
    "        bnez    t1, 1b",
    `        td.ld   td0, tensor_${index}`,
    `        td.ld   td1, tensor_${index}`,
    `        td.ld   td2, tensor_${index}`,
    "        nu.window 3, 3, 1, 1",
    "        nu.pad  1, 1, 1, 1",
    "        nu.act  relu",
    "        nu.conv td2, td0, td1",
    "        nn.token a0, nu",
    "        nn.wait a0",
    `        li      t3, (COUNT_${index} * 4 + 3) & ~3`,
    "        step    s0",
    "        step    s0, 2",
    `        beqz    s0, done_${index}`,
    "        mul     s0, s0, t3",
    "        srai    s0, s0, 3",
    `done_${index}:`,
    "        mv      a0, s0",
    "        lw      s0, 8(sp)",
    "        lw      ra, 12(sp)",
    "        addi    sp, sp, 16",
    `        bnez    a0, function_${index}`,
    index % 4 === 0 ? "        ret" : `        tail    ${previous}`,
    `        .size   function_${index}, . - function_${index}`,
    '        .section .rodata, "a"',
    `table_${index}: .word ${index}, ${index + 1}, COUNT_${index}, 0x${index.toString(16)}`,
    "        .text",
  ];
}
