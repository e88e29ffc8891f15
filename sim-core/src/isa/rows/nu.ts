/**
 * Neural unit: custom-2. funct3 0 issues operations, 1 sets windows from immediates, 2 handles other sticky
 * state. funct3 4 and 5 are kept for the vector unit.
 */
import type { InstructionRow, RowParts } from "../types.ts";
import { CUSTOM_2, choice, imm, rd, rs1, rs2, td } from "./operands.ts";

const OUT = td("out", "rd");
const IN = td("in", "rs1");
const WEIGHTS = td("w", "rs2");

const SHAPE = "shape fault when the tensors' shapes don't fit together";
const TYPE = "type fault on data types or layouts that the operation doesn't take";
const PLACE = "memory fault when a tensor leaves its memory or lies in the wrong one";

const issue = (funct7: number, parts: RowParts): InstructionRow => ({
  family: "nu",
  unit: "nu",
  timing: "issue",
  format: "R",
  faults: [SHAPE, TYPE, PLACE],
  ...parts,
  fixed: { opcode: CUSTOM_2, funct3: 0, funct7, ...parts.fixed },
});

const REQUANTISE =
  "out = clamp(zp_out + ((acc * M + 2^(s-1)) >> s), lo, hi) with M and s of the channel's table entry and lo, hi of the activation.";

const INT32 = "An output of type int32 takes acc itself, without zero point and clamp; the table is then optional.";

const weighted = (funct7: number, name: string, summary: string, shape: string, sum: string): InstructionRow =>
  issue(funct7, {
    operands: [OUT, IN, WEIGHTS],
    syntax: "out, in, w",
    summary,
    steps: [shape, sum, REQUANTISE, INT32],
    example: `${name} td2, td0, td1`,
  });

/** Operations on the accumulators; operands leave fields that they don't use at 0. */
const accumulator = (
  funct7: number,
  name: string,
  operands: InstructionRow["operands"],
  summary: string,
  steps: readonly string[],
): InstructionRow => {
  const used = new Set(operands.map(({ field }) => field));
  const fixed = Object.fromEntries((["rd", "rs1", "rs2"] as const).filter((f) => !used.has(f)).map((f) => [f, 0]));
  return issue(funct7, {
    fixed,
    operands,
    syntax: operands.map((operand) => operand.name).join(", "),
    summary,
    steps,
    example: `${name} ${operands.map((_, i) => `td${i}`).join(", ")}`,
  });
};

const elementwise = (funct7: number, name: string, summary: string, steps: readonly string[]): InstructionRow =>
  issue(funct7, {
    operands: [OUT, IN, td("in2", "rs2")],
    syntax: "out, in, in2",
    summary,
    steps,
    example: `${name} td2, td0, td1`,
  });

const pool = (funct7: number, name: string, summary: string, steps: readonly string[]): InstructionRow =>
  issue(funct7, {
    fixed: { rs2: 0 },
    operands: [OUT, IN],
    syntax: "out, in",
    summary,
    steps,
    example: `${name} td1, td0`,
  });

const window = (funct2: number, parts: RowParts): InstructionRow => ({
  family: "nu",
  unit: "nu",
  timing: "descriptor",
  format: "R4",
  ...parts,
  fixed: { opcode: CUSTOM_2, funct3: 1, funct2, ...parts.fixed },
});

const state = (funct7: number, parts: RowParts): InstructionRow => ({
  family: "nu",
  unit: "nu",
  timing: "descriptor",
  format: "R",
  ...parts,
  fixed: { opcode: CUSTOM_2, funct3: 2, funct7, ...parts.fixed },
});

const small = (name: string, field: "rd" | "rs1" | "rs2" | "rs3", min: number) => imm(name, field, min, 31);

