/**
 * Random scalar programs on our machine and under qemu-riscv32: every register and a block of memory must be equal at the
 * end. The programs take branches and calls, loop, load and store all sizes, multiply and divide; both sides run the same
 * ELF file and report through the write system call.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assemble } from "@nnasm/sim-core/asm";
import { PRESETS } from "@nnasm/sim-core/config";
import { formatDiagnostic } from "@nnasm/sim-core/diagnostics";
import { writeElf } from "@nnasm/sim-core/elf";
import { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { expect, it } from "vitest";
import { describeWith, EXTERNALS, scaled } from "../tools/index.ts";

const ALU = ["add", "sub", "sll", "slt", "sltu", "xor", "srl", "sra", "or", "and"];
const MUL = ["mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu"];
const IMMEDIATE = ["addi", "slti", "sltiu", "xori", "ori", "andi"];
const SHIFTS = ["slli", "srli", "srai"];
const BRANCHES = ["beq", "bne", "blt", "bge", "bltu", "bgeu"];
const CORNERS = [0, 1, -1, 0x7fffffff, -0x80000000, 0x80, 0x8000, 0xffff, 0x55555555];
const BUFFER_BYTES = 256;
/** x8 points to the buffer, x9 counts loops, x1 returns: the rest is free for random values. */
const FREE = [3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31];

type Random = (limit: number) => number;

function generator(seed: number): Random {
  let state = seed >>> 0;
  return (limit) => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

function body(random: Random, length: number, label: string): string[] {
  const lines: string[] = [];
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const x = () => `x${pick(FREE)}`;
  let skips = 0;
  for (let i = 0; i < length; i++) {
    switch (random(12)) {
      case 0:
      case 1:
      case 2:
        lines.push(`${pick(ALU)} ${x()}, ${x()}, ${x()}`);
        break;
      case 3:
      case 4:
        lines.push(`${pick(MUL)} ${x()}, ${x()}, ${x()}`);
        break;
      case 5:
        lines.push(`${pick(IMMEDIATE)} ${x()}, ${x()}, ${random(4096) - 2048}`);
        break;
      case 6:
        lines.push(`${pick(SHIFTS)} ${x()}, ${x()}, ${random(32)}`);
        break;
      case 7:
        lines.push(`li ${x()}, ${random(2) === 0 ? pick(CORNERS) : (random(65536) << 16) | random(65536)}`);
        break;
      case 8: {
        const [mnemonic, bytes] = pick([
          ["lb", 1],
          ["lbu", 1],
          ["lh", 2],
          ["lhu", 2],
          ["lw", 4],
        ] as const);
        lines.push(`${mnemonic} ${x()}, ${random(BUFFER_BYTES / bytes) * bytes}(x8)`);
        break;
      }
      case 9: {
        const [mnemonic, bytes] = pick([
          ["sb", 1],
          ["sh", 2],
          ["sw", 4],
        ] as const);
        lines.push(`${mnemonic} ${x()}, ${random(BUFFER_BYTES / bytes) * bytes}(x8)`);
        break;
      }
      case 10: {
        const target = `${label}_${skips++}`;
        lines.push(`${pick(BRANCHES)} ${x()}, ${x()}, ${target}`);
        lines.push(...body(random, 1 + random(3), `${target}_`));
        lines.push(`${target}:`);
        break;
      }
      default:
        lines.push(random(2) === 0 ? "jal x1, leaf" : `auipc ${x()}, ${random(16)}`);
    }
  }
  return lines;
}

function source(seed: number): string {
  const random = generator(seed);
  const start = FREE.map((register) => `li x${register}, ${(random(65536) << 16) | random(65536)}`);
  return `
 .section .ddr.text, "ax"
 .globl _start
_start:
 la x8, buffer
 li x9, ${3 + random(5)}
 ${start.join("\n ")}
again:
 ${body(random, 60, "skip").join("\n ")}
 addi x9, x9, -1
 beqz x9, done
 j again
leaf:
 xor x5, x5, x31
 add x31, x31, x5
 ret
done:
 la x2, registers
 ${Array.from({ length: 32 }, (_, register) => `sw x${register}, ${register * 4}(x2)`).join("\n ")}
 li a0, 1
 la a1, registers
 li a2, ${128 + BUFFER_BYTES}
 li a7, 64
 ecall
 li a0, 0
 li a7, 93
 ecall
 .data
 .balign 4
registers: .space 128
buffer: .space ${BUFFER_BYTES}
`;
}

describeWith(EXTERNALS.qemuRiscv32, "scalar programs under qemu-riscv32", () => {
  it("end in the same registers and memory", () => {
    const folder = mkdtempSync(join(tmpdir(), "nnasm-qemu-"));
    const config = PRESETS.default;
    let instructions = 0;
    for (let seed = 1; seed <= scaled(60, 1500); seed++) {
      const text = source(seed * 7919);
      const host = { resolve: (_: string, name: string) => name, readText: () => text, readBytes: () => undefined };
      const { program, diagnostics } = assemble({ entry: "random.nnasm", host, config, isa: BASE_ISA });
      if (!program) throw new Error(`seed ${seed}: ${diagnostics.map(formatDiagnostic).join("\n")}`);
      const chunks: Uint8Array[] = [];
      const simulator = new Simulator({ program, config, host: { write: (_, bytes) => chunks.push(bytes) } });
      expect(simulator.run({ untilCycle: 10_000_000 }), `seed ${seed}`).toMatchObject({ reason: "exit", exitCode: 0 });
      instructions += simulator.position.retired;
      const file = join(folder, "program.elf");
      writeFileSync(file, writeElf(program), { mode: 0o755 });
      const theirs = execFileSync("qemu-riscv32", [file]);
      expect(Buffer.concat(chunks).toString("hex"), `seed ${seed}`).toBe(theirs.toString("hex"));
    }
    rmSync(folder, { recursive: true });
    expect(instructions).toBeGreaterThan(10_000);
  });
});
