/**
 * Vector unit: custom-2. funct3 4 issues operations, in groups of 16 funct7 numbers; funct3 5 handles sticky state,
 * where funct7 = 4 k for R-type rows (funct2 0) and funct2 1 for the one R4 row, so that both can grow.
 *
 * The steps use: q for a stored value, z for its tensor's zero point, v = sat(q - z); Qk(x) = x when sk = 0, else
 * requantise(x, mk, sk); sat for saturation to int32; finish(x) = clamp(z_out + Q2(x), lo, hi) within out's data type.
 */
import type { InstructionRow, RowParts } from "../types.ts";
import { CUSTOM_2, choice, flags, imm, rd, rs1, rs2, td } from "./operands.ts";

const OUT = td("out", "rd");
const IN = td("in", "rs1");
const IN2 = td("in2", "rs2");

const SHAPE = "shape fault when the tensors' shapes don't fit together";
const TYPE = "type fault on data types or layouts that the operation doesn't take";
const PLACE = "memory fault when a tensor or table leaves the data memory or is misaligned";

const issue = (funct7: number, parts: RowParts): InstructionRow => ({
  family: "vu",
  unit: "vu",
  timing: "issue",
  format: "R",
  faults: [SHAPE, TYPE, PLACE],
  ...parts,
  fixed: { opcode: CUSTOM_2, funct3: 4, funct7, ...parts.fixed },
});

const binary = (funct7: number, name: string, summary: string, ...steps: readonly string[]): InstructionRow =>
  issue(funct7, {
    operands: [OUT, IN, IN2],
    syntax: "out, in, in2",
    summary,
    steps: ["out has the shape of in; each dimension of in2 equals it or is 1 and is repeated.", ...steps],
    example: `${name} td2, td0, td1`,
  });

const unary = (funct7: number, name: string, summary: string, ...steps: readonly string[]): InstructionRow =>
  issue(funct7, {
    fixed: { rs2: 0 },
    operands: [OUT, IN],
    syntax: "out, in",
    summary,
    steps,
    example: `${name} td1, td0`,
  });

/** Two operands brought to one scale, combined, and requantised. */
const arithmetic = (funct7: number, name: string, summary: string, formula: string): InstructionRow =>
  binary(
    funct7,
    name,
    summary,
    "a = Q0(sat(in - z_in)); b = Q1(sat(in2 - z_in2)); with sk = 0, Qk changes nothing.",
    `x = ${formula}.`,
    "out = clamp(z_out + Q2(x), lo, hi) within out's data type.",
  );

const comparison = (funct7: number, name: string, summary: string, relation: string): InstructionRow =>
  binary(
    funct7,
    name,
    summary,
    "a = Q0(sat(in - z_in)); b = Q1(sat(in2 - z_in2)).",
    `out = 1 if a ${relation} b, else 0; out's zero point is not used.`,
  );

const FINISH = "out = clamp(z_out + Q2(x), lo, hi) within out's data type.";
const ARGUMENT = "t = Q0(sat(in - z_in)), a number with 26 fraction bits.";

/** A function of each element. */
const mapped = (funct7: number, name: string, summary: string, ...steps: readonly string[]): InstructionRow =>
  unary(funct7, name, summary, ...steps, FINISH);

const REDUCED =
  "out has dimension 1 along the sticky axes and in's dimensions elsewhere; at most 65536 elements make one result.";

const reduction = (funct7: number, name: string, summary: string, formula: string): InstructionRow =>
  unary(funct7, name, summary, REDUCED, formula, FINISH);

const EXACT = "Stored values are copied: data types are equal, zero points are not used.";

const GRID = [
  "out has in's n and c; O and I are the sizes of out and in along h or w.",
  "The sticky grid places output o: topleft at o * I / O, centers at (o + 1/2) * I / O - 1/2, corners at o * (I - 1) / (O - 1).",
];

const state = (number: number, parts: RowParts): InstructionRow => ({
  family: "vu",
  unit: "vu",
  timing: "descriptor",
  format: "R",
  ...parts,
  fixed: { opcode: CUSTOM_2, funct3: 5, funct7: 4 * number, ...parts.fixed },
});

