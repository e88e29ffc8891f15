/**
 * Random programs out of all classes of instructions: straight code between jumps, branches both ways, counted loops of many
 * forms, hardware loops within each other, functions that call functions, accesses to all memories by addresses that can be
 * told and by some that can't, operations of units with and without waits.
 */
import { BASE_ISA, type Instruction } from "@nnasm/sim-core/isa";
import { type RandomNumbers, randomNumbers } from "@nnasm/sim-core/testing";

/** Registers that code may do anything with; the others hold bases, counters, and what a function keeps. */
const FREE = ["t0", "t1", "t2", "t3", "t4", "a0", "a1", "a2", "a3"];
/** Where bases point; s5 holds one that is loaded from memory, so that nobody can tell. */
const BASES = ["s0", "s0", "s0", "s1", "s2", "s3", "s4", "s5", "sp"];
const COUNTERS = ["s6", "s7", "s8"];
const WIDTHS: Readonly<Record<string, number>> = { lw: 4, lh: 2, lhu: 2, lb: 1, lbu: 1, sw: 4, sh: 2, sb: 1 };
/** Instructions that neither fault nor go anywhere, whatever is in the registers. */
const HARMLESS = BASE_ISA.instructions.filter(({ mnemonic, row }) => {
  if (["alu", "mul", "div", "marker"].includes(row.timing)) return mnemonic !== "nn.prof";
  return ["td.mv", "td.adv", "td.zp", "td.table", "td.get", "nu.act", "nu.reset", "nu.window", "nu.pad"].includes(
    mnemonic,
  );
});

export const randomCode = (seed: number, fragments: number): string =>
  new Generator(randomNumbers(seed)).program(fragments);

class Generator {
  private readonly random: RandomNumbers;
  private lines: string[] = [];
  private labels = 0;
  private depth = 0;
  private functions = 0;
  private inFunction = false;

  constructor(random: RandomNumbers) {
    this.random = random;
  }

  program(fragments: number): string {
    this.functions = this.random.between(1, 4);
    const main: string[] = [];
    for (let i = 0; i < fragments; i++) main.push(this.collect(() => this.alone()));
    const functions: string[] = [];
    this.inFunction = true;
    for (let number = 0; number < this.functions; number++) functions.push(this.function(number));
    return `
 .tensor one, int8, 1, 2, 2, 8, in=dm
 .tensor two, int8, 1, 2, 2, 8, in=dm
 .data
 .balign 16
buffer: .zero 512
pointer: .word buffer + 64
count: .word 3
 .balign 16
stack: .zero 256
top:
 .section .ddr.data, "aw"
 .balign 64
far: .zero 256
 .text
_start: la sp, top
 la s0, buffer + 128
 li s1, 0x20000100
 la s2, lookup
 la s3, far + 64
 li s4, 0x40000008
 la s5, pointer
 lw s5, 0(s5)
 li s10, 5
 td.ld td0, one
 td.ld td1, two
${FREE.map((register) => ` li ${register}, ${this.random.between(-100, 5000)}`).join("\n")}
${main.join("\n")}
 li a7, 93
 ecall
${functions.join("\n")}
lookup: .zero 256
`;
  }

  private collect(make: () => void): string {
    const before = this.lines;
    this.lines = [];
    make();
    const text = this.lines.map((line) => (line.endsWith(":") ? line : ` ${line}`)).join("\n");
    this.lines = before;
    return text;
  }

  private emit(...lines: string[]): void {
    this.lines.push(...lines);
  }

  private label(): string {
    return `l${this.labels++}`;
  }

  private get register(): string {
    return this.random.pick(FREE);
  }

  /** A fragment behind a jump, which leaves nothing under way. */
  private alone(): void {
    const label = this.label();
    this.emit(`j ${label}`, `${label}:`);
    if (this.random.below(3) > 0) this.emit("nn.fence nu|vu|xu|dma0|dma1");
    this.code(this.random.between(1, 12));
  }

