/** A large scalar source that our assembler and GNU as both take: the assemblers' speed is measured with it. */
import { randomSource } from "./random.ts";

const REGISTERS = ["zero", "ra", "sp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"];
const ALU = ["add", "sub", "and", "or", "xor", "sll", "srl", "sra", "slt", "sltu", "mul", "mulhu", "div", "rem"];
const ALU_IMMEDIATE = ["addi", "andi", "ori", "xori", "slti", "sltiu"];
const LOADS = ["lb", "lbu", "lh", "lhu", "lw"];
const STORES = ["sb", "sh", "sw"];
const BRANCHES = ["beq", "bne", "blt", "bge", "bltu", "bgeu"];

/**
 * Source of exactly `lines` lines: functions with labels, comments, data and pseudo-instructions in proportions such as
 * hand-written programs have.
 */
export function generateSource(lines: number, seed: number): string {
  const next = randomSource(seed);
  const below = (bound: number): number => next() % bound;
  const pick = (list: readonly string[]): string => list[below(list.length)]!;
  const register = (): string => pick(REGISTERS);
  const signed = (bound: number): number => below(2 * bound) - bound;
  const out = ["        .text", "        .globl  _start", "_start:"];
  let labels = 0;
  const instruction = (): string => {
    const kind = below(100);
    if (kind < 30) return `        ${pick(ALU)} ${register()}, ${register()}, ${register()}`;
    if (kind < 50) return `        ${pick(ALU_IMMEDIATE)} ${register()}, ${register()}, ${signed(2048)}`;
    if (kind < 62) return `        ${pick(LOADS)} ${register()}, ${signed(512) * 4}(${register()})`;
    if (kind < 70) return `        ${pick(STORES)} ${register()}, ${signed(512) * 4}(${register()})   # keep it`;
    if (kind < 80)
      return `        ${pick(BRANCHES)} ${register()}, ${register()}, block_${Math.max(0, labels - 1 - below(3))}`;
    if (kind < 86) return `        li      ${register()}, ${signed(0x80000000)}`;
    if (kind < 90) return `        la      ${register()}, table_${below(64)}`;
    if (kind < 94) return `        mv      ${register()}, ${register()}`;
    if (kind < 97) return `        call    block_${below(labels)}`;
    return `        lui     ${register()}, ${below(0x100000)}`;
  };
  const TABLES = 64;
  while (out.length < lines - 1 - 2 * TABLES) {
    if (out.length % 20 === 3) out.push(`block_${labels++}:`);
    else if (out.length % 40 === 11) out.push("        # the next block goes on with what stands in the registers");
    else out.push(instruction());
  }
  out.push("        .data");
  for (let table = 0; table < TABLES; table++) {
    out.push(
      `table_${table}:`,
      `        .word   ${table}, ${signed(0x80000000)}, table_${below(TABLES)} + ${4 * below(4)}`,
    );
  }
  return `${out.join("\n")}\n`;
}
