/**
 * DMA: custom-1. funct3 5 issues transfers: funct5 names the transfer, two bits the channel; funct5 10 to 31 are free.
 * funct3 6 handles the sticky state; dma.margin has 1 in the low bits of funct7, the others 0.
 */
import type { InstructionRow, RowParts } from "../types.ts";
import { CUSTOM_1, choice, imm, rd, rs1, td } from "./operands.ts";

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

const state = (funct7: number, parts: RowParts): InstructionRow => ({
  family: "dma",
  unit: "dma",
  timing: "descriptor",
  format: "R",
  ...parts,
  fixed: { opcode: CUSTOM_1, funct3: 6, funct7, ...parts.fixed },
});

const margin = (name: string, field: "rd" | "rs1" | "rs2" | "rs3") => imm(name, field, 0, 31);

const SHAPE = "shape fault when the shapes don't fit together";
const TYPE = "type fault on data types or layouts that the transfer doesn't take";
const [, PLACE, CHANNEL_FAULT] = FAULTS as [string, string, string];

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
  "dma.trans": row(5, {
    fixed: { rs2: 0 },
    operands: [DST, SRC, CHANNEL],
    syntax: "dst, src, channel",
    summary: "change the layout between nhwc and nchw",
    steps: [
      "src and dst have the same shape and data type; one has layout nhwc, the other nchw. They lie in DM or DDR, not both in DDR.",
      "When the transfer completes, dst(n, h, w, c) = src(n, h, w, c) for every element.",
    ],
    faults: [SHAPE, TYPE, PLACE, CHANNEL_FAULT],
    example: "dma.trans td0, td1, ch0",
  }),
  "dma.pad": row(6, {
    fixed: { rs2: 0 },
    operands: [DST, SRC, CHANNEL],
    syntax: "dst, src, channel",
    summary: "copy a tensor and put padding around it",
    steps: [
      "dst.h = padt + src.h + padb and dst.w = padl + src.w + padr of the sticky state; n, c, data type and layout are equal.",
      "They lie in DM or DDR, not both in DDR.",
      "value = dst's zero point when padsel = 0, padval when padsel = 1.",
      "When the transfer completes, dst(n, h + padt, w + padl, c) = src(n, h, w, c), and every other element of dst = value.",
    ],
    faults: [SHAPE, TYPE, PLACE, CHANNEL_FAULT],
    example: "dma.pad td0, td1, ch0",
  }),
  "dma.gather": row(7, {
    operands: [DST, SRC, td("index", "rs2"), CHANNEL],
    syntax: "dst, src, index, channel",
    summary: "copy the rows that a list of indices names",
    steps: [
      "index is an int16 or int32 tensor of shape (1, 1, 1, K) in DM; dst.h = K; n, w, c, data type and layout nhwc of dst and src are equal.",
      "src lies in DDR or DM, dst in DM or WM.",
      "When the transfer starts, it reads the indices.",
      "When it completes, dst(n, k, w, c) = src(n, index(k), w, c) for every element.",
    ],
    faults: [
      SHAPE,
      TYPE,
      PLACE,
      CHANNEL_FAULT,
      "late fault when an index is negative or not below src.h; nothing is written then",
    ],
    example: "dma.gather td0, td1, td2, ch0",
  }),
  "dma.ldz": row(8, {
    fixed: { rs2: 0 },
    operands: [DST, SRC, CHANNEL],
    syntax: "dst, src, channel",
    summary: "load a compressed tile and decompress it",
    steps: [
      "src is an int8 or uint8 tensor of shape (1, 1, 1, C) in DDR that begins with a compressed tile (manual, Compressed tiles); dst lies in DM or WM.",
      "When the transfer starts, it reads the tile; its elements, data type, layout and zero point are those of dst.",
      "When it completes, dst = the tile's elements in the order of dst's layout.",
    ],
    faults: [
      SHAPE,
      TYPE,
      PLACE,
      "memory fault unless src begins at a multiple of 16 and has room for a header",
      CHANNEL_FAULT,
      "late fault when the tile is corrupt or made for another tensor; nothing is written then",
    ],
    example: "dma.ldz td0, td1, ch0",
  }),
  "dma.stz": row(9, {
    fixed: { rs2: 0 },
    operands: [DST, SRC, CHANNEL],
    syntax: "dst, src, channel",
    summary: "compress a tensor and store it",
    steps: [
      "src lies in DM or WM; dst is an int8 or uint8 tensor of shape (1, 1, 1, C) in DDR, C being the room for the tile.",
      "When the transfer starts, it reads src and compresses runs of its zero point.",
      "When it completes, the first bytes of dst = the compressed tile; its first word is its length. The bytes behind it stay.",
    ],
    faults: [
      SHAPE,
      TYPE,
      PLACE,
      "memory fault unless dst begins at a multiple of 16 and has room for a header",
      CHANNEL_FAULT,
      "late fault when the tile doesn't fit dst; nothing is written then",
    ],
    example: "dma.stz td0, td1, ch0",
  }),
  "dma.margin": {
    family: "dma",
    unit: "dma",
    timing: "descriptor",
    format: "R4",
    fixed: { opcode: CUSTOM_1, funct3: 6, funct2: 1 },
    operands: [margin("top", "rd"), margin("bottom", "rs1"), margin("left", "rs2"), margin("right", "rs3")],
    syntax: "top, bottom, left, right",
    summary: "set the padding that dma.pad puts around its source, in elements",
    steps: ["The sticky fields padt, padb, padl, padr = top, bottom, left, right."],
    example: "dma.margin 1, 1, 1, 1",
  },
  "dma.reset": state(0, {
    fixed: { rd: 0, rs1: 0, rs2: 0 },
    operands: [],
    syntax: "",
    summary: "reset the sticky state of the DMA",
    steps: ["padt, padb, padl, padr, padsel, padval = 0."],
    example: "dma.reset",
  }),
  "dma.get": state(4, {
    fixed: { rs2: 0 },
    operands: [rd, choice("field", "rs1", "dmafield")],
    syntax: "rd, field",
    summary: "read a field of the DMA's sticky state",
    steps: ["rd = the field."],
    faults: ["illegal instruction on an undefined field number"],
    example: "dma.get a0, padt",
  }),
  "dma.set": state(8, {
    fixed: { rs2: 0 },
    operands: [choice("field", "rd", "dmafield"), rs1],
    syntax: "field, rs1",
    summary: "write a field of the DMA's sticky state",
    steps: ["The field = rs1. Padding fields take 0..65535, padsel takes 0 and 1, padval any value."],
    faults: ["illegal instruction on an undefined field number or a value out of the field's range"],
    example: "dma.set padval, a0",
  }),
} as const satisfies Record<string, InstructionRow>;
