/**
 * Two nested zero-overhead loops, custom-0 with funct3 0 and 1. An `end` label stands behind the last
 * instruction of the body. funct3 2..7 of custom-0 hold packed SIMD.
 */
import type { InstructionRow, RowParts } from "../types.ts";
import { CUSTOM_0, choice, imm, offset, rs1 } from "./operands.ts";

const L = choice("loop", "loop", "loop");
const END12 = offset("end", "uimm12", 0, 16380, 4);
const FAULTS = [
  "loop rule: the body has fewer than two instructions",
  "loop rule: the last instruction is a branch, a loop instruction, a system instruction or a wait",
];

const row = (lpop: number, parts: RowParts): InstructionRow => ({
  family: "hwloop",
  unit: "cu",
  timing: "loop",
  format: "LP",
  ...parts,
  fixed: { opcode: CUSTOM_0, funct3: 0, lpop, ...parts.fixed },
});

const SKIP = "If the count is 0, pc = end: the body is skipped.";

export const HWLOOP = {
  "lp.start": row(0, {
    fixed: { rs1: 0 },
    operands: [L, offset("start", "uimm12", 0, 16380, 4)],
    syntax: "loop, start",
    summary: "set a hardware loop's start address",
    steps: ["lpstart[loop] = start."],
    example: "lp.start L0, . + 12",
  }),
  "lp.end": row(1, {
    fixed: { rs1: 0 },
    operands: [L, END12],
    syntax: "loop, end",
    summary: "set a hardware loop's end address",
    steps: ["lpend[loop] = end, the address behind the last instruction of the body."],
    example: "lp.end L0, . + 24",
  }),
  "lp.count": row(2, {
    fixed: { uimm12: 0 },
    operands: [L, rs1],
    syntax: "loop, rs1",
    summary: "set a hardware loop's count from a register and arm it",
    steps: ["lpcount[loop] = rs1; 0 leaves the loop inactive."],
    faults: FAULTS,
    example: "lp.count L0, a0",
  }),
  "lp.counti": row(3, {
    fixed: { rs1: 0 },
    operands: [L, imm("count", "uimm12", 0, 4095)],
    syntax: "loop, count",
    summary: "set a hardware loop's count from an immediate and arm it",
    steps: ["lpcount[loop] = count; 0 leaves the loop inactive."],
    faults: FAULTS,
    example: "lp.counti L0, 100",
  }),
  "lp.setup": row(4, {
    operands: [L, rs1, END12],
    syntax: "loop, rs1, end",
    summary: "set up a hardware loop over the following instructions, count in a register",
    steps: ["lpstart[loop] = pc + 4; lpend[loop] = end; lpcount[loop] = rs1.", SKIP],
    faults: FAULTS,
    example: "lp.setup L0, a0, . + 12",
  }),
  "lp.setupi": {
    family: "hwloop",
    unit: "cu",
    timing: "loop",
    format: "LPI",
    fixed: { opcode: CUSTOM_0, funct3: 1 },
    operands: [L, imm("count", "count12", 0, 4095), offset("end", "end9", 0, 2044, 4)],
    syntax: "loop, count, end",
    summary: "set up a hardware loop over the following instructions, immediate count",
    steps: ["lpstart[loop] = pc + 4; lpend[loop] = end; lpcount[loop] = count.", SKIP],
    faults: FAULTS,
    example: "lp.setupi L0, 16, . + 12",
  },
} as const satisfies Record<string, InstructionRow>;
