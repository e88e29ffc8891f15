/**
 * Packed SIMD on general-purpose registers: custom-0, funct3 2..7. funct3 names the lanes (2: four bytes .b, 3: two
 * half-words .h, 4: eight nibbles .n, 5: thirty-two bits), funct7 the operation, equal for all lane sizes; funct3 6
 * and 7 hold operations on whole words. funct7 numbers above 0x3f are kept in every lane size.
 */
import type { InstructionRow } from "../types.ts";
import { CUSTOM_0, imm, rd, rdAccumulator, rs1, rs2, rs3 } from "./operands.ts";

const LANES = { b: 2, h: 3, n: 4 } as const;
const LANE_TEXT = { b: "four bytes", h: "two half-words", n: "eight nibbles" } as const;
const WORD_BITS = 5;

type Lane = keyof typeof LANES;
type Packed<Op extends string> = Readonly<Record<`p.${Op}.${Lane}`, InstructionRow>>;

interface Operation {
  readonly operands: InstructionRow["operands"];
  readonly syntax: string;
  readonly fixed?: InstructionRow["fixed"];
  readonly timing?: "alu" | "mul";
}

const BINARY: Operation = { operands: [rd, rs1, rs2], syntax: "rd, rs1, rs2" };
const UNARY: Operation = { operands: [rd, rs1], syntax: "rd, rs1", fixed: { rs2: 0 } };
const PRODUCT: Operation = { ...BINARY, timing: "mul" };
const ACCUMULATE: Operation = { operands: [rdAccumulator, rs1, rs2], syntax: "rd, rs1, rs2", timing: "mul" };

const row = (
  funct3: number,
  funct7: number,
  { operands, syntax, fixed, timing = "alu" }: Operation,
  name: string,
  summary: string,
  step: string,
): InstructionRow => ({
  family: "simd",
  unit: "cu",
  timing,
  format: "R",
  fixed: { opcode: CUSTOM_0, funct3, funct7, ...fixed },
  operands,
  syntax,
  summary,
  steps: [step],
  example: `${name} ${syntax.replace("rd", "a0").replace("rs1", "a1").replace("rs2", "a2").replace("bits", "8")}`,
});

/** One operation for all three lane sizes. `step` speaks of lanes a (of rs1), b (of rs2) and d (of rd). */
function packed<Op extends string>(
  op: Op,
  funct7: number,
  operation: Operation,
  summary: string,
  step: string,
): Packed<Op> {
  const rows = (Object.keys(LANES) as Lane[]).map((lane) => {
    const name = `p.${op}.${lane}`;
    return [name, row(LANES[lane], funct7, operation, name, `${summary}, ${LANE_TEXT[lane]}`, step)];
  });
  return Object.fromEntries(rows) as Packed<Op>;
}

const SHIFT = "by the low bits of rs2 (modulo the lane's width)";

