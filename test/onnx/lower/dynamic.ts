/**
 * Quantisation by a scale that the data determine: the vector unit finds the extremes, the control unit divides, and what
 * it finds becomes requantisation and zero point of the operation behind.
 */
import type { Context } from "../context.ts";
import { extremes, type Scheme } from "../fixed-point.ts";
import type { Four, Machine, Program } from "../program.ts";
import { align } from "./broadcast.ts";
import { fixed, fractionBits } from "./quantise.ts";

const ONE: Four = [1, 1, 1, 1];
const LOWEST = -(2 ** 31);
const HIGHEST = 2 ** 31 - 1;

/** The least element but at most 0, or the largest but at least 0. */
function extreme(program: Program, mnemonic: "vu.rmin" | "vu.rmax", x: Machine): Machine {
  const out = program.space("int32", ONE);
  program.line("vu.reset");
  program.line("vu.axes n|h|w|c");
  if (mnemonic === "vu.rmin") program.set("vu.clamp", LOWEST, 0);
  else program.set("vu.clamp", 0, HIGHEST);
  program.issue(mnemonic, "vu", [out, x]);
  return out;
}

/** Puts M and s of 255 / range into a0 and a1: long division until the quotient has 31 bits, rounded to nearest. */
const DIVISION = [
  "lw s0, (s2)",
  "lw s1, (s3)",
  "sub s0, s1, s0",
  "li a0, 0",
  "li a1, 0",
  "li t1, 255",
  "li t2, 1 << 30",
  "1:",
  "slli a0, a0, 1",
  "slli t1, t1, 1",
  "addi a1, a1, 1",
  "bltu t1, s0, 2f",
  "sub t1, t1, s0",
  "ori a0, a0, 1",
  "2:",
  "bltu a0, t2, 1b",
  "slli t1, t1, 1",
  "bltu t1, s0, 3f",
  "addi a0, a0, 1",
  "3:",
];

export function dynamicQuantizeLinear(context: Context): void {
  const x = context.input(0);
  const bits = fractionBits(extremes(x.data));
  const dims = align([x.shape], x.shape).out;
  const { program } = context;
  const input = program.bring(fixed(x.data, bits), "int32", dims);
  const least = extreme(program, "vu.rmin", input);
  const greatest = extreme(program, "vu.rmax", input);
  const scale = program.space("int32", ONE);
  program.line(`la s2, ${least.name}.base`);
  program.line(`la s3, ${greatest.name}.base`);
  for (const line of DIVISION) program.line(line);
  // The scale itself is range / 255.
  for (const line of ["addi t1, s0, 127", "li t2, 255", "divu t1, t1, t2", `la t2, ${scale.name}.base`])
    program.line(line);
  program.line("sw t1, (t2)");
  const zero = program.space("uint8", ONE);
  program.line("vu.reset");
  program.line("vu.q0 a0, a1");
  program.issue("vu.neg", "vu", [zero, least]);
  const out = program.space("uint8", dims);
  program.line(`la t1, ${zero.name}.base`);
  program.line("lbu a2, (t1)");
  program.withZeroPoint("vu.requant", out, input, "a2");
  context.result(out, { kind: "lsb" });
  const scheme: Scheme = { dtype: "int32", scale: 2 ** -bits, zeroPoint: 0 };
  context.real(scale, scheme, 0, { output: 1 });
  context.result(zero, { kind: "lsb" }, { output: 2 });
}
