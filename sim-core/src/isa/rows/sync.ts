/** Tokens, waits and fences: custom-1, funct3 1 (registers) and 2 (unit sets). */
import type { InstructionRow, RowParts } from "../types.ts";
import { CUSTOM_1, choice, flags, rd, rs1, rs2 } from "./operands.ts";

const row = (funct7: number, parts: RowParts): InstructionRow => ({
  family: "sync",
  unit: "cu",
  timing: "sync",
  format: "R",
  ...parts,
  fixed: { opcode: CUSTOM_1, funct3: 1, funct7, ...parts.fixed },
});

const TOKEN_FAULT = "token fault when a token was never issued";
const LATE_FAULT = "a fault that the unit found while executing, with the operation's token in mtval";

export const SYNC = {
  "nn.token": row(0, {
    fixed: { rs2: 0 },
    operands: [rd, choice("unit", "rs1", "unit")],
    syntax: "rd, unit",
    summary: "read the token of the unit's last issued operation",
    steps: ["rd = (unit << 28) | sequence number of the last operation issued to the unit, or 0 if there is none."],
    faults: ["illegal instruction for the CU or a unit that the configuration doesn't have"],
    example: "nn.token a0, nu",
  }),
  "nn.wait": row(1, {
    fixed: { rd: 0 },
    operands: [rs1, rs2],
    syntax: "rs1, rs2",
    summary: "wait until two tokens are complete",
    steps: ["Stall until the operations of the tokens rs1 and rs2 have completed; token 0 is always complete."],
    faults: [TOKEN_FAULT, LATE_FAULT],
    example: "nn.wait a0, a1",
  }),
  "nn.poll": row(2, {
    fixed: { rs2: 0 },
    operands: [rd, rs1],
    syntax: "rd, rs1",
    summary: "ask whether a token is complete",
    steps: ["rd = 1 if the operation of token rs1 has completed, else 0."],
    faults: [TOKEN_FAULT, LATE_FAULT],
    example: "nn.poll a1, a0",
  }),
  "nn.after": row(3, {
    operands: [choice("unit", "rd", "unit"), rs1, rs2],
    syntax: "unit, rs1, rs2",
    summary: "make the unit's next operation wait for two tokens",
    steps: [
      "The next operation issued to the unit starts only after the operations of tokens rs1 and rs2 have completed.",
      "Several nn.after before one issue add up. The CU goes on.",
    ],
    faults: [TOKEN_FAULT, "illegal instruction for the CU or a unit that the configuration doesn't have"],
    example: "nn.after nu, a0, x0",
  }),
  "nn.fence": {
    family: "sync",
    unit: "cu",
    timing: "sync",
    format: "IU",
    fixed: { opcode: CUSTOM_1, funct3: 2, rs1: 0, rd: 0 },
    operands: [flags("units", "uimm12", "unit", "|")],
    syntax: "units",
    summary: "wait until units have completed everything issued to them",
    steps: [
      "Stall until each named unit has an empty queue and no running operation.",
      "Every unit to wait for is named; there is no word for all, since a machine has as many DMA channels as it is configured with: nu|vu|xu|dma0|dma1 are those of the default one.",
    ],
    faults: [LATE_FAULT],
    example: "nn.fence nu|dma0|dma1",
  },
} as const satisfies Record<string, InstructionRow>;
