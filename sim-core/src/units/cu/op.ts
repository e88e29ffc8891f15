/**
 * Operations that the CU's loop executes itself, named like their mnemonics in upper case. Everything else goes to a
 * handler. An enum, so that builds turn the loop's cases into numbers and the engine makes a jump table of them.
 */
export enum Op {
  ILLEGAL,
  /** A handler of handlers.ts executes it. */
  HANDLER,
  /** A breakpoint covers the real operation. */
  BREAK,
  LUI,
  AUIPC,
  JAL,
  JALR,
  BEQ,
  BNE,
  BLT,
  BGE,
  BLTU,
  BGEU,
  LB,
  LH,
  LW,
  LBU,
  LHU,
  SB,
  SH,
  SW,
  ADDI,
  SLTI,
  SLTIU,
  XORI,
  ORI,
  ANDI,
  SLLI,
  SRLI,
  SRAI,
  ADD,
  SUB,
  SLL,
  SLT,
  SLTU,
  XOR,
  SRL,
  SRA,
  OR,
  AND,
  MUL,
  MULH,
  MULHSU,
  MULHU,
  DIV,
  DIVU,
  REM,
  REMU,
}

/** Mnemonics of the operations above. */
export type LoopMnemonic = Lowercase<Exclude<keyof typeof Op, "ILLEGAL" | "HANDLER" | "BREAK">>;
