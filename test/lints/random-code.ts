/**
 * For tests: random programs whose values partly depend on bytes that only a run knows: arithmetic, packed SIMD, loads and
 * stores, calls, nested loops and branches, hardware loops, descriptors and sticky state.
 */
import { type RandomNumbers, randomNumbers } from "@nnasm/sim-core/testing";

const REGISTERS = ["t0", "t1", "t2", "a2", "a3", "a4", "s2", "s3"];
const BINARY = ["add", "sub", "xor", "or", "and", "sll", "srl", "sra", "slt", "sltu", "mul", "mulh", "mulhu", "mulhsu"];
const DIVISIONS = ["div", "divu", "rem", "remu"];
const SIMD = ["p.add.b", "p.dot.b", "p.dota.h", "p.max.b", "p.pack.h", "p.avg.b", "p.xnorpop", "p.dotau.n"];
const BRANCHES = ["beq", "bne", "blt", "bge", "bltu", "bgeu"];
/** Bytes that the test fills, and words of the program's own. */
const UNKNOWN_BYTES = 64;
const KNOWN_WORDS = 16;

/** A program that ends by itself. `unknown` is where the bytes lie that the program doesn't know. */
export function randomCode(seed: number): string {
  return new Writer(randomNumbers(seed)).program();
}

class Writer {
  private readonly random: RandomNumbers;
  private labels = 0;
  private readonly lines: string[] = [];
  /** Counters of loops around the place; nobody else writes them. */
  private readonly counters: string[] = [];
  private hardwareLoops = 0;

  constructor(random: RandomNumbers) {
    this.random = random;
  }

  program(): string {
    const { lines } = this;
    const words = Array.from({ length: KNOWN_WORDS }, () => this.random.below(2 ** 32));
    lines.push(
      ' .section .dm.tensors, "aw", @nobits',
      ` unknown: .space ${UNKNOWN_BYTES}`,
      " .data",
      " .balign 4",
      ` known: .word ${words.join(", ")}`,
      " .tensor m, int8, 1, 4, 4, 16, in=dm",
      " .tensor n, int16, 2, 8, 4, 8, zp=3, in=ddr",
      " .text",
      "_start: la sp, __stack_top",
      "la s0, unknown",
      "la s1, known",
      "td.ld td0, m",
      "td.ld td1, n",
    );
    this.block(0, 14);
    lines.push("li a7, 93", "li a0, 0", "ecall");
    for (const name of ["f", "g"]) {
      lines.push(`${name}: addi sp, sp, -16`, "sw ra, 12(sp)", "sw s2, 8(sp)");
      if (name === "f") {
        this.block(2, 3);
        lines.push("call g");
      }
      this.block(2, 3);
      lines.push("lw s2, 8(sp)", "lw ra, 12(sp)", "addi sp, sp, 16", "ret");
    }
    return `${lines.join("\n")}\n`;
  }

  private register(): string {
    return this.random.pick(REGISTERS);
  }

  private label(): string {
    return `l${this.labels++}`;
  }

  private block(depth: number, length: number): void {
    for (let i = 0; i < length; i++) this.statement(depth);
  }

  private statement(depth: number): void {
    const { random, lines } = this;
    const [a, b, c] = [this.register(), this.register(), this.register()];
    switch (random.below(depth < 3 ? 18 : 13)) {
      case 0:
        lines.push(`li ${a}, ${random.pick([0, 1, -1, 7, 255, 4096, 0x7fffffff, -0x80000000, random.below(2 ** 31)])}`);
        break;
      case 1:
      case 2:
        lines.push(`${random.pick(BINARY)} ${a}, ${b}, ${c}`);
        break;
      case 3:
        lines.push(
          `${random.pick(["addi", "xori", "ori", "andi", "slti", "sltiu"])} ${a}, ${b}, ${random.between(-2048, 2047)}`,
        );
        break;
      case 4:
        lines.push(`${random.pick(["slli", "srli", "srai"])} ${a}, ${b}, ${random.below(32)}`);
        break;
      case 5:
        lines.push(`${random.pick(DIVISIONS)} ${a}, ${b}, ${c}`);
        break;
      case 6:
        lines.push(`${random.pick(SIMD)} ${a}, ${b}, ${c}`);
        break;
      case 7: {
        const [size, bytes] = random.pick([
          ["b", 1],
          ["bu", 1],
          ["h", 2],
          ["hu", 2],
          ["w", 4],
        ] as const);
        const base = random.pick(["s0", "s1"]);
        lines.push(`l${size} ${a}, ${random.below(UNKNOWN_BYTES / bytes) * bytes}(${base})`);
        break;
      }
      case 8: {
        const [size, bytes] = random.pick([
          ["b", 1],
          ["h", 2],
          ["w", 4],
        ] as const);
        lines.push(`s${size} ${a}, ${random.below((KNOWN_WORDS * 4) / bytes) * bytes}(s1)`);
        break;
      }
      case 9:
        // Somewhere within the known words, nobody knows where.
        lines.push(`lbu t5, ${random.below(UNKNOWN_BYTES)}(s0)`, "andi t5, t5, 60", "add t5, t5, s1");
        lines.push(random.below(2) === 0 ? `lw ${a}, 0(t5)` : `sw ${a}, 0(t5)`);
        break;
      case 10:
        lines.push(this.descriptor(a, b, c));
        break;
      case 11:
        lines.push(this.sticky(a, b));
        break;
      case 12:
        lines.push(`mv ${a}, ${b}`);
        break;
      case 13:
      case 14:
        this.branch(depth, b, c);
        break;
      case 15:
        this.loop(depth);
        break;
      case 16:
        this.hardwareLoop(depth);
        break;
      default:
        if (depth < 2) lines.push(`call ${random.pick(["f", "g"])}`);
        else lines.push("nop");
    }
  }