export const SIMD = {
  ...packed("add", 0x00, BINARY, "add", "d = a + b, wrapping around in the lane."),
  ...packed("sub", 0x01, BINARY, "subtract", "d = a - b, wrapping around in the lane."),
  ...packed("adds", 0x02, BINARY, "add, saturating signed", "d = a + b, clamped to the lane's signed range."),
  ...packed("subs", 0x03, BINARY, "subtract, saturating signed", "d = a - b, clamped to the lane's signed range."),
  ...packed(
    "addus",
    0x04,
    BINARY,
    "add, saturating unsigned",
    "d = a + b (unsigned), clamped to the lane's unsigned range.",
  ),
  ...packed("subus", 0x05, BINARY, "subtract, saturating unsigned", "d = a - b (unsigned), at least 0."),
  ...packed("avg", 0x06, BINARY, "average, rounding up", "d = (a + b + 1) >> 1 (signed), computed without overflow."),
  ...packed("abs", 0x07, UNARY, "absolute value", "d = |a| (signed), clamped to the largest value."),
  ...packed("min", 0x08, BINARY, "minimum, signed", "d = the smaller of a and b (signed)."),
  ...packed("max", 0x09, BINARY, "maximum, signed", "d = the larger of a and b (signed)."),
  ...packed("minu", 0x0a, BINARY, "minimum, unsigned", "d = the smaller of a and b (unsigned)."),
  ...packed("maxu", 0x0b, BINARY, "maximum, unsigned", "d = the larger of a and b (unsigned)."),
  ...packed("sll", 0x10, BINARY, "shift left", `d = a << count, ${SHIFT}.`),
  ...packed("srl", 0x11, BINARY, "shift right logical", `d = a >> count, zeros enter, ${SHIFT}.`),
  ...packed("sra", 0x12, BINARY, "shift right arithmetic", `d = a >> count, the sign enters, ${SHIFT}.`),
  ...packed(
    "srar",
    0x13,
    BINARY,
    "shift right arithmetic, rounding",
    `d = (a + 2^(count-1)) >> count (signed; a for count 0), ${SHIFT}.`,
  ),
  ...packed("dot", 0x18, PRODUCT, "dot product, signed", "rd = the sum of a * b over all lanes (signed), 32 bits."),
  ...packed(
    "dotu",
    0x19,
    PRODUCT,
    "dot product, unsigned",
    "rd = the sum of a * b over all lanes (unsigned), 32 bits.",
  ),
  ...packed(
    "dotsu",
    0x1a,
    PRODUCT,
    "dot product, signed by unsigned",
    "rd = the sum of a (signed) * b (unsigned) over all lanes, 32 bits.",
  ),
  ...packed(
    "dota",
    0x1c,
    ACCUMULATE,
    "dot product and accumulate, signed",
    "rd = rd + the sum of a * b over all lanes (signed), wrapping around.",
  ),
  ...packed(
    "dotau",
    0x1d,
    ACCUMULATE,
    "dot product and accumulate, unsigned",
    "rd = rd + the sum of a * b over all lanes (unsigned), wrapping around.",
  ),
  ...packed(
    "dotasu",
    0x1e,
    ACCUMULATE,
    "dot product and accumulate, signed by unsigned",
    "rd = rd + the sum of a (signed) * b (unsigned) over all lanes, wrapping around.",
  ),
  ...packed(
    "pack",
    0x20,
    BINARY,
    "narrow two registers, saturating signed",
    "The double-width lanes of rs1, then those of rs2 (signed), clamped to the lane's signed range, are the lanes of rd.",
  ),
  ...packed(
    "packu",
    0x21,
    BINARY,
    "narrow two registers, saturating unsigned",
    "The double-width lanes of rs1, then those of rs2 (signed), clamped to the lane's unsigned range, are the lanes of rd.",
  ),
  ...packed(
    "unpkl",
    0x24,
    UNARY,
    "widen the lower half, signed",
    "The lower half of the lanes of rs1, sign-extended, are the double-width lanes of rd.",
  ),
  ...packed(
    "unpkh",
    0x25,
    UNARY,
    "widen the upper half, signed",
    "The upper half of the lanes of rs1, sign-extended, are the double-width lanes of rd.",
  ),
  ...packed(
    "unpklu",
    0x26,
    UNARY,
    "widen the lower half, unsigned",
    "The lower half of the lanes of rs1, zero-extended, are the double-width lanes of rd.",
  ),
  ...packed(
    "unpkhu",
    0x27,
    UNARY,
    "widen the upper half, unsigned",
    "The upper half of the lanes of rs1, zero-extended, are the double-width lanes of rd.",
  ),
  "p.xnorpop": row(
    WORD_BITS,
    0x18,
    BINARY,
    "p.xnorpop",
    "count equal bits of two registers",
    "rd = the number of bits in which rs1 and rs2 agree: a dot product of 1-bit values is 2 * rd - 32.",
  ),
  "p.xnorpopa": row(
    WORD_BITS,
    0x1c,
    { ...ACCUMULATE, timing: "alu" },
    "p.xnorpopa",
    "count equal bits of two registers and accumulate",
    "rd = rd + the number of bits in which rs1 and rs2 agree.",
  ),
  "p.popc": row(WORD_BITS, 0x00, UNARY, "p.popc", "count ones", "rd = the number of ones in rs1."),
  "p.rq": {
    family: "simd",
    unit: "cu",
    timing: "mul",
    format: "R4",
    fixed: { opcode: CUSTOM_0, funct3: 6, funct2: 0 },
    operands: [rd, rs1, rs2, rs3],
    syntax: "rd, rs1, rs2, rs3",
    summary: "requantise",
    steps: ["rd = (rs1 * rs2 + 2^(rs3-1)) >> rs3 over 64 bits, saturated to 32."],
    faults: ["illegal instruction unless rs3 is 1..62"],
    example: "p.rq a0, a1, a2, a3",
  },
  "p.clip": row(
    7,
    0x00,
    { operands: [rd, rs1, imm("bits", "rs2", 1, 31)], syntax: "rd, rs1, bits" },
    "p.clip",
    "clamp to a signed range",
    "rd = rs1 clamped to -2^(bits-1) .. 2^(bits-1)-1.",
  ),
  "p.clipu": row(
    7,
    0x01,
    { operands: [rd, rs1, imm("bits", "rs2", 1, 31)], syntax: "rd, rs1, bits" },
    "p.clipu",
    "clamp to an unsigned range",
    "rd = rs1 (signed) clamped to 0 .. 2^bits-1.",
  ),
} as const satisfies Record<string, InstructionRow>;
