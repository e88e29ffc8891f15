/** Tensor descriptor registers: custom-1, funct3 0. funct7 numbers leave gaps for one more form of each group. */
import type { InstructionRow, RowParts } from "../types.ts";
import { CUSTOM_1, choice, rd, rs1, rs2, td } from "./operands.ts";

const row = (funct7: number, parts: RowParts): InstructionRow => ({
  family: "descriptor",
  unit: "cu",
  timing: "descriptor",
  format: "R",
  ...parts,
  fixed: { opcode: CUSTOM_1, funct3: 0, funct7, ...parts.fixed },
});

const dst = td("td", "rd", "write");
const same = td("td", "rd", "readwrite");
const src = td("ts", "rs1");

const setOne = (funct7: number, field: string, text: string): RowParts & { funct7: number } => ({
  funct7,
  fixed: { rs2: 0 },
  operands: [same, rs1],
  syntax: "td, rs1",
  summary: `set a descriptor's ${text}`,
  steps: [`td.${field} = rs1.`],
  example: `td.${field} td0, a0`,
});

const setTwo = (
  funct7: number,
  name: string,
  first: string,
  second: string,
  text: string,
): RowParts & { funct7: number } => ({
  funct7,
  operands: [same, rs1, rs2],
  syntax: "td, rs1, rs2",
  summary: `set a descriptor's ${text}`,
  steps: [`td.${first} = rs1; td.${second} = rs2. Other fields stay.`],
  example: `${name} td0, a0, a1`,
});

const slice = (funct7: number, axis: "n" | "h" | "w" | "c"): RowParts & { funct7: number } => ({
  funct7,
  operands: [dst, src, rs2],
  syntax: "td, ts, rs2",
  summary: `take a range of axis ${axis}`,
  steps: [
    "start = the low 16 bits of rs2; count = the high 16 bits.",
    `td = ts with base + start * stride.${axis} and ${axis} = count.`,
  ],
  faults: [`descriptor fault when start + count exceeds ts.${axis}, or the base falls within a byte (int4, bit)`],
  example: `td.slice${axis} td1, td0, a0`,
});

const define = ({ funct7, ...parts }: RowParts & { funct7: number }): InstructionRow => row(funct7, parts);

export const DESCRIPTOR = {
  "td.ld": row(0, {
    fixed: { rs2: 0 },
    operands: [dst, rs1],
    syntax: "td, (rs1)",
    summary: "load a tensor descriptor from memory",
    steps: ["td = the 64 bytes at rs1."],
    faults: [
      "load address misaligned unless rs1 is a multiple of 16",
      "load access fault",
      "descriptor fault on an undefined dtype or layout",
    ],
    example: "td.ld td0, (a0)",
  }),
  "td.st": row(1, {
    fixed: { rd: 0 },
    operands: [td("ts", "rs2"), rs1],
    syntax: "ts, (rs1)",
    summary: "store a tensor descriptor to memory",
    steps: ["The 64 bytes at rs1 = ts."],
    faults: ["store address misaligned unless rs1 is a multiple of 16", "store access fault"],
    example: "td.st td0, (a0)",
  }),
  "td.mv": row(2, {
    fixed: { rs2: 0 },
    operands: [dst, src],
    syntax: "td, ts",
    summary: "copy a tensor descriptor",
    steps: ["td = ts."],
    example: "td.mv td1, td0",
  }),
  "td.base": define(setOne(4, "base", "base address")),
  "td.zp": define(setOne(5, "zp", "zero point")),
  "td.table": define(setOne(6, "table", "requantisation table address")),
  "td.adv": row(7, {
    operands: [dst, src, rs2],
    syntax: "td, ts, rs2",
    summary: "copy a descriptor with its base moved",
    steps: ["td = ts with base = ts.base + rs2."],
    example: "td.adv td1, td0, a0",
  }),
  "td.hw": define(setTwo(8, "td.hw", "h", "w", "height and width")),
  "td.nc": define(setTwo(9, "td.nc", "n", "c", "batch and channel counts")),
  "td.strhw": define(setTwo(10, "td.strhw", "sh", "sw", "row and column strides in bytes")),
  "td.strnc": define(setTwo(11, "td.strnc", "sn", "sc", "image and channel strides in bytes")),
  "td.type": row(12, {
    operands: [same, choice("dtype", "rs1", "dtype"), choice("layout", "rs2", "layout")],
    syntax: "td, dtype, layout",
    summary: "set a descriptor's element type and layout",
    steps: ["td.dtype = dtype; td.layout = layout. Other fields stay."],
    faults: ["illegal instruction on an undefined dtype or layout number"],
    example: "td.type td0, int8, nhwc",
  }),
  "td.pack": row(13, {
    fixed: { rs1: 0, rs2: 0 },
    operands: [same],
    syntax: "td",
    summary: "compute the strides of a dense tensor",
    steps: [
      "nhwc: sc = element size, sw = bytes of a row of c elements, sh = w * sw, sn = h * sh.",
      "nchw: sw = element size, sh = bytes of a row of w elements, sc = h * sh, sn = c * sc.",
    ],
    faults: ["descriptor fault for the blocked layout"],
    example: "td.pack td0",
  }),
  "td.slicen": define(slice(16, "n")),
  "td.sliceh": define(slice(17, "h")),
  "td.slicew": define(slice(18, "w")),
  "td.slicec": define(slice(19, "c")),
  "td.flat": row(20, {
    fixed: { rs2: 0 },
    operands: [dst, src],
    syntax: "td, ts",
    summary: "view each image of a dense tensor as one row of channels",
    steps: ["td = ts with c = h * w * c, h = 1, w = 1 and dense strides."],
    faults: ["descriptor fault unless ts is a dense nhwc tensor"],
    example: "td.flat td1, td0",
  }),
  "td.reshape": row(21, {
    fixed: { rs2: 0 },
    operands: [same, src],
    syntax: "td, ts",
    summary: "view a dense tensor in another shape",
    steps: [
      "The new shape is n, h, w, c as they stand in td (see td.nc, td.hw); one of them may be 0 and is computed from the element count.",
      "td = ts with the new shape and dense strides; element number i of td is element number i of ts, counted in the order of the layout.",
    ],
    faults: [
      "descriptor fault unless ts is a dense nhwc or nchw tensor and the element counts agree",
      "descriptor fault on elements below a byte unless the innermost dimension stays",
    ],
    example: "td.reshape td1, td0",
  }),
  "td.get": row(24, {
    operands: [rd, src, choice("field", "rs2", "tdfield")],
    syntax: "rd, ts, field",
    summary: "read a descriptor field",
    steps: ["rd = the field's 32 bits."],
    faults: ["illegal instruction on an undefined field number"],
    example: "td.get a0, td0, h",
  }),
  "td.set": row(25, {
    operands: [same, choice("field", "rs2", "tdfield"), rs1],
    syntax: "td, field, rs1",
    summary: "write a descriptor field",
    steps: ["The field's 32 bits = rs1. Other fields stay."],
    faults: ["illegal instruction on an undefined field number", "descriptor fault on an undefined dtype or layout"],
    example: "td.set td0, zp, a0",
  }),
} as const satisfies Record<string, InstructionRow>;