  private descriptor(a: string, b: string, c: string): string {
    const { random } = this;
    const [td, ts] = [random.below(4), random.below(4)];
    return random.pick([
      `td.mv td${td}, td${ts}`,
      `td.adv td${td}, td${ts}, ${a}`,
      `td.hw td${td}, ${a}, ${b}`,
      `td.nc td${td}, ${b}, ${c}`,
      `td.zp td${td}, ${a}`,
      `td.get ${a}, td${ts}, ${random.pick(["base", "h", "zp", "sw", "type"])}`,
      `td.set td${td}, ${random.pick(["c", "table", "scale"])}, ${c}`,
      `td.pack td${td}`,
      `td.type td${td}, int8, nhwc`,
      `td.ld td${td}, ${random.pick(["m", "n"])}`,
    ]);
  }

  private sticky(a: string, b: string): string {
    return this.random.pick([
      "nu.window 3, 3, 2, 1",
      "nu.pad 1, 0, 1, 0",
      `nu.clamp ${a}, ${b}`,
      `nu.get ${a}, lo`,
      `vu.clamp ${a}, ${b}`,
      `vu.get ${a}, hi`,
      "vu.reset",
      `dma.set padval, ${a}`,
      `dma.get ${a}, padval`,
      "dma.margin 1, 2, 3, 4",
      `xu.get ${a}, 0`,
      "xu.select resize",
    ]);
  }

  private branch(depth: number, b: string, c: string): void {
    const { random, lines } = this;
    const [other, end] = [this.label(), this.label()];
    const second = random.below(3) === 0 ? "zero" : c;
    lines.push(`${random.pick(BRANCHES)} ${b}, ${second}, ${other}`);
    this.block(depth + 1, random.between(1, 3));
    if (random.below(2) === 0) {
      lines.push(`j ${end}`, `${other}:`);
      this.block(depth + 1, random.between(1, 3));
      lines.push(`${end}:`);
    } else lines.push(`${other}:`);
  }

  private loop(depth: number): void {
    const { random, lines, counters } = this;
    const free = ["s5", "s6", "s7", "s8"].find((register) => !counters.includes(register));
    // Functions are called out of loops, too: their counters would be in use.
    if (!free || depth >= 2) return;
    const head = this.label();
    counters.push(free);
    if (random.below(2) === 0) lines.push(`li ${free}, ${random.between(1, 40)}`);
    else
      lines.push(
        `lbu ${free}, ${random.below(UNKNOWN_BYTES)}(s0)`,
        `andi ${free}, ${free}, 31`,
        `addi ${free}, ${free}, 1`,
      );
    lines.push(`${head}:`);
    this.block(depth + 1, random.between(1, 3));
    lines.push(`addi ${free}, ${free}, -1`, `bnez ${free}, ${head}`);
    counters.pop();
  }

  private hardwareLoop(depth: number): void {
    const { random, lines } = this;
    if (this.hardwareLoops > 0 || depth >= 2) return;
    const end = this.label();
    this.hardwareLoops++;
    if (random.below(2) === 0) lines.push(`lp.setupi L0, ${random.below(12)}, ${end}`);
    else lines.push(`lbu t6, ${random.below(UNKNOWN_BYTES)}(s0)`, "andi t6, t6, 7", `lp.setup L0, t6, ${end}`);
    for (let i = 0; i < 3; i++) this.statement(3);
    lines.push("nop", "nop", `${end}:`);
    this.hardwareLoops--;
  }
}