  private code(length: number): void {
    for (let i = 0; i < length; i++) this.statement(this.random.below(40));
  }

  private statement(kind: number): void {
    if (kind < 16) this.harmless();
    else if (kind < 25) this.access();
    else if (kind < 28) this.branch();
    else if (kind < 29) this.jump();
    else if (kind < 32) this.loop();
    else if (kind < 34) this.call();
    else if (kind < 36) this.unit();
    else if (kind < 37) this.descriptor();
    else if (kind < 38) this.emit(`csrrw ${this.register}, mscratch, ${this.register}`);
    else
      this.emit(
        this.random.pick(["fence", "fence.i", "nn.poll a0, x0", `csrrs ${this.register}, cycle, x0`, "nn.wait x0, x0"]),
      );
  }

  private harmless(): void {
    this.emit(this.written(this.random.pick(HARMLESS)));
  }

  private written({ mnemonic, row }: Instruction): string {
    let text = row.syntax;
    for (const operand of row.operands) {
      const value =
        operand.type === "x" && operand.field === "rs3"
          ? "s10"
          : operand.type === "x"
            ? operand.access === "read" && this.random.below(10) === 0
              ? this.random.pick(["x0", "s0", "s6"])
              : this.register
            : operand.type === "td"
              ? operand.access === "read"
                ? "td0"
                : this.random.pick(["td2", "td3"])
              : operand.type === "imm"
                ? String(
                    this.random.between(operand.min / operand.scale, Math.min(operand.max / operand.scale, 31)) *
                      operand.scale,
                  )
                : operand.type === "enum"
                  ? operand.values === "tdfield"
                    ? "h"
                    : operand.values === "activation"
                      ? "relu"
                      : undefined
                  : operand.type === "set"
                    ? "rw"
                    : undefined;
      if (value === undefined) return "nop";
      text = text.replace(new RegExp(`\\b${operand.name}\\b`), value);
    }
    return `${mnemonic} ${text}`;
  }

  private access(): void {
    const { random } = this;
    const base = random.pick(BASES);
    if (base === "s4") {
      this.emit(`lw ${this.register}, ${random.pick([0, 4])}(s4)`);
      return;
    }
    const mnemonic = random.pick(base === "s2" ? ["lw", "lh", "lbu"] : Object.keys(WIDTHS));
    const bytes = WIDTHS[mnemonic]!;
    const limit = base === "sp" ? 16 : 63;
    const offset = Math.floor(random.between(base === "sp" ? -limit : 0, limit) / bytes) * bytes;
    if (random.below(6) === 0 && base === "s0") {
      // A step along, or an index that can be bounded.
      const index = this.register;
      this.emit(`andi ${index}, ${this.register}, ${random.pick([15, 31, 60])}`, `slli ${index}, ${index}, 2`);
      this.emit(`add ${index}, s0, ${index}`, `${mnemonic} ${this.register}, 0(${index})`);
      return;
    }
    this.emit(`${mnemonic} ${this.register}, ${offset}(${base})`);
  }

  private branch(): void {
    const label = this.label();
    const mnemonic = this.random.pick(["beq", "bne", "blt", "bge", "bltu", "bgeu"]);
    this.emit(`${mnemonic} ${this.register}, ${this.random.pick([...FREE, "x0"])}, ${label}`);
    this.code(this.random.between(1, 3));
    if (this.random.below(3) === 0) {
      const end = this.label();
      this.emit(`j ${end}`, `${label}:`);
      this.code(this.random.between(1, 3));
      this.emit(`${end}:`);
    } else this.emit(`${label}:`);
  }

  private jump(): void {
    const label = this.label();
    if (this.random.below(2) === 0) this.emit(`j ${label}`);
    else this.emit(`la t5, ${label}`, "jr t5");
    this.code(1);
    this.emit(`${label}:`);
  }

