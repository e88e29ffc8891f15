/** DMA transfers: custom-1, funct3 5; funct5 names the transfer, two bits the channel. */
import type { InstructionRow, RowParts } from "../types.ts";
import { CUSTOM_1, choice, rs1, td } from "./operands.ts";

const CHANNEL = choice("channel", "channel", "channel");
const DST = td("dst", "rd");
const SRC = td("src", "rs1");
const FAULTS = [
  "shape fault when the two tensors differ in shape or data type",
  "memory fault when a tensor leaves its memory or lies in a memory that the transfer doesn't reach",
  "illegal instruction for a channel that the configuration doesn't have",
];

const row = (funct5: number, parts: RowParts): InstructionRow => ({
  family: "dma",
  unit: "dma",
  timing: "issue",
  format: "RC",
  faults: FAULTS,
  ...parts,
  fixed: { opcode: CUSTOM_1, funct3: 5, funct5, ...parts.fixed },
});

const transfer = (funct5: number, name: string, summary: string, from: string, to: string): InstructionRow =>
  row(funct5, {
    fixed: { rs2: 0 },
    operands: [DST, SRC, CHANNEL],
    syntax: "dst, src, channel",
    summary,
    steps: [
      `src lies in ${from}, dst in ${to}; shapes and data types are equal, strides may differ.`,
      "When the transfer completes, every element of dst = the same element of src.",
    ],
    example: `${name} td0, td1, ch0`,
  });

export const DMA = {
  "dma.ld": transfer(0, "dma.ld", "load a tensor from DDR", "DDR", "DM or WM"),
  "dma.st": transfer(1, "dma.st", "store a tensor to DDR", "DM or WM", "DDR"),
  "dma.copy": transfer(2, "dma.copy", "copy a tensor on chip", "DM or WM", "DM or WM"),
  "dma.ldw": row(3, {
    fixed: { rs2: 0 },
    operands: [DST, SRC, CHANNEL],
    syntax: "dst, src, channel",
    summary: "load weights and arrange them for the MAC array",
    steps: [
      "src holds weights in OHWI order in DDR or DM; dst lies in WM with layout blocked and the same shape.",
      "When the transfer completes, dst holds the weights in blocks of CiP x CoP, the order in which the array reads them.",
      "Missing channels of the last blocks hold the weights' zero point.",
    ],
    example: "dma.ldw td0, td1, ch0",
  }),
  "dma.fill": row(4, {
    fixed: { rs2: 0 },
    operands: [DST, rs1, CHANNEL],
    syntax: "dst, rs1, channel",
    summary: "fill a tensor with a value",
    steps: ["When the transfer completes, every element of dst = the low bits of rs1."],
    example: "dma.fill td0, a0, ch0",
  }),
} as const satisfies Record<string, InstructionRow>;
