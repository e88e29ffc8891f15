/**
 * Pseudo-instructions: names for common uses of the machine's instructions. Rows are data, like those of the
 * instruction table; the expansions are source text in which operand names stand for the operands written.
 * What they expand to is what GNU as expands them to, byte for byte (pseudo.test.ts).
 */

/** `symbol` is a symbol or any address; `location` is a symbol in memory, not a bare number. */
export type PseudoOperandType = "x" | "td" | "imm" | "symbol" | "location" | "target" | "csr";

export interface PseudoOperand {
  readonly name: string;
  readonly type: PseudoOperandType;
  readonly access: "read" | "write";
  /** What the operand is, for messages and completion. */
  readonly description: string;
}

/** A shorter expansion that is used when an operand's value is known and fits. */
export interface PseudoVariant {
  /** `small`: -2048..2047 · `page`: the low 12 bits are zero · `constant`: a number, not an address */
  readonly when: "small" | "page" | "constant";
  readonly operand: string;
  readonly expansion: readonly string[];
}

export interface PseudoInstruction {
  readonly mnemonic: string;
  readonly operands: readonly PseudoOperand[];
  /** The operands as written, for example `rd, symbol`. */
  readonly syntax: string;
  readonly expansion: readonly string[];
  readonly variants?: readonly PseudoVariant[];
  readonly summary: string;
  /** A line of source that assembles. */
  readonly example: string;
}

const OPERANDS: Readonly<Record<string, Omit<PseudoOperand, "name">>> = {
  rd: { type: "x", access: "write", description: "the destination register" },
  rs: { type: "x", access: "read", description: "the source register" },
  rs1: { type: "x", access: "read", description: "the first source register" },
  rs2: { type: "x", access: "read", description: "the second source register" },
  rt: { type: "x", access: "write", description: "a scratch register for the address" },
  td: { type: "td", access: "write", description: "a tensor descriptor register" },
  imm: { type: "imm", access: "read", description: "a number" },
  uimm: { type: "imm", access: "read", description: "a number 0..31" },
  offset: { type: "imm", access: "read", description: "an offset in bytes" },
  symbol: { type: "symbol", access: "read", description: "a symbol or address" },
  location: { type: "location", access: "read", description: "a symbol" },
  tensor: { type: "symbol", access: "read", description: "a tensor declared by .tensor" },
  target: { type: "target", access: "read", description: "a code label" },
  csr: { type: "csr", access: "read", description: "a control and status register" },
};

const EXAMPLES: Readonly<Record<string, string>> = {
  rd: "a0",
  rs: "a1",
  rs1: "a1",
  rs2: "a2",
  rt: "t0",
  td: "td0",
  imm: "42",
  uimm: "5",
  offset: "8",
  symbol: ".",
  location: ".",
  tensor: ".",
  target: ". + 8",
  csr: "mscratch",
};

function pseudo(
  usage: string,
  summary: string,
  expansion: string | readonly string[],
  variants?: readonly PseudoVariant[],
): PseudoInstruction {
  const space = usage.indexOf(" ");
  const mnemonic = space < 0 ? usage : usage.slice(0, space);
  const syntax = space < 0 ? "" : usage.slice(space + 1);
  const names = syntax.match(/[a-z]\w*/g) ?? [];
  return {
    mnemonic,
    operands: names.map((name) => ({ name, ...OPERANDS[name]! })),
    syntax,
    expansion: typeof expansion === "string" ? [expansion] : expansion,
    ...(variants ? { variants } : {}),
    summary,
    example: usage.replace(/(?<= .*)[a-z]\w*/g, (name) => EXAMPLES[name]!),
  };
}

const LOAD_CONSTANT: readonly PseudoVariant[] = [
  { when: "small", operand: "imm", expansion: ["addi rd, x0, imm"] },
  { when: "page", operand: "imm", expansion: ["lui rd, %hi(imm)"] },
];

const address = (mnemonic: string): PseudoInstruction =>
  pseudo(
    `${mnemonic} rd, symbol`,
    "load the address of a symbol",
    ["auipc rd, %pcrel_hi(symbol)", "addi rd, rd, %pcrel_lo(. - 4)"],
    [
      { when: "small", operand: "symbol", expansion: ["addi rd, x0, symbol"] },
      { when: "page", operand: "symbol", expansion: ["lui rd, %hi(symbol)"] },
      { when: "constant", operand: "symbol", expansion: ["lui rd, %hi(symbol)", "addi rd, rd, %lo(symbol)"] },
    ],
  );

