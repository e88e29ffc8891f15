/**
 * Random machine-mode programs out of the standard rows of the instruction table: every instruction with random operands,
 * memory traffic within a buffer, forward jumps, loops, traps that a handler takes and code that changes itself.
 */
import { BASE_ISA, encode, type Instruction } from "@nnasm/sim-core/isa";

export const STANDARD = BASE_ISA.instructions.filter(({ mnemonic, row }) => {
  // wfi ends a program that nothing can wake up; under QEMU it waits for ever.
  if (mnemonic === "wfi") return false;
  return ["rv32i", "rv32m", "zicsr", "zifencei", "privileged"].includes(row.family);
});

const BUFFER_BYTES = 512;
/** Nothing lies here on either machine. */
const UNMAPPED = 0x60000000;
/** x8 holds the buffer, x9 counts passes, x28 and x29 are the generator's, x30 says where a trap resumes, x31 is the handler's. */
const RESERVED = new Set([8, 9, 28, 29, 30, 31]);
const FREE = Array.from({ length: 32 }, (_, register) => register).filter((register) => !RESERVED.has(register));
const CORNERS = [0, 1, -1, 2, 0x7fffffff, -0x80000000, 0x80, 0x8000, 0xffff, 0x55555555, 31, 32];
const ANY_VALUE = ["mscratch", "mcause", "mtval"];
const READABLE = [...ANY_VALUE, "mepc", "mstatus_low", "mtvec", "misa", "mhartid", "mvendorid"];
/** CSRs of extensions that neither machine has: floating point, supervisor, hypervisor, vector. */
const MISSING = [0x001, 0x002, 0x003, 0x100, 0x104, 0x105, 0x140, 0x141, 0x180, 0x600, 0x008, 0x00f, 0x5c0];
/** Opcodes of floating point, atomics and vectors, which both machines lack. */
const ILLEGAL_OPCODES = [0x07, 0x27, 0x2f, 0x43, 0x47, 0x4b, 0x4f, 0x53, 0x57];
const MSTATUS_MPIE = 0x80;
const MSTATUS_MPP = 0x1800;

export type Random = (limit: number) => number;