export const NU = {
  "nu.conv": weighted(
    0x00,
    "nu.conv",
    "convolution",
    "w has shape (Co, Kh, Kw, Ci); Kh, Kw, strides, padding and dilation come from the window state.",
    "acc(co) = bias(co) + sum over kh, kw, ci of (in - zp_in) * (w - zp_w); padded taps contribute 0.",
  ),
  "nu.dwconv": weighted(
    0x01,
    "nu.dwconv",
    "depthwise convolution",
    "w has shape (1, Kh, Kw, C): each channel has a filter of its own.",
    "acc(c) = bias(c) + sum over kh, kw of (in(c) - zp_in) * (w(c) - zp_w); padded taps contribute 0.",
  ),
  "nu.pwconv": weighted(
    0x02,
    "nu.pwconv",
    "pointwise convolution",
    "w has shape (Co, 1, 1, Ci); the window state is not used, the stride is 1.",
    "acc(co) = bias(co) + sum over ci of (in - zp_in) * (w - zp_w).",
  ),
  "nu.fc": weighted(
    0x03,
    "nu.fc",
    "fully connected layer",
    "w has shape (Co, 1, 1, Ci), in has h = w = 1 and c = Ci (see td.flat), out h = w = 1 and c = Co.",
    "acc(co) = bias(co) + sum over ci of (in - zp_in) * (w - zp_w).",
  ),
  "nu.matmul": issue(0x04, {
    operands: [OUT, IN, td("in2", "rs2")],
    syntax: "out, in, in2",
    summary: "matrix product of two feature maps",
    steps: [
      "in has n = 1, h = 1, w = M, c = K; in2 has n = 1, h = 1, w = K, c = N, both in DM; out has w = M, c = N.",
      "acc(m, n) = bias(n) + sum over k of (in(m, k) - zp_in) * (in2(k, n) - zp_in2).",
      REQUANTISE.replace("the channel's table entry", "entry n of the output's table"),
      INT32,
    ],
    example: "nu.matmul td2, td0, td1",
  }),
  "nu.deconv": weighted(
    0x05,
    "nu.deconv",
    "transposed convolution",
    "w has shape (Co, Kh, Kw, Ci). out.h lies in (in.h-1)*sh - padt - padb + (Kh-1)*dh + 1 and the sh - 1 rows behind it (output padding); out.w alike.",
    "acc(co) = bias(co) + sum of (in - zp_in) * (w - zp_w) over all in(ih, iw) and taps with ih*sh - padt + kh*dh = oh, iw*sw - padl + kw*dw = ow.",
  ),
  "nu.bconv": weighted(
    0x06,
    "nu.bconv",
    "binary convolution",
    "in and w are of type bit: a stored 1 stands for +1, a 0 for -1. w has shape (Co, Kh, Kw, Ci).",
    "acc(co) = bias(co) + sum over kh, kw, ci of in * w; padded taps are -1. An output of type bit is 1 where acc >= 0 and takes no table.",
  ),
  "nu.accz": accumulator(0x20, "nu.accz", [OUT], "clear the accumulators for a tensor of the output's shape", [
    "The accumulators take the shape of out, all 0. out itself is not written.",
  ]),
  "nu.accld": accumulator(0x21, "nu.accld", [td("in", "rs1")], "load the accumulators", [
    "in is an int32 tensor in DM. The accumulators take its shape and values.",
  ]),
  "nu.accconv": accumulator(0x22, "nu.accconv", [OUT, IN, WEIGHTS], "convolve into the accumulators", [
    "The accumulators hold the shape of out. Each is increased by the sum that nu.conv computes, without bias.",
    "out itself is not written, the weights' table is not read.",
  ]),
  "nu.accst": accumulator(0x23, "nu.accst", [OUT, WEIGHTS], "store the accumulators through the output stage", [
    "The accumulators hold the shape of out.",
    `acc = bias(co) + accumulator; ${REQUANTISE} The table is that of w, which is not read itself.`,
    INT32,
  ]),
  "nu.maxpool": pool(0x10, "nu.maxpool", "maximum pooling", [
    "out = the largest element of the window; padded places are left out.",
    "The result is clamped to lo, hi of the activation. Input and output share scale and zero point.",
  ]),
  "nu.avgpool": pool(0x11, "nu.avgpool", "average pooling", [
    "acc = sum of (in - zp_in) over the window; padded places add 0.",
    "Without a table: out = clamp(zp_out + acc / count rounded half away from zero); count leaves padded places out, or includes them when nufield pool = 1.",
    "With a table (pool = 1 required): out is requantised with the first entry's M and s, into which 1 / count is folded.",
  ]),
  "nu.gavgpool": pool(0x12, "nu.gavgpool", "global average pooling", [
    "acc = sum of (in - zp_in) over all h, w of a channel; out has h = w = 1.",
    "Without a table: out = clamp(zp_out + acc / (h * w) rounded half away from zero).",
    "With a table: out is requantised with the first entry's M and s, into which 1 / (h * w) is folded.",
  ]),
  "nu.gmaxpool": pool(0x13, "nu.gmaxpool", "global maximum pooling", [
    "out = the largest element of a channel over all h, w, clamped to lo, hi; out has h = w = 1.",
  ]),
  "nu.sub": elementwise(0x19, "nu.sub", "element-wise subtraction of two tensors of one shape", [
    "The output's table holds three entries: first input, second input, output.",
    "acc = requantise(in - zp_in, entry 0) - requantise(in2 - zp_in2, entry 1).",
    "out = clamp(zp_out + requantise(acc, entry 2), lo, hi).",
  ]),
  "nu.mul": elementwise(0x1a, "nu.mul", "element-wise product of two tensors of one shape", [
    "out = clamp(zp_out + requantise((in - zp_in) * (in2 - zp_in2), entry 0 of the output's table), lo, hi).",
  ]),
  "nu.add": issue(0x18, {
    operands: [OUT, IN, td("in2", "rs2")],
    syntax: "out, in, in2",
    summary: "element-wise addition of two tensors of one shape",
    steps: [
      "The output's table holds three entries: first input, second input, output.",
      "acc = requantise(in - zp_in, entry 0) + requantise(in2 - zp_in2, entry 1).",
      "out = clamp(zp_out + requantise(acc, entry 2), lo, hi).",
    ],
    example: "nu.add td2, td0, td1",
  }),
  "nu.window": window(0, {
    operands: [small("kh", "rd", 1), small("kw", "rs1", 1), small("sh", "rs2", 1), small("sw", "rs3", 1)],
    syntax: "kh, kw, sh, sw",
    summary: "set the window: kernel height and width, vertical and horizontal stride",
    steps: ["The sticky window state = kh, kw, sh, sw."],
    faults: ["illegal instruction when a value is 0"],
    example: "nu.window 3, 3, 1, 1",
  }),
  "nu.pad": window(1, {
    operands: [small("top", "rd", 0), small("bottom", "rs1", 0), small("left", "rs2", 0), small("right", "rs3", 0)],
    syntax: "top, bottom, left, right",
    summary: "set the padding of the window in elements",
    steps: ["The sticky padding state = top, bottom, left, right."],
    example: "nu.pad 1, 1, 1, 1",
  }),
  "nu.dilate": window(2, {
    fixed: { rs2: 0, rs3: 0 },
    operands: [small("dh", "rd", 1), small("dw", "rs1", 1)],
    syntax: "dh, dw",
    summary: "set the dilation of the window",
    steps: ["The sticky dilation state = dh, dw; 1 means adjacent taps."],
    faults: ["illegal instruction when a value is 0"],
    example: "nu.dilate 1, 1",
  }),
  "nu.act": state(0, {
    fixed: { rs1: 0, rs2: 0 },
    operands: [choice("activation", "rd", "activation")],
    syntax: "activation",
    summary: "set the activation of the output stage",
    steps: [
      "none: lo and hi are the bounds of the output's data type.",
      "relu: lo is the output's zero point, hi the upper bound. clamp: lo and hi as set by nu.clamp.",
    ],
    example: "nu.act relu",
  }),
  "nu.clamp": state(1, {
    fixed: { rd: 0 },
    operands: [rs1, rs2],
    syntax: "rs1, rs2",
    summary: "set the bounds of the clamp activation and select it",
    steps: ["lo = rs1; hi = rs2; activation = clamp."],
    example: "nu.clamp a0, a1",
  }),
  "nu.reset": state(2, {
    fixed: { rd: 0, rs1: 0, rs2: 0 },
    operands: [],
    syntax: "",
    summary: "reset the sticky state of the neural unit",
    steps: [
      "Window 1 x 1, strides 1, padding 0, dilation 1, groups 1, activation none, lo = -128, hi = 127, pool = 0, precision auto, no mask, split channels.",
    ],
    example: "nu.reset",
  }),
  "nu.group": state(3, {
    fixed: { rs1: 0, rs2: 0 },
    operands: [small("groups", "rd", 1)],
    syntax: "groups",
    summary: "set the number of groups of convolutions",
    steps: [
      "The sticky field groups = groups. nu.conv, nu.deconv and nu.accconv take weights of Ci / groups channels.",
    ],
    faults: ["illegal instruction when groups is 0"],
    example: "nu.group 4",
  }),
  "nu.prec": state(4, {
    fixed: { rs1: 0, rs2: 0 },
    operands: [choice("precision", "rd", "precision")],
    syntax: "precision",
    summary: "state the precision of the array",
    steps: [
      "auto takes what the tensors are; any other makes an operation of another precision a type fault at issue.",
    ],
    example: "nu.prec int4",
  }),
  "nu.mask": state(5, {
    fixed: { rd: 0, rs2: 0 },
    operands: [rs1],
    syntax: "rs1",
    summary: "set the sparsity mask of the weights",
    steps: [
      "The sticky field mask = rs1: address in WM of one bit per weight block in blocked order, 0 = no mask.",
      "A block whose bit is 0 counts as zero, whatever it holds, and takes no time. The mask is read when an operation starts.",
    ],
    example: "nu.mask a0",
  }),
  "nu.split": state(6, {
    fixed: { rs1: 0, rs2: 0 },
    operands: [choice("split", "rd", "split")],
    syntax: "split",
    summary: "set what the cores share out",
    steps: [
      "channels: blocks of output channels; rows: output rows; images: the images of a batch, with weights read once.",
      "Results don't depend on it.",
    ],
    example: "nu.split images",
  }),
  "nu.prefetch": state(7, {
    fixed: { rd: 0, rs1: 0 },
    operands: [WEIGHTS],
    syntax: "w",
    summary: "declare the weights of the next operation",
    steps: [
      "The first block of w may be loaded while the unit still works on operations before.",
      "The next operation issued must take these weights; otherwise the declaration has no effect.",
    ],
    example: "nu.prefetch td1",
  }),
  "nu.get": state(8, {
    fixed: { rs2: 0 },
    operands: [rd, choice("field", "rs1", "nufield")],
    syntax: "rd, field",
    summary: "read a field of the sticky state",
    steps: ["rd = the field."],
    faults: ["illegal instruction on an undefined field number"],
    example: "nu.get a0, kh",
  }),
  "nu.set": state(9, {
    fixed: { rs2: 0 },
    operands: [choice("field", "rd", "nufield"), rs1],
    syntax: "field, rs1",
    summary: "write a field of the sticky state",
    steps: ["The field = rs1. Kernel, stride and dilation fields take 1..65535, padding fields 0..65535."],
    faults: ["illegal instruction on an undefined field number or a value out of the field's range"],
    example: "nu.set kh, a0",
  }),
} as const satisfies Record<string, InstructionRow>;