const load = (mnemonic: string): PseudoInstruction =>
  pseudo(`${mnemonic} rd, location`, "load from the address of a symbol", [
    "auipc rd, %pcrel_hi(location)",
    `${mnemonic} rd, %pcrel_lo(. - 4)(rd)`,
  ]);

const store = (mnemonic: string): PseudoInstruction =>
  pseudo(`${mnemonic} rs2, location, rt`, "store to the address of a symbol, which a scratch register holds", [
    "auipc rt, %pcrel_hi(location)",
    `${mnemonic} rs2, %pcrel_lo(. - 4)(rt)`,
  ]);

const immediate = (mnemonic: string, real: string, summary: string): PseudoInstruction =>
  pseudo(`${mnemonic} rd, rs1, imm`, summary, `${real} rd, rs1, imm`);

const shift = (mnemonic: string, real: string): PseudoInstruction =>
  pseudo(`${mnemonic} rd, rs1, uimm`, "shift by an immediate", `${real} rd, rs1, uimm`);

const readCsr = (mnemonic: string, csr: string, what: string): PseudoInstruction =>
  pseudo(`${mnemonic} rd`, `read ${what}`, `csrrs rd, ${csr}, x0`);

export const PSEUDO_INSTRUCTIONS: readonly PseudoInstruction[] = [
  pseudo("nop", "do nothing", "addi x0, x0, 0"),
  pseudo(
    "li rd, imm",
    "load a constant: one instruction when it is known and fits, otherwise two",
    ["lui rd, %hi(imm)", "addi rd, rd, %lo(imm)"],
    LOAD_CONSTANT,
  ),
  address("la"),
  address("lla"),
  pseudo("mv rd, rs", "copy a register", "addi rd, rs, 0"),
  pseudo("move rd, rs", "copy a register", "addi rd, rs, 0"),
  pseudo("not rd, rs", "invert all bits", "xori rd, rs, -1"),
  pseudo("neg rd, rs", "negate", "sub rd, x0, rs"),
  pseudo("sext.b rd, rs", "sign-extend a byte", ["slli rd, rs, 24", "srai rd, rd, 24"]),
  pseudo("sext.h rd, rs", "sign-extend a half-word", ["slli rd, rs, 16", "srai rd, rd, 16"]),
  pseudo("zext.b rd, rs", "zero-extend a byte", "andi rd, rs, 255"),
  pseudo("zext.h rd, rs", "zero-extend a half-word", ["slli rd, rs, 16", "srli rd, rd, 16"]),
  pseudo("seqz rd, rs", "set if zero", "sltiu rd, rs, 1"),
  pseudo("snez rd, rs", "set if not zero", "sltu rd, x0, rs"),
  pseudo("sltz rd, rs", "set if negative", "slt rd, rs, x0"),
  pseudo("sgtz rd, rs", "set if positive", "slt rd, x0, rs"),
  pseudo("sgt rd, rs1, rs2", "set if greater, signed", "slt rd, rs2, rs1"),
  pseudo("sgtu rd, rs1, rs2", "set if greater, unsigned", "sltu rd, rs2, rs1"),

  pseudo("beqz rs, target", "branch if zero", "beq rs, x0, target"),
  pseudo("bnez rs, target", "branch if not zero", "bne rs, x0, target"),
  pseudo("blez rs, target", "branch if not positive", "bge x0, rs, target"),
  pseudo("bgez rs, target", "branch if not negative", "bge rs, x0, target"),
  pseudo("bltz rs, target", "branch if negative", "blt rs, x0, target"),
  pseudo("bgtz rs, target", "branch if positive", "blt x0, rs, target"),
  pseudo("bgt rs1, rs2, target", "branch if greater, signed", "blt rs2, rs1, target"),
  pseudo("ble rs1, rs2, target", "branch if less or equal, signed", "bge rs2, rs1, target"),
  pseudo("bgtu rs1, rs2, target", "branch if greater, unsigned", "bltu rs2, rs1, target"),
  pseudo("bleu rs1, rs2, target", "branch if less or equal, unsigned", "bgeu rs2, rs1, target"),

  pseudo("j target", "jump", "jal x0, target"),
  pseudo("jal target", "jump and link to ra", "jal ra, target"),
  pseudo("jr rs", "jump to a register's address", "jalr x0, 0(rs)"),
  pseudo("jr offset(rs)", "jump to a register's address", "jalr x0, offset(rs)"),
  pseudo("jr rs, offset", "jump to a register's address", "jalr x0, offset(rs)"),
  pseudo("jalr rs", "call a register's address", "jalr ra, 0(rs)"),
  pseudo("jalr offset(rs)", "call a register's address", "jalr ra, offset(rs)"),
  pseudo("jalr rs, offset", "call a register's address", "jalr ra, offset(rs)"),
  pseudo("jalr rd, rs", "call a register's address", "jalr rd, 0(rs)"),
  pseudo("jalr rd, rs, offset", "call a register's address", "jalr rd, offset(rs)"),
  pseudo("ret", "return from a function", "jalr x0, 0(ra)"),
  pseudo("call symbol", "call a function anywhere", ["auipc ra, %pcrel_hi(symbol)", "jalr ra, %pcrel_lo(. - 4)(ra)"]),
  pseudo("call rd, symbol", "call a function anywhere, with another link register; changes t1", [
    "auipc t1, %pcrel_hi(symbol)",
    "jalr rd, %pcrel_lo(. - 4)(t1)",
  ]),
  pseudo("tail symbol", "jump to a function anywhere; changes t1", [
    "auipc t1, %pcrel_hi(symbol)",
    "jalr x0, %pcrel_lo(. - 4)(t1)",
  ]),
  pseudo("jump symbol, rt", "jump anywhere by a scratch register", [
    "auipc rt, %pcrel_hi(symbol)",
    "jalr x0, %pcrel_lo(. - 4)(rt)",
  ]),

  pseudo("csrr rd, csr", "read a CSR", "csrrs rd, csr, x0"),
  pseudo("csrw csr, rs", "write a CSR", "csrrw x0, csr, rs"),
  pseudo("csrs csr, rs", "set bits of a CSR", "csrrs x0, csr, rs"),
  pseudo("csrc csr, rs", "clear bits of a CSR", "csrrc x0, csr, rs"),
  pseudo("csrwi csr, uimm", "write an immediate to a CSR", "csrrwi x0, csr, uimm"),
  pseudo("csrsi csr, uimm", "set immediate bits of a CSR", "csrrsi x0, csr, uimm"),
  pseudo("csrci csr, uimm", "clear immediate bits of a CSR", "csrrci x0, csr, uimm"),
  pseudo("csrw csr, uimm", "write an immediate to a CSR", "csrrwi x0, csr, uimm"),
  pseudo("csrs csr, uimm", "set immediate bits of a CSR", "csrrsi x0, csr, uimm"),
  pseudo("csrc csr, uimm", "clear immediate bits of a CSR", "csrrci x0, csr, uimm"),
  pseudo("csrrw rd, csr, uimm", "read a CSR and write an immediate", "csrrwi rd, csr, uimm"),
  pseudo("csrrs rd, csr, uimm", "read a CSR and set immediate bits", "csrrsi rd, csr, uimm"),
  pseudo("csrrc rd, csr, uimm", "read a CSR and clear immediate bits", "csrrci rd, csr, uimm"),
  readCsr("rdcycle", "cycle", "the cycle counter, low word"),
  readCsr("rdcycleh", "cycleh", "the cycle counter, high word"),
  readCsr("rdinstret", "instret", "the count of retired instructions, low word"),
  readCsr("rdinstreth", "instreth", "the count of retired instructions, high word"),

  load("lb"),
  load("lh"),
  load("lw"),
  load("lbu"),
  load("lhu"),
  store("sb"),
  store("sh"),
  store("sw"),

  immediate("add", "addi", "add an immediate"),
  immediate("and", "andi", "and with an immediate"),
  immediate("or", "ori", "or with an immediate"),
  immediate("xor", "xori", "exclusive or with an immediate"),
  immediate("slt", "slti", "set if less than an immediate, signed"),
  immediate("sltu", "sltiu", "set if less than an immediate, unsigned"),
  shift("sll", "slli"),
  shift("srl", "srli"),
  shift("sra", "srai"),

  pseudo("fence", "order all memory accesses of the CU", "fence iorw, iorw"),
  pseudo("scall", "call the environment (old name of ecall)", "ecall"),
  pseudo("sbreak", "breakpoint (old name of ebreak)", "ebreak"),
  pseudo("unimp", "an instruction that always traps: writes a read-only CSR", "csrrw x0, cycle, x0"),

  pseudo("nn.wait rs1", "wait until a token is complete", "nn.wait rs1, x0"),
  pseudo("td.ld td, tensor", "load a declared tensor's descriptor; changes t6", [
    "auipc t6, %pcrel_hi(tensor)",
    "addi t6, t6, %pcrel_lo(. - 4)",
    "td.ld td, (t6)",
  ]),
  pseudo("td.ld td, tensor, rt", "load a declared tensor's descriptor by a scratch register", [
    "auipc rt, %pcrel_hi(tensor)",
    "addi rt, rt, %pcrel_lo(. - 4)",
    "td.ld td, (rt)",
  ]),
];