const scaling = (stage: 0 | 1 | 2, of: string): InstructionRow =>
  state(stage, {
    fixed: { rd: 0 },
    operands: [rs1, rs2],
    syntax: "rs1, rs2",
    summary: `set the requantisation of ${of}`,
    steps: [
      `m${stage} = rs1; s${stage} = rs2, 0..62.`,
      `Q${stage}(x) = x when s${stage} = 0, else (x * m${stage} + 2^(s${stage}-1)) >> s${stage}, saturated to int32.`,
    ],
    faults: ["illegal instruction on a shift out of range"],
    example: `vu.q${stage} a0, a1`,
  });

const axis = (name: string, field: "rd" | "rs1" | "rs2" | "rs3") => choice(name, field, "axis");

export const VU = {
  // Two tensors: 0x00..0x0f.
  "vu.add": arithmetic(0x00, "vu.add", "sum of two tensors", "sat(a + b)"),
  "vu.sub": arithmetic(0x01, "vu.sub", "difference of two tensors", "sat(a - b)"),
  "vu.mul": arithmetic(0x02, "vu.mul", "product of two tensors, element by element", "sat(a * b)"),
  "vu.min": arithmetic(0x03, "vu.min", "smaller elements of two tensors", "the smaller of a and b"),
  "vu.max": arithmetic(0x04, "vu.max", "larger elements of two tensors", "the larger of a and b"),
  "vu.eq": comparison(0x08, "vu.eq", "where two tensors are equal", "="),
  "vu.gt": comparison(0x09, "vu.gt", "where one tensor is greater", ">"),
  "vu.ge": comparison(0x0a, "vu.ge", "where one tensor is greater or equal", ">="),
  "vu.sel": binary(
    0x0c,
    "vu.sel",
    "copy the elements that a mask selects",
    "Where the stored value of in is not 0, out = in2; elsewhere out keeps its value.",
    "out and in2 have one data type; zero points are not used.",
  ),
  // One tensor, element by element: 0x10..0x1f.
  "vu.abs": mapped(0x10, "vu.abs", "absolute values", "x = sat(|Q0(sat(in - z_in))|)."),
  "vu.neg": mapped(0x11, "vu.neg", "negated values", "x = sat(-Q0(sat(in - z_in)))."),
  "vu.relu": mapped(0x12, "vu.relu", "negative values to zero", "x = the larger of Q0(sat(in - z_in)) and 0."),
  "vu.lrelu": mapped(
    0x13,
    "vu.lrelu",
    "negative values by a slope (leaky ReLU)",
    "v = sat(in - z_in); x = Q0(v) if v >= 0, else Q1(v).",
  ),
  "vu.hswish": mapped(
    0x14,
    "vu.hswish",
    "hard swish",
    "t = Q0(sat(in - z_in)), a number with 16 fraction bits.",
    "x = t * clamp(t + 3, 0, 6) / 6 with 16 fraction bits, halves away from zero.",
  ),
  "vu.clip": unary(
    0x18,
    "vu.clip",
    "clamp stored values to the sticky bounds",
    "out = clamp(in, lo, hi); data types are equal, zero points are not used.",
  ),
  "vu.shift": unary(
    0x19,
    "vu.shift",
    "shift by the sticky amount",
    "v = sat(in - z_in); n = the sticky shift, positive to the left.",
    "x = v * 2^n for n >= 0, else (v + 2^(-n-1)) >> -n.",
    "out = clamp(z_out + x, lo, hi) within out's data type.",
  ),
  // Conversions: 0x20..0x2f.
  "vu.cast": unary(
    0x20,
    "vu.cast",
    "change the data type of stored values",
    "out = in, saturated to out's data type; zero points are not used.",
  ),
  "vu.requant": unary(
    0x21,
    "vu.requant",
    "requantise, by one scale or by channel",
    "Without a table in in's descriptor: x = Q0(sat(in - z_in)).",
    "With one, in the data memory (16 bytes an entry: bias, M, s, 0; descriptor flag bit 0: one entry for all channels): x = requantise(sat(sat(in - z_in) + bias), M, s) with the channel's entry.",
    "out = clamp(z_out + x, lo, hi) within out's data type.",
  ),
  "vu.dequant": unary(
    0x22,
    "vu.dequant",
    "to fixed-point numbers",
    "in is int8, uint8 or int16; out is int16 or int32 with zero point 0.",
    "out = Q0(sat(in - z_in)), saturated to out's data type.",
  ),
  "vu.scale": mapped(
    0x23,
    "vu.scale",
    "multiply by a constant and add the sticky bias",
    "x = sat(Q0(sat(in - z_in)) + bias).",
  ),
  // Functions: 0x30..0x3f. The manual states each to the last bit.
  "vu.lookup": unary(
    0x30,
    "vu.lookup",
    "replace elements by those of a table",
    "The sticky table address names a table in the data memory with entries of out's data type.",
    "int8, uint8: out = entry number q, where q = in + 128 for int8 and in for uint8, of 256.",
    "int16 to int16: i = (in + 32768) >> 7, f = in & 127, of 513 entries; out = t[i] + (((t[i+1] - t[i]) * f + 64) >> 7), saturated.",
  ),
  "vu.exp": mapped(
    0x31,
    "vu.exp",
    "e^t for t <= 0",
    ARGUMENT,
    "x = e^t with 30 fraction bits; t above 0 counts as 0: give in its largest value as zero point.",
  ),
  "vu.recip": mapped(
    0x32,
    "vu.recip",
    "reciprocals",
    "t = Q0(sat(in - z_in)).",
    "x = sat(2^frac / t rounded to nearest, halves away from zero) with the sticky frac; t = 0 gives 2^31 - 1.",
  ),
  "vu.rsqrt": mapped(
    0x33,
    "vu.rsqrt",
    "reciprocals of square roots",
    "t = Q0(sat(in - z_in)).",
    "x = sat(2^frac / sqrt(t) rounded to nearest) with the sticky frac; t <= 0 gives 2^31 - 1.",
  ),
  "vu.sigmoid": mapped(0x34, "vu.sigmoid", "1 / (1 + e^-t)", ARGUMENT, "x = the function with 20 fraction bits."),
  "vu.tanh": mapped(0x35, "vu.tanh", "hyperbolic tangent", ARGUMENT, "x = the function with 20 fraction bits."),
  "vu.softmax": unary(
    0x38,
    "vu.softmax",
    "softmax along the sticky axes",
    "Along the axes: t = Q0(in - the largest in), 26 fraction bits; e = exp(t), 30 fraction bits; S = the sum of e.",
    "x = e / S with 20 fraction bits, halves up; at most 65536 elements make one sum.",
    FINISH,
  ),
  "vu.norm": unary(
    0x39,
    "vu.norm",
    "normalise to mean 0 and deviation 1 along the sticky axes",
    "in is int8, uint8 or int16. Along the axes, N elements (at most 65536): v = in - z_in, which must fit 17 bits.",
    "mu = sum of v * 16 / N, halves away from zero; d = 16 v - mu; D = floor(sqrt(floor(sum of d^2 * 2^16 / N) + eps)).",
    "x = d * 2^28 / D, halves away from zero (20 fraction bits); 0 where D = 0; saturated.",
    FINISH,
  ),
  // Reductions: 0x40..0x4f.
  "vu.sum": reduction(0x40, "vu.sum", "sums along the sticky axes", "x = sat(sum of sat(in - z_in))."),
  "vu.mean": reduction(
    0x41,
    "vu.mean",
    "means along the sticky axes",
    "x = sum of sat(in - z_in), divided by the number of elements, halves away from zero.",
  ),
  "vu.rmax": reduction(0x42, "vu.rmax", "largest elements along the sticky axes", "x = the largest sat(in - z_in)."),
  "vu.rmin": reduction(0x43, "vu.rmin", "smallest elements along the sticky axes", "x = the smallest sat(in - z_in)."),
  "vu.argmax": unary(
    0x44,
    "vu.argmax",
    "places of the largest elements along one axis",
    "The sticky axes name one axis; out has dimension 1 along it and is uint8, int16 or int32.",
    "out = index of the largest in along the axis, the first of equals; indices must fit out's data type.",
  ),
  // Rearrangement: 0x50..0x5f.
  "vu.copy": unary(0x50, "vu.copy", "copy a tensor", "out = in; shapes and data types are equal."),
  "vu.concat": issue(0x51, {
    operands: [OUT, IN, IN2],
    syntax: "out, in, in2",
    summary: "lay two tensors behind each other along one axis",
    steps: [
      "The sticky axes name one axis: there out's size is the sum of in's and in2's; the other dimensions are equal.",
      EXACT,
    ],
    example: "vu.concat td2, td0, td1",
  }),
  "vu.transpose": unary(
    0x52,
    "vu.transpose",
    "exchange axes",
    "The sticky permutation (vu.perm) names an axis of in for each axis of out; sizes follow.",
    EXACT,
  ),
  "vu.nearest": unary(
    0x53,
    "vu.nearest",
    "resize h and w by the nearest element",
    ...GRID,
    "Indices: floor(o * I / O), floor((2 o + 1) * I / (2 O)), or floor((2 o * (I - 1) + O - 1) / (2 (O - 1))) (0 for O = 1).",
    EXACT,
  ),
  "vu.bilinear": unary(
    0x54,
    "vu.bilinear",
    "resize h and w by linear interpolation",
    ...GRID,
    "Places have 10 fraction bits, rounded down, at least 0: p = floor(place * 1024); i = p >> 10, j = min(i + 1, I - 1), f = p & 1023.",
    "out = (sum of the four elements, each times its weights f or 1024 - f along h and w, + 2^19) >> 20.",
    "Stored values: data types are equal, zero points are not used.",
  ),
  // Sticky state.
  "vu.q0": scaling(0, "the first input"),
  "vu.q1": scaling(1, "the second input"),
  "vu.q2": scaling(2, "the result"),
  "vu.clamp": state(3, {
    fixed: { rd: 0 },
    operands: [rs1, rs2],
    syntax: "rs1, rs2",
    summary: "set the bounds of results",
    steps: ["lo = rs1; hi = rs2, stored values. Results are also bound by out's data type."],
    example: "vu.clamp a0, a1",
  }),
  "vu.axes": state(4, {
    fixed: { rs1: 0, rd: 0 },
    operands: [flags("axes", "rs2", "axis", "|")],
    syntax: "axes",
    summary: "set the axes of reductions, softmax, normalisation and concatenation",
    steps: ["axes = the set, one bit an axis: n 0, h 1, w 2, c 3."],
    faults: ["illegal instruction on an empty set or undefined bits"],
    example: "vu.axes h|w",
  }),
  "vu.shamt": state(5, {
    fixed: { rd: 0 },
    operands: [choice("direction", "rs1", "direction"), imm("amount", "rs2", 0, 31)],
    syntax: "direction, amount",
    summary: "set the amount of vu.shift",
    steps: ["shift = amount to the left, -amount to the right."],
    faults: ["illegal instruction on an undefined direction"],
    example: "vu.shamt right, 3",
  }),
  "vu.grid": state(6, {
    fixed: { rs1: 0, rs2: 0 },
    operands: [choice("grid", "rd", "grid")],
    syntax: "grid",
    summary: "set how resizing lays the output over the input",
    steps: ["grid = the value; see vu.nearest."],
    faults: ["illegal instruction on an undefined value"],
    example: "vu.grid centers",
  }),
  "vu.perm": {
    family: "vu",
    unit: "vu",
    timing: "descriptor",
    format: "R4",
    fixed: { opcode: CUSTOM_2, funct3: 5, funct2: 1 },
    operands: [axis("n", "rd"), axis("h", "rs1"), axis("w", "rs2"), axis("c", "rs3")],
    syntax: "n, h, w, c",
    summary: "set the permutation of vu.transpose",
    steps: ["Axes n, h, w, c of the output come from the named axes of the input, each named once."],
    faults: ["illegal instruction on undefined axes or one that is named twice"],
    example: "vu.perm n, w, h, c",
  },
  "vu.reset": state(8, {
    fixed: { rd: 0, rs1: 0, rs2: 0 },
    operands: [],
    syntax: "",
    summary: "reset the sticky state of the vector unit",
    steps: [
      "m, s, bias, shift, eps, table = 0; lo = -2^31, hi = 2^31 - 1; frac = 30; axes = c; permutation n, h, w, c; grid topleft.",
    ],
    example: "vu.reset",
  }),
  "vu.get": state(9, {
    fixed: { rs2: 0 },
    operands: [rd, choice("field", "rs1", "vufield")],
    syntax: "rd, field",
    summary: "read a field of the sticky state",
    steps: ["rd = the field."],
    faults: ["illegal instruction on an undefined field number"],
    example: "vu.get a0, axes",
  }),
  "vu.set": state(10, {
    fixed: { rs2: 0 },
    operands: [choice("field", "rd", "vufield"), rs1],
    syntax: "field, rs1",
    summary: "write a field of the sticky state",
    steps: [
      "The field = rs1. s0, s1, s2 take 0..62, shift -31..31, frac 0..48, axes 1..15, grid 0..2, eps 0 and up.",
      "perm takes two bits an axis of the output, n lowest; each axis of the input once.",
    ],
    faults: ["illegal instruction on an undefined field number or a value out of the field's range"],
    example: "vu.set table, a0",
  }),
} as const satisfies Record<string, InstructionRow>;