  private loop(): void {
    const { random } = this;
    if (this.depth >= 2) {
      this.harmless();
      return;
    }
    const counter = COUNTERS[this.depth]!;
    const label = this.label();
    const end = this.label();
    this.depth++;
    const body = () => this.code(random.between(1, 4));
    switch (random.below(this.inFunction ? 5 : 7)) {
      case 0:
        this.emit(`li ${counter}, ${random.between(1, 6)}`, `${label}:`);
        body();
        this.emit(`addi ${counter}, ${counter}, -1`, `bnez ${counter}, ${label}`);
        break;
      case 1:
        this.emit(`li ${counter}, 0`, `li s9, ${random.between(1, 40)}`, `${label}:`, `addi ${counter}, ${counter}, 7`);
        body();
        this.emit("li s9, 35", `blt ${counter}, s9, ${label}`);
        break;
      case 2:
        this.emit(`li ${counter}, 4`, `${label}:`, `beqz ${counter}, ${end}`);
        body();
        this.emit(`addi ${counter}, ${counter}, -1`, `j ${label}`, `${end}:`);
        break;
      case 3:
        // Nobody can tell how often.
        this.emit(`la ${counter}, count`, `lw ${counter}, 0(${counter})`, `${label}:`);
        body();
        this.emit(`addi ${counter}, ${counter}, -1`, `bgtz ${counter}, ${label}`);
        break;
      case 4:
        this.emit(`li ${counter}, 0`, `${label}:`, `slli t5, ${counter}, 2`, "add t5, s0, t5", "lw t0, 0(t5)");
        body();
        this.emit(`addi ${counter}, ${counter}, 1`, "li s9, 5", `bltu ${counter}, s9, ${label}`);
        break;
      default:
        // The inner loop is L0: hardware loops go by depth, and functions have none.
        if (random.below(2) === 0) this.emit(`lp.setupi L${2 - this.depth}, ${random.below(6)}, ${end}`);
        else this.emit(`li t5, ${random.between(0, 5)}`, `lp.setup L${2 - this.depth}, t5, ${end}`);
        body();
        this.emit("nop", this.written(random.pick(HARMLESS.filter(({ row }) => row.timing === "alu"))), `${end}:`);
    }
    this.depth--;
  }

  private call(): void {
    if (this.inFunction) {
      this.harmless();
      return;
    }
    this.emit(`call f${this.random.below(this.functions)}`);
  }

  private unit(): void {
    const { random } = this;
    const issue = random.pick([
      "vu.abs td1, td0",
      "dma.copy td1, td0, ch0",
      "dma.fill td1, a0, ch1",
      "nu.maxpool td1, td0",
    ]);
    const unit = issue.startsWith("vu") ? "vu" : issue.startsWith("nu") ? "nu" : issue.endsWith("0") ? "dma0" : "dma1";
    this.emit("nu.reset", issue);
    switch (random.below(4)) {
      case 0:
        this.emit(`nn.fence ${unit}`);
        break;
      case 1:
        this.emit(`nn.token a0, ${unit}`);
        this.code(random.below(3));
        this.emit("li a0, 0", `nn.token a1, ${unit}`, "nn.wait a1, a0");
        break;
      case 2:
        this.code(2);
        break;
    }
  }

  private descriptor(): void {
    this.emit("la t5, one", this.random.pick(["td.ld td2, (t5)", "td.st td0, (t5)"]));
  }

  /** Saves what it uses; the last one calls nobody. */
  private function(number: number): string {
    const callee = number + 1 < this.functions && this.random.below(2) === 0 ? `f${number + 1}` : undefined;
    const body = this.collect(() => {
      this.code(this.random.between(1, 8));
      if (callee) this.emit(`call ${callee}`);
      this.code(this.random.between(0, 4));
    });
    const saved = ["ra", "s6", "s7", "s8", "s9"];
    const each = (mnemonic: string) =>
      saved.map((register, i) => ` ${mnemonic} ${register}, ${i * 4 + 24}(sp)`).join("\n");
    return ` .type f${number}, @function\nf${number}: addi sp, sp, -48\n${each("sw")}\n${body}\n${each("lw")}\n addi sp, sp, 48\n ret`;
  }
}