/** xorshift32 */
function randomOf(seed: number): Random {
  let state = seed >>> 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

class Generator {
  private readonly lines: string[] = [];
  private labels = 0;
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.random(list.length)]!;
  }
  private register(): string {
    return `x${this.pick(FREE)}`;
  }
  private value(): number {
    return this.random(2) === 0 ? this.pick(CORNERS) : (this.random(65536) << 16) | this.random(65536);
  }
  private label(): string {
    return `l${this.labels++}`;
  }
  private emit(...lines: string[]): void {
    this.lines.push(...lines);
  }

  /** An instruction by its syntax line; operands that are not given are random. */
  private statement({ mnemonic, row }: Instruction, given: Readonly<Record<string, string>> = {}): string {
    let text = row.syntax;
    for (const operand of row.operands) {
      let value = given[operand.name];
      if (value === undefined) {
        if (operand.type === "x") value = this.register();
        else if (operand.type === "imm") value = String(operand.min + this.random(operand.max - operand.min + 1));
        else if (operand.type === "set") value = this.pick(["r", "w", "rw", "iorw", "io"]);
        else throw new Error(`${mnemonic}: operand ${operand.name} must be given`);
      }
      text = text.replace(new RegExp(`\\b${operand.name}\\b`), value);
    }
    return `${mnemonic} ${text}`;
  }

  /** Statements that end in a trap; the handler goes on behind them. */
  private trap(...statements: string[]): void {
    const resume = this.label();
    this.emit(`la x30, ${resume}`, ...statements, `${resume}:`);
  }

  private access(instruction: Instruction): void {
    if (this.random(24) === 0) {
      // Multiples of four: of a misaligned access to nowhere QEMU reports another address than the access's own.
      this.emit(`li x29, ${UNMAPPED + 4 * this.random(1024)}`);
      this.trap(this.statement(instruction, { rs1: "x29", offset: String(4 * this.random(512)) }));
      return;
    }
    // Some addresses are not multiples of the access's size: both machines take them in their stride.
    const place = this.random(BUFFER_BYTES - 4);
    const offset = this.random(8) === 0 ? place : place & ~3;
    this.emit(this.statement(instruction, { rs1: "x8", offset: String(offset) }));
  }

  private forward(instruction: Instruction): void {
    const target = this.label();
    this.emit(this.statement(instruction, { target }));
    this.body(1 + this.random(3));
    this.emit(`${target}:`);
  }

  private indirect(instruction: Instruction): void {
    const target = this.label();
    const offset = this.random(4096) - 2048;
    if (this.random(8) === 0) {
      // To nowhere, or between two instructions.
      const place = this.random(2) === 0 ? `li x29, ${UNMAPPED}` : `la x29, ${target} + 2`;
      this.emit(place);
      this.trap(this.statement(instruction, { rs1: "x29", offset: "0" }));
      this.emit(`${target}:`);
      return;
    }
    this.emit(`la x29, ${target} - ${offset}`);
    this.emit(this.statement(instruction, { rs1: "x29", offset: String(offset) }));
    this.body(1 + this.random(3));
    this.emit(`${target}:`);
  }

  private csr(instruction: Instruction): void {
    const writesAlways = instruction.mnemonic.startsWith("csrrw");
    const kind = this.random(16);
    if (kind === 0) {
      this.trap(this.statement(instruction, { csr: String(this.pick(MISSING)) }));
      return;
    }
    if (kind === 1) {
      // Writing what is read only traps as well.
      const source = instruction.mnemonic.endsWith("i") ? { uimm: "1" } : { rs1: "x8" };
      this.trap(this.statement(instruction, { csr: "mhartid", ...source }));
      return;
    }
    const name = this.pick(writesAlways ? [...ANY_VALUE, "mepc", "mtvec"] : READABLE);
    if (ANY_VALUE.includes(name)) {
      this.emit(this.statement(instruction, { csr: name }));
      return;
    }
    const immediate = instruction.mnemonic.endsWith("i");
    const none: Record<string, string> = immediate ? { uimm: "0" } : { rs1: "x0" };
    switch (name) {
      case "mepc":
      case "mtvec":
        // Whole addresses only: other bits read as zero here and are kept there.
        this.emit(name === "mtvec" ? "la x29, handler" : `li x29, ${this.value() & ~3}`);
        if (writesAlways && !immediate) this.emit(this.statement(instruction, { csr: name, rs1: "x29" }));
        else this.emit(`csrrw ${this.register()}, ${name}, x29`);
        break;
      case "mstatus_low":
        // MIE and MPIE; no interrupt is enabled.
        this.emit(`li x29, ${MSTATUS_MPIE | 8}`);
        this.emit(
          this.statement(instruction, { rd: "x0", csr: "mstatus", ...(immediate ? { uimm: "8" } : { rs1: "x29" }) }),
        );
        break;
      default:
        this.emit(this.statement(instruction, { csr: name, ...none }));
    }
  }

  /** Stores an instruction in front of the pc and executes it. */
  private patch(): void {
    const place = this.label();
    const arithmetic = STANDARD.filter(({ row }) => row.timing === "alu" || row.timing === "mul");
    const instruction = this.pick(arithmetic);
    const fields = instruction.row.operands.map((operand) => {
      if (operand.type === "x") return this.pick(FREE);
      return operand.type === "imm" ? operand.min + this.random(operand.max - operand.min + 1) : 0;
    });
    const word = encode(instruction, fields) | 0;
    this.emit(`la x29, ${place}`, `li x28, ${word}`, "sw x28, (x29)", "fence.i", `${place}: nop`);
  }

  private system({ mnemonic, row }: Instruction): void {
    const target = this.label();
    switch (mnemonic) {
      case "fence.i":
        this.patch();
        break;
      case "mret":
        // Machine mode is what it returns to.
        this.emit(`li x29, ${MSTATUS_MPP}`, "csrrs x0, mstatus, x29");
        this.emit(`la x29, ${target}`, "csrrw x0, mepc, x29", "mret");
        this.body(1);
        this.emit(`${target}:`);
        break;
      case "ecall":
      case "ebreak":
        this.trap(mnemonic);
        break;
      default:
        this.emit(this.statement({ mnemonic, row } as Instruction));
    }
  }

  /** @param length statements of the table, with what they need around them */
  body(length: number): void {
    for (let i = 0; i < length; i++) {
      if (this.random(40) === 0) {
        const word = (this.random(2 ** 25) << 7) | this.pick(ILLEGAL_OPCODES);
        this.trap(`.word ${word >>> 0}`);
      }
      const instruction = this.pick(STANDARD);
      switch (instruction.row.timing) {
        case "load":
        case "store":
          this.access(instruction);
          break;
        case "branch":
        case "jump":
          this.forward(instruction);
          break;
        case "jumpReg":
          this.indirect(instruction);
          break;
        case "csr":
          this.csr(instruction);
          break;
        case "system":
          this.system(instruction);
          break;
        default:
          this.emit(this.statement(instruction));
      }
    }
  }

  /** The whole program: set-up, passes over the body, a walk over the buffer, and a loop that never ends. */
  program(length: number, passes: number): string {
    for (const register of FREE.filter((x) => x > 0)) this.emit(`li x${register}, ${this.value()}`);
    this.emit(`li x9, ${passes}`, "again:");
    this.body(length);
    this.emit("addi x9, x9, -1", "beqz x9, done", "j again");
    const words = Array.from({ length: BUFFER_BYTES / 4 }, () => (this.random(65536) << 16) | this.random(65536));
    return `
 .section .ddr.text, "awx"
 .globl _start
_start:
 la x28, handler
 csrrw x0, mtvec, x28
 la x8, buffer
 ${this.lines.join("\n ")}
done:
 li x9, ${BUFFER_BYTES / 4}
walk:
 lw x5, (x8)
 addi x8, x8, 4
 addi x9, x9, -1
 bnez x9, walk
end:
 j end
 .balign 4
handler:
 csrrs x31, mcause, x0
 csrrs x31, mepc, x0
 csrrwi x0, mtval, 0
 csrrw x0, mepc, x30
 mret
 .section .ddr.data, "aw"
 .balign 4
buffer: .word ${words.join(", ")}
`;
  }
}

export const randomProgram = (seed: number, length: number, passes: number): string =>
  new Generator(randomOf(seed)).program(length, passes);
