/** Register names: x0..x31 with their RISC-V ABI names, and the tensor descriptors td0..td31. */

export const ABI_NAMES = [
  "zero",
  "ra",
  "sp",
  "gp",
  "tp",
  "t0",
  "t1",
  "t2",
  "s0",
  "s1",
  "a0",
  "a1",
  "a2",
  "a3",
  "a4",
  "a5",
  "a6",
  "a7",
  "s2",
  "s3",
  "s4",
  "s5",
  "s6",
  "s7",
  "s8",
  "s9",
  "s10",
  "s11",
  "t3",
  "t4",
  "t5",
  "t6",
] as const;

const byName = new Map<string, number>(ABI_NAMES.map((name, index) => [name, index]));
byName.set("fp", 8);
for (let index = 0; index < 32; index++) byName.set(`x${index}`, index);

/** Number of a general-purpose register by numeric or ABI name (`fp` is s0), or undefined. */
export function registerNumber(name: string): number | undefined {
  return byName.get(name);
}

/** ABI name of register 0..31. */
export function abiName(index: number): string {
  return ABI_NAMES[index] ?? `x${index}`;
}

const descriptors = new Map<string, number>(Array.from({ length: 32 }, (_, index) => [`td${index}`, index]));

/** Number of a tensor descriptor register by name td0..td31, or undefined. */
export function descriptorNumber(name: string): number | undefined {
  return descriptors.get(name);
}
